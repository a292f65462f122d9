"""Facts and estimates as plain HTML that screen readers read and phones wrap."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import pandas as pd
import streamlit as st

from analysis.plan import Result
from analysis.tables import HEADS, rows


class Fact(NamedTuple):
    """A headline number: its name, its value, and what it means."""

    name: str
    value: str
    meaning: str = ""


def facts(entries: Sequence[Fact]) -> None:
    """Headline numbers as cards, as many beside each other as there is room."""
    cards = "".join(
        f"<div><dt>{escape(fact.name)}</dt><dd>{escape(fact.value)}</dd>"
        + (f'<dd class="meaning">{escape(fact.meaning)}</dd>' if fact.meaning else "")
        + "</div>"
        for fact in entries
    )
    three = " three" if len(entries) % 3 == 0 else ""
    st.html(f'<dl class="whyface-facts{three}">{cards}</dl>')


def estimates(result: Result, labels: dict[str, str]) -> None:
    """A result's estimates as a table; columns without content are left out."""
    frame = pd.DataFrame(rows(result, labels), columns=list(HEADS))
    used = [name for name in HEADS if frame[name].astype(bool).any()]
    st.table(frame[used].set_index(used[0]))
