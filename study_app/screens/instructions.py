"""Instructions: the researcher's text; the first question's pictures load while it is read."""

from __future__ import annotations

import streamlit as st

from study_app import session
from study_app.screens import page
from study_app.session import State
from study_app.web.site import Site


def show(site: Site, state: State) -> None:
    """The text, and one button that begins the questions."""
    study = page.study_of(state)
    page.begin(study.study["title"])
    page.markdown(study.instructions, study.words["instructions_title"])
    if st.button(study.words["begin"], type="primary"):
        session.finish_instructions(site.store, state.token)
        st.rerun()
    page.end("instructions", study, preload=state.preload)
