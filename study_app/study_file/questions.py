"""The parts of a study file that people answer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from db.records import PREFER_NOT
from study_app import trials
from study_app.study_file.design import ItemOrder, OptionOrder, Repeat, repeat_misfits
from study_app.study_file.part import OpenPart, Part
from study_app.study_file.phrases import Phrase
from study_app.study_file.practice import Practice, practice_misfits
from study_app.study_file.references import (
    Explanation,
    Family,
    GroupSource,
    Name,
    Text,
    TrialType,
    Word,
    complaint,
    complaints,
    known,
    one_of,
    unique,
)
from study_app.study_file.references import Question as QuestionRef

RESERVED = frozenset(
    (
        *("participant", "assignment", "mode", "version", "trial", "position", "role", "item"),
        *("concept", "layer", "family", "model", "face", "target", "option", "option_position"),
        *("scale", "value", "type"),
        *("question", "rt_ms", "hidden_ms", "shown_at", "answered_at", "number", "arm", "state"),
        *("consent_version", "consented_at", "started_at", "completed_at", "trials", "answered"),
        *("viewport_width", "instruction_check", "instruction_attempts"),
        *("practice_passed", "practice_attempts"),
        *("place", "ended", "language"),
    )
)
"""Columns of the answers and of the participants: a background question cannot be called so."""


class Question(Part):
    """A question about the participant, with one choice."""

    id: Name
    """Its column in the data."""
    ask: Phrase
    """The question."""
    choices: Annotated[dict[Word, Phrase], Field(min_length=2)]
    """What can be chosen, in this order: the word in the data and the text shown."""

    @field_validator("id")
    @classmethod
    def _free(cls, name: str) -> str:
        if name in RESERVED or name.startswith("flag_"):
            raise complaint(f"'{name}' is a column of the answers", "choose another id")
        return name


class Segment(Part):
    """Groups of participants, by their choice in one background question, or by language."""

    source: Annotated[GroupSource, Field(alias="from")]
    """The background question; ``language`` where participants choose between several."""
    order: Annotated[tuple[Word, ...], Field(min_length=1), AfterValidator(unique)]
    """Its choices in the order of the report; who chose another is in no group."""
    labels: dict[Word, Text] = Field(default_factory=dict)
    """Short names of the groups for charts."""

    @model_validator(mode="after")
    def _choices(self, info: ValidationInfo) -> Segment:
        context = known(info)
        choices = context.choices.get(self.source) if context else None
        if choices is not None:
            complaints(
                chain(
                    *(
                        one_of(("order", n), "choice", name, choices)
                        for n, name in enumerate(self.order)
                    ),
                    *(one_of(("labels", name), "group", name, self.order) for name in self.labels),
                )
            )
        return self


class Condition(Part):
    """Who gets a block: participants by what they answered about themselves."""

    question: QuestionRef
    """The background question."""
    choices: Annotated[tuple[Word, ...], Field(alias="is", min_length=1), AfterValidator(unique)]
    """Whoever chose one of these."""

    @model_validator(mode="after")
    def _choices(self, info: ValidationInfo) -> Condition:
        context = known(info)
        there = context.choices.get(self.question) if context else None
        if there is not None:
            names = (*there, PREFER_NOT)
            complaints(
                chain(
                    *(
                        one_of(("is", n), "choice", name, names)
                        for n, name in enumerate(self.choices)
                    )
                )
            )
        return self


class Block(OpenPart):
    """Some trials of one type; the trial type's own parameters stand beside these."""

    trial: TrialType
    """What participants do: a file of `study_app/trials`."""
    name: Name | None = None
    """Its name, by which ``analysis`` can ask for the answers to this block alone."""
    role: Literal["main", "practice"] = "main"
    """Practice answers are stored and never analysed."""
    practice: Practice | None = None
    """For a block of practice: whoever is not right often enough practises once more, such as
    ``{attempts: 3, pass: 1.0, feedback: true}``."""
    items: Annotated[int, Field(ge=1)]
    """How many questions each participant gets."""
    prompt: Phrase
    """What to do, shown with every question."""
    options: Annotated[tuple[Explanation, ...], AfterValidator(unique)] = ()
    """The explanations that are offered, by their names under ``stimuli``."""
    concepts: Annotated[tuple[Family, ...], AfterValidator(unique)] | None = None
    """The concepts that are asked about, by their names under ``concepts``."""
    order: OptionOrder = "williams"
    """How the offered explanations are arranged: ``williams`` balances positions and neighbours
    (and sides, where two at a time are compared), ``latin_square`` positions."""
    item_order: ItemOrder = "spread"
    """How the questions are arranged: ``spread`` draws an order in which no network is asked about
    more than twice in a row, ``shuffled`` any, ``fixed`` keeps the order of the faces."""
    repeat: Repeat | None = None
    """The block once for each explanation or network, such as ``{for: options}``; ``items`` is
    then what each part asks."""
    fixed: bool = False
    """Stands where it stands, whatever the study's ``block_order``."""
    attention: Annotated[int, Field(ge=0)] = 0
    """So many attention checks are mixed in."""
    show_if: Condition | None = None
    """Only for participants who answered so, such as ``{question: job, is: [engineer]}``."""

    @property
    def parameters(self) -> dict[str, Any]:
        """The trial type's own parameters as the study file gives them."""
        return dict(self.model_extra or {})

    @model_validator(mode="after")
    def _enough_faces(self, info: ValidationInfo) -> Block:
        context = known(info)
        if context is None or trials.about_concepts(self.trial):
            return self  # how many concepts there are is known when they were found
        found: list[Any] = []
        for key, role, wanted in (
            ("items", self.role, self.items),
            ("attention", "attention", self.attention),
        ):
            there = len(context.names[f"{role} faces"])
            if wanted > there:
                what = f"asks for {wanted}, but there {_are(there)} under faces.{role}"
                found.append(((key,), complaint(what, f"name more faces, or write {there}")))
        found += repeat_misfits(self, context)
        complaints(found)
        return self

    @model_validator(mode="after")
    def _trials_own(self, info: ValidationInfo) -> Block:
        if known(info) is not None:
            # What it raises is reported at its place inside the block.
            kind = trials.load(self.trial).Parameters
            parameters = kind.model_validate(self.parameters, context=info.context)
            complaints(self._misfits(parameters))
            # What participants read is frozen with the study, also where it is the default.
            assert self.model_extra is not None
            self.model_extra.update(parameters.model_dump(mode="json", exclude_none=True))
        return self

    def _misfits(self, parameters: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
        """What the trial type cannot do with this block."""
        about = trials.about_concepts(self.trial)
        if about and not self.concepts:
            what, fix = f"{self.trial} needs concepts to ask about", "name some as under 'concepts'"
            yield ("concepts",), complaint(what, fix)
        yield from practice_misfits(self)
        for wrong in ("options", "order", "repeat") if about else ("concepts",):
            if wrong in self.model_fields_set:
                what = f"{self.trial} asks about {'concepts' if about else 'predictions'}"
                yield (wrong,), complaint(what, "leave it out")
        asked = (trials.rule(self.trial, "asked") or (lambda _: ()))(parameters)
        least = 0 if asked or about else trials.rule(self.trial, "LEAST") or 1
        if len(self.options) < least:
            what = f"{self.trial} needs {_explanations(least)} or more under options"
            yield ("options",), complaint(what, "name them as under 'stimuli'")
        for name in asked:
            if name in self.options:
                what = f"'{name}' is what {self.trial} calls another answer of this block"
                yield ("options",), complaint(what, "call the explanation by another name")
        if self.attention and not trials.rule(self.trial, "CHECKABLE"):
            able = [name for name in trials.names() if trials.rule(name, "CHECKABLE")]
            what = f"{self.trial} cannot ask for a certain explanation"
            fix = f"move the checks to a block of {', '.join(able)}"
            yield ("attention",), complaint(what, fix)


def _explanations(count: int) -> str:
    return "1 explanation" if count == 1 else f"{count} explanations"


def _are(count: int) -> str:
    return "is 1 face" if count == 1 else f"are {count} faces"
