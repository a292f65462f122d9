"""What was published: one file for each study in the literature, found by its name.

A file holds ``SOURCE`` (where it was published), ``OPTIONS`` (the options that a study must offer
to be compared) and ``CLAIMS`` (a tuple of `analysis.claims.Claim`).
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from analysis.claims import Claim, Comparison, compare
from analysis.frames import Frames
from db.scale import Scale


class Literature(NamedTuple):
    """One published study beside the new answers."""

    name: str
    source: str
    comparisons: tuple[Comparison, ...]


def compared(frames: Frames, level: float = 0.95) -> list[Literature]:
    """Every published study whose options this study offers, claim by claim.

    Published shares are of what was picked: answers on other scales are not compared with them.
    """
    if set(frames.main["scale"].dropna().astype(str)) - {Scale.SELECTION.value}:
        return []
    found = []
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        module = import_module(f"{__name__}.{path.stem}")
        claims: tuple[Claim, ...] = module.CLAIMS
        if set(module.OPTIONS) <= set(frames.options):
            verdicts = tuple(compare(claim, frames, level) for claim in claims)
            found.append(Literature(path.stem, module.SOURCE, verdicts))
    return found
