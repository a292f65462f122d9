"""Groups that the visitor chooses: any background question, or two of them crossed."""

from __future__ import annotations

import streamlit as st

from analysis.data import segments
from analysis.prose import wording
from analysis.summaries import glance
from analysis.summaries.summary import depends
from study_app.dashboard import data, figures, tables
from study_app.dashboard.data import Shown

_NONE = "—"


def show(shown: Shown) -> None:
    """Two boxes to choose groups with, and the main results by the chosen ones."""
    known = segments.columns(shown.study)
    names = [name for name in glance.choices(shown.study) if len(known[name][1]) > 1]
    if not names:
        return
    st.header("Groups of your choice")
    st.write("Explored, not planned: whoever looks at many groups finds differences by chance. "
             "Take what you see here as a question for the next study.")  # fmt: skip
    left, right = st.columns(2)
    first = left.selectbox("Groups by", [_NONE, *names], format_func=_words, key="groups")
    others = [name for name in names if name != first]
    second = right.selectbox("crossed with", [_NONE, *others], format_func=_words, key="crossed")
    if first == _NONE:
        return
    _results(shown, first if second == _NONE else f"{first}{segments.CROSS}{second}")


def _results(shown: Shown, within: str) -> None:
    found = data.glance(shown, within)
    labels = found.frames.labels(within)
    shares = found.result("selection_share", within)
    interaction = found.result("interaction", within)
    st.subheader(f"By {_words(within)}")
    if shares is None or shares.problem:
        st.warning(f"This could not be computed: {shares.problem if shares else 'no answers'}.")
        return
    st.markdown("\n".join(f"- {sentence}" for sentence in found.leads(within)))
    figures.figure(shown, f"preference_{within}")
    figures.figure(shown, f"differences_{within}")
    if interaction and interaction.estimates:
        st.write(depends(interaction))
    people = found.frames.participants[within]
    if silent := int(people.isna().sum()):
        st.caption(f"{wording.people(silent)} gave no answer and count for everybody only.")
    with st.expander("The numbers"):
        tables.estimates(shares, labels)
        if interaction and interaction.estimates:
            tables.estimates(interaction, labels)


def _words(name: str) -> str:
    return name.replace(segments.CROSS, " × ").replace("_", " ")
