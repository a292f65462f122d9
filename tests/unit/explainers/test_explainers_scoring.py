"""Scores of fidelity go into the manifest, are kept apart from explanations, and are reused."""

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from explainers.building import scoring
from explainers.building.build import build
from explainers.building.options import Options
from explainers.building.plan import Method, Plan
from explainers.faces.face_bank import load_faces
from explainers.faces.own_face import on_own_face
from explainers.faithfulness.measure import Measure
from explainers.fidelity.energy_pointing_game import EnergyPointingGame
from explainers.manifest import Manifest
from explainers.models import expression
from explainers.problems import Problems
from explainers.saliency.canonical import Canonical
from explainers.targets.class_score import ClassScore

GAME = Measure("hiding_game", {"steps": 3, "repeats": 1, "patch": 28})
POINTING = Measure("energy_pointing_game", {"parts": ["mouth"]})


def make_plan(folder: Path, *measures: Measure, **changes) -> Plan:
    methods = {
        "saliency": Method("occlusion", {"window": 56, "stride": 56}, fidelity=measures),
        "inversion": Method("total_variation", {"iterations": 2}, fidelity=measures),
        "visualization": Method("activation_maximization", {"iterations": 2}, fidelity=measures),
    }
    plan = Plan(
        folder=folder,
        seed=7,
        models={"expression": {"use": "expression"}},
        faces="rendered",
        asked=(("expression", "f01"), ("expression", "f03")),
        methods=methods,
    )
    return replace(plan, **changes)


def run(plan: Plan):
    stream = io.StringIO()
    return build(plan, Options(workers=1, stream=stream)), stream.getvalue()


def scores(plan: Plan) -> dict[str, dict]:
    return {
        stimulus.face: stimulus.provenance["fidelity"]
        for stimulus in Manifest.load(plan.stimuli).stimuli
        if "fidelity" in stimulus.provenance
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    plan = make_plan(tmp_path_factory.mktemp("study"), GAME)
    return plan, *run(plan)


def test_maps_of_faces_have_scores_and_pictures_have_none(built):
    plan, made, told = built
    assert (made.computed, made.scored, made.scores_reused, made.stale) == (6, 2, 0, ())
    assert "2 scores, 0 of them there already" in told
    rated = [s for s in Manifest.load(plan.stimuli).stimuli if "fidelity" in s.provenance]
    assert {(s.family, s.face) for s in rated} == {("saliency", "f01"), ("saliency", "f03")}
    record = scores(plan)["f01"]["hiding_game"]
    assert record["better"] == "higher" and -1 <= record["value"] <= 1
    assert -1 <= record["baseline"] <= 1
    assert set(record["curve"]) == {
        *("x", "deletion", "insertion", "random_deletion", "random_insertion")
    }
    assert record["curve"]["x"] == [0, 0.3125, 0.6875, 1]
    assert record["parameters"]["patch"] == 28
    json.loads(json.dumps(record, allow_nan=False))


def test_the_score_is_the_measure_on_the_explanation_of_the_cache(built):
    from explainers.building.cache import Cache
    from explainers.explanation import Explanation
    from explainers.faces.face_bank import load_faces
    from explainers.fidelity.hiding_game import HidingGame
    from explainers.models import expression
    from explainers.targets.class_score import ClassScore

    plan, made, _ = built
    stimulus = made.manifest.explanation("saliency", "expression", "f01", "happy")
    values, record = Cache(plan.stimuli / "cache").get(stimulus.provenance["job"])
    (face,) = load_faces("rendered", Path(), ["f01"])
    game = HidingGame(steps=3, repeats=1, patch=28)
    score = game(
        expression.load(), face, ClassScore("happy"), Explanation(values, record["kind"]), None
    )
    assert scores(plan)["f01"]["hiding_game"]["value"] == pytest.approx(score.value, rel=1e-4)


def test_another_measure_computes_no_explanation_again(built, tmp_path):
    plan, first, _ = built
    again, _ = run(plan)
    assert (again.computed, again.scored, again.scores_reused, again.stale) == (0, 0, 2, ())
    assert again.manifest == first.manifest
    (plan.stimuli / "inputs.sha256").unlink()
    again, _ = run(plan)
    assert (again.computed, again.scored, again.scores_reused) == (0, 0, 2)
    more, _ = run(make_plan(plan.folder, GAME, POINTING))
    assert (more.computed, more.reused, more.scored, more.scores_reused) == (0, 6, 2, 2)
    assert set(scores(plan)["f03"]) == {"hiding_game", "energy_pointing_game"}
    changed = replace(GAME, parameters={**GAME.parameters, "fill": "mean"})
    other, _ = run(make_plan(plan.folder, changed))
    assert (other.computed, other.scored, len(other.stale)) == (0, 2, 4)


def test_what_a_measure_cannot_rate_is_skipped_with_the_reason(tmp_path):
    plan = make_plan(tmp_path, Measure("pointing_game"))
    run(plan)
    found = scores(plan)
    assert found["f01"]["pointing_game"]["value"] > 0
    neutral = found["f03"]["pointing_game"]
    assert "value" not in neutral
    assert "nothing is expected of a map for neutral" in neutral["skipped"]


def test_wrong_parameters_are_told_before_anything_is_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(scoring, "score", lambda _: pytest.fail("measured"))
    plan = make_plan(
        tmp_path, replace(GAME, parameters={"steps": 0}), Measure("completeness", {"value": 7})
    )
    with pytest.raises(Problems) as caught:
        run(plan)
    where = [problem.where for problem in caught.value.problems]
    assert where == ["fidelity: hiding_game: steps", "fidelity: completeness: value"]


def test_parts_of_photographs_are_found(tmp_path):
    from explainers.catalog import HOME
    from explainers.faces.face_bank import load_faces
    from explainers.faces.parts import part_numbers

    (tmp_path / "faces").mkdir()
    shutil.copy(HOME / "faces" / "rendered" / "f01.png", tmp_path / "faces" / "me.png")
    plan = make_plan(tmp_path, POINTING, faces="faces", asked=(("expression", "me"),))
    saliency = {"saliency": plan.methods["saliency"]}
    run(replace(plan, methods=saliency))
    record = scores(plan)["me"]["energy_pointing_game"]
    (face,) = load_faces("rendered", Path(), ["f01"])
    exact = (face.chip_parts(112, 0.25) == part_numbers()["mouth"]).mean()
    assert record["baseline"] == pytest.approx(exact, rel=0.3)
    assert 0 < record["value"] < 1


def test_a_map_on_the_canonical_face_is_rated_on_the_face_that_it_explains(tmp_path):
    coarse = {"window": 28, "stride": 28}
    again = Measure("max_sensitivity", {"samples": 1})
    games = (POINTING, again)
    methods = {
        "canonical": Method("canonical", coarse, fidelity=games),
        "occlusion": Method("occlusion", coarse, fidelity=games),
    }
    plan = make_plan(tmp_path, methods=methods, asked=(("expression", "f01"),))
    run(plan)
    manifest = Manifest.load(plan.stimuli)
    found = {
        stimulus.family: stimulus.provenance["fidelity"]
        for stimulus in manifest.stimuli
        if stimulus.kind == "explanation"
    }
    # The face is frontal: on its own pixels the mouth has about as much of either map.
    mine, other = (found[name]["energy_pointing_game"]["value"] for name in methods)
    assert mine == pytest.approx(other, abs=0.1)
    assert 0 < found["canonical"]["max_sensitivity"]["value"] < 1
    model, (face,) = expression.load(), load_faces("rendered", Path(), ["f01"], parts=True)
    label = model.predict(face).label
    made = Canonical(**coarse)(model, face, ClassScore(label))
    carried = on_own_face(made, face, model.chip_padding)
    assert (made.over, carried.over) == ("canonical", "face")
    game = EnergyPointingGame(parts=("mouth",))
    rated = game(model, face, ClassScore(label), carried, Canonical())
    assert found["canonical"]["energy_pointing_game"]["value"] == pytest.approx(rated.value)
