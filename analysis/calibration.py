"""Do the intervals cover and do the tests hold their level? Measured by simulation.

``python -m analysis.calibration`` prints the tables of docs/explanation/statistics.md. The
simulated design is that of Section 7: 24 questions (3 networks x 8 faces), each participant gets
one for each face, the networks taking turns; people differ in taste, questions in what they favour.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from analysis.intervals import logit_ends, logit_t, wilson
from analysis.resampling import bootstrap_means, percentile
from analysis.statistics import any_difference, clustered_mcnemar, interaction
from analysis.statistics.new_items import crossed

Floats = NDArray[np.float64]
MODELS, FACES = 3, 8
TASTE = 1.24
"""Spread of people on the logit scale: about .21 intraclass correlation of 0/1 answers at 40 %."""
FAVOUR = 0.5
"""Spread of questions on the logit scale."""


def design(n: int) -> NDArray[np.bool_]:
    """Who is asked what: [n, 24], each participant each face once, networks taking turns."""
    person, model, face = np.ogrid[:n, :MODELS, :FACES]
    return np.broadcast_to((person + face) % MODELS == model, (n, MODELS, FACES)).reshape(n, -1)


def answers(n: int, studies: int, seed: int, centre: float = -0.45) -> tuple[Floats, Floats, float]:
    """Ticks of one option in many simulated studies.

    Model: logit P(tick) = centre + taste of the person + favour of the question, both normal.

    Arguments:
        n: participants in each study.
        studies: how many studies.
        seed: of the random generator.
        centre: logit of the share of a middling person for a middling question.

    Returns:
        ticks [studies, n, 24] (nan where not asked), the true share [studies] for each study's own
        questions, and the true share for new questions.
    """
    rng = np.random.default_rng(seed)
    asked = design(n)
    taste = rng.normal(0, TASTE, (studies, n, 1))
    favour = rng.normal(0, FAVOUR, (studies, 1, asked.shape[1]))
    chance = _expit(centre + taste + favour)
    ticks = np.where(asked, rng.random(chance.shape) < chance, np.nan)
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    weights = weights / weights.sum()
    weight = (asked / asked.sum(1, keepdims=True)).mean(0)
    by_item = (_expit(centre + favour[:, 0, :, None] + TASTE * nodes) * weights).sum(-1)
    new = float((_expit(centre + np.hypot(TASTE, FAVOUR) * nodes) * weights).sum())
    return ticks, by_item @ weight, new


def _expit(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))


def coverage(n: int, studies: int = 2000, seed: int = 1) -> dict[str, tuple[float, float]]:
    """How often 95 % intervals hold the truth: for these questions, and for new ones.

    Returns:
        for each interval the two shares of studies in which it held the truth.
    """
    ticks, these, new = answers(n, studies, seed)
    rates = np.nanmean(ticks, axis=-1)
    both = crossed(ticks)
    total = rates.shape[1] * FACES
    found = {
        "pooled Wilson": wilson(rates.mean(-1) * total, total),
        "cluster logit-t": logit_t(rates)[1:],
        "two-way crossed logit-t": logit_ends(both.mean, both.error, both.df),
    }
    some = min(studies, 400)
    ends = [percentile(bootstrap_means(rates[k, :, None], 1000, k)) for k in range(some)]
    low, high = (np.array([end[side][0] for end in ends]) for side in (0, 1))
    shares = {name: (_held(*pair, these), _held(*pair, new)) for name, pair in found.items()}
    shares["cluster bootstrap, percentile"] = _held(low, high, these[:some]), _held(low, high, new)
    return shares


def _held(low: Floats, high: Floats, truth: Floats | float) -> float:
    return float(((low <= truth) & (truth <= high)).mean())


def tastes(n: int, studies: int, seed: int, icc: float = 0.21, share: float = 0.4) -> Floats:
    """Rates [studies, n, 3] of people with own tastes, when on average no option is preferred."""
    rng = np.random.default_rng(seed)
    even = (1 - icc) / icc
    own = rng.beta(share * even, (1 - share) * even, (studies, n, 3))
    return rng.binomial(FACES, own) / FACES


def false_alarms(n: int, studies: int = 1000, seed: int = 2) -> dict[str, float]:
    """How often tests at level .05 find a difference where there is none."""
    rates = tastes(n, studies, seed)
    group = np.arange(n) % 3
    eight = np.full(n, FACES)

    def pairs(table: Floats) -> float:
        # Whole ticks of two options, as if made independently of each other.
        tests = [
            _chi2(clustered_mcnemar.durkalski(FACES * table[:, a], FACES * table[:, b], eight))
            for a, b in ((0, 1), (0, 2), (1, 2))
        ]
        return 3 * min(tests)  # Holm rejects something just when the smallest p clears alpha / 3

    tests: dict[str, Callable[[Floats, int], float]] = {
        "pooled chi-square": lambda table, k: _pooled(table),
        "Hotelling T²": lambda table, k: any_difference.hotelling(table)[1],
        "labels permuted within people": lambda table, k: any_difference.permutation(table, 199, k)[
            1
        ],
        "clustered McNemar, Holm": lambda table, k: pairs(table),
        "interaction: pooled chi-squares": lambda table, k: _pooled_by_group(table, group),
        "interaction: groups permuted": lambda table, k: interaction.permutation(
            table, group, 199, k
        )[1],
        "interaction: MANOVA": lambda table, k: interaction.manova(table, group)[1],
    }
    return {
        name: float(np.mean([test(table, k) <= 0.05 for k, table in enumerate(rates)]))
        for name, test in tests.items()
    }


def _chi2(value: float) -> float:
    from scipy import stats

    return float(stats.chi2.sf(value, 1))


def _pooled(table: Floats) -> float:
    from scipy import stats

    ticks = FACES * table.sum(0)
    counts = np.stack([ticks, FACES * len(table) - ticks])
    return float(stats.chi2_contingency(counts, correction=False).pvalue)


def _pooled_by_group(table: Floats, group: NDArray[np.int64]) -> float:
    from scipy import stats

    smallest = 1.0
    for option in table.T:
        ticks = FACES * np.bincount(group, option)
        counts = np.stack([ticks, FACES * np.bincount(group) - ticks])
        smallest = min(smallest, stats.chi2_contingency(counts, correction=False).pvalue)
    return smallest


def main() -> None:
    """Print both tables as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m analysis.calibration", description=__doc__)
    parser.add_argument("--studies", type=int, default=4000, help="simulated studies for each cell")
    studies = parser.parse_args().studies
    sizes = (101, 36, 12)
    print(f"Coverage of 95 % intervals, {studies} simulated studies (bootstrap: 400)\n")
    print("| interval | " + " | ".join(f"n = {n}" for n in sizes) + " | new questions, n = 101 |")
    print("|---" * (len(sizes) + 2) + "|")
    found = {n: coverage(n, studies) for n in sizes}
    for name, (_, new) in found[sizes[0]].items():
        cells = [f"{found[n][name][0]:.3f}" for n in sizes]
        print(f"| {name} | {' | '.join(cells)} | {new:.3f} |")
    alarms = false_alarms(101, studies)
    print(f"\nFalse alarms at level .05, n = 101, {studies} simulated studies\n")
    print("| test | rate |\n|---|---|")
    for name, rate in alarms.items():
        print(f"| {name} | {rate:.3f} |")


if __name__ == "__main__":
    main()
