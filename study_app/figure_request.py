"""What `whyface figure` is asked for: everything that is wrong with it in one pass.

Torch-free: whether a network can be explained is found when it runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from explainers import catalog
from explainers.aim import COMPARED, Aim, aim_mistakes
from explainers.building.plan import Method, Plan
from explainers.faces.face_names import RENDERED, face_files
from explainers.parameters import mistakes
from explainers.problems import Problem, Problems, suggest
from study_app.questions.planning import plan_of
from study_app.study_file import yaml_file
from study_app.study_file.load import FILE, load_study

FORMATS = (".png", ".pdf", ".svg")
FEW = 4
"""So many faces are shown unless they are named or a study's."""


@dataclass(frozen=True)
class Request:
    """The command line's words.

    Arguments:
        output: the figure's file.
        model: a shipped model, the user's own, or the study's name of one.
        faces, methods: names; all or a few of them if empty.
        settings: texts like ``occlusion.window=16``.
        target: a text like ``class_difference:against=neutral``; empty for the predicted class.
        study: a study's folder or file, whose models, faces and methods are used.
        source: where faces come from.
        seed: of methods that involve chance; with a study it is the study's.
    """

    output: Path
    model: str = ""
    faces: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    target: str = ""
    study: Path | None = None
    source: str = RENDERED
    seed: int = 0

    def plan(self) -> Plan:
        """What has to be computed: one model, its faces, a method for each row.

        Errors: Problems, all of them at once.
        """
        return _Reading(self).plan()


@dataclass
class _Reading:
    """Reads a request and collects what is wrong with it."""

    request: Request
    problems: list[Problem] = field(default_factory=list)

    def plan(self) -> Plan:
        request = self.request
        if request.output.suffix.lower() not in FORMATS:
            fix = f"let it end in {', '.join(FORMATS)}"
            self.wrong("-o", f"unknown format '{request.output.suffix}'", fix)
        start = self.start()
        model = self.model(start)
        faces = self.faces(start, model)
        aim = self.aim(start, model)
        methods = self.methods(start)
        self.settings(methods)
        if aim is not None:
            methods = {name: replace(method, target=aim) for name, method in methods.items()}
        if self.problems:
            raise Problems(self.problems)
        return replace(
            start,
            models={model: start.models[model]},
            asked=tuple((model, face) for face in faces),
            methods=methods,
        )

    def wrong(self, where: str, what: str, fix: str = "") -> None:
        self.problems.append(Problem(where, what, fix))

    def own(self, name: str, where: str, folder: Path) -> None:
        """Notice the user's own code that is not there."""
        if catalog.is_import_path(name) and not catalog.is_there(name, folder):
            self.wrong(where, f"cannot find '{name}'", "run in the folder of its file")

    def start(self) -> Plan:
        """The study's plan, or one of all models that there are and without methods."""
        request = self.request
        if request.study is None:
            own = [request.model] if catalog.is_import_path(request.model) else []
            models = {name: {"use": name} for name in (*catalog.names("models"), *own)}
            return Plan(Path(), request.seed, models, request.source, (), {})
        folder = request.study.parent if request.study.name == FILE else request.study
        plan = plan_of(load_study(folder), folder)
        return replace(plan, methods={n: m for n, m in plan.methods.items() if not m.ready_made})

    def model(self, start: Plan) -> str:
        """The model's name; of a study that has only one it need not be given."""
        name, models = self.request.model, start.models
        name = name or (next(iter(models)) if len(models) == 1 else "")
        if not name:
            self.wrong("--model", "is missing", suggest("", models))
        elif name not in models:
            self.wrong("--model", f"unknown model '{name}'", suggest(name, models))
        elif start.ready_made(name):
            self.wrong("--model", f"'{name}' has ready-made pictures", "name a network")
        else:
            self.own(str(start.models[name].get("use", "")), "--model", start.folder)
        return name

    def faces(self, start: Plan, model: str) -> tuple[str, ...]:
        try:
            known = face_files(start.faces, start.folder)
        except Problems as error:
            self.problems += error.problems
            return ()
        for face in self.request.faces:
            if face not in known:
                self.wrong("--faces", f"unknown face '{face}'", suggest(face, known))
            elif model in start.compared and face not in start.compared[model]:
                known_pairs = suggest("", start.compared[model])
                self.wrong("--faces", f"the study compares {face} with no other face", known_pairs)
        asked = tuple(face for name, face in start.asked if name == model)
        return self.request.faces or asked or tuple(known)[:FEW]

    def methods(self, start: Plan) -> dict[str, Method]:
        wanted = self.request.methods
        if not wanted and start.methods:
            return dict(start.methods)
        chosen = {}
        known = [*(entry.name for entry in catalog.explainers()), *start.methods]
        for name in wanted or catalog.names("saliency"):
            if name in start.methods:
                chosen[name] = start.methods[name]
            elif catalog.is_import_path(name):
                chosen[name] = Method(name)
                self.own(name, "--methods", start.folder)
            else:
                chosen[name] = Method(name)
                if name not in known:
                    fix = suggest(name, known, "`whyface list saliency` shows all.")
                    self.wrong("--methods", f"unknown method '{name}'", fix)
        return chosen

    def settings(self, methods: dict[str, Method]) -> None:
        """Put each ``METHOD.PARAMETER=VALUE`` into its method."""
        for text in self.request.settings:
            where = f"--set {text}"
            place, equals, value = text.partition("=")
            name, dot, parameter = place.rpartition(".")
            if not (equals and dot):
                self.wrong(where, "is not METHOD.PARAMETER=VALUE", "such as occlusion.window=16")
            elif name not in methods:
                self.wrong(where, f"there is no method '{name}' here", suggest(name, methods))
            else:
                given = {**methods[name].parameters, parameter: _value(value)}
                methods[name] = replace(methods[name], parameters=given)
        entries = {entry.name: entry for entry in catalog.explainers()}
        for name, method in methods.items():
            if method.method in entries:
                for key, what, fix in mistakes(entries[method.method], method.parameters):
                    self.wrong(f"--set {name}.{key}", what, fix)

    def aim(self, start: Plan, model: str) -> Aim | None:
        if not self.request.target:
            return None
        aim = _aim(self.request.target)
        for key, what, fix in aim_mistakes(aim):
            self.wrong("--target" if key == "use" else f"--target {key}", what, fix)
        try:
            known = face_files(start.faces, start.folder)
            for key, face in aim.faces.items():
                if face not in known and not (face == COMPARED and model in start.compared):
                    self.wrong(f"--target {key}", f"unknown face '{face}'", suggest(face, known))
        except Problems:
            return aim  # told already, as a problem of the target's name or of the faces
        return aim


def _aim(text: str) -> Aim:
    """A target as the command line writes it.

    Example:
        >>> _aim("unit:layer=dense1,channel=3")
        Aim(use='unit', parameters={'layer': 'dense1', 'channel': 3})
        >>> _aim("mine:Target").use
        'mine:Target'
    """
    use, colon, rest = text.rpartition(":")
    if not colon or "=" not in rest:
        return Aim(text)
    pairs = (pair.partition("=") for pair in rest.split(","))
    return Aim(use, {key.strip(): _value(value) for key, _, value in pairs})


def _value(text: str) -> Any:
    """A value as a study file would read it."""
    try:
        return yaml_file.parse(text, "").data
    except Problems:
        return text


def retold(problem: Problem, study: bool) -> Problem:
    """A problem of the build, at the place where the command line said it.

    Example:
        >>> retold(Problem("study.yaml: stimuli.occlusion.window", "is too large"), False).where
        '--set occlusion.window'
    """
    stimuli = "study.yaml: stimuli."
    if study or not problem.where.startswith(stimuli):
        return problem
    family, _, rest = problem.where.removeprefix(stimuli).partition(".")
    if rest.startswith("target"):
        return replace(problem, where=f"--target{rest.removeprefix('target')}")
    return replace(problem, where=f"--set {family}.{rest}" if rest else f"--methods {family}")
