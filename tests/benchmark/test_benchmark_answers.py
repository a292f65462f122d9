"""How long a page's database work takes, with every commit safe on the disk; `make bench`."""

import json
import statistics
import time
from collections import defaultdict
from pathlib import Path

import pytest

from db.store import Store
from study_app.participation import session
from study_app.participation.session import Page

FROZEN = (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8")


@pytest.mark.benchmark
@pytest.mark.parametrize("synchronous", ["FULL", "OFF"])
def test_milliseconds_a_step(tmp_path, synchronous):
    took = defaultdict(list)

    def timed(name, function, *arguments):
        began = time.perf_counter()
        result = function(*arguments)
        took[name].append(1000 * (time.perf_counter() - began))
        return result

    with Store(tmp_path / "a.db", synchronous=synchronous) as store:
        version = store.add_version("section7", FROZEN)
        choices = {
            question["id"]: next(iter(question["choices"]))
            for question in json.loads(FROZEN)["study"]["background"]
        }
        for _ in range(40):
            token = session.new_token(store)
            timed("join", session.join, store, version, "test", token)
            timed("save_background", session.save_background, store, token, choices)
            session.finish_instructions(store, token)
            while (here := timed("state", session.state, store, token)).page == Page.TRIAL:
                timed("mark_shown", session.mark_shown, store, token, here.trial.token)
                sent = {"answer": {"chosen": [1], "none": False}, "rt_ms": 1000.0}
                timed("answer", session.answer, store, token, here.trial.token, sent)
    print(f"\nsynchronous={synchronous}")
    for name, times in took.items():
        p95 = sorted(times)[int(0.95 * len(times))]
        print(f"{name:16} median {statistics.median(times):6.2f} ms   p95 {p95:6.2f} ms")
    assert len(took["answer"]) == 400
