"""Simulated people who take a study in memory: the same plans, trial types and checks as always."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.data import frames as tidy
from analysis.data import segments
from analysis.data.frames import Frames
from db import gates
from db.gates import PRACTICE
from db.records import Mode, Plan
from study_app import trials
from study_app.frozen import Frozen
from study_app.orders import arms
from study_app.orders.sequence import is_shown, practised_again, rounds
from study_app.participation.answering import trial_of
from study_app.simulate import (
    MOST_FAILED,
    PERSON_SIGMA,
    draw_background,
    draw_person,
    hopeless,
    response_ms,
)
from study_app.trials import Person, Trial, TrialType


class Asked(NamedTuple):
    """A trial of a planned sequence, ready to be answered."""

    plan: Plan
    trial: Trial
    type: TrialType


class Rehearsal:
    """A study whose participants exist only here.

    What does not depend on chance (who is asked what, in which order) is made once; an answer is
    what the trial type's own ``simulate`` gives and its ``rows`` accepts. Practice is never
    analysed, and left out unless it has a gate: then it tells who passed, and whoever the study
    ends for there is drawn anew.

    Arguments:
        study: from `study_app.rehearsal.design.rehearsed`.
    """

    def __init__(self, study: Frozen) -> None:
        self.study = study
        self._asked: list[list[Asked]] = []
        self._rounds: dict[tuple[int, int, int], list[Asked]] = {}
        self._gated = [i for i, block in enumerate(study.blocks) if block.get("practice")]
        self._columns = segments.columns(study.study)
        sources = {name: s["from"] for name, s in (study.study.get("segments") or {}).items()}
        self._codes = {
            name: (sources.get(name, name), {choice: code for code, choice in enumerate(choices)})
            for name, (_, choices) in self._columns.items()
        }
        self._empty = lru_cache(maxsize=2)(self._blank)

    def frames(self, n: int, chance: str) -> Frames:
        """One simulated study of ``n`` people who all finish.

        The k-th person of the same ``chance`` answers the same whatever n is, so that a larger
        study is the smaller one with more people.
        """
        blank, owner = self._empty(n)
        values: list[float] = []
        correct: list[bool | None] = []
        times: list[float] = []
        texts: list[str | None] = []
        stored: list[bool] = []
        backgrounds: list[Mapping[str, str]] = []
        practised: list[str] = []
        for number in range(n):
            rng = Random(f"{chance} person {number + 1}")
            background, person, passed = self._let_in(number + 1, rng)
            practised.append("yes" if passed else "no")
            pace = rng.lognormvariate(0, PERSON_SIGMA)
            backgrounds.append({**background, "arm": arms.nth(self.study, number + 1)[1]})
            for plan, trial, kind in self._plans(number + 1):
                rt_ms = response_ms(pace, plan.position - 1, rng)
                checked = kind.rows(trial, kind.simulate(trial, person))
                shown = is_shown(self.study.blocks[plan.block], background)
                for offer in plan.options:
                    values.append(checked.values.get(offer.position, np.nan))
                    texts.append(checked.texts.get(offer.position))
                    answered = offer.position in checked.values or texts[-1] is not None
                    stored.append(shown and answered)
                correct += [checked.correct] * len(plan.options)
                times += [rt_ms] * len(plan.options)
        people: dict[str, Any] = {PRACTICE: practised} if self._gated else {}
        rows: dict[str, Any] = {
            "value": np.array(values),
            "text": np.array(texts, dtype=object),
            "correct": np.array(correct, dtype=object),
            "rt_ms": np.array(times),
        }
        for name, (source, codes) in self._codes.items():
            given = np.array([codes.get(background[source], -1) for background in backgrounds])
            choices = blank.participants[name].cat.categories
            people[name] = _categorical(given, choices)
            rows[name] = _categorical(given[owner], choices)
        responses = blank.responses.assign(**rows)
        # Pictures that are only looked at have no answer, nor have blocks for other people.
        return replace(
            blank,
            responses=responses if all(stored) else responses[np.array(stored)],
            participants=blank.participants.assign(**people),
        )

    def _let_in(self, number: int, rng: Random) -> tuple[Mapping[str, str], Person, bool]:
        """The background of somebody whom the study keeps, the person, whether they passed."""
        for _ in range(MOST_FAILED):
            background = draw_background(self.study, rng)
            person = draw_person(self.study, background, rng)
            passed, kept = self._practise(number, background, person)
            if kept:
                return background, person, passed
        raise hopeless()

    def _practise(
        self, number: int, background: Mapping[str, str], person: Person
    ) -> tuple[bool, bool]:
        """Whether a person passes all practice, and whether the study goes on for them."""
        all_passed = True
        for index in self._gated:
            block = self.study.blocks[index]
            if not is_shown(block, background):
                continue
            for attempt in range(1, rounds(block) + 1):
                asked = self._round(number, index, attempt)
                right = [kind.rows(t, kind.simulate(t, person)).correct for _, t, kind in asked]
                if gates.passed(right, block["practice"]["pass"]):
                    break
            else:
                all_passed = False
                if block["practice"]["on_fail"] == "end":
                    return False, False
        return all_passed, True

    def _round(self, number: int, index: int, attempt: int) -> list[Asked]:
        key = number, index, attempt
        if key not in self._rounds:
            place, arm = arms.nth(self.study, number)
            plans = practised_again(arms.in_arm(self.study, arm), place, index, attempt, 1)
            self._rounds[key] = [self._ready(plan) for plan in plans]
        return self._rounds[key]

    def _plans(self, number: int) -> list[Asked]:
        while len(self._asked) < number:
            plans = arms.plans(self.study, len(self._asked) + 1)
            own = [p for p in plans if not self.study.blocks[p.block].get("practice")]
            self._asked.append([self._ready(p) for p in own if p.role != "practice"])
        return self._asked[number - 1]

    def _ready(self, plan: Plan) -> Asked:
        return Asked(plan, trial_of(self.study, plan._asdict()), trials.load(plan.type))

    def _blank(self, n: int) -> tuple[Frames, NDArray[np.int64]]:
        """The frames of n people without their answers, and whose each row is."""
        rows: list[dict[str, Any]] = []
        trial = 0
        for number in range(1, n + 1):
            for plan, _, kind in self._plans(number):
                trial += 1
                common = {
                    "participant": number,
                    "trial": trial,
                    **{name: getattr(plan, name) for name in ("position", "block", "role")},
                    "type": plan.type,
                    "item": plan.item,
                    "scale": str(kind.SCALE),
                    "value": 0.0,
                    "hidden_ms": 0.0,
                }
                rows += [
                    common | {"option": offer.option, "option_position": offer.position}
                    for offer in plan.options
                ]
        people = pd.DataFrame(
            {"participant": range(1, n + 1), "mode": str(Mode.SIMULATED), "state": "completed"}
        )
        frozen = {"study": self.study.study, "items": self.study.items}
        built = tidy.build(frozen, rows, people, mode=Mode.SIMULATED)
        return built, built.responses["participant"].to_numpy() - 1


def _categorical(codes: NDArray[np.int64], choices: pd.Index) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, categories=choices, ordered=True)


@lru_cache(maxsize=4)
def rehearsal(version: str, text: str) -> Rehearsal:
    """The rehearsal of a frozen text, kept: its plans are the same for all simulated studies."""
    return Rehearsal(Frozen.parse(version, text))
