"""What the pages show: read from the database, analysed once for each state that it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from analysis import frames
from analysis.errors import AnalysisError
from analysis.frames import Frames
from analysis.summary import Summary, summarise
from study_app.dashboard import board
from study_app.frozen import Frozen, frozen

# States of the data that are kept: some versions and modes, and what they were a moment ago.
_KEPT = 8
_CHANGING = ("active", "abandoned")  # counts that change with the clock, not with the data


@dataclass(frozen=True)
class Shown:
    """Which answers a visitor looks at, in the state that the database had.

    Arguments:
        version: SHA-256 of the frozen version.
        mode: live, pilot, test or simulated; never mixed.
        progress: `Store.progress` of them.
    """

    version: str
    mode: str
    progress: Mapping[str, Any] = field(compare=False, hash=False)

    @property
    def marker(self) -> str:
        """Changes whenever the data change: what is cached is cached under it."""
        return "-".join(str(n) for name, n in self.progress.items() if name not in _CHANGING)

    @property
    def frozen(self) -> Frozen:
        """The frozen version: study file, texts and items."""
        return frozen(board.current().store, self.version)

    @property
    def study(self) -> Mapping[str, Any]:
        """The study file."""
        return self.frozen.study

    @property
    def empty(self) -> bool:
        """Whether nobody has answered anything."""
        return not self.progress["answers"]


def look(version: str, mode: str) -> Shown:
    """The present state of a version's answers in one mode; a few quick queries."""
    progress = board.current().store.progress(version=version, mode=mode)
    return Shown(version, mode, progress)


def versions() -> list[dict[str, Any]]:
    """The versions of all studies in the database, newest first."""
    return sorted(
        board.current().store.versions(), key=lambda v: (v["created_at"], v["number"]), reverse=True
    )


def summary(shown: Shown) -> Summary:
    """All results of what is shown; computed once for each state of the data.

    Errors:
        AnalysisError: there are no answers, or the exclusions leave none.
    """
    if shown.empty:
        fix = "wait for participants, or look at another mode"
        raise AnalysisError(shown.mode, f"nobody has answered in mode {shown.mode} yet", fix)
    return _summary(shown.version, shown.mode, shown.marker)


@lru_cache(_KEPT)
def _summary(version: str, mode: str, marker: str) -> Summary:
    return summarise(_frames(version, mode, marker))


def everybody(shown: Shown) -> Frames:
    """The frames of what is shown, before exclusions; there must be at least one participant."""
    return _frames(shown.version, shown.mode, shown.marker)


@lru_cache(_KEPT)
def _frames(version: str, mode: str, marker: str) -> Frames:
    store = board.current().store
    study = str(frozen(store, version).study["id"])
    return frames.load(store, study, version, mode)
