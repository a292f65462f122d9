"""Where a participant's way ends: thanked, not let in, not willing, withdrawn, or too late."""

from __future__ import annotations

import streamlit as st

from study_app.frozen import Frozen
from study_app.participation import way_back
from study_app.participation.arrival import arrival
from study_app.participation.session import State
from study_app.participation.way_back import WayBack
from study_app.screens import page
from study_app.web.site import Site


def debriefing(site: Site, state: State) -> None:
    """Thanks, the two codes, and what the study was about."""
    study, back = page.study_of(state), _back(site, state)
    words = study.words
    page.begin(study.study["title"])
    page.heading(words["finished_title"])
    st.markdown(words["finished_text"])
    if back.failed:
        st.markdown(words["failed_checks_text"])
    if back.code is not None:
        st.header(words["completion_title"], anchor=False)
        st.markdown(words["completion_text"])
        st.code(back.code, language=None)
    _link(study, back)
    _withdrawal(study, state)
    st.divider()
    st.markdown(page.lower_headings(study.debriefing))
    page.end("debriefing", study)


def declined(site: Site, state: State) -> None:
    """Somebody did not agree; nothing was stored about them."""
    _over("declined", site, state)


def withdrawn(site: Site, state: State) -> None:
    """Everything that this participant gave has been deleted."""
    _said("withdrawn", state)


def closed(site: Site, state: State) -> None:
    """The study takes nobody any more."""
    _said("closed", state)


def paused(site: Site, state: State) -> None:
    """The researchers take nobody just now."""
    _said("paused", state)


def incomplete(site: Site, state: State) -> None:
    """The panel's id is not in the address."""
    _said("incomplete", state)


def already(site: Site, state: State) -> None:
    """This person takes part already, or has."""
    _said("already", state)


def full(site: Site, state: State) -> None:
    """As many as are wanted take part."""
    _over("full", site, state)


def screened_out(site: Site, state: State) -> None:
    """The study is for other people."""
    _over("screened_out", site, state)


def timed_out(site: Site, state: State) -> None:
    """It took longer than the study allows."""
    _over("timed_out", site, state)


def failed_checks(site: Site, state: State) -> None:
    """The practice or the question about the instructions was not passed."""
    _over("not_passed", site, state)


def _over(name: str, site: Site, state: State) -> None:
    """A page of fixed words with the way back to the panel; who gave something may withdraw it."""
    study, back = page.study_of(state), _back(site, state)
    page.begin(study.study["title"])
    page.heading(study.words[f"{name}_title"])
    st.markdown(study.words[f"{name}_text"])
    if back.code is not None:
        st.header(study.words["code_title"], anchor=False)
        st.markdown(study.words["code_text"])
        st.code(back.code, language=None)
    _link(study, back)
    if state.withdrawal_code is not None:
        _withdrawal(study, state)
    page.end(name, study)


def _back(site: Site, state: State) -> WayBack:
    came = arrival(page.study_of(state), page.address())
    return way_back.way_back(site.store, state, came)


def _link(study: Frozen, back: WayBack) -> None:
    if back.url is not None:
        st.markdown(study.words["code_back_text"])
        st.link_button(study.words["code_back"], back.url, type="primary")


def _withdrawal(study: Frozen, state: State) -> None:
    st.header(study.words["withdrawal_title"], anchor=False)
    st.markdown(study.words["withdrawal_text"])
    st.code(state.withdrawal_code, language=None)


def _said(name: str, state: State) -> None:
    """A page of fixed words: ``<name>_title`` and ``<name>_text``."""
    study = page.study_of(state)
    page.begin(study.study["title"])
    page.heading(study.words[f"{name}_title"])
    st.markdown(study.words[f"{name}_text"])
    page.end(name, study)
