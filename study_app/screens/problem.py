"""Pages for when it does not go on: in kind words, with what to do and nothing technical."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import streamlit as st

from study_app import wording
from study_app.screens import component, language, page

_RETRY_SECONDS = 5


def unknown_link() -> None:
    """The address holds no token that we gave out."""
    words = _begin("link", "link_tab")
    st.markdown(words["link_text"])
    component.arrive("unknown_link", language.without_study())


def database_away() -> None:
    """The database does not answer just now; the page tries again by itself."""
    words = _begin("away", "away_title")
    st.markdown(words["away_text"])
    _try_again(words["away_again"])
    component.arrive("database_away", language.without_study())


@st.fragment(run_every=_RETRY_SECONDS)
def _try_again(label: str) -> None:
    # The first run belongs to the page itself; each later one is the clock's.
    if st.session_state.get("waited"):
        st.session_state["waited"] = False
        st.rerun()
    st.session_state["waited"] = True
    st.button(label, type="primary")


def broken(error: Exception) -> bool:
    """A fault of ours, in kind words; the traceback goes to the console of ``whyface serve``.

    Returns: True: what went wrong has been said, Streamlit need not say it.
    """
    logging.getLogger(__name__).error("a page failed", exc_info=error)
    known = wording.words(language.without_study())
    page.heading(known["broken_title"])
    st.markdown(known["broken_text"])
    return True


def _begin(name: str, tab: str) -> Mapping[str, str]:
    known = wording.words(language.without_study())
    page.begin(known[tab])
    page.heading(known[f"{name}_title"])
    return known
