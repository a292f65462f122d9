"""Tick every explanation that helps: any number of those shown side by side, or none of them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from db.scale import Scale
from study_app.study_file.phrases import fixed
from study_app.trials import Checked, Invalid, Person, Trial, _choice, _shown
from study_app.trials._shown import Words

SCALE = Scale.SELECTION
COLUMNS = {
    "value": "1: this explanation was ticked; 0: it was offered and not ticked",
    "correct": "attention checks: whether exactly the explanation asked for was ticked",
}
REFERENCE = (
    "Section 7 of the survey paper: 101 participants ticked which of three explanations helped "
    "(Figs. 17 and 18); every offered explanation is data, also those not ticked"
)
CHECKABLE = True


class Parameters(_shown.Shown):
    """What a block may set for this trial type."""

    none: Words = fixed("none_helps")
    """The words of the choice that excludes all others."""
    at_most: Annotated[int | None, Field(ge=1)] = None
    """So many may be ticked; without it, all of them."""


def view(trial: Trial) -> dict[str, Any]:
    """Face, question and the explanations as A, B, C in their order of display."""
    none = trial.parameters.none
    return _shown.view(trial, type="choose", min=1, max=_most(trial), none=none)


def rows(trial: Trial, answer: object) -> Checked:
    """1 for each ticked and 0 for each other offered explanation.

    Arguments:
        answer: ``{"chosen": positions, "none": whether none of them helps}``.

    Errors: Invalid when it names what was not offered, or contradicts itself.
    """
    chosen, none = _choice.read(trial, answer)
    if not chosen and not none:
        raise Invalid("choose_tick_or", other=trial.parameters.none)
    if len(chosen) > _most(trial):
        raise Invalid("choose_most", most=_most(trial))
    return _choice.picked(trial, chosen)


def simulate(trial: Trial, person: Person) -> dict[str, Any]:
    """Tick each explanation with this person's own rate; attention checks as asked for, mostly."""
    if trial.expected is not None and person.rng.random() < person.attentive:
        return {"chosen": list(trial.expected), "none": False}
    chosen = [
        offer.position
        for offer in trial.options
        if person.rng.random() < person.rates.get(offer.option, 0.5)
    ]
    if len(chosen) > _most(trial):
        chosen = sorted(person.rng.sample(chosen, _most(trial)))
    return {"chosen": chosen, "none": not chosen}


def _most(trial: Trial) -> int:
    return min(trial.parameters.at_most or len(trial.options), len(trial.options))
