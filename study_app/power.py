"""The power of a study's own plan over numbers of participants and questions, and sizes of effect.

The study is rehearsed (`study_app.rehearsal`) in each design of a grid; each planned analysis is
computed as written, and it is counted how often it finds what is planted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil, isnan
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import power
from analysis.multiplicity import TITLES
from analysis.reports.power_report import About
from explainers.problems import Problem, Problems
from study_app.frozen import Frozen
from study_app.rehearsal import cells, design
from study_app.rehearsal.outcome import Key, Outcomes, results
from study_app.rehearsal.people import rehearsal
from study_app.rehearsal.truth import planted, without_effect
from study_app.study_file.study import Study

FEWEST = 4
"""With fewer participants no planned test can be made."""
SHUFFLES = 499
"""Of permutation tests in a simulated study, unless the family of tests needs more."""


@dataclass(frozen=True)
class Grid:
    """The designs to try, and how.

    Arguments:
        participants, questions, effects: the grid; effects as in `design.scaled`.
        studies: simulated studies of each design.
        seed: of the simulated people.
        alpha: level of the planned family of tests.
        target: the power wanted.
    """

    participants: tuple[int, ...]
    questions: tuple[int, ...]
    effects: tuple[float, ...]
    studies: int = 200
    seed: int = 0
    alpha: float = 0.05
    target: float = 0.8


@dataclass(frozen=True)
class Found:
    """What came out.

    Arguments:
        table: power of each planned analysis and of each of its tests, see `analysis.power`.
        margins: how wide the intervals are: design, analysis, quantity, item, segment, ``margin``
            (half the mean width).
        shuffles: of the permutation tests.
    """

    table: pd.DataFrame
    margins: pd.DataFrame
    shuffles: int


def mistakes(study: Study, grid: Grid) -> Iterator[Problem]:
    """All that keeps the power of this study from being computed on this grid."""
    yield from unplannable(study)
    if min(grid.participants) < FEWEST:
        what = f"{min(grid.participants)} participants are too few for any test"
        yield Problem("-n", what, f"ask for {FEWEST} or more")
    if min(grid.questions) < 1:
        yield Problem("--items", "nobody is asked anything", "ask 1 question or more")
    if not grid.alpha < grid.target < 1:
        what = f"a power of {grid.target:g} makes no sense for tests at level {grid.alpha:g}"
        yield Problem("--power", what, "ask for something like .8")
    if min(grid.effects) < 0:
        yield Problem("--effect", "is negative", "0 is no effect, 1 is as planted")
    if study.simulate is not None:
        for effect in grid.effects:
            shares = [p for row in design.scaled(study, effect).values() for p in row.values()]
            if not all(-1e-12 <= p <= 1 + 1e-12 for p in shares):
                what = f"{effect:g} times the planted effects would be shares below 0 or above 1"
                yield Problem("--effect", what, f"at most {_largest(study):.3g} is possible")


def unplannable(study: Study) -> Iterator[Problem]:
    """What the study file lacks for its plan to be rehearsed."""
    if study.simulate is None:
        fix = "write what you expect: `whyface init section7` shows how"
        yield Problem("study.yaml", "has no 'simulate:', so there is no effect to find", fix)
    if not study.analysis:
        fix = "write down what you will compute: `whyface init section7` shows how"
        yield Problem("study.yaml", "has no 'analysis:', so nothing is planned", fix)


def _largest(study: Study) -> float:
    """The largest multiple of the planted effects that keeps all shares in [0, 1]."""
    as_planted, none = design.scaled(study, 1), design.scaled(study, 0)
    rooms = []
    for group, row in as_planted.items():
        for name, p in row.items():
            mean = none[group][name]
            if p != mean:
                rooms.append(((1 - mean) if p > mean else mean) / abs(p - mean))
    return min(rooms)


def shuffles_for(study: Study, level: float) -> int:
    """Shuffles enough for the smallest p that the adjusted family asks of a permutation test.

    Formula: with m tests in the family, Holm's first step asks for p <= alpha / m; 5 m / alpha
    shuffles resolve that to a fifth, and p values of permutations are valid with any number.

    Errors: Problems, all planned analyses that cannot be computed at all.
    """
    version, text = design.rehearsed(study, shuffles=SHUFFLES)
    frames = rehearsal(version, text).frames(60, f"{study.seed} trial run")
    found = results(frames, level)
    wrong = [
        Problem(f"study.yaml: analysis {result.id}", result.problem, "mend it in the study file")
        for result in found
        if result.problem
    ]
    if wrong:
        raise Problems(wrong)
    tests = sum(p is not None for result in found for p in result.family)
    return min(max(SHUFFLES, ceil(5 * tests / (1 - level)) - 1), 9_999)


def compute(
    study: Study, grid: Grid, folder: Path, workers: int = 0, stream: IO[str] | None = None
) -> Found:
    """Rehearse the study in each design and count.

    Arguments:
        study: with ``simulate`` and ``analysis``.
        grid: sound, see `mistakes`.
        folder: where simulated batches are kept, see `study_app.rehearsal.cells.run`.
        workers, stream: likewise.

    Errors: Problems.
    """
    level = 1 - grid.alpha
    shuffles = shuffles_for(study, level)
    designs = list(product(grid.effects, grid.questions, grid.participants))
    texts = {
        (m, effect): design.rehearsed(study, m, effect, shuffles)
        for effect, m in product(grid.effects, grid.questions)
    }
    wanted = [
        cells.Cell(*texts[m, effect], n, grid.studies, grid.seed, level) for effect, m, n in designs
    ]
    counts: list[dict[str, Any]] = []
    margins: list[dict[str, Any]] = []
    for (effect, m, n), cell, outcomes in zip(
        designs, wanted, cells.run(wanted, folder, workers, stream), strict=True
    ):
        frozen = Frozen.parse(cell.version, cell.text)
        here = {"participants": n, "questions": m, "effect": effect}
        counts += [here | row for row in _counts(frozen, outcomes, grid.alpha, effect)]
        margins += [here | row for row in _margins(outcomes)]
    table = pd.DataFrame(counts, columns=[*power.COLUMNS[:-3]])
    return Found(power.with_power(table), pd.DataFrame(margins), shuffles)


def tests(outcomes: Outcomes) -> list[Key]:
    """The estimates that can find something: those of the planned family, and clear intervals.

    Of each analysis its first quantity with p values counts, as in `analysis.plan.in_family`.
    """
    chosen: list[Key] = []
    for name in dict.fromkeys(key.analysis for key in outcomes.keys):
        keys = [key for key in outcomes.keys if key.analysis == name]
        with_p = [key for key in keys if not np.isnan(outcomes.of(key, "family")).all()]
        if with_p:
            chosen += [key for key in with_p if key.quantity == with_p[0].quantity]
        else:
            chosen += [key for key in keys if no_effect(key.quantity) is not None]
    return chosen


def no_effect(quantity: str) -> float | None:
    """The value of a quantity that means no effect; None where no value does, as for a share."""
    if quantity.endswith("_difference"):
        return 0.0
    return 1.0 if quantity.endswith("_ratio") else None


def finds(
    outcomes: Outcomes, key: Key, alpha: float, truth: float, none: float = 0.0
) -> NDArray[np.bool_]:
    """[studies] whether each found something, on the planted side where that is known.

    Arguments:
        truth: what is planted, from no effect on.
        none: the value of no effect.
    """
    p, value = outcomes.of(key, "family"), outcomes.of(key, "value")
    if np.isnan(p).all():
        null = no_effect(key.quantity)
        null = np.nan if null is None else null
        found = (outcomes.of(key, "low") > null) | (outcomes.of(key, "high") < null)
    else:
        found = p <= alpha + 1e-12
    wrong = not isnan(truth) and truth != 0
    return found & (np.sign(value - none) == np.sign(truth)) if wrong else found


def _counts(
    frozen: Frozen, outcomes: Outcomes, alpha: float, effect: float
) -> Iterator[dict[str, Any]]:
    tested = tests(outcomes)
    for name in dict.fromkeys(key.analysis for key in tested):
        keys = [key for key in tested if key.analysis == name]
        none = {key: without_effect(frozen.study, key) for key in keys}
        truth = {key: planted(frozen.study, key) - none[key] for key in keys}
        truth = {key: 0.0 if abs(value) < 1e-6 else value for key, value in truth.items()}
        found = {key: finds(outcomes, key, alpha, truth[key], none[key]) for key in keys}
        # Without any effect whatever is found is a false alarm; else what is not there does not
        # count as found.
        there = [key for key in keys if truth[key] != 0] if effect else keys
        some = np.any([found[key] for key in there], axis=0) if there else None
        common = {"analysis": name, "studies": len(outcomes)}
        if some is not None:
            whole = {"item": power.WHOLE, "segment": "", "planted": np.nan}
            yield common | whole | {"found": int(some.sum())}
        for key in keys:
            own = {"item": key.item or key.quantity, "segment": key.segment}
            yield common | own | {"planted": truth[key], "found": int(found[key].sum())}


def _margins(outcomes: Outcomes) -> Iterator[dict[str, Any]]:
    for key in outcomes.keys:
        widths = outcomes.of(key, "high") - outcomes.of(key, "low")
        if not np.isnan(widths).all():
            yield {**key._asdict(), "margin": float(np.nanmean(widths) / 2)}


def around(study: Study) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Numbers of participants and of questions to try unless named: half, as planned, double."""
    n = study.simulate.n if study.simulate else 100
    m = design.own_items(study)
    return _three(n, FEWEST), _three(m, 1)


def _three(number: int, least: int) -> tuple[int, ...]:
    return tuple(sorted({max(least, number // 2), max(least, number), 2 * number}))


def assumed(study: Study, questions: Sequence[int]) -> list[str]:
    """What was assumed beyond the study file, one sentence each."""
    told = []
    faces = len(study.faces.main)
    more = [m for m in questions if faces and m > faces]
    if more:
        many = " and ".join(str(m) for m in more)
        told.append(
            f"The study has {faces} main faces, so it can ask each participant up to {faces} "
            f"questions; {many} questions assume more faces of the same kind."
        )
    blocks = [block for block in study.blocks if block.role == "main"]
    if len(blocks) > 1:
        told.append(f"Each of the {len(blocks)} main blocks asks that many questions.")
    return told


def about(study: Study, grid: Grid, shuffles: int) -> About:
    """What the page says about the simulation."""
    adjusted = TITLES.get(study.multiplicity)
    return About(
        study.title,
        {entry.id: entry.question for entry in study.analysis},
        grid.target,
        grid.alpha,
        grid.studies,
        grid.seed,
        shuffles,
        design.own_items(study),
        assumed(study, grid.questions),
        f"adjusted by {adjusted} over all planned tests" if adjusted else "as each test gives it",
    )
