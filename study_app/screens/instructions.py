"""Instructions: the researcher's text; the first question's pictures load while it is read."""

from __future__ import annotations

import streamlit as st

from study_app.participation import session
from study_app.participation.session import State
from study_app.screens import page
from study_app.web.site import Site


def show(site: Site, state: State) -> None:
    """The text, a question about it if the study asks one, and the button that begins."""
    study = page.study_of(state)
    page.begin(study.study["title"])
    page.markdown(study.instructions, study.words["instructions_title"])
    check = study.instruction_check
    tries = 0
    with st.form("instructions", border=False):
        slot = st.empty()
        choice = None
        if check is not None:
            choice = st.radio(
                check["ask"],
                list(check["choices"]),
                index=None,
                format_func=check["choices"].__getitem__,
                key="instructions-check",
            )
        sent = st.form_submit_button(study.words["begin"], type="primary")
    if sent:
        problem = session.finish_instructions(site.store, state.token, choice)
        if not problem:
            st.rerun()
        slot.error(problem)
        tries = st.session_state["tries"] = st.session_state.get("tries", 0) + 1
    page.end("instructions", study, tries, preload=state.preload)
