"""Power and truth of planned analyses about right and wrong answers: no effect is guessing."""

import numpy as np
import pytest
from scipy import stats

from analysis.statistics import oddity_dprime
from study_app import power
from study_app.frozen import Frozen
from study_app.power import Grid
from study_app.rehearsal import design
from study_app.rehearsal.outcome import Key, outcome
from study_app.rehearsal.people import Rehearsal
from study_app.rehearsal.truth import planted, without_effect
from study_app.study_file.load import HOME, load_study

CHANCE = {"intruder": 1 / 6, "coherency": 1 / 2}
EVERYBODY = {
    "intruder": 0.4 * 0.70 + 0.35 * 0.75 + 0.25 * 0.85,
    "coherency": 0.4 * 0.80 + 0.35 * 0.85 + 0.25 * 0.90,
}


def ready(name):
    return load_study(HOME / "studies" / name)


def only(study, *ids):
    plan = tuple(entry for entry in study.analysis if entry.id in ids)
    return study.model_copy(update={"analysis": plan})


@pytest.mark.parametrize("name", CHANCE)
def test_no_effect_is_guessing_and_half_is_half_way(name):
    study = ready(name)
    shares = study.simulate.effects
    assert design.scaled(study, 1) == shares
    for group, row in design.scaled(study, 0).items():
        assert row == {"ace": pytest.approx(CHANCE[name])}
        half = (shares[group]["ace"] + CHANCE[name]) / 2
        assert design.scaled(study, 0.5)[group]["ace"] == pytest.approx(half)


def test_what_is_not_planted_is_scaled_from_what_simulated_people_do():
    study = ready("intruder")
    simulated = study.simulate.model_copy(update={"effects": {"all": {}}})
    none = design.scaled(study.model_copy(update={"simulate": simulated}), 0)
    assert none == {"all": {"ace": pytest.approx(1 / 6)}}


@pytest.mark.parametrize("effect", [0.0, 1.0])
def test_the_truth_is_what_a_large_study_finds(effect):
    study = only(ready("intruder"), "H1", "groups", "sensitivity")
    frozen = Frozen.parse(*design.rehearsed(study, 10, effect))
    found = outcome(Rehearsal(frozen).frames(500, "large"), 0.999)
    known = {key: planted(frozen.study, key) for key in found}
    assert len(known) == 1 + 4 + 2
    for key, (value, low, high, *_) in found.items():
        if key.quantity == "guessing":  # it comes without an interval
            assert value == pytest.approx(known[key], abs=0.03)
        else:
            assert low <= known[key] + 1e-12 and known[key] <= high, key
            assert value == pytest.approx(known[key], abs=0.12), key
    everybody = EVERYBODY["intruder"] if effect else 1 / 6
    assert known[Key("H1", "choice_accuracy", "intruder", "all")] == pytest.approx(everybody)
    d = known[Key("sensitivity", "oddity_dprime", "intruder", "all")]
    assert oddity_dprime.correct(d, 6) == pytest.approx(everybody)


def test_what_does_not_follow_from_the_study_file_is_unknown():
    frozen = Frozen.parse(*design.rehearsed(ready("coherency")))
    assert np.isnan(planted(frozen.study, Key("words", "most_frequent_word", "a", "all")))
    assert np.isnan(planted(frozen.study, Key("H1", "choice_accuracy", "intruder", "all")))
    assert without_effect(frozen.study, Key("H1", "choice_accuracy", "coherency", "all")) == 0.5


def test_tests_against_guessing_hold_their_level_and_find_what_is_planted(tmp_path):
    study, studies = only(ready("intruder"), "H1", "sensitivity"), 40
    found = power.compute(study, Grid((8,), (6,), (0.0, 1.0), studies, 4), tmp_path, 1).table
    single = found[found["item"] == "intruder"].set_index(["analysis", "effect"])
    low, high = stats.binom.interval(0.9995, studies, 0.05)
    for name in ("H1", "sensitivity"):
        assert low <= single.loc[(name, 0.0), "found"] <= high
        assert single.loc[(name, 0.0), "planted"] == 0
        assert single.loc[(name, 1.0), "found"] == studies
        planted_points = EVERYBODY["intruder"] - 1 / 6
        assert single.loc[(name, 1.0), "planted"] == pytest.approx(planted_points, abs=1e-6)
