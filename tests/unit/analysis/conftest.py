"""A small generator of answers in the shape of the database, with known preferences."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from analysis.data.frames import Frames, build

OPTIONS = ("saliency", "inversion", "visualization")
MODELS = ("gender", "age", "expression")
FACES = tuple(f"f{n:02d}" for n in range(1, 9))
GROUPS = ("never", "aware", "user")
PLANTED = {
    "never": {"saliency": 0.60, "inversion": 0.40, "visualization": 0.25},
    "aware": {"saliency": 0.55, "inversion": 0.40, "visualization": 0.30},
    "user": {"saliency": 0.35, "inversion": 0.40, "visualization": 0.60},
}
STUDY: dict[str, Any] = {
    "schema": 1,
    "id": "section7",
    "title": "Which explanation helps you most?",
    "models": {name: {"use": name} for name in MODELS},
    "stimuli": {name: {"method": name} for name in OPTIONS},
    "background": [
        {
            "id": "deep_learning",
            "ask": "How well do you know deep learning?",
            "choices": {"none": "Not at all", "some": "A little", "practitioner": "I work with it"},
        },
        {
            "id": "explainability",
            "ask": "How well do you know explainable AI?",
            "choices": {
                "never": "I have never heard of it",
                "aware": "I see why it is needed, but have not used it",
                "user": "I have used or implemented it",
            },
        },
    ],
    "segments": {
        "expertise": {
            "from": "explainability",
            "order": list(GROUPS),
            "labels": {
                "never": "Never heard of it",
                "aware": "Sees the need",
                "user": "Used or implemented it",
            },
        }
    },
    "quality": {"min_ms": 300, "attention": 1},
    "analysis": [
        {
            "id": "H1",
            "question": "How often does each explanation help?",
            "statistic": "selection_share",
            "by": "option",
            "within": "expertise",
        },
        {
            "id": "H2",
            "question": "Do preferences depend on expertise?",
            "statistic": "interaction",
            "by": "option",
            "within": "expertise",
        },
    ],
}
ITEMS = [
    {"id": f"{model}-{face}", "model": model, "face": face, "target": "a", "role": "main"}
    for model in MODELS
    for face in FACES
] + [{"id": "age-f10", "model": "age", "face": "f10", "target": "a", "role": "attention"}]
FROZEN = {"study": STUDY, "items": ITEMS}

Simulator = Callable[..., Frames]


def rows(
    groups: list[str],
    effects: Mapping[str, Mapping[str, float]],
    icc: float,
    seed: int,
    *,
    inattentive: int = 0,
    unfinished: int = 0,
    mode: str = "simulated",
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Answers and participants: beta-binomial ticks, eight questions and a check for each."""
    rng = np.random.default_rng(seed)
    people, answers = [], []
    trial = itertools.count(1)
    for number, group in enumerate(groups):
        done = number >= unfinished
        people.append(
            {
                "participant": f"p{number}",
                "mode": mode,
                "state": "completed" if done else "trials",
                "started_at": "2026-11-23T10:00:00Z",
                "completed_at": "2026-11-23T10:09:00Z" if done else None,
                "background": {
                    "explainability": group,
                    "deep_learning": "practitioner" if group == "user" else "some",
                },
            }
        )
        taste = {}
        for option in OPTIONS:
            share = effects[group][option]
            even = (1 - icc) / icc if icc else np.inf
            taste[option] = rng.beta(share * even, (1 - share) * even) if icc else share
        asked = [(f"{MODELS[(number + n) % 3]}-{face}", "main") for n, face in enumerate(FACES)]
        if not done:
            asked = asked[:3]
        for position, (item, role) in enumerate([*asked, ("age-f10", "attention")], start=1):
            this = next(trial)
            rt = float(rng.lognormal(8.3, 0.5))
            order = rng.permutation(3)
            for option, place in zip(OPTIONS, order, strict=True):
                answers.append(
                    {
                        "participant": f"p{number}",
                        "trial": this,
                        "position": position,
                        "block": 1,
                        "role": role,
                        "type": "pick_any",
                        "item": item,
                        "option": option,
                        "option_position": int(place) + 1,
                        "scale": "selection",
                        "value": float(rng.random() < taste[option]),
                        "correct": None if role == "main" else done and number >= inattentive,
                        "rt_ms": rt,
                        "hidden_ms": 0.0,
                        "answered_at": "2026-11-23T10:05:00Z",
                    }
                )
    return answers, people


@pytest.fixture
def simulated() -> Simulator:
    """Frames of a simulated study: `simulated(n=101, effects=..., icc=.21, seed=1)`."""

    def make(
        n: int = 101,
        effects: Mapping[str, Mapping[str, float]] = PLANTED,
        icc: float = 0.21,
        seed: int = 1,
        groups: list[str] | None = None,
        mode: str = "simulated",
        study: Mapping[str, Any] = STUDY,
        **options: Any,
    ) -> Frames:
        given = groups or ["never"] * (n // 4) + ["aware"] * (n - n // 4 - 36 * n // 101)
        given = given + ["user"] * (n - len(given)) if groups is None else given
        answers, people = rows(given, effects, icc, seed, mode=mode, **options)
        return build({**FROZEN, "study": study}, answers, people, mode=mode, version="c0ffee" * 10)

    return make
