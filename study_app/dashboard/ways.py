"""How far people came and how it ended for them, page by page; from sums, at any size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

import pandas as pd

from db.records import Ending, Mode, Stage
from study_app.dashboard import board
from study_app.dashboard.data import Shown

COMPLETED, FAILED, UNDER_WAY, LEFT = "completed", "completed, checks failed", "under way", "left"
DECLINED = "did not agree"
_WORDS = {
    "screened_out": "screened out",
    "full": "their group was full",
    "timed_out": "time over",
    "failed_checks": "did not pass practice or checks",
}
_ENDING = {ending: _WORDS.get(ending, ending.replace("_", " ")) for ending in Ending}
ENDS = (COMPLETED, FAILED, UNDER_WAY, LEFT, DECLINED, *_ENDING.values())
"""How it stands for somebody, in the order in which it is shown."""
CONSENT, ABOUT, INSTRUCTIONS, END = "Consent", "About you", "Instructions", "End"


@dataclass(frozen=True)
class Ways:
    """What became of everybody.

    Arguments:
        pages: those of the study, in its order; the last is its end.
        counts: (page, one of `ENDS`) → how many people are, or were last, on this page.
        times: milliseconds that those who finished spent on the questions, pauses taken off.
    """

    pages: tuple[str, ...]
    counts: Mapping[tuple[str, str], int]
    times: tuple[float, ...] = ()

    def reached(self) -> pd.DataFrame:
        """How many came to the end of each page that they could go through as they liked.

        Returns: ``step`` (in words) and ``people``. Left out are who withdrew, for whom the study
        was not, and whose group was full.
        """
        aside = {_ENDING[Ending.SCREENED_OUT], _ENDING[Ending.FULL], DECLINED}
        stood = Counter[str]()
        for (page, end), people in self.counts.items():
            if end not in aside:
                stood[page] += people
        left, rows = sum(stood.values()), []
        for page in self.pages[:-1]:
            left -= stood[page]
            rows.append((_passed(page), left))
        return pd.DataFrame(rows, columns=["step", "people"])

    def ended(self) -> pd.DataFrame:
        """``page``, ``end`` and ``people``: where and how it ended, or stands now; none empty."""
        rows = [
            (page, end, self.counts[page, end])
            for page in self.pages
            for end in ENDS
            if self.counts.get((page, end))
        ]
        return pd.DataFrame(rows, columns=["page", "end", "people"])

    def total(self, end: str) -> int:
        """How many people it ended so for, on whichever page."""
        return sum(people for (_, how), people in self.counts.items() if how == end)

    def duration(self) -> str:
        """The median time on the questions, as ``4 min 10 s``."""
        if not self.times:
            return "—"
        seconds = round(median(self.times) / 1000)
        return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"


def ways(shown: Shown, active: frozenset[int]) -> Ways:
    """What became of everybody.

    Arguments:
        active: the numbers of those seen within the last hour, see `Store.under_way`.
    """
    return _ways(shown, shown.marker, active)


@lru_cache(8)
def _ways(shown: Shown, marker: str, active: frozenset[int]) -> Ways:
    store = board.current().store
    here = {"version": shown.version, "mode": Mode(shown.mode)}
    about = bool(shown.study.get("background"))
    wanted = (shown.study.get("quality") or {}).get("attention", 0)
    counts = Counter[tuple[str, str]]()
    times = []
    for number, state, ended, answered, rt_ms, checks, passed in store.ways(**here).rows:
        if state == Stage.WITHDRAWN:
            continue
        if state == Stage.COMPLETED:
            end = FAILED if passed < min(wanted, checks) else COMPLETED
            if rt_ms is not None:
                times.append(rt_ms)
        elif ended is not None:
            end = _ENDING[Ending(ended)]
        else:
            end = UNDER_WAY if number in active else LEFT
        counts[_page(state, ended, answered, about), end] += 1
    if shown.progress["declined"]:
        counts[CONSENT, DECLINED] = shown.progress["declined"]
    questions = [f"Question {n}" for n in range(1, store.most_trials(**here) + 1)]
    begin = [CONSENT, ABOUT] if about else [CONSENT]
    return Ways((*begin, INSTRUCTIONS, *questions, END), counts, tuple(times))


def _page(state: str, ended: str | None, answered: int, about: bool) -> str:
    if state == Stage.COMPLETED:
        return END
    # Whoever is turned away for what they said has handed in the page on which they said it.
    turned_away = about and ended in (Ending.SCREENED_OUT, Ending.FULL)
    if state == Stage.BACKGROUND or turned_away:
        return ABOUT if about else INSTRUCTIONS
    return INSTRUCTIONS if state == Stage.INSTRUCTIONS else f"Question {answered + 1}"


def _passed(page: str) -> str:
    if page == CONSENT:
        return page
    return {ABOUT: "Background answered", INSTRUCTIONS: "Instructions read"}.get(
        page, f"{page} answered"
    )
