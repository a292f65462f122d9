"""The part of a block of practice that says when it was understood."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic_core import PydanticCustomError

from explainers import catalog
from study_app import trials
from study_app.study_file.part import Part
from study_app.study_file.references import complaint

OnFail = Literal["continue", "end"]


class Practice(Part):
    """A gate behind the practice: whoever is not right often enough practises once more.

    An answer is right where its trial has a right answer: what does not belong, what belongs
    together, an attention check.
    """

    attempts: Annotated[int, Field(ge=1, le=9)] = 3
    """How many rounds of practice there may be; each asks the same in another order."""
    share: Annotated[float, Field(alias="pass", gt=0, le=1)] = 1.0
    """This share of a round's answers must be right."""
    feedback: bool = True
    """Whether each answer is followed by what is right."""
    on_fail: OnFail = "continue"
    """What happens after the last round to whoever was not right often enough: ``continue``, and
    they are set aside or, with ``marks_only: [practice]``, marked; ``end``: the study ends here for
    them, with the code ``failed_checks``."""


def practice_misfits(block: Any) -> Iterator[tuple[tuple[str, ...], PydanticCustomError]]:
    """Why a block cannot have a gate.

    Arguments:
        block: `study_app.study_file.questions.Block`.
    """
    if block.practice is None:
        return
    if block.role != "practice":
        what = "has attempts, but its answers count"
        yield ("practice",), complaint(what, "write role: practice, or leave practice: out")
    if not block.attention and trials.rule(block.trial, "RIGHT") is None:
        what = f"can never be wrong: {block.trial} has no right answer"
        able = [name for name in trials.names() if trials.rule(name, "RIGHT")]
        fix = f"write attention: 1, or practise {' or '.join(able)}"
        if catalog.is_import_path(block.trial):
            fix = "give your trial type the name of its right option: RIGHT = …"
        yield ("practice",), complaint(what, fix)
