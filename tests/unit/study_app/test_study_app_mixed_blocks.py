"""A study may ask about faces in one block and about concepts in another."""

from study_app.frozen import Frozen

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
