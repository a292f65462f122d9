"""How the study is going: who came, who finished, where people left; refreshes by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pandas as pd
import streamlit as st

from analysis import dropout, segments
from analysis.frames import Frames
from db.records import Ending
from study_app.dashboard import data, opening, progress_charts, tables
from study_app.dashboard.data import Shown
from study_app.dashboard.tables import Fact

TITLE = "Progress"
PLACE = 1
_EVERY = 10  # seconds


def show(shown: Shown) -> None:
    """The page; its inner part runs again every ten seconds."""
    st.fragment(partial(_live, shown.version, shown.mode), run_every=_EVERY)()
    opening.control(shown)


def _live(version: str, mode: str) -> None:
    shown = data.look(version, mode)
    counts = shown.progress
    if not counts["joined"]:
        st.info(_nobody(shown))
        return
    frames = data.everybody(shown)
    people = frames.participants
    _headline(shown, frames)
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Over time")
        st.altair_chart(progress_charts.over_time(people), width="stretch")
    with right:
        st.header("How far people came")
        steps = reached(people, shown)
        st.altair_chart(progress_charts.steps(steps), width="stretch")
        st.write(where_left(steps, counts["abandoned"]))
    for name in shown.study.get("segments") or {}:
        _groups(shown, people, name)
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


def _headline(shown: Shown, frames: Frames) -> None:
    counts = shown.progress
    share = counts["completed"] / counts["joined"]
    tables.facts(
        [
            Fact("Consented", f"{counts['joined']:,}", "and got their questions"),
            Fact("Completed", f"{counts['completed']:,} ({share:.0%})", "answered all of them"),
            Fact("Under way", f"{counts['active']:,}", "seen within the last hour"),
            Fact("Left", f"{counts['abandoned']:,}", "not seen for an hour"),
            Fact("Median time", duration(frames), "on the questions, pauses taken off"),
            Fact("Last answer", ago(counts["last_answer_at"]), f"of {counts['answers']:,} answers"),
        ]
    )
    if counts["withdrawn"] or counts["declined"]:
        st.caption(f"{counts['declined']} declined consent; {counts['withdrawn']} withdrew, or "
                   "their time was over: their answers are deleted.")  # fmt: skip
    if any(counts[ending] for ending in Ending):
        st.caption(f"For {counts['screened_out']} the study was not meant, {counts['full']} came "
                   f"when their group was full, {counts['timed_out']} took too long.")  # fmt: skip


def _groups(shown: Shown, people: pd.DataFrame, name: str) -> None:
    title, labels = segments.columns(shown.study)[name]
    st.header(f"By {name.replace('_', ' ')}")
    st.caption(title)
    rows = [
        {
            "Group": label,
            "Consented": int((people[name] == group).sum()),
            "Completed": int(((people[name] == group) & (people["state"] == "completed")).sum()),
        }
        for group, label in labels.items()
    ]
    if unknown := int((people[name].isna() & (people["state"] != "withdrawn")).sum()):
        done = int((people[name].isna() & (people["state"] == "completed")).sum())
        rows.append({"Group": "did not say (yet)", "Consented": unknown, "Completed": done})
    st.table(pd.DataFrame(rows).set_index("Group"))


def duration(frames: Frames) -> str:
    """The median time that those who finished spent on the questions, as ``4 min 10 s``."""
    done = frames.participants.loc[frames.participants["state"] == "completed", "participant"]
    trials = frames.responses.drop_duplicates("trial")
    trials = trials[trials["participant"].isin(done)]
    times = trials.groupby("participant", observed=True)["rt_ms"].sum(min_count=1).dropna()
    if times.empty:
        return "—"
    median = round(float(times.median()) / 1000)
    return f"{median // 60} min {median % 60} s" if median >= 60 else f"{median} s"


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


def reached(people: pd.DataFrame, shown: Shown) -> pd.DataFrame:
    """How many people came to each step of the study, in its order.

    Returns:
        columns ``step`` (in words), ``people``; left out is who withdrew, was screened out, or came
        when their group was full.
    """
    there = dropout.staying(people)
    state = there["state"]
    rows = [("Consent", len(there))]
    if shown.study.get("background"):
        rows.append(("Background answered", int((state != "background").sum())))
    rows.append(("Instructions read", int((~state.isin(["background", "instructions"])).sum())))
    for n in range(1, int(there["trials"].max() if len(there) else 0) + 1):
        rows.append((f"Question {n} answered", int((there["answered"] >= n).sum())))
    return pd.DataFrame(rows, columns=["step", "people"])


def where_left(steps: pd.DataFrame, abandoned: int) -> str:
    """The step after which most people stopped, in a sentence."""
    if not abandoned:
        return "Nobody has left so far."
    lost = steps["people"].shift(1) - steps["people"]
    worst = int(lost.fillna(0).argmax())
    before = str(steps["step"].iloc[worst - 1]).lower()
    who = "1 person has" if abandoned == 1 else f"{abandoned} people have"
    return f"{who} left. Most stopped after: {before} ({int(lost.iloc[worst])})."
