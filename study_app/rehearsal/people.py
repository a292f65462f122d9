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

from analysis import frames as tidy
from analysis import segments
from analysis.frames import Frames
from db.records import Mode, Plan
from study_app import arms, trials
from study_app.answering import trial_of
from study_app.frozen import Frozen
from study_app.sequence import is_shown
from study_app.simulate import PERSON_SIGMA, draw_background, draw_person, response_ms
from study_app.trials import Trial, TrialType


class Asked(NamedTuple):
    """A trial of a planned sequence, ready to be answered."""

    plan: Plan
    trial: Trial
    type: TrialType


class Rehearsal:
    """A study whose participants exist only here.

    What does not depend on chance (who is asked what, in which order) is made once; an answer is
    what the trial type's own ``simulate`` gives and its ``rows`` accepts. Practice is left out: it
    is never analysed.

    Arguments:
        study: from `study_app.rehearsal.design.rehearsed`.
    """

    def __init__(self, study: Frozen) -> None:
        self.study = study
        self._asked: list[list[Asked]] = []
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
        for number in range(n):
            rng = Random(f"{chance} person {number + 1}")
            background = draw_background(self.study, rng)
            person = draw_person(self.study, background, rng)
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
        people: dict[str, Any] = {}
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

    def _plans(self, number: int) -> list[Asked]:
        while len(self._asked) < number:
            plans = arms.plans(self.study, len(self._asked) + 1)
            self._asked.append([self._ready(p) for p in plans if p.role != "practice"])
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
