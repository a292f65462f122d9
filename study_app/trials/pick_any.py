"""Tick every explanation that helps: any number of those shown side by side, or none of them."""

from __future__ import annotations

from string import ascii_uppercase
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from db.scale import Scale
from study_app.trials import Checked, Invalid, Person, Trial

SCALE = Scale.SELECTION
COLUMNS = {
    "value": "1: this explanation was ticked; 0: it was offered and not ticked",
    "correct": "attention checks: whether exactly the explanation asked for was ticked",
}
REFERENCE = (
    "Section 7 of the survey paper: 101 participants ticked which of three explanations helped "
    "(Figs. 17 and 18); every offered explanation is data, also those not ticked"
)

_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Parameters(BaseModel):
    """What a block may set for this trial type."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    none: _Words = "None of them helps"
    """The words of the choice that excludes all others."""
    at_most: Annotated[int | None, Field(ge=1)] = None
    """So many may be ticked; without it, all of them."""
    alt: Annotated[_Words, StringConstraints(pattern=r"\{letter\}")] = "Explanation {letter}"
    """Read aloud in place of an explanation; it must not give the method away."""


def view(trial: Trial) -> dict[str, Any]:
    """Face, question and the explanations as A, B, C in their order of display."""
    parameters: Parameters = trial.parameters
    letters = {offer.position: ascii_uppercase[offer.position - 1] for offer in trial.options}
    return {
        "question": trial.item["question"],
        "prompt": trial.prompt,
        "picture": {"sha256": trial.item["picture"], "alt": trial.item["alt"]},
        "control": {
            "type": "choose",
            "min": 1,
            "max": _most(trial),
            "none": parameters.none,
            "options": [
                {
                    "position": offer.position,
                    "letter": letters[offer.position],
                    "sha256": offer.sha256,
                    "alt": parameters.alt.replace("{letter}", letters[offer.position]),
                }
                for offer in trial.options
            ],
        },
    }


def rows(trial: Trial, answer: object) -> Checked:
    """1 for each ticked and 0 for each other offered explanation.

    Arguments:
        answer: ``{"chosen": positions, "none": whether none of them helps}``.

    Errors: Invalid when it names what was not offered, or contradicts itself.
    """
    if not isinstance(answer, dict):
        raise Invalid("The answer could not be read.")
    chosen, none = answer.get("chosen"), answer.get("none", False)
    offered = {offer.position for offer in trial.options}
    if not isinstance(chosen, list) or not isinstance(none, bool):
        raise Invalid("The answer could not be read.")
    # True == 1 in Python: a browser that sends it sends no position.
    if any(type(position) is not int or position not in offered for position in chosen):
        raise Invalid("The answer names an explanation that was not offered.")
    if len(set(chosen)) < len(chosen) or (none and chosen):
        raise Invalid("The answer contradicts itself.")
    if not chosen and not none:
        raise Invalid(f"Please tick at least one explanation, or “{trial.parameters.none}”.")
    if len(chosen) > _most(trial):
        raise Invalid(f"Please tick at most {_most(trial)}.")
    correct = None if trial.expected is None else set(chosen) == set(trial.expected)
    return Checked({position: float(position in chosen) for position in sorted(offered)}, correct)


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
