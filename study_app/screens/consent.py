"""Consent: the researcher's text, and two answers to it."""

from __future__ import annotations

import streamlit as st

from study_app import session
from study_app.screens import page
from study_app.session import State
from study_app.web.site import Site


def show(site: Site, state: State) -> None:
    """Nothing about a person is stored before they agree."""
    study = page.study_of(state)
    page.begin(study.study["title"])
    page.markdown(study.consent, study.study["title"])
    with st.container(horizontal=True):
        agreed = st.button("I agree and want to take part", type="primary")
        declined = st.button("I do not want to take part")
    if agreed or declined:
        token = session.give_consent(site.store, state.token, site.version, site.mode, agreed)
        if token != state.token:
            st.query_params["p"] = token
        st.rerun()
    page.end("consent", study.study.get("contact"))
