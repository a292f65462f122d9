"""Tidy frames of one study version and one mode, checked once, so that later code need not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pandas as pd

from analysis.data import contradictions, segments
from analysis.data.item_names import item_names
from analysis.data.people import people_of, table_of
from analysis.errors import AnalysisError
from db.records import Table
from db.store import Store

MODES = ("live", "pilot", "test", "simulated")
RESPONSES = (
    "participant", "trial", "position", "block", "role", "type", "item", "option",
    "option_position", "scale", "value", "text", "correct", "rt_ms", "hidden_ms", "answered_at",
)  # fmt: skip
FROM_ITEM = ("model", "face", "target")
OF_CONCEPTS = ("concept", "layer", "family")


@dataclass(frozen=True)
class Frames:
    """What one version of a study knows, in one mode.

    Arguments:
        responses: one row for each *offered* option of each answered trial, unpicked ones too:
            participant, trial, position, block, role, type, item, model, face, target, option,
            option_position (1 = first), scale, value, text (what a participant wrote; None
            elsewhere), correct (None where nothing is right or wrong), rt_ms (hidden time taken
            off), hidden_ms, answered_at, x (the level of the stimulus, where items have one),
            concept, layer, family (what an item about a concept asks about; empty for others), and
            the background and segment columns of the participant. *Collapsed* frames
            (`analysis.data.collapsed`) have one row for each participant and option instead, where
            ``value`` is the mean of ``count`` main answers; single trials are not known.
        participants: one row for each participant: participant, mode, state, started_at,
            completed_at, and one ordered categorical column for each background question and
            each declared segment, categories in declared order; in collapsed frames also
            ``questions`` (how many main answers count).
        study: the validated study file.
        mode: live, pilot, test or simulated; never mixed.
        version: SHA-256 of the frozen version.
        items: id -> the frozen item, with its pictures.
        corrections: word -> its group as the researcher has it, see `analysis.words`.
    """

    responses: pd.DataFrame
    participants: pd.DataFrame
    study: Mapping[str, Any]
    mode: str
    version: str
    items: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    corrections: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def main(self) -> pd.DataFrame:
        """The answers that count: role ``main``; practice and attention trials are left out."""
        return self.responses[self.responses["role"] == "main"]

    @property
    def collapsed(self) -> bool:
        """Whether the rows are sums over a participant's answers."""
        return "count" in self.responses

    @cached_property
    def questions(self) -> int:
        """How many main questions were answered."""
        if self.collapsed:
            return int(self.participants["questions"].sum())
        return int(self.main["trial"].nunique())

    def labels(self, within: str | None = None) -> dict[str, str]:
        """Plain words for options, models and the groups of ``within``."""
        words = segments.labels(self.study, within)
        if within == "item":
            words.update(item_names(self.main, words))
        if within == "position":
            words.update({name: f"Question {name}" for name in segments.order(self.main, within)})
        return words

    @property
    def options(self) -> list[str]:
        """The options in the order of the study file."""
        return segments.order(self.responses, "option")

    @property
    def segments(self) -> list[str]:
        """The names of the declared segment columns."""
        return list(self.study.get("segments") or {})

    def crossed(self, within: str) -> Frames:
        """The same with a column for the groups of ``within``, such as ``age x gender``.

        Arguments:
            within: the name of a background question or a segment, or two of them joined by
                `analysis.data.segments.CROSS`.

        Errors:
            AnalysisError: no such question.
        """
        names = within.split(segments.CROSS)
        known = segments.columns(self.study)
        if strange := [name for name in names if name not in known] or names[2:]:
            fix = f"use one of: {', '.join(known)}; or two of them"
            raise AnalysisError(f"groups '{within}'", f"there is no question '{strange[0]}'", fix)
        if len(names) == 1:
            return self
        first, second = names
        return replace(
            self,
            responses=self.responses.assign(
                **{within: segments.crossed(self.responses[first], self.responses[second])}
            ),
            participants=self.participants.assign(
                **{within: segments.crossed(self.participants[first], self.participants[second])}
            ),
        )

    def keep(self, participants: Iterable[Any]) -> Frames:
        """The same study with these participants only."""
        wanted = set(participants)
        return replace(
            self,
            responses=self.responses[self.responses["participant"].isin(wanted)],
            participants=self.participants[self.participants["participant"].isin(wanted)],
        )


def versions(store: Store, study: str | None = None, mode: str = "live") -> list[dict[str, Any]]:
    """The versions in a database with the number of their participants, oldest first.

    Arguments:
        store: the open database.
        study: id of one study; all if None.
        mode: whose participants are counted.

    Returns:
        what `Store.versions` gives (hash, study, number, status, created_at) and ``participants``.
    """
    _known(mode)
    return [
        {**entry, "participants": store.progress(version=entry["hash"], mode=mode)["joined"]}
        for entry in store.versions()
        if study in (None, entry["study"])
    ]


def load(
    store: Store, study: str | None = None, version: str | None = None, mode: str = "live"
) -> Frames:
    """The answers to one version of a study, in one mode.

    Arguments:
        store: the open database.
        study: id of the study; may be left out if the database holds only one.
        version: hash of the version or its beginning; the newest with participants if None.
        mode: live, pilot, test or simulated.

    Errors:
        AnalysisError: several studies and none named, no such version, nobody in this mode.
        StoreError: the database fails.
    """
    there = versions(store, study, mode)
    names = sorted({entry["study"] for entry in there})
    if len(names) > 1:
        fix = f"name one of: {', '.join(names)}"
        raise AnalysisError(store.where, "holds several studies", fix)
    if version is not None:
        there = [entry for entry in there if entry["hash"].startswith(version)]
    if not there:
        what = f"holds no version {version[:12]}" if version else f"holds no study {study or ''}"
        raise AnalysisError(store.where, what.strip(), "`whyface freeze` stores a study here")
    taken = [entry for entry in there if entry["participants"]]
    if not taken:
        raise AnalysisError(
            store.where, f"has no participants of mode {mode}", _others(store, there)
        )
    chosen = taken[-1]["hash"]
    people = frame(store.participants(version=chosen, mode=mode))
    answers = frame(store.responses(version=chosen, mode=mode))
    answers = answers.rename(columns={"trial_position": "position"})
    found = build(json.loads(store.frozen(chosen)), answers, people, mode=mode, version=chosen)
    return replace(found, corrections=store.corrected_words(taken[-1]["study"]))


def frame(table: Table) -> pd.DataFrame:
    """The data frame of a table from the database."""
    return pd.DataFrame(table.rows, columns=list(table.columns))


def _known(mode: str) -> None:
    if mode not in MODES:
        raise AnalysisError(f"mode '{mode}'", "is not known", f"use one of: {', '.join(MODES)}")


def _others(store: Store, there: list[dict[str, Any]]) -> str:
    found = []
    for mode in MODES:
        count = sum(store.progress(version=e["hash"], mode=mode)["joined"] for e in there)
        if count:
            found.append(f"{count} of mode {mode} (--mode {mode})")
    if found:
        return f"there are {', '.join(found)}"
    return "put the study before people (`whyface serve`) or try it (`whyface simulate`)"


def build(
    frozen: Mapping[str, Any],
    responses: Sequence[Mapping[str, Any]] | pd.DataFrame,
    participants: Sequence[Mapping[str, Any]] | pd.DataFrame,
    *,
    mode: str,
    version: str = "",
) -> Frames:
    """Frames from plain rows, checked.

    Arguments:
        frozen: the frozen version: ``study`` and ``items``.
        responses: rows with the columns of `RESPONSES`; missing ones are filled with nothing,
            except participant, trial, role, option and value.
        participants: rows as for `analysis.data.people.people_of`.
        mode: the one mode these rows belong to.
        version: hash of the frozen version.

    Errors:
        AnalysisError: rows contradict each other or the study; all contradictions are named.
    """
    _known(mode)
    study = frozen["study"]
    people = people_of(participants, study)
    answers = table_of(responses)
    answers = answers.reindex(columns=[*RESPONSES, *(c for c in answers if c not in RESPONSES)])
    items = {item["id"]: item for item in frozen.get("items") or []}
    for column in (*FROM_ITEM, *OF_CONCEPTS):
        if column not in answers:
            answers[column] = answers["item"].map({n: one.get(column) for n, one in items.items()})
        if column in OF_CONCEPTS:
            answers[column] = answers[column].astype(object).where(answers[column].notna(), "")
    levels = {name: item["x"] for name, item in items.items() if item.get("x") is not None}
    if levels and "x" not in answers:
        answers["x"] = pd.to_numeric(answers["item"].map(levels))
    answers["value"] = pd.to_numeric(answers["value"], errors="coerce")
    answers["answered_at"] = pd.to_datetime(answers["answered_at"], utc=True)
    for column in ("rt_ms", "hidden_ms"):
        answers[column] = pd.to_numeric(answers[column])
    answers["option"] = pd.Categorical(
        answers["option"], order_of(answers["option"], study.get("stimuli"))
    )
    answers["model"] = pd.Categorical(
        answers["model"], order_of(answers["model"], study.get("models"))
    )
    contradictions.check(answers, people, mode)
    extra = [name for name in segments.columns(study) if name in people]
    answers = answers.drop(columns=[name for name in extra if name in answers])
    answers = answers.merge(people[["participant", *extra]], on="participant", how="left")
    return Frames(answers, people, study, mode, version, items)


def order_of(values: pd.Series[Any], declared: Mapping[str, Any] | None) -> list[str]:
    """The values that occur: those that the study declares in its order, then by appearance."""
    seen = [str(value) for value in values.dropna().unique()]
    first = [name for name in declared or {} if name in seen]
    return first + [name for name in seen if name not in first]
