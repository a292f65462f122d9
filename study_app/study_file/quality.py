"""The part of a study file that says when an answer or a participant is set aside or marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, create_model, model_validator

from analysis import rules
from study_app.study_file.part import Part
from study_app.study_file.phrases import Phrase
from study_app.study_file.practice import OnFail
from study_app.study_file.references import Word, complaints, one_of, unique


def _are_rules(names: tuple[str, ...]) -> tuple[str, ...]:
    for n, name in enumerate(names):
        complaints(one_of((n,), "rule", name, rules.names()))
    return names


class InstructionCheck(Part):
    """A question after the instructions, asked before the first trial."""

    ask: Phrase
    """The question."""
    choices: Annotated[dict[Word, Phrase], Field(min_length=2)]
    """What can be chosen: the word in the data and the text shown."""
    right: Word
    """The right choice."""
    attempts: Annotated[int, Field(ge=1, le=9)] = 2
    """How often it may be tried; after that the questions begin, and the participant is set aside
    or marked."""
    on_fail: OnFail = "continue"
    """What happens after the last attempt: ``continue``, or ``end``: the study ends here for them,
    with the code ``failed_checks``."""

    @model_validator(mode="after")
    def _right_is_there(self) -> InstructionCheck:
        complaints(one_of(("right",), "choice", self.right, self.choices))
        return self


class _Quality(Part):
    """When an answer or a participant is set aside or marked; both figures are reported.

    Each rule is a file of `analysis/rules`.
    """

    marks_only: Annotated[tuple[str, ...], AfterValidator(unique), AfterValidator(_are_rules)] = ()
    """Rules that mark participants and answers in the data, and set nobody aside, such as
    ``[straight_line]``."""

    instruction_check: InstructionCheck | None = None
    """A question about the instructions with one right choice: ``{ask: …, choices: {…}, right: …,
    attempts: 2}``."""

    def setting(self, rule: str) -> Any:
        """What the study file says about a rule."""
        return getattr(self, rule)


if TYPE_CHECKING:
    Quality = _Quality
else:
    Quality = create_model(
        "Quality",
        __base__=_Quality,
        __doc__=_Quality.__doc__,
        **{
            name: (
                rules.load(name).Setting,
                Field(default=rules.load(name).DEFAULT, description=rules.load(name).ABOUT),
            )
            for name in rules.names()
            if name not in _Quality.model_fields and not hasattr(rules.load(name), "setting")
        },
    )
