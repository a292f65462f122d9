"""The dashboard's page Progress, which draws itself anew every ten seconds; `make bench`."""

import time
from pathlib import Path

import pytest

from db.store import Store
from study_app.dashboard import board, ways
from study_app.dashboard.board import Board
from study_app.dashboard.views import progress

pytestmark = pytest.mark.benchmark
LIMIT = 0.5  # seconds


def test_progress_at_a_hundred_thousand_responses(hundred_thousand, small):
    def drawn(file: Path) -> tuple[float, float]:
        with Store(file) as store:
            board.use(Board(store, Path(), "", "simulated"))
            version = store.versions()[0]["hash"]
            ways._ways.cache_clear()  # an answer has come since the last time
            wall, processor = time.perf_counter(), time.process_time()
            progress._live(version, "simulated")
            return time.perf_counter() - wall, time.process_time() - processor

    drawn(small[0])  # a warm process: everything is imported
    wall, processor = drawn(hundred_thousand[0])
    print(f"\nprogress at 100,000 responses: {wall:.2f} s (cpu {processor:.2f})")
    assert processor < LIMIT
