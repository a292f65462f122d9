"""Which page a participant sees: the database's answer to the token in the address, nothing else.

Streamlit's `session_state` holds nothing that matters, so a reload, a second tab, the back button
or a restarted server all lead to the page where the participant is.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from db.errors import StoreError
from study_app.frozen import frozen
from study_app.participation import session
from study_app.participation.arrival import arrival
from study_app.participation.session import Page, State
from study_app.screens import (
    background,
    consent,
    ends,
    instructions,
    language,
    page,
    problem,
    trial,
)
from study_app.web.site import Site, current

PAGES: dict[Page, Callable[[Site, State], None]] = {
    Page.CONSENT: consent.show,
    Page.BACKGROUND: background.show,
    Page.INSTRUCTIONS: instructions.show,
    Page.TRIAL: trial.show,
    Page.DEBRIEFING: ends.debriefing,
    Page.DECLINED: ends.declined,
    Page.WITHDRAWN: ends.withdrawn,
    Page.CLOSED: ends.closed,
    Page.PAUSED: ends.paused,
    Page.INCOMPLETE: ends.incomplete,
    Page.ALREADY: ends.already,
    Page.FULL: ends.full,
    Page.SCREENED_OUT: ends.screened_out,
    Page.TIMED_OUT: ends.timed_out,
    Page.FAILED_CHECKS: ends.failed_checks,
}


def show() -> None:
    """Show the page of the token in the address."""
    site = current()
    try:
        address = page.address()
        token, wishes = address.get("p"), language.wishes()
        came = arrival(frozen(site.store, site.version), address)
        state = session.state(site.store, token, site.version, site.mode, came, wishes)
        if state is None:
            problem.unknown_link()
        else:
            if state.token != token:  # a panel sent somebody again who has begun before
                st.query_params["p"] = state.token
            language.keep(site, state)
            PAGES[state.page](site, state)
            if state.page != Page.CONSENT:  # where it stands above the text
                language.switch(site, state)
    except StoreError:
        problem.database_away()
