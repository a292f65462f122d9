"""What a cluster's worker must have so that it gives what a local build gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explainers.building.fingerprint import file_sha256
from explainers.building.options import Device
from explainers.building.plan import Plan
from explainers.catalog import HOME
from explainers.device import choose
from explainers.faces.face_names import RENDERED, face_files
from explainers.problems import Problem, Problems

GPU = "GPU"
"""The resource of a worker that has a graphics card: ``dask worker ... --resources GPU=1``."""
_OURS = "whyface:"
_NOT_THERE = ""


@dataclass(frozen=True)
class Needs:
    """What each worker must have.

    Arguments:
        device: what the networks shall compute on.
        versions: of Python and of the packages that decide about the values, by name.
        files: SHA-256 of every file that a job may read, by its path.
    """

    device: Device
    versions: Mapping[str, str]
    files: Mapping[str, str]

    @classmethod
    def of(cls, plan: Plan, device: Device) -> Needs:
        """What the jobs of a plan need, as this machine has it."""
        return cls(device, _versions()(), {_name(path): file_sha256(path) for path in _read(plan)})

    def of_use(self, client: Any) -> dict[str, bool]:
        """The workers that are there and may get jobs, and whether they compute on their card."""
        # `client.scheduler_info` may tell what was asked for in the background meanwhile.
        workers = client.sync(client.scheduler.identity, n_workers=-1)["workers"]
        cards = {
            address: self.device != "cpu" and bool(worker["resources"].get(GPU))
            for address, worker in workers.items()
            if worker["status"] == "running"
        }
        return {a: card for a, card in cards.items() if card or self.device != "cuda"}

    def unfit(self, client: Any, workers: list[str]) -> dict[str, list[Problem]]:
        """What is wrong with each of the workers; those that have all they need are not named."""
        there = client.run(_versions(), workers=workers, on_error="return")
        problems = {worker: list(self._other_versions(worker, there[worker])) for worker in there}
        able = [worker for worker, found in problems.items() if not found]
        cards = self.of_use(client)
        for card in (False, True):
            asked = [worker for worker in able if cards.get(worker, False) == card]
            device = "cuda" if card else "cpu"
            if asked:
                answers = client.run(
                    missing, dict(self.files), device, workers=asked, on_error="return"
                )
                for worker, answer in answers.items():
                    problems[worker] += _told(worker, answer)
        return {worker: found for worker, found in problems.items() if found}

    def _other_versions(self, worker: str, there: Any) -> Iterator[Problem]:
        if isinstance(there, BaseException):
            yield _no_answer(worker, there)
            return
        for name, version in self.versions.items():
            if there[name] != version:
                has = f"has {name} {there[name]}" if there[name] else f"has no {name}"
                yield Problem(
                    f"worker {worker}",
                    f"{has}, this machine {version}",
                    "install the same versions of Python, torch, distributed and whyface there",
                )


def scheduler_problems(client: Any, where: str) -> list[Problem]:
    """What keeps this machine and the scheduler from understanding each other."""
    versions = client.get_versions(check=False)
    here, there = versions["client"]["packages"], versions["scheduler"]["packages"]
    unlike = [
        (name, there[name], here[name])
        for name in ("python", "distributed")
        if _short(name, there[name]) != _short(name, here[name])
    ]
    fix = "start the scheduler with the same version"
    return [
        Problem(where, f"the scheduler has {name} {its}, this machine {ours}", fix)
        for name, its, ours in unlike
    ]


def missing(files: Mapping[str, str], device: Device) -> list[tuple[str, bool]] | Problems:
    """Run by a worker: the files that it does not see (False) or sees otherwise (True).

    Problems when it shall use a graphics card and cannot.
    """
    try:
        choose(device, offered=device == "cuda", where="")
    except Problems as error:
        return error
    seen = {name: _sha256(_path(name)) for name in files}
    return [(name, bool(seen[name])) for name in files if seen[name] != files[name]]


def _told(worker: str, answer: Any) -> Iterator[Problem]:
    where = f"worker {worker}"
    if isinstance(answer, Problems):
        yield from (Problem(where, p.what, p.fix) for p in answer.problems)
    elif isinstance(answer, BaseException):
        yield _no_answer(worker, answer)
    else:
        for otherwise, words in ((False, "does not see"), (True, "sees other contents of")):
            files = [str(_path(name)) for name, differs in answer if differs == otherwise]
            if files:
                more = f" and {len(files) - 3} more" if len(files) > 3 else ""
                what = f"{words} {', '.join(files[:3])}{more}"
                fix = "put the study on a file system that all machines have at the same path"
                if any(name.startswith(_OURS) for name, _ in answer):
                    fix = "install the same whyface there"
                yield Problem(where, what, fix)


def _no_answer(worker: str, error: BaseException) -> Problem:
    what = f"cannot be asked: {type(error).__name__}: {error}"
    return Problem(f"worker {worker}", what, "restart it")


def _versions() -> Callable[[], dict[str, str]]:
    """A function that tells versions, and that travels whole: whyface may be missing there."""

    def told() -> dict[str, str]:
        import platform
        from importlib import metadata

        def version(name: str) -> str:
            try:
                # torch 2.6.0+cu124 and 2.6.0+cpu are one version.
                return metadata.version(name).partition("+")[0]
            except metadata.PackageNotFoundError:
                return ""

        python = ".".join(platform.python_version_tuple()[:2])
        packages = ("torch", "distributed", "whyface")
        return {"Python": python, **{name: version(name) for name in packages}}

    return told


def _short(name: str, version: str) -> str:
    return ".".join(version.split(".")[:2]) if name == "python" else version


def _read(plan: Plan) -> Iterable[Path]:
    """The files that a job may read: ours, the user's code, the faces and the weights."""
    yield from (p for p in HOME.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    yield from sorted(plan.folder.glob("*.py"))
    for package in sorted(path.parent for path in plan.folder.glob("*/__init__.py")):
        yield from sorted(package.rglob("*.py"))
    if plan.computes and plan.faces != RENDERED:
        yield from face_files(plan.faces, plan.folder).values()
    weights = (spec.get("weights") for spec in plan.models.values())
    yield from (path for w in weights if w and (path := plan.folder / str(w)).is_file())


def _name(path: Path) -> str:
    """A file by its path; one of ours by its place in whyface, which may lie elsewhere there."""
    return f"{_OURS}{path.relative_to(HOME).as_posix()}" if HOME in path.parents else str(path)


def _path(name: str) -> Path:
    return HOME / name.removeprefix(_OURS) if name.startswith(_OURS) else Path(name)


def _sha256(path: Path) -> str:
    try:
        return file_sha256(path)
    except OSError:
        return _NOT_THERE
