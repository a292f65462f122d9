"""What is asked of the answers, and what simulated people are like."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from study_app.study_file.part import OpenPart, Part
from study_app.study_file.references import (
    BlockName,
    Groups,
    GroupSource,
    Name,
    Statistic,
    Text,
    Word,
    complaint,
    complaints,
    known,
    one_of,
)

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Planned(OpenPart):
    """A question of the analysis plan; a statistic's own parameters stand beside these."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
    """Its short name in the report, such as H1."""
    question: Text
    """What is asked of the data, in words."""
    statistic: Statistic
    """A file of `analysis/statistics`."""
    block: BlockName | None = None
    """Only the answers to the block of this name; without it, all that the statistic can use."""
    by: Name = "option"
    """What is compared: ``option``, ``model``, ``face``, ``item``."""
    within: Groups | None = None
    """Report groups apart: a name under ``segments``, ``model`` or ``face``."""

    @property
    def parameters(self) -> dict[str, Any]:
        """The statistic's own parameters as the study file gives them."""
        return dict(self.model_extra or {})


def _can_be_planted(name: str, info: ValidationInfo) -> str:
    context = known(info)
    if context is not None:
        names = (*context.names["explanation"], *context.names["family of concepts"])
        complaints(one_of((), "explanation", name, names))
    return name


Planted = Annotated[str, AfterValidator(_can_be_planted)]
"""An explanation, or a family of concepts."""


class Simulate(Part):
    """Participants who exist only in the computer, with preferences that are known."""

    n: Annotated[int, Field(ge=1, le=1_000_000)] = 101
    """How many."""
    icc: Annotated[float, Field(ge=0, lt=1)] = 0.2
    """How alike one participant's answers are: the intraclass correlation."""
    background: dict[GroupSource, dict[Word, Share]] = Field(default_factory=dict)
    """For each background question the share of each choice; unnamed questions are even."""
    effects: dict[Word, dict[Planted, Share]]
    """For each group of the first entry in ``segments`` (or ``all``) how often each explanation is
    chosen, and for each family of concepts how often the answer is right."""

    @field_validator("background")
    @classmethod
    def _sums(
        cls, shares: dict[str, dict[str, float]], info: ValidationInfo
    ) -> dict[str, dict[str, float]]:
        context = known(info)
        found: list[Any] = []
        for question, parts in shares.items():
            total = sum(parts.values())
            if abs(total - 1) > 0.001:
                fix = "make the shares of all choices add up to 1"
                found.append(((question,), complaint(f"adds up to {total:g}, not to 1", fix)))
            choices = context.choices.get(question) if context else None
            for name in parts if choices is not None else ():
                found += one_of((question, name), "choice", name, choices or ())
        complaints(found)
        return shares

    @field_validator("effects")
    @classmethod
    def _groups(
        cls, effects: dict[str, dict[str, float]], info: ValidationInfo
    ) -> dict[str, dict[str, float]]:
        context = known(info)
        if context is None:
            return effects
        groups = context.names["group"]
        found: list[Any] = []
        for name in effects:
            found += one_of((name,), "group", name, groups)
        for name in groups:
            if name not in effects:
                what = f"says nothing about the group '{name}'"
                found.append(((), complaint(what, f"add a line for {name}")))
        complaints(found)
        return effects
