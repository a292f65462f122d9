"""Reading a study's folder: every problem in one pass, each with its place and its remedy.

Nothing here imports torch, so a study is checked in a moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from explainers import catalog
from explainers.faces.face_names import face_files
from explainers.problems import Problem, Problems, suggest
from study_app import trials
from study_app.study_file import yaml_file
from study_app.study_file.comparisons import comparing, comparison_mistakes
from study_app.study_file.ready import missing_study
from study_app.study_file.references import Known
from study_app.study_file.study import Study
from study_app.study_file.study_questions import Block
from study_app.study_file.yaml_file import Path_, YamlFile
from study_app.wording import DEFAULT

FILE = "study.yaml"
HOME = Path(__file__).parents[1]


def load_study(folder: Path) -> Study:
    """Read and check ``folder/study.yaml`` and the texts that it names, in its first language.

    Errors: Problems, all of them at once.

    Example:
        >>> load_study(HOME / "studies" / "section7").id
        'section7'
    """
    return next(iter(load_languages(folder).values()))


def load_languages(folder: Path) -> dict[str, Study]:
    """The study in each of its languages, the first one first.

    Errors: Problems, all of them at once.
    """
    if not folder.is_dir():
        raise missing_study(folder)
    studies, problems = check_languages(yaml_file.read(folder / FILE), folder)
    if problems:
        raise Problems(problems)
    return studies


def check_study(file: YamlFile, folder: Path) -> tuple[Study | None, list[Problem]]:
    """The study in its first language if it is sound, else None and all that is wrong with it."""
    studies, problems = check_languages(file, folder)
    return (None if problems else next(iter(studies.values()))), problems


def check_languages(file: YamlFile, folder: Path) -> tuple[dict[str, Study], list[Problem]]:
    """The study in each of its languages if it is sound, and all that is wrong with it."""
    problems = list(file.problems)
    if not isinstance(file.data, dict):
        what = "is empty" if file.data is None else "should be keys and values"
        fix = "`whyface init section7` copies a study to start from"
        return {}, [*problems, Problem(file.name, what, fix)]
    context, found = _known(file, folder)
    problems += found
    problems += [
        Problem(file.where(place), what, fix)
        for place, what, fix in comparison_mistakes(_mapping(file.data.get("models")), context)
    ]
    studies = {}
    for language in context.languages:
        reading = replace(context, language=language)
        try:
            studies[language] = Study.model_validate(file.data, context=reading)
        except ValidationError as error:
            problems += [one for one in _problems(error, file) if one not in problems]
    return studies, problems


def untranslated(file: YamlFile, folder: Path) -> list[Problem]:
    """The phrases of a sound study that are the same in all of its several languages."""
    context, _ = _known(file, folder)
    Study.model_validate(file.data, context=context)
    places: dict[str, Path_] = {}
    for place, text in _leaves(file.data):
        places.setdefault(text.strip(), place)
    return [
        Problem(file.where(places[text.strip()]), f"“{text}” is the same in all languages")
        for text in context.untranslated
        if any(character.isalpha() for character in text)
    ]


def _leaves(data: Any, place: Path_ = ()) -> Iterator[tuple[Path_, str]]:
    entries = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in entries:
        if isinstance(value, dict | list):
            yield from _leaves(value, (*place, key))
        elif isinstance(value, str):
            yield (*place, key), value


def _problems(error: ValidationError, file: YamlFile) -> list[Problem]:
    # A list whose entries are all mistaken counts as empty: the entries' mistakes say more.
    return [
        _problem(details, file)
        for details in error.errors()
        if details["type"] != "too_short"
        or len(details["input"]) <= details["ctx"]["actual_length"]
    ]


def _languages(data: Mapping[str, Any]) -> tuple[str, ...]:
    named = _words(data.get("languages"))
    return tuple(dict.fromkeys(named)) or (str(data.get("language", DEFAULT)),)


def _known(file: YamlFile, folder: Path) -> tuple[Known, list[Problem]]:
    """The names that exist, read from the raw file, so that one mistake does not hide another."""
    data: Mapping[str, Any] = file.data
    problems: list[Problem] = []
    faces = _mapping(data.get("faces"))
    source = faces.get("from", "rendered")
    ids: tuple[str, ...] = ()
    try:
        ids = tuple(face_files(str(source), folder))
    except Problems as error:
        place = file.where(("faces", "from"))
        problems = [Problem(place, problem.what, problem.fix) for problem in error.problems]
        ids = tuple(name for role in faces.values() for name in _words(role))
    questions = {
        str(entry.get("id")): tuple(_mapping(entry.get("choices")))
        for entry in _sequence(data.get("background"))
        if isinstance(entry, dict)
    }
    models = _mapping(data.get("models"))
    pairs = comparing(models)
    groups = next((_mapping(entry) for entry in _mapping(data.get("segments")).values()), None)
    names = {
        "explanation": tuple(_mapping(data.get("stimuli"))),
        "face": ids,
        "background question": tuple(questions),
        "group of answers": (*_mapping(data.get("segments")), "model", "face"),
        "group": ("all",) if groups is None else _words(groups.get("order")),
        "comparing model": pairs,
        "classifying model": tuple(name for name in models if name not in pairs),
        "block": tuple(
            str(entry["name"])
            for entry in map(_mapping, _sequence(data.get("blocks")))
            if "name" in entry
        ),
        "trial type": catalog.names(HOME / "trials"),
        "statistic": catalog.names(HOME.parent / "analysis" / "statistics"),
        **{f"{role} faces": _words(faces.get(role)) for role in ("main", "practice", "attention")},
    }
    listing = {
        "trial type": "`whyface list trials` shows all.",
        "statistic": "`whyface list statistics` shows all.",
        "face": "`whyface list faces` shows all." if source == "rendered" else "",
        "explanation": "They stand under 'stimuli'.",
    }
    languages = _languages(data)
    return Known(folder, names, questions, listing, languages[0], languages), problems


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _sequence(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _words(value: Any) -> tuple[str, ...]:
    return tuple(str(name) for name in _sequence(value))


def _problem(details: ErrorDetails, file: YamlFile) -> Problem:
    place = tuple(step for step in details["loc"] if step != "[key]")
    context = details.get("ctx", {})
    kind = details["type"]
    if kind == "extra_forbidden":
        key = str(place[-1])
        return Problem(file.where(place), f"unknown key '{key}'", suggest(key, _keys(file, place)))
    if kind == "missing":
        key = str(place[-1])
        return Problem(
            file.where(place[:-1]), f"'{key}' is missing", f"add {key}: {_doc(file, place)}"
        )
    if kind == "study":
        return Problem(file.where(place), str(context["what"]), str(context["fix"]))
    if kind == "literal_error":
        choices = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        what = f"unknown value '{details['input']}'"
        return Problem(file.where(place), what, suggest(str(details["input"]), choices))
    return Problem(file.where(place), _plain(details), _doc(file, place))


def _plain(details: ErrorDetails) -> str:
    """Pydantic's message in our words, with what was written."""
    written = details["input"]
    text = details["msg"].replace("Input should", "should")
    if details["type"] == "string_pattern_mismatch":
        text = "should be one word of letters, digits and '_', beginning with a letter"
        if "{letter}" in details["msg"].replace("\\", ""):
            text = "should contain {letter}"
    for ours, theirs in (
        ("a whole number", "a valid integer"),
        ("a number", "a valid number"),
        ("a list", "a valid tuple"),
        ("keys and values", "a valid dictionary"),
        ("text", "a valid string"),
    ):
        text = text.replace(theirs, ours)
    if details["type"] == "too_short":
        return "should not be empty" if not written else "should have more entries"
    text = text.partition(", unable")[0].partition(" or instance of")[0]
    shown = "" if isinstance(written, dict | list) else f", not {_short(written)}"
    return f"{text}{shown}"


def _short(value: Any) -> str:
    text = "empty" if value is None or value == "" else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _keys(file: YamlFile, place: Path_) -> tuple[str, ...]:
    """The keys that may stand beside the one at ``place``, a trial type's own among them."""
    return tuple(str(key) for key in _docs(file, place))


def _doc(file: YamlFile, place: Path_) -> str:
    """What the study file's documentation says about the key at ``place``."""
    return _docs(file, place).get(place[-1], "") if place else ""


def _docs(file: YamlFile, place: Path_) -> dict[str | int, str]:
    """The documentation of each key that may stand beside the one at ``place``."""
    models = [_type(place[:-1])]
    if models == [Block]:
        kind = str(_mapping(file.data["blocks"][place[-2]]).get("trial"))
        with suppress(Problems):  # an unknown trial type is a problem of its own
            models.append(trials.load(kind).Parameters)
    return {
        field.alias or name: (field.description or "").replace("\n", " ")
        for model in models
        if isinstance(model, type) and issubclass(model, BaseModel)
        for name, field in model.model_fields.items()
    }


def _type(place: Path_) -> Any:
    """The type that the study file has at ``place``."""
    kind: Any = Study
    for step in place:
        kind = next(_inside(kind, step), None)
    return next(_unwrapped(kind), kind)


def _inside(kind: Any, step: str | int) -> Iterator[Any]:
    for option in _unwrapped(kind):
        if isinstance(option, type) and issubclass(option, BaseModel):
            for name, field in option.model_fields.items():
                if step in (name, field.alias):
                    yield field.annotation
        elif get_origin(option) in (dict, tuple):
            yield get_args(option)[1 if get_origin(option) is dict else 0]


def _unwrapped(kind: Any) -> Iterator[Any]:
    """The types inside ``Annotated`` and ``X | None``."""
    if get_origin(kind) is Annotated:
        yield from _unwrapped(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for option in get_args(kind):
            yield from _unwrapped(option)
    elif kind not in (None, type(None)):
        yield kind
