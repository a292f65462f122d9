"""The frame of participants: who they are, what they said about themselves, their groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.data import segments
from analysis.rules import declared
from db.checks import CHECK
from db.gates import PRACTICE

COLUMNS = ("participant", "mode", "state", "started_at", "completed_at")


def asked(study: Mapping[str, Any]) -> list[str]:
    """What participants say about themselves, and how their practice went where it has a gate."""
    questions = [question["id"] for question in study.get("background") or []]
    return [*questions, *([PRACTICE] if "practice" in declared(study) else [])]


def people_of(
    rows: Sequence[Mapping[str, Any]] | pd.DataFrame, study: Mapping[str, Any]
) -> pd.DataFrame:
    """The frame ``participants`` of `analysis.data.frames.Frames` from plain rows.

    Arguments:
        rows: with `COLUMNS`, and either ``background`` (a mapping question -> choice) or one column
            for each question.
        study: the study file.
    """
    people = table_of(rows)
    if "background" in people:
        given = people.pop("background")
        for name in (*asked(study), *([CHECK] if CHECK in declared(study) else [])):
            people[name] = [(choices or {}).get(name) for choices in given]
    people = people.reindex(columns=[*COLUMNS, *(c for c in people if c not in COLUMNS)])
    for column in ("started_at", "completed_at"):
        people[column] = pd.to_datetime(people[column], utc=True)
    sources = {name: s["from"] for name, s in (study.get("segments") or {}).items()}
    columns = segments.columns(study)
    raw = {name: people.get(sources.get(name, name)) for name in columns}
    for name, (_, choices) in columns.items():
        given = raw[name]
        # What is no choice, such as `db.records.PREFER_NOT`, counts as no answer.
        known = [None] * len(people) if given is None else given.where(given.isin(list(choices)))
        people[name] = pd.Categorical(known, list(choices), ordered=True)
    return people


def table_of(rows: Sequence[Mapping[str, Any]] | pd.DataFrame) -> pd.DataFrame:
    """A data frame of plain rows; a copy if they are one."""
    return rows.copy() if isinstance(rows, pd.DataFrame) else pd.DataFrame.from_records(list(rows))
