"""Choose the one explanation that helps most of those shown side by side."""

from __future__ import annotations

from typing import Any

from db.scale import Scale
from study_app.trials import Checked, Person, Trial, _choice, _shown
from study_app.trials._shown import Words
from study_app.trials._utility import ranked

SCALE = Scale.SELECTION
COLUMNS = {
    "value": "1: this explanation was chosen; 0: it was offered and not chosen",
    "correct": "attention checks: whether the explanation asked for was chosen",
}
REFERENCE = "R. D. Luce, Individual Choice Behavior (1959): one choice among n alternatives"
LEAST = 2
CHECKABLE = True


class Parameters(_shown.Shown):
    """What a block may set for this trial type."""

    none: Words | None = None
    """The words of a choice beside the explanations; without it one of them must be chosen."""


def view(trial: Trial) -> dict[str, Any]:
    """Face, question and the explanations, of which one can be chosen."""
    none = trial.parameters.none
    return _shown.view(trial, type="choose", single=True, min=1, max=1, none=none)


def rows(trial: Trial, answer: object) -> Checked:
    """1 for the chosen and 0 for each other offered explanation; all 0 for ``none``.

    Arguments:
        answer: ``{"chosen": [position], "none": False}``.

    Errors: Invalid for anything else.
    """
    return _choice.picked(trial, _choice.one(trial, answer, trial.parameters.none))


def simulate(trial: Trial, person: Person) -> dict[str, Any]:
    """Luce's choice with worth p / (1 - p); ``none``, where offered, if nothing would be ticked."""
    if trial.expected is not None and person.rng.random() < person.attentive:
        return {"chosen": list(trial.expected), "none": False}
    if trial.parameters.none is not None and all(
        person.rng.random() >= person.rates.get(offer.option, 0.5) for offer in trial.options
    ):
        return {"chosen": [], "none": True}
    return {"chosen": ranked(person, trial.options)[:1], "none": False}
