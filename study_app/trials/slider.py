"""Set a slider for each explanation, between two labelled ends; no value is set beforehand."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from db.scale import Scale
from study_app.study_file.phrases import fixed
from study_app.trials import Checked, Invalid, Person, Trial, _shown
from study_app.trials._shown import Words, field, whole
from study_app.trials._utility import felt

SCALE = Scale.RATING
COLUMNS = {"value": "where the slider was set, from 0 (the low end) to the number of steps"}
REFERENCE = (
    "Visual analogue scales: M. H. S. Hayes and D. G. Patterson, Psychological Bulletin 18 (1921) "
    "98-99; a thumb that is there beforehand pulls answers: M. Liu and F. Conrad, Social Science "
    "Computer Review 37 (2019) 682-694"
)


class Parameters(_shown.Shown):
    """What a block may set for this trial type."""

    low: Words = fixed("not_at_all")
    """The words at 0."""
    high: Words = fixed("very_much")
    """The words at the other end."""
    steps: Annotated[int, Field(ge=2, le=1000)] = 100
    """The value at the other end; whole numbers between can be set."""


def view(trial: Trial) -> dict[str, Any]:
    """Face, question and the explanations, each with its slider."""
    p: Parameters = trial.parameters
    return _shown.view(trial, type="slide", low=p.low, high=p.high, steps=p.steps)


def rows(trial: Trial, answer: object) -> Checked:
    """The number of each explanation.

    Arguments:
        answer: ``{"numbers": whole numbers from 0 to steps}``, in order of display.

    Errors: Invalid unless each explanation has one.
    """
    given = [whole(value) for value in field(answer, "numbers", len(trial.options))]
    if any(value is None or not 0 <= value <= trial.parameters.steps for value in given):
        raise Invalid("slide_missing")
    return Checked({o.position: float(v or 0) for o, v in zip(trial.options, given, strict=True)})


def simulate(trial: Trial, person: Person) -> dict[str, Any]:
    """What is felt, from 0 to 1, as a number of steps."""
    steps = trial.parameters.steps
    return {"numbers": [round(felt(person, offer.option) * steps) for offer in trial.options]}
