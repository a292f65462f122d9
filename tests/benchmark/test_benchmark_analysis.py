"""The analysis beside plain pandas, and a dashboard over a million answers; `make bench`.

Wall and processor seconds: on a machine that others use, look at the processor's.
"""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.data import collapsed, exclusions, frames
from analysis.plan import compute
from analysis.resampling import bootstrap_means, shuffled_within
from db.store import Store
from study_app.dashboard import board, data, figures
from study_app.dashboard.board import Board

RESAMPLES = 10_000
pytestmark = pytest.mark.benchmark


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds of all threads."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def line(name: str, ours: tuple[float, float], theirs: tuple[float, float], note: str = "") -> None:
    print(
        f"{name:44} {ours[0]:8.3f} s (cpu {ours[1]:7.3f})   pandas {theirs[0]:10.2f} s "
        f"(cpu {theirs[1]:10.2f})   {theirs[1] / ours[1]:9.0f} x   {note}"
    )


def people(n: int) -> np.ndarray:
    """Rates of three options in eight questions."""
    rng = np.random.default_rng(n)
    return rng.binomial(8, rng.beta(2, 2, (n, 3))) / 8


def scaled(work: Callable[[], object], times: int) -> tuple[float, float]:
    """The time of ``RESAMPLES`` runs, from ``times`` of them."""
    one = timed(lambda: [work() for _ in range(times)])
    return one[0] * RESAMPLES / times, one[1] * RESAMPLES / times


@pytest.mark.parametrize(("n", "times"), [(101, 200), (100_000, 5)])
def test_cluster_resamples(n, times):
    table = people(n)
    frame = pd.DataFrame(table)
    ours = timed(lambda: bootstrap_means(table, RESAMPLES))
    theirs = scaled(lambda: frame.sample(n, replace=True).mean(), times)
    print()
    line(f"{RESAMPLES:,} cluster resamples, n = {n:,}", ours, theirs, f"pandas: {times}, scaled")
    assert ours[1] < theirs[1]


@pytest.mark.parametrize(("n", "times"), [(101, 100), (100_000, 2)])
def test_permutations_within_people(n, times):
    table = people(n)
    frame = pd.DataFrame(table)
    rng = np.random.default_rng(0)
    ours = timed(lambda: shuffled_within(table, RESAMPLES, rng))
    shuffle = lambda: frame.apply(rng.permutation, axis=1, raw=True).sum()  # noqa: E731
    theirs = scaled(shuffle, times)
    print()
    line(f"{RESAMPLES:,} permutations, n = {n:,}", ours, theirs, f"pandas: {times}, scaled")
    assert ours[1] < theirs[1]


def test_sums_in_the_database_beside_reading_the_rows(million):
    file, version = million
    found = {}

    def rows():
        with Store(file) as store:
            whole = frames.load(store, None, version, "simulated")
        found["rows"] = exclusions.apply(whole, exclusions.find(whole))

    def sums():
        with Store(file) as store:
            found["sums"] = collapsed.load(store, version, "simulated").after

    ours, theirs = timed(sums), timed(rows)
    print()
    line("a million answers, summed up in SQL", ours, theirs, "pandas: reads the rows")
    one, other = (
        compute(found[name], "selection_share", within="expertise") for name in ("sums", "rows")
    )
    for e, expected in zip(one.estimates, other.estimates, strict=True):
        assert abs(e.value - expected.value) < 1e-12 and abs(e.low - expected.low) < 1e-12
        assert (e.participants, e.answers) == (expected.participants, expected.answers)
    assert ours[1] < theirs[1]


def test_the_first_chart_of_a_million_answers(million, small):

    def first(store: Store) -> None:
        """What a visitor of the page Results waits for until the first chart is there."""
        board.use(Board(store, Path(), "", "simulated"))
        shown = data.look(store.versions()[0]["hash"], "simulated")
        data.glance(shown, "expertise").leads("expertise")
        figures.file(shown, "preference_expertise", "svg")

    with Store(small[0]) as store:  # a warm process: everything is imported
        first(store)
    with Store(million[0]) as store:
        took = timed(lambda: first(store))
    print(f"\nfirst chart of a million answers: {took[0]:.2f} s (cpu {took[1]:.2f})")
