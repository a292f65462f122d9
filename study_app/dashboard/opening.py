"""Pausing a study, closing it, and taking participants again."""

from __future__ import annotations

from typing import NamedTuple

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
_PAUSED = (
    "This version pauses since {since}: newcomers are asked to come back later, and whoever has "
    "begun may finish."
)


class _Step(NamedTuple):
    words: str
    paused: bool = False
    status: Status = Status.LIVE


_PAUSE = _Step("Pause", paused=True)
_CLOSE = _Step("Take no more participants", status=Status.CLOSED)
_OPEN = _Step("Take participants again")


def control(shown: Shown) -> None:
    """Whether live participants are taken, and the buttons that change it."""
    if shown.mode != Mode.LIVE:
        return
    store = board.current().store
    status, since = store.status(shown.version), store.paused_at(shown.version)
    if since is not None:
        st.warning(_PAUSED.format(since=f"{since.astimezone():%d %b %H:%M}"))
    with st.expander("Pause or close the study"):
        st.write(_WORDS[status] if since is None else "It pauses.")
        if status == Status.CLOSED or since is not None:
            steps = [_OPEN] if status == Status.CLOSED else [_OPEN, _CLOSE]
        elif status == Status.LIVE:
            st.write("A pause asks newcomers to come back later; a closed study thanks them. Both "
                     "can be taken back, and whoever has begun may finish.")  # fmt: skip
            steps = [_PAUSE, _CLOSE]
        else:
            return
        with st.container(horizontal=True):
            pressed = [step for step in steps if st.button(step.words)]
        for step in pressed:
            store.set_status(shown.version, step.status)
            if step.status == Status.LIVE:
                store.pause(shown.version, step.paused)
            st.rerun()
