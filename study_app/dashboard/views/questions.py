"""One question at a time: the very pictures that people saw, with how often each was picked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import streamlit as st

from analysis import plan
from analysis.data import exclusions, segments
from analysis.estimate import Estimate
from analysis.plan import Result
from analysis.prose import wording
from analysis.statistics import selection_share
from study_app.dashboard import data, figures, tables
from study_app.dashboard.data import Shown

TITLE = "Questions"
PLACE = 5


def show(shown: Shown) -> None:
    """The page."""
    items = shown.frozen.of_role("main")
    if not items:
        st.info("This study has no main questions.")
        return
    item = _choose(items)
    st.header("The question")
    # Plain text: what a model's labels or a study file hold is never read as markup here.
    st.text(str(item["question"]))
    result = None if shown.empty else _result(shown, item)
    by_option = {e.item: e for e in result.estimates} if result else {}
    labels = segments.labels(shown.study)
    seen = str(item["picture"])
    pictures = [_figure(seen, "What the network saw", "")] if seen else []
    for offered in item["options"]:
        name = str(offered["option"])
        words = labels.get(name, name)
        below = _picked(by_option.get(name)) if result is None or result.estimates else ""
        pictures.append(_figure(str(offered["sha256"]), words, below))
    st.html(f'<div class="whyface-pictures">{"".join(pictures)}</div>')
    if result is None:
        st.info("Nobody whose answers count was asked this question so far.")
    elif not result.estimates:
        st.info("This question is not answered by picking: its answers are on the page Results.")
    else:
        st.caption("For one question few people answered: look at the interval before the share.")
        with st.expander("The numbers"):
            tables.estimates(result, labels)
    if not shown.empty:
        st.header("All questions")
        figures.section(shown, "questions")


def _choose(items: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    models = list(dict.fromkeys(str(item["model"]) for item in items))
    left, right = st.columns(2)
    model = left.selectbox("Network", models, format_func=lambda m: m.replace("_", " "))
    there = [item for item in items if item["model"] == model]
    return right.selectbox(
        "Concept" if any(item.get("concept") for item in there) else "Face",
        there,
        format_func=lambda item: f"{item['face'] or item['id']}: {item['target']}",
    )


def _result(shown: Shown, item: Mapping[str, Any]) -> Result | None:
    """The shares of one question among those whose answers count; None if there are none."""
    before = data.everybody(shown)
    kept = exclusions.apply(before, exclusions.find(before))
    asked = kept.main[kept.main["item"] == item["id"]]
    if asked.empty:
        return None
    # A face that is asked about in several ways: picking, where there is any, tells the share.
    scales = set(asked["scale"].astype(str))
    scale = next((one for one in selection_share.ACCEPTS if one in scales), None)
    asked = asked if scale is None else asked[asked["scale"] == scale]
    # Each offered segment or row counts here, not only whether the answer was right.
    asked = asked.drop(columns="concept", errors="ignore")
    return plan.compute(replace(kept, responses=asked), "selection_share", by="option")


def _picked(e: Estimate | None) -> str:
    if e is None or not e.participants:
        return "not asked yet"
    picked = round(e.value * e.participants)
    return f"{wording.percent(e.value)}: {picked} of {e.participants} people"


def _figure(sha256: str, words: str, below: str) -> str:
    caption = f"<strong>{escape(words)}</strong>" + (f"<br>{escape(below)}" if below else "")
    return (
        f'<figure><img src="/stimuli/{escape(sha256)}.png" alt="{escape(words)}" width="176" '
        f'height="176" style="object-fit: contain"><figcaption>{caption}</figcaption></figure>'
    )
