"""What the browser's component is given to show a trial, whichever way it reaches the browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from study_app.frozen import Frozen
from study_app.participation.feedback import Feedback
from study_app.participation.session import State, TrialView
from study_app.wording import DEFAULT, wording


def trial_data(state: State) -> dict[str, Any]:
    """The current trial as the head of trial.js describes it.

    Arguments:
        state: of a participant on the page ``trial``.

    Errors: ValueError on another page.
    """
    if state.trial is None or state.study is None:
        raise ValueError(f"there is no trial on the page {state.page}")
    label, done, of = progress(state.trial, state.study.words)
    return {
        **state.trial.view,
        "participant": state.token,
        "token": state.trial.token,
        "label": label,
        "done": done,
        "of": of,
        "preload": list(state.preload),
        "feedback": told(state.feedback),
        **language_data(state.study, state.trial.view),
    }


def told(feedback: Feedback | None) -> dict[str, Any] | None:
    """What the component shows after an answer in practice; None before."""
    if feedback is None:
        return None
    return {
        "right": feedback.right,
        "text": feedback.text,
        "positions": list(feedback.positions),
        "answer": feedback.answer,
    }


def language_data(study: Frozen, view: Mapping[str, Any]) -> dict[str, Any]:
    """The language of a trial, and the fixed words that the component and its control say."""
    said = ("continue", "separator", "trial_", f"{view['control']['type']}_")
    return {
        "language": study.language,
        "direction": wording(study.language).direction,
        "words": {key: text for key, text in study.words.items() if key.startswith(said)},
    }


def progress(
    trial: TrialView, words: Mapping[str, str] = wording(DEFAULT).words
) -> tuple[str, int, int]:
    """Where this trial stands: its label, how many questions are done, and of how many.

    Practice does not count; attention checks do, so that nobody can tell them apart.
    """
    of = trial.total - trial.practice
    if trial.position <= trial.practice:
        again = words["trial_practice_again"].format(number=trial.attempt)
        return (again if trial.attempt > 1 else words["trial_practice"]), 0, of
    done = trial.position - trial.practice - 1
    return words["trial_question"].format(number=done + 1, total=of), done, of
