"""A study may ask about faces in one block and about concepts in another."""

from analysis import plan
from analysis.data.frames import load
from db.records import Mode
from db.store import Store
from study_app.frozen import Frozen
from study_app.publishing.publish import publish
from study_app.simulate import simulate

FACE = {"id": "age-f01", "role": "main", "face": "f01"}
CONCEPT = {"id": "ace-1", "role": "main", "face": "", "about": "concept", "blocks": [1]}
OTHER = {"id": "ace-2", "role": "main", "face": "", "about": "concept", "blocks": [2]}


def test_each_block_asks_about_its_own_kind():
    blocks = [
        {"trial": "pick_any", "options": ["saliency"]},
        {"trial": "intruder", "concepts": ["ace"]},
        {"trial": "coherency", "concepts": ["ace"]},
    ]
    study = Frozen("", {"blocks": blocks}, "", "", "", (FACE, CONCEPT, OTHER))
    assert [study.of_block(index) for index in range(3)] == [[FACE], [CONCEPT], [OTHER]]


def test_options_of_other_questions_are_no_empty_groups_of_these(every_trial_type, tmp_path):
    with Store(tmp_path / "whyface.db", synchronous="OFF") as store:
        version = publish(store, every_trial_type)
        simulate(store, version, 12)
        seen = load(store, version=version, mode=Mode.SIMULATED)
    assert "item" in seen.main["option"].cat.categories, "what is written about as a whole"
    shares = [
        result
        for result in plan.exploratory(seen)
        if (result.statistic, result.by) == ("selection_share", "option")
    ]
    assert any(result.estimates for result in shares)
    named = {estimate.item for result in shares for estimate in result.estimates}
    assert {"saliency", "inversion", "visualization"} <= named and "item" not in named
