"""What is planted in simulated participants is found again, through survey and database."""

from pathlib import Path

import pytest

from analysis import statistics
from analysis.claims import Verdict
from analysis.data.frames import load
from analysis.summaries.summary import summarise
from db.store import Store
from study_app.simulate import simulate

FROZEN = (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8")


@pytest.mark.slow
def test_the_planted_ordering_by_segment_is_found_again(tmp_path: Path) -> None:
    with Store(tmp_path / "whyface.db", synchronous="OFF") as store:
        version = store.add_version("section7", FROZEN)
        assert simulate(store, version, 101) == 101
        frames = load(store, "section7", mode="simulated")
    planted = frames.study["simulate"]["effects"]
    summary = summarise(frames)
    shares = statistics.run("selection_share", summary.frames.main, within="expertise")
    groups = {e.segment: e.participants for e in shares}
    assert set(planted) == set(groups) - {"all"}
    misses = 0
    for e in shares:
        if e.segment != "all":
            truth = planted[e.segment][e.item]
            misses += not e.low <= truth <= e.high
            assert abs(e.value - truth) < 4 * (e.high - e.low) / 3.92
    assert misses <= 2  # 9 intervals of 95 %
    for group in planted:
        here = {e.item: e.value for e in shares if e.segment == group}
        best = max(planted[group], key=planted[group].__getitem__)
        assert max(here, key=here.__getitem__) == best
    interaction = summary.result("interaction", "expertise")
    assert interaction is not None and all((e.p or 1) < 0.01 for e in interaction.estimates)
    verdicts = [c.verdict for entry in summary.published for c in entry.comparisons]
    assert Verdict.DIFFERS not in verdicts
    assert summary.frames.mode == "simulated"
