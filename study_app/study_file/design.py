"""The parts of a study file that say in which order things come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field
from pydantic_core import PydanticCustomError

from study_app import trials
from study_app.study_file.part import Part
from study_app.study_file.references import Known, complaint

Mistake = tuple[tuple[str, ...], PydanticCustomError]
"""Its place in the block, and what is wrong."""

OptionOrder = Literal["williams", "latin_square", "random", "fixed"]
ItemOrder = Literal["spread", "shuffled", "fixed"]
BlockOrder = Literal["fixed", "shuffled", "latin_square", "williams"]


class Repeat(Part):
    """A block once for each level of a within-subject factor."""

    levels: Literal["options", "models"] = Field(alias="for")
    """``options``: a part for each explanation, which is shown alone; ``models``: a part for each
    network."""
    order: BlockOrder = "williams"
    """The order of the parts: ``williams`` balances places and neighbours over participants,
    ``latin_square`` places, ``shuffled`` draws, ``fixed`` is that of the study file."""
    items: Literal["other", "same"] = "other"
    """``other``: no question comes in two parts; over participants each explanation meets each
    question equally often. ``same``: every part asks the same questions."""


def repeat_misfits(block: Any, known: Known) -> Iterator[Mistake]:
    """What cannot be repeated.

    Arguments:
        block: `study_app.study_file.questions.Block`.
    """
    repeat: Repeat | None = block.repeat
    if repeat is None:
        return
    models = len(known.names["comparing model"]) + len(known.names["classifying model"])
    if repeat.levels == "options":
        levels = len(block.options)
        least = trials.rule(block.trial, "LEAST") or 1
        if levels < 2:
            what = "its options are repeated, but there are fewer than two"
            yield ("options",), complaint(what, "name two explanations or more")
        if least > 1:
            what = f"{block.trial} needs {least} explanations at once"
            yield ("repeat",), complaint(what, "leave it out, or write for: models")
        if block.attention:
            what = "one explanation alone leaves nothing to choose in a check"
            yield ("attention",), complaint(what, "move the checks to another block")
    else:
        levels = models
        if block.role == "practice":
            what = "not every network has a question for practice"
            yield ("repeat",), complaint(what, "leave it out")
    all_models = repeat.levels == "options" and block.role == "main"
    there = len(known.names[f"{block.role} faces"]) * (models if all_models else 1)
    if repeat.items == "other" and block.items * levels > there:
        what = f"{levels} parts of {block.items} other questions each are more than there are"
        fix = f"write at most {there // levels}, name more faces, or repeat: {{items: same}}"
        yield ("items",), complaint(what, fix)
