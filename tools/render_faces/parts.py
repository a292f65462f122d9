"""Part of the face from the place on the reference head: formulas of regions, for each pixel."""

from __future__ import annotations

import numpy as np
from anatomy import above_hairline, brow_curve

NAMES = ("background", "skin", "forehead", "brows", "eyes", "nose", "cheeks", "mouth", "chin",
         "ears", "neck", "hair", "clothes", "beard")  # fmt: skip
IDS = {name: number for number, name in enumerate(NAMES)}


def skin_parts(places: np.ndarray) -> np.ndarray:
    """Part ids [N] of skin at reference places [N, 3]; later rules overrule earlier ones."""
    x, y, z = np.abs(places[:, 0]), places[:, 1], places[:, 2]
    front = y < -0.085
    hairline = above_hairline(places)
    part = np.full(len(places), IDS["skin"], np.uint8)
    part[((z < 0.585) & (y > -0.12)) | (z < 0.562) | ((z < 0.61) & (y > -0.075))] = IDS["neck"]
    part[front & (z > 0.700) & (hairline <= 2)] = IDS["forehead"]
    part[(hairline > 2) & (z > 0.60)] = IDS["hair"]
    part[front & (z <= 0.668) & (z > 0.590) & (x > 0.016)] = IDS["cheeks"]
    part[front & (z < 0.603) & (z > 0.556) & (x < 0.034) & (y < -0.10)] = IDS["chin"]
    wing = 0.0085 + 0.012 * np.clip((0.672 - z) / 0.03, 0, 1)
    part[front & (z > 0.6295) & (z < 0.690) & (x < wing)] = IDS["nose"]
    part[front & (np.hypot((x - 0.0315) / 1.45, z - 0.679) < 0.0125)] = IDS["eyes"]
    t, arch, _ = brow_curve(x)
    part[front & (t > -0.12) & (t < 1.08) & (np.abs(z - arch) < 0.0062)] = IDS["brows"]
    return part


def part_map(pixels: np.ndarray, bald: bool) -> np.ndarray:
    """Part ids [H, W] of the places and ids [H, W, 3] that the parts pass paints."""
    flat = pixels.reshape(-1, 3).astype(float)
    part = np.zeros(len(flat), np.uint8)
    other = flat[:, 0] > 5
    part[other] = np.round(flat[other, 0] - 10).astype(np.uint8)
    skin = ~other
    kind = np.round(flat[skin, 0]).astype(int)
    places = flat[skin] - np.c_[kind, np.zeros((len(kind), 2))]
    found = skin_parts(places)
    if bald:
        found[found == IDS["hair"]] = IDS["skin"]
    found[kind == 1] = IDS["mouth"]
    found[kind == 2] = IDS["ears"]
    part[skin] = found
    return part.reshape(pixels.shape[:2])
