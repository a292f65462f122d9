"""Which explanations help, for everybody, by group and by network (Fig. 18), in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from analysis.plan import Result
from analysis.prose import readings, wording
from analysis.published import Literature
from analysis.summaries.summary import Summary
from study_app.dashboard import data, figures, groups, tables
from study_app.dashboard.data import Shown

TITLE = "Results"
PLACE = 3
_EVERY = 2  # seconds, while results are being computed


def show(shown: Shown) -> None:
    """The page."""
    found = data.summary_if_ready(shown)
    if found is None:
        _at_first(shown)
        return
    st.header("In short")
    st.markdown(_list(found.findings))
    _basis(found)
    if found.preferences:
        for name in found.groupings:
            _preference(shown, found, name)
        groups.show(shown)
    else:
        st.write("This study asks about concepts: see the page “Concepts and words”.")
    if "patterns" in figures.charts(shown):
        st.header("Ticked together")
        figures.figure(shown, "patterns")
    _alike(shown, found)
    if "models" in figures.charts(shown):
        st.header("By network")
        st.write("Does it depend on the network that is explained? Take it as a hint if it was "
                 "not planned.")  # fmt: skip
        figures.figure(shown, "models")
    for entry in found.published:
        if entry.comparisons:
            _published(entry, found)
    st.header("Every result")
    _results(found, "Planned in the study file", found.planned)
    _results(found, "Explored", found.exploratory)


def _basis(found: Summary) -> None:
    people = found.frames.main["participant"].nunique()
    st.caption(
        f"After exclusions: {wording.people(people)}, {found.frames.questions:,} questions "
        "answered. A person counts once, however many questions they answered. Intervals speak "
        "about people like these and the questions of this study."
    )


def _at_first(shown: Shown) -> None:
    """What the database sums up, while the single answers of a large study are analysed."""
    name = next(iter(shown.study.get("segments") or {}), None)
    found = data.glance(shown, name)
    _basis(found)
    _preference(shown, found, name)
    groups.show(shown)
    st.fragment(partial(_wait, shown), run_every=_EVERY)()


def _wait(shown: Shown) -> None:
    if data.summary_if_ready(shown) is None:
        st.info("The other results of this large study are being computed; they will appear here.")
    else:
        st.rerun()


def _preference(shown: Shown, found: Summary, name: str | None) -> None:
    words = "" if name is None else f"_{name}"
    title = "Everybody" if name is None else f"Everybody, and by {name.replace('_', ' ')}"
    shares = found.result("selection_share", name)
    pairs = found.result("paired_difference", name)
    st.header(title)
    if shares is None or pairs is None or shares.problem or pairs.problem:
        problem = next((r.problem for r in (shares, pairs) if r and r.problem), "not analysed")
        st.warning(f"This could not be computed: {problem}.")
        return
    labels = found.frames.labels(name)
    segments = dict.fromkeys(e.segment for e in shares.estimates)
    st.markdown(_list([wording.lead(shares.of(one), pairs.of(one), labels) for one in segments]))
    figures.figure(shown, f"preference{words}")
    figures.figure(shown, f"bars{words}")
    figures.figure(shown, f"ratings{words}")
    st.subheader("The same people, two explanations")
    figures.figure(shown, f"differences{words}")


def _alike(shown: Shown, found: Summary) -> None:
    drawn = [name for name in figures.charts(shown) if name.startswith("standardised_")]
    if not drawn:
        return
    st.header("Groups that are alike otherwise")
    st.write("Groups may differ because one of them is younger, say. Here each group is given the "
             "make-up of everybody; if a difference turns round, it is named.")  # fmt: skip
    for result in found.of("standardised_share"):
        name = f"standardised_{result.within}_{result.options['over']}"
        if name in drawn:
            st.markdown(_list(readings.reading(found.frames, result)))
            figures.figure(shown, name)


def _published(entry: Literature, found: Summary) -> None:
    st.header("Beside the literature")
    st.caption(entry.source)
    labels = found.frames.labels()
    rows = []
    for comparison in entry.comparisons:
        differences = "; ".join(
            " − ".join(labels.get(name, name) for name in wording.pair(e))
            + f": {wording.value(e)} ({wording.range_of(e) or 'no interval'})"
            for e in comparison.estimates
        )
        rows.append(
            {
                "Published": comparison.claim.text,
                "These answers": f"{comparison.verdict.value}"
                + (f" ({comparison.reason})" if comparison.reason else ""),
                "People": comparison.participants,
                "Differences in points": differences,
            }
        )
    st.table(pd.DataFrame(rows).set_index("Published"))


def _results(found: Summary, title: str, results: Sequence[Result]) -> None:
    st.subheader(title)
    if not results:
        st.write("Nothing.")
    for result in results:
        with st.expander(
            result.question if not result.planned else f"{result.id}: {result.question}"
        ):
            st.markdown(_list(readings.reading(found.frames, result)))
            if result.estimates:
                tables.estimates(result, found.frames.labels(result.within))


def _list(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)
