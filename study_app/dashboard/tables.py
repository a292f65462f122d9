"""Facts and estimates as plain HTML that screen readers read and phones wrap."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import pandas as pd
import streamlit as st

from analysis.plan import Result
from analysis.reports.tables import HEADS, rows
from study_app.dashboard.places import Places


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


def bars(found: Places) -> None:
    """A bar for each group: who completed, who is under way, and a mark where it shall be."""
    most = max(1.0, *(max(g.completed + g.under_way, g.wanted or 0) for g in found.groups))
    heads = ["Group", "", "Completed", "Under way", *(["Wanted"] if found.wanted else [])]
    rows = []
    for group in found.groups:
        done, going = (100 * n / most for n in (group.completed, group.under_way))
        wanted, mark = "—", ""
        if group.wanted is not None:
            wanted = f"{group.wanted:,.1f}".removesuffix(".0")
            mark = f'<i style="left: {100 * group.wanted / most:.2f}%"></i>'
        cells = [f"{group.completed:,}", f"{group.under_way:,}"]
        cells += [wanted] if found.wanted else []
        rows.append(
            f'<tr><th scope="row">{escape(group.name)}</th><td class="bar" aria-hidden="true">'
            f'<div><b style="width: {done:.2f}%"></b><s style="width: {going:.2f}%"></s>{mark}'
            "</div></td>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
        )
    head = "".join(
        f'<th scope="col">{name}</th>' if name else '<td aria-hidden="true"></td>' for name in heads
    )
    st.html(
        f'<table class="whyface-bars"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def estimates(result: Result, labels: dict[str, str]) -> None:
    """A result's estimates as a table; columns without content are left out."""
    frame = pd.DataFrame(rows(result, labels), columns=list(HEADS))
    used = [name for name in HEADS if frame[name].astype(bool).any()]
    st.table(frame[used].set_index(used[0]))
