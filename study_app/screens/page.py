"""What all pages share: the frame, the participants' Markdown, and the line of contact."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from study_app.frozen import Frozen
from study_app.participation.session import State
from study_app.screens import component

# Streamlit leaves room for a toolbar that these pages do not have; print wants text alone.
_STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding-top: 2.5rem; padding-bottom: 3rem; }
[data-testid="stMain"] h1 { font-size: clamp(1.5rem, 1.1rem + 1.5vw, 2rem); line-height: 1.25; }
[data-testid="stMain"] h2 { font-size: 1.35rem; line-height: 1.3; }
[data-testid="stHeaderActionElements"] { display: none; }
[data-testid="stSkipToContent"] { display: none; } /* nothing stands before the content */
[data-testid="stMain"] button { min-height: 44px; }
[data-testid="stMain"] button p { font-size: 1rem; }
.stRadio [data-testid="stWidgetLabel"] p { font-size: 1rem; font-weight: 600; }
.stRadio [role="radiogroup"] { gap: 0; }
.stRadio [role="radiogroup"] label { display: flex; min-height: 44px; align-items: center; }
.stRadio [role="radiogroup"] label p { font-size: 1rem; }
.stRadio label:has(input:focus-visible) { outline: 3px solid #1d2733; border-radius: 6px; }
[data-testid="stMain"] :is(a, button):focus-visible {
  outline: 3px solid #1d2733; outline-offset: 2px;
}
.stCode code { font-size: 1.15rem; letter-spacing: 0.04em; }
[dir="rtl"] [data-testid="stMain"] .stCode { direction: ltr; }
[dir="rtl"] [data-testid="stElementContainer"] { text-align: start; }
[dir="rtl"] [data-testid="stMain"] :is(h1, h2, h3, h4, li) { text-align: start; }
[dir="rtl"] [data-testid="stMain"] li { margin-inline: 1.15em 0; padding-inline: 0.3em 0; }
@media (max-width: 34rem) { [data-testid="stMainBlockContainer"] { padding-top: 1.5rem; } }
@media print { .stButton, .stFormSubmitButton { display: none; } }
</style>"""


def address() -> dict[str, str]:
    """The parameters of the address; one that comes twice with two values says nothing."""
    values = {name: st.query_params.get_all(name) for name in st.query_params}
    return {name: all_of[0] for name, all_of in values.items() if len(set(all_of)) == 1}


def begin(title: str, *, wide: bool = False) -> None:
    """The browser tab's title, the width, and the style; before anything else on a page."""
    st.set_page_config(page_title=title, layout="wide" if wide else "centered")
    st.html(_STYLE)


def end(name: str, study: Frozen, problems: int = 0, preload: Sequence[str] = ()) -> None:
    """The line of contact; then the page is complete and its heading gets the focus.

    Arguments:
        name: the page's name; a new name is a new page.
        study: the study in the participant's language.
        problems: how often the participant's input on this page was found incomplete.
        preload: pictures of the next page, by their hashes.
    """
    contact(study)
    component.arrive(name, study.language, problems, preload)


def contact(study: Frozen) -> None:
    """Whom to ask, at the foot of the page."""
    if whom := study.study.get("contact"):
        st.divider()
        # Text, not Markdown: an address is shown as it was written.
        st.text(study.words["contact"].format(contact=whom))


def study_of(state: State) -> Frozen:
    """The study of a page that has one."""
    if state.study is None:
        raise RuntimeError(f"the page {state.page} needs a study")
    return state.study


def heading(text: str) -> None:
    """The page's one main heading."""
    st.title(text, anchor=False)


def markdown(text: str, title: str) -> None:
    """A text of the study's folder; ``title`` heads it if it has no heading of its own."""
    if not text.lstrip().startswith("# "):
        heading(title)
    st.markdown(text)


def lower_headings(text: str) -> str:
    """The text with each heading one level lower, for a page that has a main heading.

    Example:
        >>> lower_headings("# Thanks\\nNo # here\\n## More")
        '## Thanks\\nNo # here\\n### More'
    """
    return re.sub(r"^(#{1,5} )", r"#\1", text, flags=re.M)
