"""Rate each explanation, or statements about the item, on a scale of labelled points (Likert)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from db.scale import Scale
from study_app.study_file.phrases import fixed
from study_app.study_file.references import Name
from study_app.trials import Checked, Invalid, Person, Trial, _shown
from study_app.trials._shown import Words, field, whole
from study_app.trials._utility import felt

SCALE = Scale.RATING
COLUMNS = {
    "value": "the point chosen, from 1 (the first label) to as many as there are",
    "option": "the explanation that was rated, or the statement where the block has statements",
}
REFERENCE = (
    "R. Likert, A technique for the measurement of attitudes, Archives of Psychology 140 (1932)"
)


class Parameters(_shown.Shown):
    """What a block may set for this trial type."""

    points: Annotated[tuple[Words, ...], Field(min_length=2, max_length=11)] = (
        fixed("not_at_all"), fixed("a_little"), fixed("somewhat"), fixed("well"),
        fixed("very_well"),
    )  # fmt: skip
    """The labels of the scale, from its low end to its high end; the first is 1 in the data."""
    statements: dict[Name, Words] = Field(default_factory=dict)
    """Statements to rate in place of the explanations: the word in the data and the text shown."""


def asked(parameters: Parameters) -> tuple[str, ...]:
    """The statements, if there are any: then they are rated and explanations are only shown."""
    return tuple(parameters.statements)


def view(trial: Trial) -> dict[str, Any]:
    """Face, explanations, and for each explanation or statement the labelled points."""
    parameters: Parameters = trial.parameters
    shown = trial.options[: len(trial.options) - len(parameters.statements)]
    return _shown.view(
        trial,
        shown,
        type="rate",
        points=list(parameters.points),
        statements=list(parameters.statements.values()),
    )


def rows(trial: Trial, answer: object) -> Checked:
    """The point of each explanation or statement.

    Arguments:
        answer: ``{"points": numbers from 1}``, in order of display.

    Errors: Invalid unless each has one of the points.
    """
    rated = _rated(trial)
    given = [whole(value) for value in field(answer, "points", len(rated))]
    if any(value is None or not 1 <= value <= len(trial.parameters.points) for value in given):
        raise Invalid("rate_missing")
    return Checked({o.position: float(v or 0) for o, v in zip(rated, given, strict=True)})


def simulate(trial: Trial, person: Person) -> dict[str, Any]:
    """Proportional odds: the scale's k points are k equal parts of what is felt."""
    k = len(trial.parameters.points)
    return {"points": [min(int(felt(person, o.option) * k) + 1, k) for o in _rated(trial)]}


def _rated(trial: Trial) -> tuple[Any, ...]:
    return trial.options[-len(trial.parameters.statements) :]  # all of them without statements
