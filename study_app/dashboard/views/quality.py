"""How good the answers are: exclusions with their counts, results before and after, times."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analysis.data import exclusions
from analysis.data.exclusions import Exclusion
from analysis.data.frames import Frames
from analysis.data.segments import ALL
from analysis.estimate import Estimate
from analysis.prose import wording
from analysis.summaries.summary import Summary
from study_app.dashboard import data, figures, tables
from study_app.dashboard.data import Shown
from study_app.dashboard.tables import Fact

TITLE = "Quality"
PLACE = 4


def show(shown: Shown) -> None:
    """The page; it tells also why no answers count."""
    if shown.empty:
        st.info("Nobody has answered yet: there is nothing to check.")
        return
    before = data.everybody(shown)
    rules = exclusions.find(before)
    _counts(before, rules)
    st.header("Rules")
    st.write("Written in the study file before the answers came, applied to everybody alike. One "
             "person may fall under several rules.")  # fmt: skip
    rows = [
        {
            "Rule": rule.description[:1].upper() + rule.description[1:],
            "Participants": len(rule.participants),
            "Single answers": len(rule.trials),
        }
        for rule in rules
    ]
    st.table(pd.DataFrame(rows).set_index("Rule"))
    if not exclusions.apply(before, rules).main.empty:
        st.header("How far people came")
        figures.figure(shown, "dropout")
    st.header("Before and after")
    if exclusions.apply(before, rules).main.empty:
        st.warning("The rules leave no answers.")
    else:
        _before_and_after(shown, data.summary(shown))
    _times(before)
    if not exclusions.apply(before, rules).main.empty:
        figures.section(shown, "times")


def _counts(before: Frames, rules: Sequence[Exclusion]) -> None:
    everybody, out = len(before.participants), exclusions.left_out(rules)
    checks = before.responses[before.responses["role"] == "attention"]
    passed = exclusions.passed_checks(checks)
    facts = [
        Fact("Participants", f"{everybody:,}", "who gave consent"),
        Fact("Left out", f"{out:,} ({out / everybody:.0%})", "by at least one rule"),
        Fact("Count", f"{everybody - out:,}", "the results rest on them"),
    ]
    if len(passed):
        value = f"{int((passed > 0).sum())} of {len(passed)}"
        facts.append(Fact("Passed a check", value, "of those who came to one"))
    tables.facts(facts)


def _before_and_after(shown: Shown, found: Summary) -> None:
    after = found.result("selection_share", next(iter(found.frames.segments), None))
    if after is None or after.problem or found.unfiltered.problem:
        st.warning("The shares could not be computed.")
        return
    st.write("If the rules turn a result, it rests on them: look twice.")
    kept = {e.item: e for e in after.of(ALL)}
    labels = found.before.labels()
    rows = [
        {
            "Explanation": labels.get(e.item, e.item),
            "Before": _share(e),
            "After": _share(kept[e.item]),
        }
        for e in found.unfiltered.of(ALL)
        if e.item in kept
    ]
    figures.figure(shown, "before_after")
    frame = pd.DataFrame(rows, columns=["Explanation", "Before", "After"])
    st.table(frame.set_index("Explanation"))


def _share(e: Estimate) -> str:
    return f"{wording.percent(e.value)} ({wording.ends(e) or 'no interval'}), n = {e.participants}"


def _times(before: Frames) -> None:
    st.header("Response times")
    trials = before.main.drop_duplicates("trial")
    times = trials["rt_ms"].dropna() / 1000
    if times.empty:
        st.write("No response times were measured.")
        return
    low, middle, high = times.quantile([0.05, 0.5, 0.95])
    st.write(
        f"Half of the questions were answered within {middle:.1f} s; the middle 90 % took "
        f"{low:.1f} to {high:.1f} s (time with the page hidden is taken off)."
    )
    hidden = int((trials["hidden_ms"].fillna(0) > 0).sum())
    st.write(f"In {hidden:,} of {len(trials):,} answers the page was hidden in between.")
