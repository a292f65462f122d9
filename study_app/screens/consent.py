"""Consent: the researcher's text, and two answers to it."""

from __future__ import annotations

import streamlit as st

from study_app.participation import session
from study_app.participation.arrival import arrival
from study_app.participation.session import State
from study_app.screens import language, page
from study_app.web.site import Site


def show(site: Site, state: State) -> None:
    """Nothing about a person is stored before they agree."""
    study = page.study_of(state)
    page.begin(study.study["title"])
    language.switch(site, state)
    page.markdown(study.consent, study.study["title"])
    with st.container(horizontal=True):
        agreed = st.button(study.words["consent_agree"], type="primary")
        declined = st.button(study.words["consent_decline"])
    if agreed or declined:
        came = arrival(study, page.address())
        token = session.give_consent(site.store, state.token, site.version, site.mode, agreed, came)
        if token != state.token:
            st.query_params["p"] = token
        st.rerun()
    page.end("consent", study)
