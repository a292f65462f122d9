"""The study file: everything that one study is, in small frozen parts.

`study_app.study_file.load.load_study` reads and checks it; `whyface schema` prints it for editors.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from study_app.study_file.analysis import Planned, Simulate
from study_app.study_file.concepts import Concepts
from study_app.study_file.design import BlockOrder
from study_app.study_file.fidelity import Measures
from study_app.study_file.models import Faces, StudyModel
from study_app.study_file.part import OpenPart, Part
from study_app.study_file.phrases import (
    Language,
    Phrase,
    file_in_language,
    fixed,
    strange_placeholders,
)
from study_app.study_file.quality import Quality
from study_app.study_file.questions import (
    Block,
    Condition,
    Question,
    Segment,
)
from study_app.study_file.recruitment import Arm, Recruitment, misfits
from study_app.study_file.references import (
    Name,
    Text,
    complaint,
    complaints,
    known,
    one_of,
    unique,
)
from study_app.study_file.stimuli import Method
from study_app.wording import DEFAULT, words


class TextFile(Part):
    """A text that participants read, in Markdown, in a file of the study's folder.

    Further languages of the study stand beside it: ``consent.md`` and ``consent.fa.md``.
    """

    file: Text
    """The file, beside study.yaml."""
    version: Annotated[int, Field(ge=1)] = 1
    """Raise it when the meaning changes; it is stored with each consent."""

    @field_validator("file")
    @classmethod
    def _is_there(cls, file: str, info: ValidationInfo) -> str:
        context = known(info)
        if context is None:
            return file
        file = file_in_language(file, context.language, context.languages)
        if PurePosixPath(file).is_absolute() or ".." in PurePosixPath(file).parts:
            raise complaint(f"'{file}' is outside the study's folder", "put it beside study.yaml")
        path = context.folder / file
        try:
            empty = not path.read_text(encoding="utf-8-sig").strip()
        except FileNotFoundError:
            raise complaint(f"there is no file '{file}'", f"write {path}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise complaint(f"'{file}' cannot be read: {error}", "save it as UTF-8") from None
        if empty:
            raise complaint(f"'{file}' is empty", "participants read this text: write it")
        return file


class Words(OpenPart):
    """Fixed words that participants read, where yours shall stand in place of the usual ones.

    Every key of `study_app/wording/en.yaml` can be set; these are set most often.
    """

    model_config = ConfigDict(validate_default=True)
    __pydantic_extra__: dict[str, Phrase] = Field(init=False)

    picture: Phrase = fixed("picture")
    """Read aloud in place of the picture; it must not give the answer away."""
    two_pictures: Phrase = fixed("two_pictures")
    """Read aloud in place of the picture where two faces are compared."""
    attention: Annotated[Phrase, StringConstraints(pattern=r"\{letter\}")] = fixed("attention")
    """The question of an attention check; {letter} is the explanation to choose."""

    @model_validator(mode="after")
    def _known_keys(self, info: ValidationInfo) -> Words:
        usual = words(DEFAULT)
        for key, text in (self.model_extra or {}).items():
            if known(info) is not None:
                complaints(one_of((key,), "words", key, usual))
                complaints(strange_placeholders(key, text))
        return self


class Study(Part):
    """One study."""

    version: Annotated[Literal[1], Field(alias="schema")]
    """The version of this file's form: 1."""
    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
    """The study's name in the database and in file names; never change it once people answered."""
    title: Phrase
    """What participants see at the top."""
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    """Every order and every computation that involves chance starts from it."""
    language: Language = "en"
    """The language of the texts, such as en or pt-BR."""
    languages: Annotated[tuple[Language, ...], AfterValidator(unique)] | None = None
    """In place of ``language`` the languages between which participants choose, such as
    ``[en, fa]``; the first is the default. Whatever participants read may then be
    ``{en: …, fa: …}``."""
    consent: TextFile
    """What participants agree to before anything is stored."""
    instructions: TextFile
    """What participants are asked to do."""
    debriefing: TextFile
    """What participants are told at the end."""
    contact: Phrase | None = None
    """Shown at the foot of each page: whom to ask."""
    models: Annotated[dict[Name, StudyModel], Field(min_length=1)]
    """The networks whose predictions are explained, by their name in this study."""
    faces: Faces = Faces()
    """The faces and what each of them is for."""
    stimuli: Annotated[dict[Name, Method], Field(min_length=1)] = Field(default_factory=dict)
    """The explanations that participants compare: a method and its parameters for each name."""
    concepts: Annotated[dict[Name, Concepts], Field(min_length=1)] | None = None
    """Concepts of a network that participants judge: a finder and its parameters for each name."""
    pictures: Text | None = None
    """Ready-made pictures: a CSV file with the columns face, model, method, target, file."""
    fidelity: Measures = ()
    """How the faithfulness of saliency maps is measured, such as ``[hiding_game]``; scores go into
    the manifest, and participants see nothing of it."""
    background: tuple[Question, ...] = ()
    """Questions about the participant, one choice each."""
    segments: dict[Name, Segment] = Field(default_factory=dict)
    """Groups of participants that results are reported for."""
    blocks: Annotated[tuple[Block, ...], Field(min_length=1)]
    """What participants do."""
    block_order: BlockOrder = "fixed"
    """The order of the blocks: ``fixed`` as they stand here; ``shuffled`` for each participant;
    ``latin_square`` balances their places over participants, ``williams`` also which follows which.
    Practice always comes first, and a block that is ``fixed`` keeps its place."""
    quality: Quality = Field(default={}, validate_default=True)
    """When an answer or a participant is set aside, or marked."""
    screen_out: tuple[Condition, ...] | None = None
    """Whom the study is not for, by what they answered about themselves, such as
    ``[{question: age_range, is: [under_18]}]``."""
    arms: dict[Name, Arm] | None = None
    """Groups of participants who get something different, balanced on those who finish."""
    recruitment: Recruitment = Recruitment()
    """Where participants come from, and how many are wanted."""
    words: Words = Field(default={}, validate_default=True)
    """Fixed words that participants read, in place of the usual ones."""
    analysis: tuple[Planned, ...] = ()
    """The questions that were asked before looking at the data."""
    multiplicity: Literal["holm", "benjamini_hochberg", "none"] = "holm"
    """How the p values of all tests under ``analysis`` are adjusted together."""
    simulate: Simulate | None = None
    """What `whyface simulate` plants, to see whether the analysis finds it again."""

    @model_validator(mode="before")
    @classmethod
    def _in_one_language(cls, data: Any, info: ValidationInfo) -> Any:
        context = known(info)
        if context is None or not isinstance(data, dict) or "languages" not in data:
            return data
        if "language" in data:
            what = "both 'language' and 'languages' are there"
            raise complaint(what, "leave out language; the first of languages is the default")
        return {**data, "language": context.language}

    @field_validator("pictures")
    @classmethod
    def _pictures(cls, file: str | None, info: ValidationInfo) -> str | None:
        context = known(info)
        if file is not None and context is not None and not (context.folder / file).is_file():
            raise complaint(f"there is no file '{file}'", f"write {context.folder / file}")
        return file

    @field_validator("background")
    @classmethod
    def _unique(cls, questions: tuple[Question, ...]) -> tuple[Question, ...]:
        ids = [question.id for question in questions]
        twice = next((name for name in ids if ids.count(name) > 1), None)
        if twice is not None:
            raise complaint(f"the question '{twice}' stands twice", "give each its own id")
        return questions

    @field_validator("blocks")
    @classmethod
    def _sound_together(cls, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        if all(block.show_if is not None or block.role == "practice" for block in blocks):
            what = "hold no block that everybody gets"
            raise complaint(what, "leave out show_if: or role: practice in one of them")
        names = [block.name for block in blocks if block.name is not None]
        for name in names:
            if names.count(name) > 1:
                raise complaint(f"the block '{name}' stands twice", "give each its own name")
        return blocks

    @model_validator(mode="after")
    def _enough_checks(self) -> Study:
        there = sum(block.attention for block in self.blocks if block.practice is None)
        wanted = self.quality.setting("attention")
        if wanted > there:
            what = f"quality.attention asks for {wanted} passed checks of {there}"
            raise complaint(what, "raise attention: in a block, or lower it under quality")
        return self

    @model_validator(mode="after")
    def _people_fit(self, info: ValidationInfo) -> Study:
        if known(info) is not None:
            complaints(misfits(self))
        return self
