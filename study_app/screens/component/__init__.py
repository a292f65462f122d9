"""The browser components: one shows a trial and sends its answer, one greets each new page.

Scripts and styles are plain files without a build step. An answer control (what the participant
does with the pictures) is one file in `controls/`, found by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from study_app.wording import wording

_FOLDER = Path(__file__).parent
_KEY = "trial"


def trial(data: dict[str, Any], on_answer: Callable[[Any], None]) -> None:
    """Show a trial and pass on each answer that arrives, exactly as the browser sent it.

    With a ``participant`` in the data, answers go to the route `study_app.web.answers`, and come
    here only if no request gets there; a script run follows when another page comes next. The
    browser sends an answer again until it is shown another trial, so ``on_answer`` may be
    called more than once for one trial, and for a trial other than the one shown here.

    Arguments:
        data: what the head of trial.js describes.
        on_answer: takes whatever was sent. The browser is not trusted: it can be anything.
    """

    def callback() -> None:
        sent = (st.session_state.get(_KEY) or {}).get("answer")
        st.session_state["heard"] = sent
        on_answer(sent)

    shown = _trial()(key=_KEY, data=data, on_answer_change=callback, on_onward_change=lambda: None)
    sent = shown.answer
    # A session that begins with this answer (the server was restarted meanwhile) runs no callback.
    if sent is not None and sent != st.session_state.get("heard"):
        st.session_state["heard"] = sent
        on_answer(sent)
        st.rerun()


def arrive(page: str, language: str, problems: int = 0, preload: Sequence[str] = ()) -> None:
    """Begin a new page at its top with its heading in focus; bring new complaints into sight.

    Arguments:
        page: the page's name.
        language: what the page is written in.
        problems: how often the participant's input on this page was found incomplete.
        preload: pictures of the next page, by their hashes.
    """
    data = {"page": page, "problems": problems, "preload": list(preload)}
    direction = wording(language).direction
    _arrive()(key="arrive", data={**data, "language": language, "direction": direction})


def languages(current: str, choices: Sequence[str], label: str) -> str | None:
    """The languages of a study, each by its own name, to choose another one.

    Arguments:
        current: the one that the page is written in.
        choices: all of them.
        label: what they are, for whoever hears the page.

    Returns: the language that was chosen just now.
    """
    named = [
        {"code": code, "name": wording(code).name, "direction": wording(code).direction}
        for code in choices
    ]
    data = {"current": current, "choices": named, "label": label}
    chosen = _languages()(key="languages", data=data, on_language_change=lambda: None).language
    return chosen if chosen in choices else None


@cache
def _trial() -> Any:
    names = ["dom.js", "clock.js", "post.js", "outbox.js", "shortcuts.js", "controls.js"]
    names += sorted(f"controls/{path.name}" for path in (_FOLDER / "controls").glob("*.js"))
    script = "\n".join(_text(name) for name in [*names, "trial.js"])
    return st.components.v2.component("trial", css=_text("trial.css"), js=script)


@cache
def _arrive() -> Any:
    return st.components.v2.component("arrive", js=_text("dom.js") + _text("arrive.js"))


@cache
def _languages() -> Any:
    script = _text("dom.js") + _text("languages.js")
    return st.components.v2.component("languages", css=_text("languages.css"), js=script)


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
