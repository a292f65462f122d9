"""Pausing a study, closing it, and taking participants again."""

from __future__ import annotations

import streamlit as st

from db.records import Mode, Status
from study_app.dashboard import board
from study_app.dashboard.data import Shown

_WORDS = {
    Status.DRAFT: "This version is a draft: it takes no live participants.",
    Status.FROZEN: "This version has not been opened: `whyface serve` in the mode live does it.",
    Status.LIVE: "This version takes participants.",
    Status.CLOSED: "This version is closed: newcomers read so, and whoever has begun may finish.",
}


def control(shown: Shown) -> None:
    """Whether live participants are taken, and the button that changes it."""
    if shown.mode != Mode.LIVE:
        return
    store = board.current().store
    status = store.status(shown.version)
    with st.expander("Pause or close the study"):
        st.write(_WORDS[status])
        if status == Status.LIVE:
            st.write("Closing it is also how to pause: it can be opened again at any time.")
            wanted, words = Status.CLOSED, "Take no more participants"
        elif status == Status.CLOSED:
            wanted, words = Status.LIVE, "Take participants again"
        else:
            return
        if st.button(words):
            store.set_status(shown.version, wanted)
            st.rerun()
