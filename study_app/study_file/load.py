"""Reading a study's folder: every problem in one pass, each with its place and its remedy.

Nothing here imports torch, so a study is checked in a moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from explainers import catalog
from explainers.building.plan import READY_MADE
from explainers.faces.face_names import face_files
from explainers.problems import Problem, Problems, suggest
from study_app.study_file import yaml_file
from study_app.study_file.comparisons import comparing, comparison_mistakes
from study_app.study_file.documented import added, doc, keys
from study_app.study_file.needed import lacking, silent
from study_app.study_file.raw import mapping, sequence, words
from study_app.study_file.ready import missing_study
from study_app.study_file.references import Known
from study_app.study_file.study import Study
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
    problems += lacking(file)
    without = silent(file.data)
    asked = {k: v for k, v in mapping(file.data.get("models")).items() if k not in without}
    problems += [
        Problem(file.where(place), what, fix)
        for place, what, fix in comparison_mistakes(asked, context)
    ]
    studies = {}
    for language in context.languages:
        reading = replace(context, language=language)
        try:
            studies[language] = Study.model_validate(file.data, context=reading)
        except ValidationError as error:
            problems += [one for one in _problems(error, file) if one not in problems]
    return studies, problems


def untranslated(folder: Path) -> list[Problem]:
    """The phrases of a sound study that are the same in all of its several languages."""
    file = yaml_file.read(folder / FILE)
    context, _ = _known(file, folder)
    Study.model_validate(file.data, context=context)
    places: dict[str, Path_] = {}
    for place, text in _leaves(file.data):
        places.setdefault(text.strip(), place)
    return [
        Problem(file.where(places[text.strip()]), f"“{text.strip()}”")
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
    named = words(data.get("languages"))
    return tuple(dict.fromkeys(named)) or (str(data.get("language", DEFAULT)),)


def _known(file: YamlFile, folder: Path) -> tuple[Known, list[Problem]]:
    """The names that exist, read from the raw file, so that one mistake does not hide another."""
    data: Mapping[str, Any] = file.data
    problems: list[Problem] = []
    faces = mapping(data.get("faces"))
    source = faces.get("from", "rendered")
    ids: tuple[str, ...] = ()
    try:
        ids = tuple(face_files(str(source), folder))
    except Problems as error:
        place = file.where(("faces", "from"))
        problems = [Problem(place, problem.what, problem.fix) for problem in error.problems]
        ids = tuple(name for role in faces.values() for name in words(role))
    questions = {
        str(entry.get("id")): tuple(mapping(entry.get("choices")))
        for entry in sequence(data.get("background"))
        if isinstance(entry, dict)
    }
    languages = _languages(data)
    choices = questions | ({"language": languages} if len(languages) > 1 else {})
    models = mapping(data.get("models"))
    pairs = comparing(models)
    groups = next((mapping(entry) for entry in mapping(data.get("segments")).values()), None)
    names = {
        "explanation": tuple(mapping(data.get("stimuli"))),
        "family of concepts": tuple(mapping(data.get("concepts"))),
        "network": tuple(
            name for name, model in models.items() if mapping(model).get("use") != READY_MADE
        ),
        "face": ids,
        "background question": tuple(questions),
        "question or language": tuple(choices),
        "group of answers": (
            *mapping(data.get("segments")),
            *(("arm",) if data.get("arms") else ()),
            "model",
            "face",
        ),
        "group": ("all",) if groups is None else words(groups.get("order")),
        "comparing model": pairs,
        "classifying model": tuple(name for name in models if name not in pairs),
        "segment": tuple(mapping(data.get("segments"))),
        "block": tuple(
            str(entry["name"])
            for entry in map(mapping, sequence(data.get("blocks")))
            if "name" in entry
        ),
        "trial type": catalog.names(HOME / "trials"),
        "statistic": catalog.names(HOME.parent / "analysis" / "statistics"),
        **{f"{role} faces": words(faces.get(role)) for role in ("main", "practice", "attention")},
    }
    listing = {
        "trial type": "`whyface list trials` shows all.",
        "statistic": "`whyface list statistics` shows all.",
        "face": "`whyface list faces` shows all." if source == "rendered" else "",
        "explanation": "They stand under 'stimuli'.",
    }
    return Known(folder, names, choices, listing, languages[0], languages), problems


def _problem(details: ErrorDetails, file: YamlFile) -> Problem:
    place = tuple(step for step in details["loc"] if step != "[key]")
    context = details.get("ctx", {})
    kind = details["type"]
    if kind == "extra_forbidden":
        key = str(place[-1])
        return Problem(file.where(place), f"unknown key '{key}'", suggest(key, keys(file, place)))
    if kind == "missing":
        key = str(place[-1])
        return Problem(file.where(place[:-1]), f"'{key}' is missing", added(file, place))
    if kind == "study":
        return Problem(file.where(place), str(context["what"]), str(context["fix"]))
    if kind == "literal_error":
        choices = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        what = f"unknown value '{details['input']}'"
        return Problem(file.where(place), what, suggest(str(details["input"]), choices))
    return Problem(file.where(place), _plain(details), doc(file, place))


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
