"""One trial: drawn, timed and sent by the browser component; stored exactly once by the session."""

from __future__ import annotations

from typing import Any

import streamlit as st

from db.errors import StoreError
from study_app import session
from study_app.screens import component, page
from study_app.session import State, TrialView
from study_app.web.site import Site


def show(site: Site, state: State) -> None:
    """Show the current trial; store whatever answer arrives, for this trial or one before it."""
    study, trial = page.study_of(state), state.trial
    if trial is None:
        raise RuntimeError("a trial page without a trial")
    page.begin(study.study["title"], wide=True)
    _note_shown(site, state.token, trial)

    def on_answer(sent: Any) -> None:
        if not isinstance(sent, dict):
            return
        try:
            outcome = session.answer(site.store, state.token, sent.get("trial"), sent)
        except StoreError:
            return  # this run's page says so, and the browser sends the answer again
        if outcome.kind == "refused":
            refused = {"attempt": sent.get("attempt"), "text": outcome.reason}
            st.session_state["refused"] = refused

    label, done, of = progress(trial)
    refused = st.session_state.pop("refused", None)
    data = {
        **trial.view,
        "token": trial.token,
        "label": label,
        "done": done,
        "of": of,
        "preload": list(state.preload),
        "refused": refused,
    }
    component.trial(data, on_answer)
    page.contact(study.study.get("contact"))


def progress(trial: TrialView) -> tuple[str, int, int]:
    """Where this trial stands: its label, how many questions are done, and of how many.

    Practice does not count; attention checks do, so that nobody can tell them apart.
    """
    of = trial.total - trial.practice
    if trial.position <= trial.practice:
        return "Practice question", 0, of
    done = trial.position - trial.practice - 1
    return f"Question {done + 1} of {of}", done, of


def _note_shown(site: Site, token: str, trial: TrialView) -> None:
    if st.session_state.get("showing") == trial.token:
        return
    st.session_state["showing"] = trial.token
    if trial.shown:  # a reload or another tab: its response time begins anew
        session.log_event(site.store, token, "shown_again", {"position": trial.position})
    else:
        session.mark_shown(site.store, token, trial.token)
