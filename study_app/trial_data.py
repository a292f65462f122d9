"""What the browser's component is given to show a trial, whichever way it reaches the browser."""

from __future__ import annotations

from typing import Any

from study_app.session import State, TrialView


def trial_data(state: State) -> dict[str, Any]:
    """The current trial as the head of trial.js describes it.

    Arguments:
        state: of a participant on the page ``trial``.

    Errors: ValueError on another page.
    """
    if state.trial is None:
        raise ValueError(f"there is no trial on the page {state.page}")
    label, done, of = progress(state.trial)
    return {
        **state.trial.view,
        "participant": state.token,
        "token": state.trial.token,
        "label": label,
        "done": done,
        "of": of,
        "preload": list(state.preload),
    }


def progress(trial: TrialView) -> tuple[str, int, int]:
    """Where this trial stands: its label, how many questions are done, and of how many.

    Practice does not count; attention checks do, so that nobody can tell them apart.
    """
    of = trial.total - trial.practice
    if trial.position <= trial.practice:
        return "Practice question", 0, of
    done = trial.position - trial.practice - 1
    return f"Question {done + 1} of {of}", done, of
