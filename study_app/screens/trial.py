"""The first trial of a visit; the browser component brings and shows those after it by itself.

It sends answers to `study_app.web.answers`. Where no request gets there, they come as the values of
the component, and each runs this page again.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from db.errors import StoreError
from study_app.participation import session
from study_app.participation.session import State, TrialView
from study_app.participation.trial_data import trial_data
from study_app.screens import component, page
from study_app.web.site import Site


def show(site: Site, state: State) -> None:
    """Show the current trial; store whatever answer arrives, for this trial or one before it."""
    study, trial = page.study_of(state), state.trial
    if trial is None:
        raise RuntimeError("a trial page without a trial")
    page.begin(study.study["title"], wide=True)
    if state.feedback is None:
        _note_shown(site, state.token, trial)

    def on_answer(sent: Any) -> None:
        if not isinstance(sent, dict):
            return
        try:
            if sent.get("onward") is True:
                session.go_on(site.store, state.token, sent.get("trial"))
                return
            outcome = session.answer(site.store, state.token, sent.get("trial"), sent)
        except StoreError:
            return  # this run's page says so, and the browser sends the answer again
        if outcome.kind == "refused":
            refused = {"attempt": sent.get("attempt"), "text": outcome.reason}
            st.session_state["refused"] = refused

    refused = st.session_state.pop("refused", None)
    component.trial({**trial_data(state), "refused": refused}, on_answer)
    page.contact(study)


def _note_shown(site: Site, token: str, trial: TrialView) -> None:
    if st.session_state.get("showing") == trial.token:
        return
    st.session_state["showing"] = trial.token
    if trial.shown:  # a reload or another tab: its response time begins anew
        session.log_event(site.store, token, "shown_again", {"position": trial.position})
    else:
        session.mark_shown(site.store, token, trial.token)
