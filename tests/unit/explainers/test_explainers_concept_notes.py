"""What a reader of a finder's table is told, and what makes a finder run again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from explainers.building.concepts import FindJob, find_key
from explainers.building.inputs import inputs_sha256
from explainers.building.plan import Finding, Plan
from explainers.concepts.network_dissection import NetworkDissection
from explainers.faces.face_bank import load_faces
from explainers.models import expression

TCAV = Finding("tcav", {"sets": "sets", "random": "others"}, "expression", "rendered")


def test_parts_that_a_quantile_keeps_from_being_found_are_told() -> None:
    faces = {face.id: face for face in load_faces("rendered", Path())}
    words = ("mouth", "cheeks")

    def checks(quantile: float) -> dict[str, object]:
        finder = NetworkDissection(layer="dense2", words=words, quantile=quantile, rotations=0)
        return dict(finder(expression.load(), faces, seed=0).checks)

    usual = checks(0.005)
    mouth, cheeks = usual["parts"]
    assert cheeks["ceiling"] == pytest.approx(0.005 / cheeks["share"])
    assert cheeks["ceiling"] < 0.04 < mouth["ceiling"]
    assert "cheeks 0.03" in usual["note"] and "mouth" not in usual["note"]
    # The share that the note advises takes the ceiling away.
    advised = checks(round(cheeks["share"], 3))
    assert advised["parts"][1]["ceiling"] > 0.95
    assert advised["note"] == ""


@pytest.mark.parametrize("place", ["sets/beard", "others"])
def test_a_changed_picture_of_a_set_makes_tcav_run_again(tmp_path: Path, place: str) -> None:
    for folder in ("sets/beard", "others"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.png").write_bytes(b"one")
    plan = Plan(
        tmp_path, 1, {"expression": {"use": "expression"}}, "rendered", (), {}, {"mine": TCAV}
    )
    job = FindJob("mine", TCAV, {"use": "expression"}, 1, tmp_path)
    key, inputs = find_key(job), inputs_sha256(plan)
    picture = tmp_path / place / "a.png"
    picture.write_bytes(b"two")  # of the same name and size
    changed = find_key(job)
    assert changed != key and inputs_sha256(plan) != inputs
    os.utime(picture)
    assert find_key(job) == changed  # the content counts, not the time
