"""What the pages show: read from the database, analysed once for each state that it has.

A large study is looked at twice: at once by what the database sums up (`glance`), and as a whole
beside the page (`summary_if_ready`), which nobody waits for.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from analysis.data import collapsed, frames
from analysis.data.frames import Frames
from analysis.errors import AnalysisError
from analysis.summaries.glance import Glance
from analysis.summaries.glance import glance as glance_at
from analysis.summaries.summary import Summary, summarise
from study_app.dashboard import board
from study_app.frozen import Frozen, frozen

# States of the data that are kept: some versions and modes, and what they were a moment ago.
_KEPT = 8
LARGE = 20_000
"""Answers from which on the whole analysis takes longer than a visitor likes to wait."""
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
    store = board.current().store
    progress = store.progress(version=version, mode=mode)
    # Results depend on the corrections of words too: they are part of the state.
    corrected = len(store.word_corrections(str(frozen(store, version).study["id"])))
    return Shown(version, mode, {**progress, "corrections": corrected})


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
    _somebody(shown)
    return _summary(shown.version, shown.mode, shown.marker)


def summary_if_ready(shown: Shown) -> Summary | None:
    """`summary`, or None while that of a large study is being computed beside the page."""
    _somebody(shown)
    if shown.progress["answers"] < LARGE:
        return summary(shown)
    under_way = _beside(shown, shown.marker)
    return under_way.result() if under_way.done() else None


_pool = ThreadPoolExecutor(1, thread_name_prefix="analysis")


@lru_cache(_KEPT)
def _beside(shown: Shown, marker: str) -> Future[Summary]:
    return _pool.submit(_summary, shown.version, shown.mode, marker)


def glance(shown: Shown, within: str | None = None) -> Glance:
    """The main results by the groups of ``within``, from sums that the database makes.

    Arguments:
        shown: whose answers.
        within: see `analysis.summaries.glance.glance`; everybody if None.

    Errors:
        AnalysisError: there are no answers, or the exclusions leave none; no such groups.
    """
    _somebody(shown)
    return _glance(shown.version, shown.mode, shown.marker, within)


@lru_cache(4 * _KEPT)
def _glance(version: str, mode: str, marker: str, within: str | None) -> Glance:
    found = _collapsed(version, mode, marker)
    return glance_at(_summary(version, mode, marker) if found is None else found, within)


@lru_cache(_KEPT)
def _collapsed(version: str, mode: str, marker: str) -> collapsed.Collapsed | None:
    return collapsed.load(board.current().store, version, mode)


def _somebody(shown: Shown) -> None:
    if shown.empty:
        fix = "wait for participants, or look at another mode"
        raise AnalysisError(shown.mode, f"nobody has answered in mode {shown.mode} yet", fix)


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
