"""In which language a participant reads: as they choose, else as their browser asks for."""

from __future__ import annotations

import streamlit as st

from study_app.languages import accepted, preferred
from study_app.participation import session
from study_app.participation.session import State
from study_app.screens import component
from study_app.web.site import Site
from study_app.wording import DEFAULT, languages


def wishes() -> list[str | None]:
    """The languages that the address and the browser name, the strongest wish first."""
    return [st.query_params.get("lang"), *accepted(st.context.headers.get("Accept-Language"))]


def without_study() -> str:
    """The language of a page that belongs to no study."""
    return preferred(wishes(), (DEFAULT, *languages()))


def keep(site: Site, state: State) -> None:
    """Whoever has joined goes on in the language in which they began, also on another device."""
    if state.study is None or len(state.study.languages) == 1:
        return
    if state.mode is not None and state.language is None:
        session.speak(site.store, state.token, state.study.language)
    if st.query_params.get("lang") != state.study.language:
        st.query_params["lang"] = state.study.language


def switch(site: Site, state: State) -> None:
    """The study's languages, to change to another one; nothing where there is only one."""
    study = state.study
    if study is None or len(study.languages) == 1:
        return
    chosen = component.languages(study.language, study.languages, study.words["language"])
    if chosen is not None and chosen != study.language:
        session.speak(site.store, state.token, chosen)
        st.query_params["lang"] = chosen
        st.rerun()
