"""Put all explanations in order, the most helpful first: by dragging, by buttons or by keyboard."""

from __future__ import annotations

from typing import Any

from db.scale import Scale
from study_app.study_file.phrases import fixed
from study_app.trials import Checked, Invalid, Person, Trial, _shown
from study_app.trials._shown import Words, field, whole
from study_app.trials._utility import ranked

SCALE = Scale.RANKING
COLUMNS = {
    "value": "the rank of this explanation: 1 is the best",
    "correct": "attention checks: whether the explanation asked for was put first",
}
REFERENCE = (
    "R. L. Plackett, Applied Statistics 24 (1975) 193-202: the analysis of permutations; "
    "M. Friedman, JASA 32 (1937) 675-701"
)
LEAST = 2


class Parameters(_shown.Shown):
    """What a block may set for this trial type."""

    best: Words = fixed("helps_most")
    """Said at the first place."""
    worst: Words = fixed("helps_least")
    """Said at the last place."""


def view(trial: Trial) -> dict[str, Any]:
    """Face, question and the explanations, in their order of display to begin with."""
    parameters: Parameters = trial.parameters
    return _shown.view(trial, type="arrange", best=parameters.best, worst=parameters.worst)


def rows(trial: Trial, answer: object) -> Checked:
    """The rank of each explanation, 1 for the best.

    Arguments:
        answer: ``{"order": positions from best to worst}``.

    Errors: Invalid unless each offered explanation stands in the order exactly once.
    """
    order = field(answer, "order", len(trial.options))
    offered = {offer.position for offer in trial.options}
    if any(whole(position) not in offered for position in order) or set(order) != offered:
        raise Invalid("not_an_order")
    return Checked({position: float(rank) for rank, position in enumerate(order, start=1)})


def simulate(trial: Trial, person: Person) -> dict[str, Any]:
    """Plackett-Luce with worths p / (1 - p)."""
    return {"order": ranked(person, trial.options)}
