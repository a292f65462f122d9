"""Estimates for machines: one row each, full precision, as CSV and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.claims import plain
from analysis.summaries.summary import Summary


def rows(summary: Summary) -> Iterator[dict[str, Any]]:
    """One row for each estimate: which analysis, planned or not, and the estimate's own fields."""
    head = _head(summary)
    for result in summary.results:
        family = result.family or (None,) * len(result.estimates)
        for e, p_family in zip(result.estimates, family, strict=True):
            yield {
                **head,
                "analysis": result.id,
                "planned": result.planned,
                "exclusions": "after",
                "by": result.by,
                "within": result.within or "",
                **e.as_dict(),
                "p_family": p_family,
            }
    for e in summary.unfiltered.estimates:
        yield {
            **head,
            "analysis": "unfiltered",
            "planned": False,
            "exclusions": "before",
            "by": "option",
            "within": "",
            **e.as_dict(),
        }
    for question in summary.demographics:
        for e in question.estimates:
            yield {
                **head,
                "analysis": f"demographics:{question.question}",
                "planned": False,
                "exclusions": "after",
                "by": question.question,
                "within": "",
                **e.as_dict(),
            }
    for entry in summary.published:
        for n, comparison in enumerate(entry.comparisons, start=1):
            for e in comparison.estimates:
                yield {
                    **head,
                    "analysis": f"published:{entry.name}:{n}",
                    "planned": False,
                    "exclusions": "after",
                    "by": "option",
                    "within": "",
                    **e.as_dict(),
                }


def csv(summary: Summary) -> str:
    """`rows` as CSV text; an unknown number is an empty cell."""
    return pd.DataFrame(rows(summary)).to_csv(index=False, lineterminator="\n")


def drawn(summary: Summary, data: pd.DataFrame) -> str:
    """What a chart draws as CSV text: the study's version and mode beside each estimate.

    Arguments:
        summary: the study.
        data: `analysis.charts.Drawing.data`.
    """
    whole = data.assign(**_head(summary))
    columns = [*_head(summary), *data.columns]
    return whole[columns].to_csv(index=False, lineterminator="\n")


def _head(summary: Summary) -> dict[str, str]:
    return {
        "study": str(summary.frames.study["id"]),
        "version": summary.frames.version,
        "mode": summary.frames.mode,
    }


def as_json(summary: Summary, **about: Any) -> str:
    """Everything as JSON text; an unknown number is null.

    Arguments:
        summary: the study.
        about: further keys, such as the time of the report.
    """
    whole = {
        "whyface": "estimates",
        **about,
        "study": summary.frames.study["id"],
        "version": summary.frames.version,
        "mode": summary.frames.mode,
        "findings": list(summary.findings),
        "exclusions": [
            {
                "rule": rule.rule,
                "description": rule.description,
                "participants": len(rule.participants),
                "answers": len(rule.trials),
            }
            for rule in summary.exclusions
        ],
        "published": [
            {"study": entry.name, **plain(c.claim), "verdict": c.verdict.value, "reason": c.reason}
            for entry in summary.published
            for c in entry.comparisons
        ],
        "estimates": [
            {key: None if value != value else value for key, value in row.items()}
            for row in rows(summary)
        ],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
