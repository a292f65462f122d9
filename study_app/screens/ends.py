"""Where a participant's way ends: thanked, not willing, withdrawn, or too late."""

from __future__ import annotations

import streamlit as st

from study_app.screens import page
from study_app.session import State
from study_app.web.site import Site


def debriefing(site: Site, state: State) -> None:
    """Thanks, the two codes, and what the study was about."""
    study = page.study_of(state)
    page.begin(study.study["title"])
    page.heading("You have finished")
    st.markdown("All your answers are stored. You can close this page now.")
    st.header("Your completion code", anchor=False)
    st.markdown("If you were asked for a code that shows that you took part, it is this one:")
    st.code(state.completion_code, language=None)
    st.header("Your withdrawal code", anchor=False)
    st.markdown(
        "Nobody knows which answers are yours. With this code, and only with it, they can be "
        "found and deleted later. Keep it if you might want that:"
    )
    st.code(state.withdrawal_code, language=None)
    st.divider()
    st.markdown(page.lower_headings(study.debriefing))
    page.end("debriefing", study.study.get("contact"))


def declined(site: Site, state: State) -> None:
    """Somebody did not agree; nothing was stored about them."""
    study = page.study_of(state)
    page.begin(study.study["title"])
    page.heading("Thank you for reading")
    st.markdown(
        "You decided not to take part. Nothing about you was stored, and you can close this page."
        "\n\nIf this was a mistake, open the link from your invitation again."
    )
    page.end("declined", study.study.get("contact"))


def withdrawn(site: Site, state: State) -> None:
    """Everything that this participant gave has been deleted."""
    study = page.study_of(state)
    page.begin(study.study["title"])
    page.heading("Your answers are deleted")
    st.markdown("None of the answers that you gave in this study is stored any more.")
    page.end("withdrawn", study.study.get("contact"))


def closed(site: Site, state: State) -> None:
    """The study takes nobody any more."""
    study = page.study_of(state)
    page.begin(study.study["title"])
    page.heading("This study is closed")
    st.markdown("Thank you for your interest. We have all the answers that we need.")
    page.end("closed", study.study.get("contact"))
