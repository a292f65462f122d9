"""What surrounds every page: the sign-in's check, the sidebar, the banner, kind errors."""

from __future__ import annotations

from functools import partial
from html import escape
from pathlib import Path
from types import ModuleType
from typing import Any

import streamlit as st

from analysis.errors import AnalysisError
from analysis.reports import report
from db.errors import StoreError
from db.records import Mode
from study_app.dashboard import board, data, sign_in_cookie, views
from study_app.dashboard.sign_in_cookie import Cookies

_MODES = {
    Mode.LIVE: "Live",
    Mode.SIMULATED: "Simulated",
    Mode.PILOT: "Pilot",
    Mode.TEST: "Test",
}
_STYLE = (Path(__file__).with_name("style.css")).read_text(encoding="utf-8")


def show() -> None:
    """Draw the dashboard for this visitor; runs again at each of their clicks."""
    st.set_page_config(page_title="Study dashboard", layout="wide")
    shown = board.current()
    # The gate has checked the cookie when the page was opened; the page may be open for days.
    if not Cookies(shown.hashed).valid(st.context.cookies.get(sign_in_cookie.NAME)):
        st.warning("Your sign-in has ended.")
        st.html('<p><a href="/sign-in">Sign in again</a></p>')
        st.stop()
    st.html(f"<style>{_STYLE}</style>")
    try:
        found = data.versions()
    except StoreError as error:
        _sorry(error)
        st.stop()
    if not found:
        st.title("No study yet")
        st.write("The database holds no frozen study. `whyface freeze` or `whyface serve` puts "
                 "one in; then reload this page.")  # fmt: skip
        st.stop()
    _navigate(found)


def _navigate(found: list[dict[str, Any]]) -> None:
    pages = views.load()
    with st.sidebar:
        version, mode = _choose(found)
    st.navigation(
        [
            st.Page(
                partial(_page, module, version, mode),
                title=module.TITLE,
                url_path=name,
                default=n == 0,
            )
            for n, (name, module) in enumerate(pages)
        ]
    ).run()


def _choose(found: list[dict[str, Any]]) -> tuple[dict[str, Any], str]:
    chosen = found[0]
    if len(found) > 1:
        several = len({entry["study"] for entry in found}) > 1
        chosen = st.selectbox(
            "Version of the study",
            found,
            index=_first_with_people(found),
            format_func=lambda v: (
                (f"{v['study']}, " if several else "") + f"version {v['number']} ({v['status']})"
            ),
        )
    modes = [str(mode) for mode in _MODES]
    mode = st.radio(
        "Answers",
        modes,
        index=modes.index(board.current().mode),
        format_func=lambda name: _MODES[Mode(name)],
        key="mode",
        help="Live answers are the study. The others are shown apart and never mixed with them.",
    )
    st.html('<p class="whyface-plain"><a href="/sign-out">Sign out</a></p>')
    return chosen, mode


def _first_with_people(found: list[dict[str, Any]]) -> int:
    mode = board.current().mode
    return next(
        (n for n, v in enumerate(found) if data.look(v["hash"], mode).progress["joined"]), 0
    )


def _page(module: ModuleType, version: dict[str, Any], mode: str) -> None:
    try:
        shown = data.look(version["hash"], mode)
        st.title(module.TITLE)
        st.caption(f"{shown.study['title']} · {version['study']}, version {version['number']}, "
                   f"{version['status']} · {_MODES[Mode(mode)].lower()} answers")  # fmt: skip
        if report.banner(mode):
            banner(report.banner(mode))
        module.show(shown)
    except AnalysisError as error:
        # Too few answers for this page is no fault: say so, and what to wait for.
        st.info(f"There is nothing to show here: {error.what}.")
        if error.fix:
            st.write(f"What to do: {error.fix}.")
    except StoreError as error:
        _sorry(error)


def banner(text: str) -> None:
    """A line across the page that nobody overlooks."""
    st.html(f'<div class="whyface-banner" role="note">{escape(text)}</div>')


def _sorry(error: StoreError) -> None:
    st.error(f"The database cannot be read now. {error.where}: {error.what}.")
    if error.fix:
        st.write(f"What to do: {error.fix}.")
    st.caption("The answers are not touched. Reload the page to try again.")
