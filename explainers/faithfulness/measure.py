"""How faithfulness is measured, as a study file says it: a measure's name and plain values.

Torch-free: `explainers.building.scoring` makes the measure itself when a network is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from explainers import catalog
from explainers.catalog import Entry
from explainers.parameters import mistakes
from explainers.problems import Problems, suggest

FOLDER = "fidelity"


@dataclass(frozen=True)
class Measure:
    """One measure of fidelity, in plain values.

    Arguments:
        use: a file of `explainers/fidelity/`.
        parameters: of the measure.

    Example:
        >>> Measure("hiding_game", {"steps": 10}).better
        'higher'
    """

    use: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def entry(self) -> Entry:
        """The measure's file.

        Errors: Problems with the nearest known name.
        """
        for entry in catalog.entries(FOLDER):
            if entry.name == self.use:
                return entry
        fix = suggest(self.use, catalog.names(FOLDER), "`whyface list fidelity` shows all.")
        raise Problems.one("use", f"unknown measure '{self.use}'", fix)

    @property
    def better(self) -> str:
        """Which values are more faithful: ``higher`` or ``lower``."""
        return str(self.entry.constant("better", "higher"))

    @property
    def needs(self) -> tuple[str, ...]:
        """What it cannot do without: ``parts``, ``faces``, ``explainer``."""
        return tuple(self.entry.constant("needs", ()))


def measure_mistakes(measure: Measure) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a measure before anything is imported: (key, what, fix).

    Example:
        >>> list(measure_mistakes(Measure("hiding_gaem")))[0][1:]
        ("unknown measure 'hiding_gaem'", "did you mean 'hiding_game'? `whyface list fidelity` \
shows all.")
    """
    try:
        entry = measure.entry
    except Problems as error:
        yield from (("use", problem.what, problem.fix) for problem in error.problems)
        return
    yield from mistakes(entry, measure.parameters)
