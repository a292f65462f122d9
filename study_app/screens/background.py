"""Questions about the participant, all on one page, none answered in advance."""

from __future__ import annotations

import streamlit as st

from study_app.participation import session
from study_app.participation.session import State
from study_app.screens import page
from study_app.web.site import Site


def show(site: Site, state: State) -> None:
    """Native radio buttons in a form; what is missing is said beside its question."""
    study = page.study_of(state)
    page.begin(study.study["title"])
    page.heading(study.words["background_title"])
    answers, slots = {}, {}
    with st.form("background", border=False):
        for question in study.background:
            slots[question["id"]] = st.empty()
            answers[question["id"]] = st.radio(
                question["ask"],
                list(question["choices"]),
                index=None,  # a chosen one would be an answer that nobody gave
                format_func=question["choices"].__getitem__,
                key=f"background-{question['id']}",
            )
        sent = st.form_submit_button(study.words["continue"], type="primary")
    tries = 0
    if sent:
        problems = session.save_background(site.store, state.token, answers)
        if not problems:
            st.rerun()
        for name, text in problems.items():
            slots[name].error(text)
        tries = st.session_state["tries"] = st.session_state.get("tries", 0) + 1
    page.end("background", study, tries)
