"""What was published: one file for each study in the literature, found by its name.

A file holds ``SOURCE`` (where it was published) and

- ``CLAIMS``: orderings (`analysis.claims.Claim`), and ``OPTIONS``, the options that a study must
  offer to be compared with them,
- or ``FIGURES``: numbers (`analysis.published_figures.Figure`), each with the kind of test that
  gives it.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from analysis.claims import Claim, Comparison, compare
from analysis.data.frames import Frames
from analysis.published_figures import Beside, Figure, beside
from analysis.words.choices import concepts_of, predictions_of
from db.scale import Scale


class Literature(NamedTuple):
    """One published study beside the new answers."""

    name: str
    source: str
    comparisons: tuple[Comparison, ...]
    figures: tuple[Beside, ...] = ()


def compared(frames: Frames, level: float = 0.95) -> list[Literature]:
    """Every published study that this one can be compared with, claim by claim, figure by figure.

    Published orderings are of what was picked: answers on other scales are not compared with them.
    Published figures are of one kind of test: studies without it are not compared.
    """
    predictions = predictions_of(frames)
    scales = set(predictions.main["scale"].dropna().astype(str))
    picked = not scales - {Scale.SELECTION.value}
    asked = concepts_of(frames).main
    kinds = set(asked["type"].dropna().astype(str)) if len(asked) else set()
    found = []
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        module = import_module(f"{__name__}.{path.stem}")
        claims: tuple[Claim, ...] = getattr(module, "CLAIMS", ())
        figures: tuple[Figure, ...] = getattr(module, "FIGURES", ())
        there = tuple(beside(one, frames, level) for one in figures if one.kind in kinds)
        if claims and picked and set(module.OPTIONS) <= set(frames.options):
            verdicts = tuple(compare(claim, predictions, level) for claim in claims)
            found.append(Literature(path.stem, module.SOURCE, verdicts, there))
        elif there:
            found.append(Literature(path.stem, module.SOURCE, (), there))
    return found
