"""A column for each rule of quality: whom and what it concerns, whether it sets aside or marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.data import exclusions
from analysis.data.frames import Frames, frame
from db.checks import CHECK
from db.gates import PRACTICE
from db.records import Mode, Table
from study_app.export.columns import Kind, Meaning
from study_app.frozen import Frozen

PREFIX = "flag_"
_YES = {"1": "concerned", "0": "not concerned"}


@dataclass(frozen=True)
class Flagged:
    """The tables with a column for each rule, and what these columns mean.

    Arguments:
        meanings: table → column → meaning.
    """

    responses: Table
    participants: Table
    meanings: dict[str, dict[str, Meaning]]


def flagged(
    responses: Table, participants: Table, versions: Sequence[Frozen], mode: Mode
) -> Flagged:
    """Both tables with the rules of the version that each participant took part in.

    A rule about participants is a column of participants: 1 or 0. One about single answers is 1 or
    0 in each row of the answers, and their number in the participants. Where a version does not
    declare the rule the cell is empty.
    """
    answers, people = frame(responses), frame(participants)
    meanings: dict[str, dict[str, Meaning]] = {"responses": {}, "participants": {}}
    of_people: dict[str, dict[Any, int]] = {}
    of_answers: dict[str, dict[Any, int]] = {}
    for version in versions:
        mine = people[people["version"] == version.version]
        theirs = answers[answers["version"] == version.version]
        main = theirs[theirs["role"] == "main"].drop_duplicates("trial")
        for rule in exclusions.find(_frames(version, theirs, mine, mode)):
            name = f"{PREFIX}{rule.rule}"
            what = "stays in the results" if rule.marks_only else "is set aside in the results"
            words = rule.description.removesuffix("; marked only")
            kind: Kind = "integer" if rule.single else "boolean"
            about = f"Rule of quality: {words}. Who is concerned {what}"
            if rule.single:
                own = set(rule.trials)
                hits = main.loc[main["trial"].isin(own), "assignment"].value_counts()
                of_answers.setdefault(name, {}).update(
                    {trial: trial in own for trial in main["trial"]}
                )
                meanings["responses"][name] = Meaning("boolean", about, values=_YES)
                about = f"Answers concerned by the rule of quality: {words}"
                counts = {key: int(hits.get(key, 0)) for key in mine["assignment"]}
            else:
                who = mine["participant"].isin(rule.participants)
                counts = dict(zip(mine["assignment"], map(bool, who), strict=True))
            of_people.setdefault(name, {}).update(counts)
            values = {} if rule.single else _YES
            meanings["participants"][name] = Meaning(kind, about, values=values)
    return Flagged(
        _with(responses, "trial", of_answers),
        _with(participants, "assignment", of_people),
        meanings,
    )


def _frames(version: Frozen, answers: pd.DataFrame, people: pd.DataFrame, mode: Mode) -> Frames:
    numbers = {name: pd.to_numeric(answers[name]) for name in ("rt_ms", "hidden_ms", "value")}
    times = {
        name: pd.to_datetime(people[name], utc=True) for name in ("started_at", "completed_at")
    }
    people = people.assign(**times)
    for name in (CHECK, PRACTICE):
        people[name] = [given.get(name) for given in people["background"]]
    return Frames(answers.assign(**numbers), people, version.study, mode, version.version)


def _with(table: Table, key: str, columns: dict[str, dict[Any, int]]) -> Table:
    place = table.columns.index(key)
    rows = [(*row, *(values.get(row[place]) for values in columns.values())) for row in table.rows]
    return Table((*table.columns, *columns), rows)
