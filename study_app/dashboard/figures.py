"""The report's charts on the pages: the very pictures that are downloaded."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from urllib.parse import quote, urlencode

import streamlit as st

from analysis.charts import Drawing
from analysis.errors import AnalysisError
from analysis.reports import export, figures, report
from analysis.summaries import glance
from study_app.dashboard import data
from study_app.dashboard.data import Shown

FORMATS = (*figures.FORMATS, "csv")


def charts(shown: Shown) -> dict[str, Drawing]:
    """The charts of what is shown, by name, in the report's order."""
    return _charts(shown, shown.marker)


@lru_cache(8)
def _charts(shown: Shown, marker: str) -> dict[str, Drawing]:
    return {drawing.name: drawing for drawing in report.charts(data.summary(shown))}


def drawing(shown: Shown, name: str) -> Drawing | None:
    """A chart by its name, also one by groups that the visitor chose; None if there is none."""
    return _drawing(shown, shown.marker, name)


@lru_cache(64)
def _drawing(shown: Shown, marker: str, name: str) -> Drawing | None:
    kind, _, within = name.partition("_")
    if kind not in glance.CHARTS:
        return charts(shown).get(name)
    try:
        found = data.glance(shown, within or None)
    except AnalysisError:
        return None
    at_once = found.drawing(kind, report.banner(shown.mode))
    # What sums alone do not tell is drawn from the rows.
    return charts(shown).get(name) if at_once is None else at_once


def file(shown: Shown, name: str, form: str) -> bytes:
    """A chart as a file, kept while the data stay the same.

    Arguments:
        shown: whose answers.
        name: see `drawing`; KeyError for another name.
        form: png, svg, pdf, or csv for the estimates that are drawn.
    """
    return _file(shown, shown.marker, name, form)


@lru_cache(64)
def _file(shown: Shown, marker: str, name: str, form: str) -> bytes:
    found = drawing(shown, name)
    if found is None:
        raise KeyError(name)
    if form == "csv":
        return export.drawn(data.glance(shown), found.data).encode()
    if form == "svg":
        return figures.render(found.chart, form)
    return figures.convert(_file(shown, marker, name, "svg").decode(), form)


def figure(shown: Shown, name: str) -> None:
    """Show a chart if there is one of this name, with its caption and its downloads."""
    chart = drawing(shown, name)
    if chart is None:
        return
    source = address(shown, f"{name}.svg", inline="1", state=shown.marker)
    st.html(
        '<figure class="whyface-figure"><div tabindex="0" role="region" '
        f'aria-label="Chart: {escape(chart.caption)}">'
        f'<img src="{escape(source)}" alt="{escape(chart.words)}" loading="lazy"></div>'
        f"<figcaption>{escape(chart.caption)}</figcaption></figure>"
    )
    links(shown, formats(name))


def section(shown: Shown, name: str) -> None:
    """Show all charts of one of `analysis.charts.SECTIONS`, in their order."""
    for drawing in charts(shown).values():
        if drawing.section == name:
            figure(shown, drawing.name)


def formats(name: str) -> dict[str, str]:
    """The files of a chart: file name → words.

    Example:
        >>> formats("models")["models.svg"]
        'SVG'
    """
    return {f"{name}.{form}": form.upper() for form in FORMATS}


def links(shown: Shown, names: dict[str, str]) -> None:
    """Links that download files: file name → words."""
    parts = (
        f'<a href="{escape(address(shown, name))}" download>{escape(words)}</a>'
        for name, words in names.items()
    )
    st.html(f'<p class="whyface-links">{"".join(parts)}</p>')


def address(shown: Shown, name: str, **more: str) -> str:
    """The address of a download of what is shown."""
    query = {"version": shown.version, "mode": shown.mode, **more}
    return f"/download/{quote(name)}?{urlencode(query)}"
