"""Frames of sums: what the database says about each participant and option, without single answers.

Shares, differences and their tests rest on each participant's mean value for each option and on
numbers of answers. The database computes these in a fraction of the time that reading a million
rows takes; the statistics' own functions do the rest and give the same results as from the rows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.data import exclusions, frames, segments
from analysis.data.exclusions import Exclusion
from analysis.data.frames import Frames
from analysis.data.people import asked, people_of
from analysis.rules import from_sums
from db.scale import Scale
from db.store import Store

# A mean of values between 0 and 1 tells all that the statistics ask; of a rating's range it does
# not.
SCALES = (Scale.SELECTION, Scale.CORRECTNESS, Scale.PAIRWISE)


@dataclass(frozen=True)
class Collapsed:
    """The answers to one version of a study in one mode, summed up.

    Arguments:
        before: collapsed frames of everybody.
        after: those that the declared exclusions leave.
        exclusions: the declared rules, each with those whom it concerns.
    """

    before: Frames
    after: Frames
    exclusions: tuple[Exclusion, ...]


def load(store: Store, version: str, mode: str = "live") -> Collapsed | None:
    """The answers to a version, in one mode, summed up by the database.

    Arguments:
        store: the open database.
        version: hash of the version.
        mode: live, pilot, test or simulated.

    Returns:
        None where sums do not tell all: rules about single answers, ratings, several scales,
        options that the frozen version does not list. Then the rows must be read
        (`analysis.data.frames.load`).

    Errors:
        StoreError: the database fails.
    """
    frozen = json.loads(store.frozen(version))
    study = frozen["study"]
    if study.get("concepts"):
        return None  # answers about concepts are right or wrong as a whole: no sums of options
    if not from_sums(study):
        return None
    here: dict[str, Any] = {"version": version, "mode": mode}
    limit = exclusions.fast_ms(study)
    options = _options(frozen)
    # First, so that an answer that comes now is not taken off sums in which it is not.
    fast = frames.frame(store.fast_answers(**here, fast_ms=limit))
    cells = frames.frame(store.cells(**here, options=options))
    walks = frames.frame(store.walks(**here, fast_ms=limit))
    aside = store.options_aside(**here)
    # Last, so that everybody who has answered is among them.
    said = asked(study)
    table = frames.frame(store.people(**here, questions=said))
    given = {f"answer_{place}": name for place, name in enumerate(said)}
    people = people_of(table.rename(columns=given), study)

    scales = set(walks[["scale_from", "scale_to"]].stack().dropna())
    if len(scales) > 1 or not scales <= set(map(str, SCALES)):
        return None
    number, names = pd.Index(people["number"]), people["participant"]
    walks = walks.set_index("number").reindex(number).set_index(pd.Index(names))
    fast = fast[fast["number"].isin(number)]
    person = number.get_indexer(pd.Index(fast["number"]))
    trials = pd.DataFrame({"participant": names.array.take(person), "trial": fast["trial"]})
    rules = tuple(exclusions.rules(study, people, walks, trials.drop_duplicates("trial")))
    out = names.isin({name for rule in rules for name in rule.participants})

    counts, totals, rows = _sums(cells, number, len(options))
    if counts.sum() != rows:
        return None
    kept = counts.copy(), totals.copy()
    place = person, pd.Index(options).get_indexer(pd.Index(fast["option"]))
    np.subtract.at(kept[0], place, 1)
    np.subtract.at(kept[1], place, fast["value"].to_numpy(float))
    seen = [name for name, n in zip(options, counts.sum(axis=0), strict=True) if n]
    order = frames.order_of(pd.Series(sorted({*seen, *aside}), dtype=object), study.get("stimuli"))

    def build(
        counts: Counts, totals: Totals, questions: pd.Series[Any], who: NDArray[np.bool_]
    ) -> Frames:
        person, option = np.nonzero(counts * who[:, None])
        count = counts[person, option]
        responses = pd.DataFrame(
            {
                "participant": names.array.take(person),
                "role": "main",
                "scale": next(iter(scales), ""),
                "option": pd.Categorical(np.asarray(options, object)[option], order),
                "value": totals[person, option] / count,
                "count": count,
                **{name: people[name].array.take(person) for name in segments.columns(study)},
            }
        )
        answered = questions.fillna(0).to_numpy(int)
        return Frames(responses, people.assign(questions=answered)[who], study, mode, version)

    everybody = np.ones(len(names), bool)
    before = build(counts, totals, walks["questions"], everybody)
    after = build(*kept, walks["questions"] - walks["fast"], ~out.to_numpy(bool))
    return Collapsed(before, after, rules)


Counts = NDArray[np.int64]
Totals = NDArray[np.float64]


class Sums(NamedTuple):
    """Numbers and sums of answers, each [participants, options], and the number of all answers."""

    counts: Counts
    totals: Totals
    rows: int


def _sums(table: pd.DataFrame, number: pd.Index[Any], options: int) -> Sums:
    mine = table.set_index("number").reindex(number)
    counts = mine[[f"count_{place}" for place in range(options)]].fillna(0).to_numpy(np.int64)
    totals = mine[[f"total_{place}" for place in range(options)]].astype(float).fillna(0)
    return Sums(counts, totals.to_numpy(), int(mine["rows"].sum()))


def _options(frozen: Mapping[str, Any]) -> list[str]:
    """The options that the version offers, in the order of its items."""
    items = frozen.get("items") or []
    return list(dict.fromkeys(str(o["option"]) for item in items for o in item["options"]))
