from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.data import exclusions, segments
from analysis.data.frames import Frames, build, load
from analysis.errors import AnalysisError
from analysis.plan import exploratory, planned
from analysis.summaries.demographics import demographics
from analysis.summaries.summary import summarise
from db.store import Store

Make = Callable[..., Frames]
FROZEN = (Path(__file__).parents[2] / "data" / "frozen_section7.json").read_text("utf-8")
PERSON = {"participant": "p", "mode": "live", "state": "completed", "background": {}}
ANSWER = {"participant": "p", "trial": 1, "role": "main", "item": "age-f01", "option": "saliency",
          "scale": "selection", "value": 1.0}  # fmt: skip
STUDY = {"study": {"id": "s", "stimuli": {"saliency": {}}}, "items": []}


def test_segments_are_ordered_as_declared_and_named(simulated: Make) -> None:
    frames = simulated(n=20)
    for table in (frames.participants, frames.main):
        assert table["expertise"].cat.ordered
        assert list(table["expertise"].cat.categories) == ["never", "aware", "user"]
    assert frames.labels("expertise")["never"] == "Never heard of it"
    assert frames.labels("explainability")["never"] == "I have never heard of it"


def test_each_offered_option_is_a_row_and_only_main_answers_count(simulated: Make) -> None:
    frames = simulated(n=10)
    assert len(frames.main) == 10 * 8 * 3
    assert set(frames.responses["role"]) == {"main", "attention"}
    assert frames.main["value"].isin([0, 1]).all() and (frames.main["value"] == 0).any()
    assert set(frames.main["model"].cat.categories) == {"gender", "age", "expression"}
    assert frames.main.loc[frames.main["item"] == "age-f03", "face"].eq("f03").all()


def test_contradictions_are_all_named() -> None:
    people = [PERSON, PERSON, {**PERSON, "participant": "q", "mode": "pilot"}]
    rows = [ANSWER, ANSWER, {**ANSWER, "participant": "x", "trial": 2, "value": 3.0}]
    with pytest.raises(AnalysisError) as error:
        build(STUDY, rows, people, mode="live")
    for told in ("mode pilot among", "1 participants stand twice", "answers of 1 participants",
                 "answered twice", "neither 0 nor 1"):  # fmt: skip
        assert told in str(error.value)


def test_an_answer_that_was_preferred_not_to_be_given_is_no_category() -> None:
    study = {**STUDY["study"], "background": [{"id": "job", "ask": "?", "choices": {"a": "A"}}]}
    people = [{**PERSON, "background": {"job": "prefer_not_to_say"}}]
    frames = build({**STUDY, "study": study}, [ANSWER], people, mode="live")
    [question] = demographics(frames)
    assert question.estimates[0].participants == 0
    assert question.estimates[0].note == "no participants"


def test_exclusions_are_counted_by_rule_and_taken_out(simulated: Make) -> None:
    frames = simulated(n=40, unfinished=3, inattentive=5)
    slow = frames.responses["participant"].isin(["p10", "p11"])
    frames.responses.loc[slow, "rt_ms"] = 120.0
    one = frames.responses["trial"] == frames.responses.loc[
        frames.responses["participant"] == "p20", "trial"
    ].iloc[0]  # fmt: skip
    frames.responses.loc[one, "rt_ms"] = 100.0
    found = {rule.rule: rule for rule in exclusions.find(frames)}
    assert sorted(found["incomplete"].participants) == ["p0", "p1", "p2"]
    assert sorted(found["attention"].participants) == ["p0", "p1", "p2", "p3", "p4"]
    assert sorted(found["too_fast"].participants) == ["p10", "p11"]
    assert len(found["fast_answers"].trials) == 1
    rules = list(found.values())
    kept = exclusions.apply(frames, rules)
    assert len(kept.participants) == 33 == 40 - exclusions.left_out(rules)
    assert len(kept.main) == (33 * 8 - 1) * 3


def test_a_rule_that_the_study_does_not_declare_is_not_applied(simulated: Make) -> None:
    frames = simulated(n=6, study={**simulated(n=4).study, "quality": {}})
    assert [rule.rule for rule in exclusions.find(frames)] == ["incomplete"]


def test_planned_analyses_run_as_written_and_others_are_exploratory(simulated: Make) -> None:
    frames = simulated(n=24)
    plan = planned(frames)
    assert [(r.id, r.statistic, r.planned) for r in plan] == [
        ("H1", "selection_share", True),
        ("H2", "interaction", True),
    ]
    others = exploratory(frames)
    assert not any(r.planned for r in others)
    requests = {(r.statistic, r.by, r.within) for r in others}
    assert ("selection_share", "option", "expertise") not in requests
    assert {"new_items", "clustered_mcnemar", "any_difference"} <= {s for s, *_ in requests}


def test_a_plan_that_cannot_be_computed_says_why(simulated: Make) -> None:
    study = {**simulated(n=4).study,
             "analysis": [{"id": "H9", "question": "?", "statistic": "interaction"}]}  # fmt: skip
    [result] = planned(simulated(n=6, study=study))
    assert result.estimates == ()
    assert "compares groups, but none is named" in result.problem


def test_demographics_count_people(simulated: Make) -> None:
    frames = simulated(groups=["never"] * 3 + ["user"] * 7)
    deep, familiar = demographics(frames)
    assert [e.answers for e in familiar.estimates] == [3, 0, 7]
    assert [e.participants for e in familiar.estimates] == [10, 10, 10]
    assert familiar.estimates[2].value == pytest.approx(0.7)
    assert deep.estimates[2].answers == 7


def test_an_empty_database_says_what_to_do(tmp_path: Path) -> None:
    with Store(tmp_path / "a.db") as store:
        with pytest.raises(AnalysisError, match="holds no study"):
            load(store)
        version = store.add_version("section7", FROZEN)
        with pytest.raises(AnalysisError, match="has no participants of mode live"):
            load(store, "section7")
        with pytest.raises(AnalysisError, match="holds no version ffff"):
            load(store, "section7", "ffff")
        with pytest.raises(AnalysisError, match="use one of: live, pilot"):
            load(store, mode="real")
        assert version


def test_everybody_excluded_is_said_with_counts(simulated: Make) -> None:
    with pytest.raises(AnalysisError) as error:
        summarise(simulated(n=4, unfinished=4))
    assert "the exclusions leave no answers" in str(error.value)
    assert "did not answer all questions: 4" in str(error.value)


def test_groups_yield_everybody_first_and_leave_out_who_did_not_say() -> None:
    frame = pd.DataFrame({"g": pd.Categorical(["b", None, "a"], ["a", "b", "c"]), "v": [1, 2, 3]})
    sizes = [(name, len(part)) for name, part in segments.groups(frame, "g")]
    assert sizes == [("all", 3), ("a", 1), ("b", 1), ("c", 0)]


def test_modes_are_never_mixed(simulated: Make) -> None:
    frames = simulated(n=8)
    assert frames.mode == "simulated"
    assert set(frames.participants["mode"]) == {"simulated"}
    with pytest.raises(AnalysisError, match="mode simulated among those of mode live"):
        build({"study": frames.study}, frames.responses, frames.participants, mode="live")


def test_an_unanimous_study_still_reports(simulated: Make) -> None:
    sure = {g: {"saliency": 1.0, "inversion": 0.0, "visualization": 0.0}
            for g in ("never", "aware", "user")}  # fmt: skip
    summary = summarise(simulated(groups=["never"] * 8 + ["user"], effects=sure, icc=0))
    assert summary.findings[0].startswith("Among all 9 participants, Saliency was picked most")
    for result in summary.results:
        for e in result.estimates:
            assert e.p is None or np.isnan(e.p) or e.p > 0
