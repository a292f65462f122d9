"""Stimuli from pictures: named after their own bytes."""

from __future__ import annotations

import hashlib
from typing import Any

from explainers.manifest import Stimulus


def stimulus(
    content: bytes,
    kind: str,
    family: str,
    model: str,
    face: str,
    target: str,
    size: tuple[int, int],
    provenance: dict[str, Any],
) -> Stimulus:
    """The stimulus whose PNG is ``content``; ``size`` is width and height in pixels.

    Example:
        >>> stimulus(b"", "face", "", "age", "f01", "40s", (8, 8), {}).file[:12]
        'e3b0c44298fc'
    """
    digest = hashlib.sha256(content).hexdigest()
    return Stimulus(digest, kind, family, model, face, target, *size, provenance)
