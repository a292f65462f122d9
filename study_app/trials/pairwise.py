"""Two explanations side by side: choose the one that helps more, or see no difference."""

from __future__ import annotations

import math
from random import Random
from typing import Any

from db.scale import Scale
from study_app.designs import pairs
from study_app.trials import Checked, Person, Trial, _choice, _shown
from study_app.trials._shown import Words
from study_app.trials._utility import utility

SCALE = Scale.PAIRWISE
COLUMNS = {
    "value": "1: preferred to the other one; 0: the other one was preferred; .5: no difference",
    "correct": "attention checks: whether the explanation asked for was chosen",
}
REFERENCE = (
    "R. A. Bradley and M. E. Terry, Biometrika 39 (1952) 324-345; ties: R. R. Davidson, JASA 65 "
    "(1970) 317-328"
)
LEAST = 2
CHECKABLE = True
TIES = 0.4
"""Davidson's nu of simulated people: how readily they see no difference."""


class Parameters(_shown.Shown):
    """What a block may set for this trial type."""

    tie: Words | None = None
    """The words of a third choice, such as “No difference”; without it one must be preferred."""


def design(n: int, rng: Random) -> list[tuple[int, ...]]:
    """Every pair of the block's explanations in turn, each as often on the left as on the right."""
    return pairs(n, rng)


def view(trial: Trial) -> dict[str, Any]:
    """Face, question and the two explanations."""
    tie = trial.parameters.tie
    return _shown.view(trial, type="choose", single=True, min=1, max=1, none=tie)


def rows(trial: Trial, answer: object) -> Checked:
    """1 for the preferred and 0 for the other one; .5 for both if there is no difference.

    Arguments:
        answer: ``{"chosen": [position], "none": False}``; ``none`` says that there is no
            difference.

    Errors: Invalid for anything else.
    """
    chosen = _choice.one(trial, answer, trial.parameters.tie)
    found = _choice.picked(trial, chosen)
    return found if chosen else Checked(dict.fromkeys(found.values, 0.5), found.correct)


def simulate(trial: Trial, person: Person) -> dict[str, Any]:
    """Davidson's model with worths p / (1 - p): 1 : 2 : tie as w1 : w2 : nu sqrt(w1 w2)."""
    if trial.expected is not None and person.rng.random() < person.attentive:
        return {"chosen": list(trial.expected), "none": False}
    worths = [math.exp(utility(person, offer.option)) for offer in trial.options]
    weights = [
        *worths,
        0.0 if trial.parameters.tie is None else TIES * math.sqrt(math.prod(worths)),
    ]
    (which,) = person.rng.choices([1, 2, None], weights)
    return {"chosen": [] if which is None else [which], "none": which is None}
