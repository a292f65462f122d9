"""Pages for when it does not go on: in kind words, with what to do and nothing technical."""

from __future__ import annotations

import logging

import streamlit as st

from study_app.screens import page

_RETRY_SECONDS = 5


def unknown_link() -> None:
    """The address holds no token that we gave out."""
    page.begin("Link not valid")
    page.heading("This link is not valid")
    st.markdown(
        "Perhaps a part of it was lost when it was copied. Please open the link from your "
        "invitation again, exactly as you received it.\n\n"
        "If you have already started, use the address with which you left the study."
    )
    page.end("unknown_link")


def database_away() -> None:
    """The database does not answer just now; the page tries again by itself."""
    page.begin("One moment please")
    page.heading("One moment please")
    st.markdown(
        "We cannot reach our records just now. **Nothing is lost**: all your answers so far are "
        "stored, and an answer that you have just given is kept in this browser and will be sent "
        "by itself.\n\n"
        "Please leave this page open. It tries again every few seconds."
    )
    _try_again()
    page.end("database_away")


@st.fragment(run_every=_RETRY_SECONDS)
def _try_again() -> None:
    # The first run belongs to the page itself; each later one is the clock's.
    if st.session_state.get("waited"):
        st.session_state["waited"] = False
        st.rerun()
    st.session_state["waited"] = True
    st.button("Try again now", type="primary")


def broken(error: Exception) -> bool:
    """A fault of ours, in kind words; the traceback goes to the console of ``whyface serve``.

    Returns: True: what went wrong has been said, Streamlit need not say it.
    """
    logging.getLogger(__name__).error("a page failed", exc_info=error)
    page.heading("Something went wrong on our side")
    st.markdown(
        "We are sorry. **Nothing is lost**: all your answers so far are stored. Please reload "
        "this page to go on where you were."
    )
    return True
