"""How the study is going: who came, who finished, where people left; refreshes by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from db.records import Mode, Stage
from study_app.dashboard import board, data, opening, places, progress_charts, tables, ways
from study_app.dashboard.data import Shown
from study_app.dashboard.places import Places
from study_app.dashboard.tables import Fact
from study_app.dashboard.ways import Ways

TITLE = "Progress"
PLACE = 1
_EVERY = 10  # seconds
_MOST_ROWS = 25


def show(shown: Shown) -> None:
    """The page; its inner part runs again every ten seconds."""
    st.fragment(partial(_live, shown.version, shown.mode), run_every=_EVERY)()
    opening.control(shown)


def _live(version: str, mode: str) -> None:
    shown = data.look(version, mode)
    if not shown.progress["joined"]:
        st.info(_nobody(shown))
        return
    store, kind = board.current().store, Mode(mode)
    going = store.under_way(version=version, mode=kind).dicts()
    found = ways.ways(shown, frozenset(row["number"] for row in going))
    _headline(shown, found)
    if (all_of_them := places.everybody(shown)) is not None:
        _places(all_of_them)
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Over time")
        moments = store.moments(version=version, mode=kind)
        st.altair_chart(progress_charts.over_time(moments), width="stretch")
    with right:
        st.header("How far people came")
        st.altair_chart(progress_charts.steps(found.reached()), width="stretch")
        st.write(where_left(found))
    _ended(found)
    for groups in places.kinds(shown):
        _places(groups)
    _under_way(shown, going)
    now = datetime.now().astimezone()
    st.caption(f"As of {now:%H:%M:%S}; refreshes every {_EVERY} seconds.")


def _nobody(shown: Shown) -> str:
    others = [
        f"{joined} in {mode}"
        for mode in ("live", "simulated", "pilot", "test")
        if mode != shown.mode and (joined := data.look(shown.version, mode).progress["joined"])
    ]
    text = f"Nobody has taken part in mode {shown.mode} yet."
    return f"{text} There are answers in another mode: {', '.join(others)}." if others else text


def _headline(shown: Shown, found: Ways) -> None:
    counts = shown.progress
    share = counts["completed"] / counts["joined"]
    tables.facts(
        [
            Fact("Consented", f"{counts['joined']:,}", "and got their questions"),
            Fact("Completed", f"{counts['completed']:,} ({share:.0%})", "answered all of them"),
            Fact("Under way", f"{counts['active']:,}", "seen within the last hour"),
            Fact("Left", f"{counts['abandoned']:,}", "not seen for an hour"),
            Fact("Median time", found.duration(), "on the questions, pauses taken off"),
            Fact("Last answer", ago(counts["last_answer_at"]), f"of {counts['answers']:,} answers"),
        ]
    )
    if counts["withdrawn"]:
        st.caption(f"{counts['withdrawn']} withdrew, or their time was over: their answers are "
                   "deleted, and they count nowhere below.")  # fmt: skip


def _places(found: Places) -> None:
    st.header(found.title)
    notes = [found.about] if found.about else []
    if found.wanted:
        notes.append("The mark is how many shall complete, in all versions of the study")
    if notes:
        st.caption(". ".join(notes) + ".")
    tables.bars(found)


def _ended(found: Ways) -> None:
    ended = found.ended()
    st.header("Where it ended, and how")
    before = ended[ended["end"] != ways.COMPLETED]
    if before.empty:
        st.write("Everybody has finished.")
        return
    st.altair_chart(progress_charts.ends(before, found.pages), width="stretch")
    with st.expander("The numbers"):
        table = ended.pivot(index="page", columns="end", values="people").fillna(0).astype(int)
        pages = [page for page in found.pages if page in table.index]
        table = table.loc[pages, [end for end in ways.ENDS if end in table.columns]]
        table.index.name, table.columns.name = "Page", None
        table.columns = [end.capitalize() for end in table.columns]
        st.table(table)


def _under_way(shown: Shown, going: list[dict[str, Any]]) -> None:
    st.header("Under way")
    if not going:
        st.write("Nobody was seen within the last hour.")
        return
    several = {"arm": shown.study.get("arms"), "language": shown.study.get("languages")}
    rows = [
        {
            "Number": row["number"],
            **{name.capitalize(): row[name] or "—" for name, there in several.items() if there},
            "Step": step(row["state"], row["answered"], row["trials"]),
            "There": ago(row["since"]),
            "Agreed": ago(row["consented_at"]),
        }
        for row in going[:_MOST_ROWS]
    ]
    st.table(pd.DataFrame(rows).set_index("Number"))
    if len(going) > _MOST_ROWS:
        st.caption(f"The {_MOST_ROWS} seen last, of {len(going):,}.")


def step(state: str, answered: int, trials: int) -> str:
    """Where somebody is, in words.

    Example:
        >>> step("trials", 3, 9), step("background", 0, 9)
        ('question 4 of 9', 'about you')
    """
    if state == Stage.TRIALS:
        return f"question {answered + 1} of {trials}"
    return {Stage.BACKGROUND: "about you", Stage.INSTRUCTIONS: "instructions"}[Stage(state)]


def ago(moment: datetime | None) -> str:
    """How long ago something was, roughly.

    Example:
        >>> ago(None)
        'none yet'
    """
    if moment is None:
        return "none yet"
    seconds = (datetime.now(UTC) - moment).total_seconds()
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit} ago"
    return "just now"


def where_left(found: Ways) -> str:
    """How many left, and on which page most of them did, in a sentence."""
    left = {page: found.counts.get((page, ways.LEFT), 0) for page in found.pages}
    gone = sum(left.values())
    if not gone:
        return "Nobody has left so far."
    worst = max(left, key=lambda page: left[page])
    who = "1 person has" if gone == 1 else f"{gone:,} people have"
    return f"{who} left. Most stopped at: {worst.lower()} ({left[worst]:,})."
