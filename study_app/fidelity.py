"""Comparing methods by fidelity: from what was asked for to a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from explainers import catalog
from explainers.aim import fits
from explainers.building.cache import Cache
from explainers.building.options import Options
from explainers.building.plan import Method, Plan, per_class
from explainers.faces.face_names import RENDERED, face_files
from explainers.faithfulness.measure import FOLDER, Measure
from explainers.parameters import mistakes
from explainers.problems import Problem, Problems, suggest

if TYPE_CHECKING:
    from explainers.faithfulness.rating import Rated

QUICK = ("hiding_game", "mask_and_evaluate_faces", "energy_pointing_game", "sensitivity")
"""Measures that explain nothing again."""
ALL = "all"


@dataclass(frozen=True)
class Wanted:
    """What is compared.

    Arguments:
        title: of the page.
        plan: models, faces, and methods with their measures.
        out: folder of the page.
        cache: folder of what was computed.
    """

    title: str
    plan: Plan
    out: Path
    cache: Path


def shipped(
    models: str | None,
    faces: str,
    methods: str | None,
    measures: str | None,
    settings: Sequence[str],
    out: Path | None,
) -> Wanted:
    """A comparison on shipped networks and faces.

    Errors: Problems of all names and parameters at once.
    """
    problems: list[Problem] = []
    chosen = _names("--model", models, catalog.names("models"), problems)
    persons = _names("--faces", faces, face_files(RENDERED, Path()), problems)
    ways = _names("--methods", methods, _methods(), problems)
    rated = _names("--measures", measures or ",".join(QUICK), catalog.names(FOLDER), problems)
    given = _settings(settings, (*ways, *rated), problems)
    if out is None:
        problems.append(Problem("-o", "is missing", "write -o faithful, the folder of the page"))
    problems += _parameter_problems(ways, rated, given)
    if problems or out is None:
        raise Problems(problems)
    marks = tuple(Measure(name, given.get(name, {})) for name in rated)
    plan = Plan(
        folder=out,
        seed=0,
        models={name: {"use": name} for name in chosen},
        faces=RENDERED,
        asked=tuple((model, face) for model in chosen for face in persons),
        methods={name: Method(name, given.get(name, {}), fidelity=marks) for name in ways},
    )
    return Wanted(f"Fidelity of explanations: {', '.join(chosen)}", plan, out, out / "cache")


def of_study(
    folder: Path,
    models: str | None,
    methods: str | None,
    measures: str | None,
    settings: Sequence[str],
    out: Path | None,
) -> Wanted:
    """A comparison of a study's maps; its own measures unless others are named.

    Errors: Problems of the study and of all names and parameters.
    """
    from study_app.questions.planning import plan_of
    from study_app.study_file.load import load_study

    folder = folder.parent if folder.name == "study.yaml" else folder
    study = load_study(folder)
    plan = plan_of(study, folder)
    maps = {name: way for name, way in plan.methods.items() if _is_map(way)}
    problems: list[Problem] = []
    if not maps:
        what = "has no saliency map that belongs to a face"
        raise Problems.one(str(folder / "study.yaml"), what, "add one under stimuli")
    computed = [name for name in plan.models if not plan.ready_made(name)]
    chosen = _names("--model", models or ALL, computed, problems)
    ways = _names("--methods", methods or ALL, maps, problems)
    own = [mark.use for way in maps.values() for mark in way.fidelity]
    asked = measures or ",".join(dict.fromkeys(own or QUICK))
    rated = _names("--measures", asked, catalog.names(FOLDER), problems)
    given = _settings(settings, rated, problems)
    problems += _parameter_problems((), rated, given)
    if problems:
        raise Problems(problems)
    marks = tuple(Measure(name, given.get(name, {})) for name in rated)
    kept = {name: maps[name] for name in ways}
    if measures or settings or not own:
        kept = {name: replace(way, fidelity=marks) for name, way in kept.items()}
    plan = replace(
        plan,
        models={name: plan.models[name] for name in chosen},
        asked=tuple(pair for pair in plan.asked if pair[0] in chosen),
        methods=kept,
    )
    place = out or folder / "report-fidelity"
    return Wanted(f"Fidelity of explanations: {study.title}", plan, place, plan.stimuli / "cache")


def write(wanted: Wanted, cache: Cache, options: Options) -> tuple[Path, list[str]]:
    """Compute what is missing and write the page; its path, and what is to be told.

    Errors: Problems, see `explainers.faithfulness.rating.rate`.
    """
    from explainers.faithfulness.rating import rate

    rated = rate(wanted.plan, cache, options)
    scores, curves = tables(rated)
    skipped = scores[scores["skipped"] != ""]
    left_out = [f"{problem.where}: {problem.what}" for problem in rated.left_out]
    for (measure, why), group in skipped.groupby(["measure", "skipped"], sort=False):
        faces = ", ".join(dict.fromkeys(group["face"]))
        ways = list(dict.fromkeys(group["method"]))
        whom = "" if len(ways) == scores["method"].nunique() else f"{', '.join(ways)}; "
        left_out.append(f"{measure}: {why} ({whom}{faces})")
    from analysis.reports import faithfulness_report as report

    about = report.About(
        wanted.title,
        list(dict.fromkeys(scores["face"])),
        {name: Measure(name).entry.summary for name in dict.fromkeys(scores["measure"])},
        {name: _told(way) for name, way in wanted.plan.methods.items()},
        left_out,
    )
    page = report.write(scores, curves, about, wanted.out)
    explained, scored = rated.computed
    told = [f"{explained} explanations and {scored} scores computed, the others were there."]
    told += [f"Left out: {line}" for line in left_out]
    return page, told


def tables(rated: Rated) -> tuple[Any, Any]:
    """The scores and the curves as tidy tables, for `analysis.faithfulness`."""
    import pandas as pd

    plain = ("model", "method", "face", "target", "measure", "better")
    scores = pd.DataFrame(
        [
            {
                **{name: getattr(one, name) for name in plain},
                "value": one.value,
                "baseline": one.baseline,
                "skipped": one.skipped,
            }
            for one in rated.ratings
        ]
    ).astype({"value": float, "baseline": float})
    names = ["model", "method", "face", "measure", "curve", "x", "y"]
    points = [
        (one.model, one.method, one.face, one.measure, curve, x, y)
        for one in rated.ratings
        for curve, values in one.curve.items()
        if curve != "x" and "x" in one.curve
        for x, y in zip(one.curve["x"], values, strict=False)
    ]
    return scores, pd.DataFrame(points, columns=names).astype({"x": float, "y": float})


def _told(way: Method) -> str:
    said = ", ".join(f"{name}: {value}" for name, value in way.parameters.items())
    known = "" if catalog.is_import_path(way.method) else catalog.find(way.method).summary
    return f"{known or way.method}{f' ({said})' if said else ''}"


def _methods() -> tuple[str, ...]:
    """Saliency methods that explain a class for a face."""
    return tuple(
        entry.name
        for entry in catalog.entries("saliency")
        if entry.constant("per", "") == "face" and fits(entry.name, None) is None
    )


def _is_map(way: Method) -> bool:
    if way.ready_made or catalog.is_import_path(way.method):
        return not way.ready_made
    entry = catalog.find(way.method)
    return entry.constant("kind", "image") != "image" and not per_class(way.method, Path())


def _names(
    option: str, given: str | None, known: Iterable[str], problems: list[Problem]
) -> tuple[str, ...]:
    known = tuple(known)
    words = [word.strip() for word in (given or "").split(",") if word.strip()]
    if not words:
        problems.append(Problem(option, "is missing", f"write {option} {known[0]}, or several"))
    found = known if words == [ALL] else tuple(dict.fromkeys(words))
    problems += [
        Problem(option, f"unknown name '{word}'", suggest(word, known))
        for word in found
        if word not in known
    ]
    return tuple(word for word in found if word in known)


def _settings(
    settings: Iterable[str], known: Sequence[str], problems: list[Problem]
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for setting in settings:
        place, equals, text = setting.partition("=")
        name, dot, parameter = place.partition(".")
        where = f"--set {setting}"
        if not (equals and dot and parameter):
            problems.append(Problem(where, "is no setting", "write --set rise.samples=500"))
        elif name not in known:
            problems.append(Problem(where, f"'{name}' is not compared", suggest(name, known)))
        else:
            try:
                found.setdefault(name, {})[parameter] = yaml.safe_load(text)
            except yaml.YAMLError:
                problems.append(Problem(where, "is no value", "write a number, a word or a list"))
    return found


def _parameter_problems(
    ways: Iterable[str], rated: Iterable[str], given: dict[str, dict[str, Any]]
) -> Iterator[Problem]:
    entries = [catalog.find(name) for name in ways] + [Measure(name).entry for name in rated]
    for entry in entries:
        for parameter, what, fix in mistakes(entry, given.get(entry.name, {})):
            yield Problem(f"--set {entry.name}.{parameter}", what, fix)
