"""Whether this machine and this study are fit to run: one finding for each thing looked at."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from db.errors import StoreError
from db.store import Store
from explainers import catalog
from explainers.problems import Problems

_ROOM = 2**30  # bytes: a study's pictures, their cached values and its answers
_PORTS = (8501, 8502)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Arguments:
        name: what.
        detail: how it is.
        fix: what to do about it; empty if all is well.
    """

    name: str
    detail: str
    fix: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing has to be done."""
        return not self.fix


def examine(folder: Path, url: str | None = None) -> Iterator[Finding]:
    """Look at the machine, then at the study in ``folder`` if there is one."""
    yield python()
    yield packages()
    yield weights()
    yield room(folder)
    for port in _PORTS:
        yield free_port(port)
    if (folder / "study.yaml").exists():
        yield from study(folder, url)


def python() -> Finding:
    """Python itself."""
    detail = f"{platform.python_version()} at {sys.executable}"
    fix = "" if sys.version_info >= (3, 11) else "install Python 3.11 or newer"
    return Finding("Python", detail, fix)


def packages() -> Finding:
    """The packages that whyface needs, in versions that it knows."""
    from packaging.requirements import Requirement

    wrong, count = [], 0
    for line in requires("whyface") or []:
        needed = Requirement(line)
        if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
            continue
        count += 1
        try:
            found = version(needed.name)
        except PackageNotFoundError:
            wrong.append(f"{needed} is missing")
            continue
        if not needed.specifier.contains(found, prereleases=True):
            wrong.append(f"{needed} is needed, {found} is here")
    if wrong:
        return Finding("Packages", "; ".join(wrong), "pip install --upgrade whyface")
    return Finding("Packages", f"{count} there, whyface {version('whyface')}")


def weights(folder: Path = catalog.HOME / "models" / "weights") -> Finding:
    """The shipped networks' files: whole, as their own headers say."""
    files = sorted(folder.glob("*.safetensors"))
    broken = [path.name for path in files if not _whole(path)]
    if broken or not files:
        detail = f"damaged: {', '.join(broken)}" if broken else f"none in {folder}"
        return Finding("Networks", detail, "install whyface again")
    return Finding("Networks", ", ".join(path.stem for path in files))


def _whole(path: Path) -> bool:
    # safetensors: eight bytes of length, a JSON header, then the tensors that it lays out.
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        size = path.stat().st_size
        if not 0 < length < size:
            return False
        try:
            header = json.loads(file.read(length))
            last = max(t["data_offsets"][1] for k, t in header.items() if k != "__metadata__")
        except (ValueError, KeyError, TypeError):
            return False
    return bool(8 + length + last == size)


def room(folder: Path) -> Finding:
    """Space on the disk that holds the study."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    fix = "" if free >= _ROOM else "make room: a study needs about 1 GB"
    return Finding("Disk", f"{free / 2**30:.1f} GB free", fix)


def free_port(port: int) -> Finding:
    """A port that serves by default; one of our own servers on it is well too."""
    from study_app.children import healthy
    from study_app.web.ports import first_free, is_free

    name = f"Port {port}"
    if is_free("127.0.0.1", port):
        return Finding(name, "free")
    if healthy(port):
        return Finding(name, "serves already and is healthy")
    other = first_free("127.0.0.1", port + 1)
    return Finding(name, "is used by another program", f"use --port {other}, which is free")


def study(folder: Path, url: str | None) -> Iterator[Finding]:
    """The study file, its pictures, its database and which of its versions is stored there."""
    from study_app.study_file.load import load_study

    where = folder / "study.yaml"
    found = _problems("Study", lambda: f"{load_study(folder).id}: no problems in {where}")
    yield found
    if not found.ok:
        return
    found = _problems("Pictures", lambda: _pictures(folder))
    yield found
    if found.ok:
        yield Finding("Texts", _texts(folder))
    yield Finding("Recruitment", _recruitment(folder))
    if url is None and not (folder / "whyface.db").exists():
        yield Finding("Database", "is made by the first `whyface serve`")
        return
    try:
        with Store(url or folder / "whyface.db", create=False) as store:
            store.heartbeat()
            yield Finding("Database", f"{store.where} takes writes")
            if found.ok:
                yield _version(store, folder)
    except StoreError as error:
        yield Finding("Database", f"{error.where}: {error.what}", error.fix or "see above")


def _pictures(folder: Path) -> str:
    from study_app.frozen import Frozen
    from study_app.publishing.freeze import frozen_text
    from study_app.web.health import shown

    names = shown(Frozen.parse(*frozen_text(folder)))
    stimuli = folder / "stimuli"
    lacking = [name for name in sorted(names) if not (stimuli / f"{name}.png").is_file()]
    changed = [
        name
        for name in sorted(names - set(lacking))
        if hashlib.sha256((stimuli / f"{name}.png").read_bytes()).hexdigest() != name
    ]
    if lacking or changed:
        first = (lacking + changed)[0]
        what = (
            f"{len(lacking)} of {len(names)} missing, {len(changed)} changed, such as {first}.png"
        )
        raise Problems.one(str(stimuli), what, "run `whyface build` again")
    return f"all {len(names)} are there and unchanged"


def _texts(folder: Path) -> str:
    """Notes to the researcher are no fault while a study is tried out."""
    from study_app.frozen import Frozen
    from study_app.publishing.freeze import frozen_text
    from study_app.publishing.placeholders import unfilled

    notes = [problem.where for problem in unfilled(Frozen.parse(*frozen_text(folder)))]
    if not notes:
        return "no note to you is left in what participants read"
    return f"to be filled in before live participants come: {', '.join(notes)}"


def _recruitment(folder: Path) -> str:
    """An ending without a code is no fault: its page sends nobody back."""
    from study_app import conditions
    from study_app.study_file.load import load_study

    return "; ".join(conditions.who(load_study(folder)))


def _version(store: Store, folder: Path) -> Finding:
    from study_app.publishing.freeze import frozen_text

    current, _ = frozen_text(folder)
    stored = {row["hash"]: row for row in store.versions()}
    if current in stored:
        row = stored[current]
        paused = ", pauses: `whyface pause --resume`" if store.paused_at(current) else ""
        state = f"{row['number']} ({row['status']}{paused})"
        return Finding("Version", f"{state} is this study as it stands")
    if not stored:
        return Finding("Version", "none frozen yet; `whyface serve` does it")
    return Finding(
        "Version", f"the study was changed after version {len(stored)}; serving freezes a new one"
    )


def _problems(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, look())
    except Problems as error:
        first, more = error.problems[0], len(error.problems) - 1
        rest = f" (and {more} more)" if more else ""
        fix = first.fix or "`whyface check` tells more"
        return Finding(name, f"{first.where}: {first.what}{rest}", fix)
