"""The parts of a study file about who takes part, how many, and in which arm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from study_app import trials
from study_app.study_file.part import Part
from study_app.study_file.references import (
    Explanation,
    SegmentName,
    Text,
    Word,
    complaint,
    complaints,
    one_of,
    unique,
)

if TYPE_CHECKING:
    from study_app.study_file.questions import Block
    from study_app.study_file.study import Study

PANELS: dict[str, dict[str, str]] = {
    "prolific": {"id": "PROLIFIC_PID", "session": "SESSION_ID"},
    "mturk": {"id": "workerId", "session": "assignmentId"},
    "sona": {"id": "survey_code"},
}
"""How well-known panels call their ids in the address."""

_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FILLED = re.compile(r"\{([^}]*)\}")

Parameter = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")]
Many = Annotated[int, Field(ge=1)]


class Parameters(Part):
    """By which names in the address a panel says who comes."""

    id: Parameter
    """The person, such as PROLIFIC_PID; nobody takes part twice."""
    session: Parameter | None = None
    """This one participation, such as SESSION_ID: nobody else knows it, so whoever comes by it
    again goes on where they were. Without it only the personal address leads back."""


class Codes(Part):
    """What a panel is told at the end: a code, or an https:// address in which {id} is the person.

    An ending without a code of its own shows none; without ``complete`` everybody who finishes
    gets a random code of their own.
    """

    complete: Text | None = None
    """Answered everything."""
    failed_checks: Text | None = None
    """Answered everything, and fewer attention checks rightly than ``quality`` asks for; or did not
    come to the end because of the practice or the question about the instructions."""
    screened_out: Text | None = None
    """The study is not for them, see ``screen_out``."""
    full: Text | None = None
    """All places are taken."""
    timed_out: Text | None = None
    """Took longer than ``maximum_minutes``."""
    no_consent: Text | None = None
    """Did not agree to take part."""

    @field_validator("*")
    @classmethod
    def _form(cls, text: str | None) -> str | None:
        if text is None or _CODE.fullmatch(text):
            return text
        if not text.startswith("https://") or re.search(r"\s", text):
            fix = "letters, digits, - and _; or an address that begins with https://"
            raise complaint(f"'{text}' is neither a code nor an address", fix)
        for name in _FILLED.findall(text):
            if name != "id":
                raise complaint(f"{{{name}}} is never filled in", "write {id} for the panel's id")
        return text

    @model_validator(mode="after")
    def _honest(self) -> Codes:
        others = {name: text for name, text in self if text is not None and name != "complete"}
        if self.complete is not None:
            what = "is the same as complete, so that the panel cannot tell them apart"
            fix = "make another code in the panel, or leave this one out"
            same = [name for name, text in others.items() if text == self.complete]
            complaints(((name,), complaint(what, fix)) for name in same)
        return self


class Recruitment(Part):
    """How participants reach the study, and how many of them are wanted."""

    source: Literal["link", "prolific", "mturk", "sona", "panel"] = "link"
    """``link``: whoever has the address may take part; a panel sends people with an id in it."""
    parameters: Parameters | None = None
    """How the panel calls its ids in the address; known for ``prolific``, ``mturk``, ``sona``."""
    codes: Codes | None = None
    """What participants take back to the panel."""
    cap: Many | None = None
    """So many may finish; while as many have finished or are under way, the study is full."""
    quotas: dict[SegmentName, Annotated[dict[Word, Many], Field(min_length=1)]] | None = None
    """The same for groups of a segment, such as ``expertise: {never: 40, user: 40}``."""
    maximum_minutes: Many | None = None
    """Whoever has not finished so long after agreeing cannot go on."""

    @model_validator(mode="before")
    @classmethod
    def _usual(cls, data: Any) -> Any:
        source = data.get("source") if isinstance(data, dict) else None
        if isinstance(source, str) and source in PANELS:
            return {"parameters": PANELS[data["source"]], **data}
        return data

    @model_validator(mode="after")
    def _panel(self) -> Recruitment:
        if self.source == "panel" and self.parameters is None:
            fix = "write parameters: {id: …} with the panel's name for it"
            raise complaint("does not say how the panel calls its id", fix)
        if self.source == "link" and self.parameters is not None:
            fix = "write source: panel"
            raise complaint("has parameters, but a plain link brings none", fix)
        if self.parameters is None and self.codes is not None:
            filled = [name for name, text in self.codes if text and _FILLED.search(text)]
            what = "has {id}, but a plain link brings none"
            complaints((("codes", name), complaint(what, "take it out")) for name in filled)
        return self


class Arm(Part):
    """What is different for one group of participants, who are assigned to it by turns."""

    options: (
        Annotated[tuple[Explanation, ...], Field(min_length=1), AfterValidator(unique)] | None
    ) = None
    """Of the explanations that a block offers only these."""
    order: Literal["williams", "random", "fixed"] | None = None
    """How they are arranged, in place of the blocks' own ``order``."""


def misfits(study: Study) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """What in arms, quotas and codes does not fit the rest of the study."""
    for segment, places in (study.recruitment.quotas or {}).items():
        if study.segments[segment].source == "language":
            what = "is a segment by language, but quotas count answers about oneself"
            fix = "take a segment from a background question"
            yield ("recruitment", "quotas", segment), complaint(what, fix)
        for group in places:
            place = ("recruitment", "quotas", segment, group)
            yield from one_of(place, "group", group, study.segments[segment].order)
    codes = study.recruitment.codes
    checked = study.quality.setting("attention") or may_fail(study)
    if codes is not None and codes.failed_checks is not None and not checked:
        fix = "write quality: {attention: 1}, or practice: {on_fail: end}, or leave this code out"
        what = "is never given: no check need be passed"
        yield ("recruitment", "codes", "failed_checks"), complaint(what, fix)
    if study.arms is not None and len(study.arms) < 2:
        yield ("arms",), complaint("need at least two to differ", "add one, or leave arms out")
    for name, arm in (study.arms or {}).items():
        for number, block in enumerate(study.blocks, 1):
            left = [option for option in block.options if option in (arm.options or [option])]
            least = _least(block)
            if left != list(block.options) and len(left) < least:
                what = f"leaves {len(left)} for block {number}: {block.trial} needs {least} or more"
                yield ("arms", name, "options"), complaint(what, "name more of its explanations")


def may_fail(study: Study) -> bool:
    """Whether the study can end for somebody who fails the practice or the instructions."""
    asked = study.quality.instruction_check
    gates = [block.practice for block in study.blocks]
    return any(gate is not None and gate.on_fail == "end" for gate in gates) or (
        asked is not None and asked.on_fail == "end"
    )


def _least(block: Block) -> int:
    """How many explanations a block must offer; none where something else is answered."""
    own = trials.rule(block.trial, "asked")
    parameters = trials.load(block.trial).Parameters.model_validate(block.parameters)
    return 0 if own and own(parameters) else trials.rule(block.trial, "LEAST") or 1
