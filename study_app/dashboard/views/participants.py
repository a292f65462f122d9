"""Who took part: the background questions of those whose answers count (Fig. 17)."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.prose import wording
from study_app.dashboard import data, figures
from study_app.dashboard.data import Shown

TITLE = "Participants"
PLACE = 2


def show(shown: Shown) -> None:
    """The page."""
    found = data.summary(shown)
    count = len(found.frames.participants)
    if not found.demographics:
        st.info("This study asks nothing about its participants.")
        return
    st.write(f"{wording.people(count).capitalize()} finished and passed the declared rules.")
    if count == 1:
        st.write("One person: the shares say nothing about others.")
    st.header("Background")
    figures.figure(shown, "demographics")
    with st.expander("The numbers"):
        for question in found.demographics:
            st.subheader(question.title)
            rows = [
                {
                    "Choice": question.labels[e.item],
                    "People": f"{e.answers} of {e.participants}",
                    "Share": wording.percent(e.value),
                    "Interval": wording.ends(e) or "none",
                }
                for e in question.estimates
            ]
            st.table(pd.DataFrame(rows).set_index("Choice"))
