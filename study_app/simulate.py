"""Simulated participants: preferences that are known, walked through the real study.

They use the functions that browsers use, are stored as ``simulated``, and are never mixed with
people. If the analysis does not find again what was planted here, it would not find it in people.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from db.records import Mode
from db.store import Store
from explainers.problems import Problems
from study_app import trials
from study_app.frozen import Frozen, frozen
from study_app.participation import session
from study_app.participation.joining import screened_out
from study_app.participation.session import Page
from study_app.trials import Person

_DRAWS = 1000
MOST_FAILED = 100
"""So many simulated people in a row may fail the practice before it is called hopeless."""
ATTENTIVE = 0.96
"""Probability that a simulated person passes an attention check."""
MEDIAN_MS, PERSON_SIGMA, TRIAL_SIGMA, LEARNING = 9000.0, 0.35, 0.45, 0.96
"""Response times: median of the first answer, spreads of the logarithm, factor per trial."""


def simulate(
    store: Store,
    version: str,
    n: int,
    seed: int | None = None,
    each: Callable[[], None] = lambda: None,
) -> int:
    """Walk simulated participants through a study until there are ``n`` who finished.

    Formula: with planted probability p of picking an option in a person's group and planted
    intraclass correlation r, that person's own rate is drawn from Beta(p (1-r)/r, (1-p) (1-r)/r),
    independently for each option: its mean is p, its variance r p (1-p), so that two answers of
    one person correlate by r. Response times are lognormal, with a person's own pace.

    Source: the beta-binomial model, J. G. Skellam, J. Royal Stat. Soc. B 10 (1948) 257-261.

    Arguments:
        n: how many there shall be in all; those who are there already count.
        seed: instead of the study's own. The k-th person of a seed always answers the same.
        each: called after each participant.

    Returns: how many were added.

    Errors: Problems when the study plants nothing, or nobody passes its practice.
    """
    study = frozen(store, version)
    if not study.study.get("simulate"):
        fix = "`whyface init section7` shows how it is written"
        raise Problems.one("study.yaml", "has no 'simulate:', so nothing can be planted", fix)
    before = store.progress(version=version, mode=Mode.SIMULATED)
    done, joined = before["completed"], before["joined"]
    seed = study.study["seed"] if seed is None else seed
    for _ in range(n - done):
        for _ in range(MOST_FAILED):
            joined += 1
            token = walk(store, study, Random(f"{seed} simulated person {joined}"))
            here = session.state(store, token)
            if here is not None and here.page == Page.DEBRIEFING:
                break
        else:
            raise hopeless()
        each()
    return max(n - done, 0)


def hopeless() -> Problems:
    """What is said when nobody passes the practice."""
    what = f"the practice ends the study for {MOST_FAILED} simulated people in a row"
    fix = "plant larger shares under simulate.effects, or lower pass: or write on_fail: continue"
    return Problems.one("study.yaml: practice", what, fix)


def walk(store: Store, study: Frozen, rng: Random, mode: Mode = Mode.SIMULATED) -> str:
    """One simulated participant from consent to the end, mostly completion; their token."""
    token = session.new_token(store)
    session.give_consent(store, token, study.version, mode, agreed=True)
    background = draw_background(study, rng)
    person = draw_person(study, background, rng)
    pace = rng.lognormvariate(0, PERSON_SIGMA)
    if "language" in background:
        session.speak(store, token, background["language"])
    session.save_background(store, token, background)
    check = study.instruction_check
    session.finish_instructions(store, token, None if check is None else check["right"])
    while (here := session.state(store, token)) is not None and here.page == Page.TRIAL:
        shown, asked = here.trial, here.asked
        assert shown is not None and asked is not None
        if here.feedback is not None:
            session.go_on(store, token, shown.token)
            continue
        session.mark_shown(store, token, shown.token)
        rt_ms = response_ms(pace, here.answered, rng)
        sent = {
            "answer": trials.load(shown.type).simulate(asked, person),
            "rt_ms": round(rt_ms, 1),
            "hidden_ms": 0.0,
            "events": [],
        }
        outcome = session.answer(store, token, shown.token, sent)
        if outcome.kind != "stored":
            raise RuntimeError(f"a simulated answer was {outcome.kind}: {outcome.reason}")
    return token


def response_ms(pace: float, answered: int, rng: Random) -> float:
    """How long an answer takes: lognormal, faster with each question answered before."""
    return MEDIAN_MS * pace * LEARNING**answered * rng.lognormvariate(0, TRIAL_SIGMA)


def draw_background(study: Frozen, rng: Random) -> dict[str, str]:
    """Answers to the background questions, by planted shares; even where none are planted.

    Where there are several languages, also the ``language``. Whoever would be screened out is
    drawn anew.

    Errors: Problems when nobody is let in.
    """
    planted: Mapping[str, Mapping[str, float]] = study.study["simulate"].get("background") or {}
    asked = {question["id"]: tuple(question["choices"]) for question in study.background}
    if len(study.languages) > 1:
        asked["language"] = study.languages
    for _ in range(_DRAWS):
        answers = {}
        for name, choices in asked.items():
            shares = planted.get(name) or dict.fromkeys(choices, 1.0)
            answers[name] = rng.choices(list(shares), list(shares.values()))[0]
        if not screened_out(study, answers):
            return answers
    what = f"lets in none of {_DRAWS:,} people whose background is as under 'simulate'"
    fix = "give the choices that are let in larger shares under simulate.background"
    raise Problems.one("study.yaml: screen_out", what, fix)


def draw_person(study: Frozen, background: Mapping[str, str], rng: Random) -> Person:
    """A person of the group that their background puts them in, with rates of their own."""
    planted: Mapping[str, Any] = study.study["simulate"]
    segment = next(iter((study.study.get("segments") or {}).values()), None)
    group = background.get(segment["from"], "all") if segment else "all"
    effects = planted["effects"].get(group) or planted["effects"].get("all") or {}
    rates = {option: own_rate(p, planted.get("icc", 0.0), rng) for option, p in effects.items()}
    return Person(rates, ATTENTIVE, rng)


def own_rate(p: float, icc: float, rng: Random) -> float:
    """One person's rate: Beta with mean ``p`` and variance ``icc p (1 - p)``.

    Example:
        >>> own_rate(0.3, 0, Random(1)), own_rate(1, 0.2, Random(1))
        (0.3, 1)
    """
    if icc <= 0 or p <= 0 or p >= 1 or math.isinf(size := (1 - icc) / icc):
        return p
    return rng.betavariate(p * size, (1 - p) * size)
