"""A study rehearsed in memory is the study itself: sequence, trial types, tables, shares."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.data import frames as tidy
from study_app import trials
from study_app.frozen import Frozen
from study_app.orders.sequence import planned
from study_app.rehearsal import cells, design
from study_app.rehearsal.cells import Cell, run
from study_app.rehearsal.outcome import Key, outcome
from study_app.rehearsal.people import Rehearsal
from study_app.rehearsal.truth import planted
from study_app.study_file.load import HOME, load_study
from study_app.study_file.questions import Block


@pytest.fixture(scope="module")
def section7():
    return load_study(HOME / "studies" / "section7")


def only(study, *ids, **changes):
    """The study with these analyses only."""
    plan = tuple(entry for entry in study.analysis if entry.id in ids)
    return study.model_copy(update={"analysis": plan, **changes})


def rehearsal(study, *size) -> Rehearsal:
    return Rehearsal(Frozen.parse(*design.rehearsed(study, *size)))


def test_frames_are_what_the_database_would_give(section7):
    own = rehearsal(section7)
    frames = own.frames(9, "chance")
    questions = [q["id"] for q in own.study.background]
    people = frames.participants[["participant", "mode", "state"]].copy()
    for name in questions:
        people[name] = frames.participants[name].astype(object)
    rows = frames.responses[list(tidy.RESPONSES)].astype({"option": object})
    built = tidy.build(
        {"study": own.study.study, "items": own.study.items}, rows, people, mode="simulated"
    )
    pd.testing.assert_frame_equal(
        frames.responses, built.responses, check_dtype=False, check_like=True
    )
    for name in (*questions, "expertise"):
        assert frames.participants[name].tolist() == built.participants[name].tolist()
        order = built.participants[name].cat.categories
        assert frames.participants[name].cat.categories.equals(order)


def test_everybody_is_asked_what_the_study_plans(section7):
    own = rehearsal(section7)
    rows = own.frames(7, "chance").responses
    for number, asked in rows.groupby("participant"):
        plans = [plan for plan in planned(own.study, number) if plan.role != "practice"]
        assert [
            (p.position, p.role, p.item, o.option, o.position) for p in plans for o in p.options
        ] == list(
            asked[["position", "role", "item", "option", "option_position"]].itertuples(
                index=False, name=None
            )
        )


PREDICTIONS = [name for name in trials.names() if not trials.about_concepts(name)]


@pytest.mark.parametrize("name", PREDICTIONS)
def test_every_trial_type_can_be_rehearsed(section7, name):
    common = [
        block.model_dump(include=set(Block.model_fields), exclude_none=True)
        for block in section7.blocks
    ]
    blocks = tuple(Block.model_validate({**block, "trial": name}) for block in common)
    study = section7.model_copy(update={"blocks": blocks})
    main = rehearsal(study, 4).frames(5, "chance").main
    assert main["participant"].nunique() == 5 and set(main["type"]) == {name}
    assert set(main["scale"]) == {str(trials.load(name).SCALE)}
    answered = main["text"] if set(main["scale"]) == {"word"} else main["value"]
    assert answered.notna().all()


def test_a_larger_study_is_the_smaller_one_with_more_people(section7):
    own = rehearsal(section7)
    few, many = own.frames(4, "chance").responses, own.frames(6, "chance").responses
    columns = ["participant", "item", "option", "value", "rt_ms", "expertise"]
    pd.testing.assert_frame_equal(few[columns], many[columns].head(len(few)))
    other = own.frames(4, "another").responses
    assert (other["value"] != few["value"]).any()


def test_people_answer_as_planted(section7):
    frames = rehearsal(section7).frames(600, "many")
    shares = section7.simulate.effects
    rates = frames.main.groupby(["participant", "expertise", "option"], observed=True)["value"]
    people = rates.mean().reset_index()
    for group, effects in shares.items():
        for option, share in effects.items():
            own = people[(people["expertise"] == group) & (people["option"] == option)]["value"]
            assert abs(own.mean() - share) < 4 * own.std() / np.sqrt(len(own))
    # The spread of people's rates is that of the planted intraclass correlation.
    icc, m = section7.simulate.icc, 8
    one = (people["expertise"] == "aware") & (people["option"] == "saliency")
    spread = people[one]["value"].var()
    p = shares["aware"]["saliency"]
    assert spread == pytest.approx(p * (1 - p) * (icc + (1 - icc) / m), rel=0.3)


def test_effects_are_scaled_around_their_mean(section7):
    planted_shares = section7.simulate.effects
    assert design.scaled(section7, 1) == planted_shares
    sizes = section7.simulate.background["explainability"]
    mean = sum(sizes[g] * p / 3 for g, row in planted_shares.items() for p in row.values())
    none = design.scaled(section7, 0)
    assert {round(p, 12) for row in none.values() for p in row.values()} == {round(mean, 12)}
    half = design.scaled(section7, 0.5)
    for group, row in planted_shares.items():
        assert half[group]["saliency"] - half[group]["inversion"] == pytest.approx(
            (row["saliency"] - row["inversion"]) / 2
        )


def test_more_questions_than_faces_take_faces_of_the_same_kind(section7):
    own = rehearsal(section7, 11)
    main = own.frames(3, "chance").main
    for _, asked in main.groupby("participant"):
        assert asked["face"].nunique() == asked["trial"].nunique() == 11
    assert main["face"].str.startswith("stand-in").any()
    assert design.stand_ins(section7, 8) == []


def test_the_truth_is_what_a_large_study_finds(section7):
    study = only(section7, "shares", "H4")
    version, text = design.rehearsed(study, 8, 1.0)
    frozen = Frozen.parse(version, text)
    found = outcome(Rehearsal(frozen).frames(800, "large"), 0.95)
    known = {key: planted(frozen.study, key) for key in found}
    assert len(known) == 24
    for key, numbers in found.items():
        value, low, high = numbers[:3]
        assert abs(value - known[key]) < 2 * (high - low) / 2 * 1.2, key
    everybody = Key("shares", "selection_share", "saliency", "all")
    assert known[everybody] == pytest.approx(0.25 * 0.60 + 0.39 * 0.58 + 0.36 * 0.40)


def test_truth_is_unknown_where_it_does_not_follow_from_the_shares(section7):
    frozen = Frozen.parse(*design.rehearsed(section7))
    assert np.isnan(planted(frozen.study, Key("H3", "interaction_manova", "", "all")))
    study = json.loads(json.dumps(dict(frozen.study)))
    for block in study["blocks"]:
        block["at_most"] = 1
    assert np.isnan(planted(study, Key("shares", "selection_share", "saliency", "all")))


BATCH = 4


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(cells, "BATCH", BATCH)


def cell(study, n=12, studies=3 * BATCH, seed=1) -> Cell:
    return Cell(*design.rehearsed(study, 2, 1.0, 99), n, studies, seed, 0.95)


def kept(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.npz")}


def test_a_stopped_run_goes_on_and_equals_one_run(section7, tmp_path, monkeypatch, small_batches):
    study = only(section7, "H2")
    [whole] = run([cell(study)], tmp_path / "whole", 1)
    real, calls = cells.simulated, []

    def stops(batch):
        calls.append(batch)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(batch)

    monkeypatch.setattr(cells, "simulated", stops)
    with pytest.raises(KeyboardInterrupt):
        run([cell(study)], tmp_path / "parts", 1)
    before = kept(tmp_path / "parts")
    assert len(before) == 1
    [resumed] = run([cell(study)], tmp_path / "parts", 1)
    assert resumed.keys == whole.keys
    np.testing.assert_array_equal(resumed.numbers, whole.numbers)
    assert before.items() <= kept(tmp_path / "parts").items()
    assert len(calls) == 4  # one kept, one stopped, two after


def test_processes_change_nothing_and_seeds_do(section7, tmp_path, small_batches):
    study = only(section7, "H2")
    [one] = run([cell(study, studies=2 * BATCH)], tmp_path / "one", 1)
    [two] = run([cell(study, studies=2 * BATCH)], tmp_path / "two", 2)
    np.testing.assert_array_equal(one.numbers, two.numbers)
    [other] = run([cell(study, studies=BATCH, seed=2)], tmp_path / "two", 1)
    assert not np.array_equal(other.numbers, one.numbers[:BATCH])
    # Batches of the same studies are the same whatever else is asked for.
    [more] = run([cell(study, studies=3 * BATCH)], tmp_path / "two", 1)
    np.testing.assert_array_equal(more.numbers[: 2 * BATCH], one.numbers)
