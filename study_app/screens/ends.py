"""Where a participant's way ends: thanked, not willing, withdrawn, or too late."""

from __future__ import annotations

import streamlit as st

from study_app.screens import page
from study_app.session import State
from study_app.web.site import Site


def debriefing(site: Site, state: State) -> None:
    """Thanks, the two codes, and what the study was about."""
    study = page.study_of(state)
    words = study.words
    page.begin(study.study["title"])
    page.heading(words["finished_title"])
    st.markdown(words["finished_text"])
    st.header(words["completion_title"], anchor=False)
    st.markdown(words["completion_text"])
    st.code(state.completion_code, language=None)
    st.header(words["withdrawal_title"], anchor=False)
    st.markdown(words["withdrawal_text"])
    st.code(state.withdrawal_code, language=None)
    st.divider()
    st.markdown(page.lower_headings(study.debriefing))
    page.end("debriefing", study)


def declined(site: Site, state: State) -> None:
    """Somebody did not agree; nothing was stored about them."""
    _said("declined", state)


def withdrawn(site: Site, state: State) -> None:
    """Everything that this participant gave has been deleted."""
    _said("withdrawn", state)


def closed(site: Site, state: State) -> None:
    """The study takes nobody any more."""
    _said("closed", state)


def _said(name: str, state: State) -> None:
    """A page of fixed words: ``<name>_title`` and ``<name>_text``."""
    study = page.study_of(state)
    page.begin(study.study["title"])
    page.heading(study.words[f"{name}_title"])
    st.markdown(study.words[f"{name}_text"])
    page.end(name, study)
