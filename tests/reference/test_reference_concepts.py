"""Concepts in photographs of real people: the Face Research Lab London Set, where it is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from explainers.concepts.net2vec import Net2vec
from explainers.concepts.network_dissection import NetworkDissection
from explainers.face import Face
from explainers.faces.detection import find_landmarks
from explainers.faces.photograph import read_photograph
from explainers.models import expression

ROOT = Path(__file__).parent.parent.parent
LONDON = Path(os.environ.get("WHYFACE_LONDON", ROOT.parent / "shared" / "data" / "london"))
pytestmark = pytest.mark.skipif(
    not (LONDON / "index.json").exists(),
    reason="the London Set is not there; set WHYFACE_LONDON to its folder",
)
PEOPLE = 25


@pytest.fixture(scope="module")
def people() -> dict[str, Face]:
    """The first people of the set, each neutral and smiling."""
    index = json.loads((LONDON / "index.json").read_text(encoding="utf-8"))
    ids = sorted({entry["id"] for entry in index})[:PEOPLE]
    faces = {}
    for entry in index:
        if entry["id"] in ids:
            name = Path(entry["file"]).stem
            image, sha256 = read_photograph(LONDON / entry["file"])
            faces[name] = Face(name, image, find_landmarks(image)[0], sha256=sha256)
    return faces


@pytest.fixture(scope="module")
def smiles(people: dict[str, Face], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Who smiles, as a file of attributes."""
    file = tmp_path_factory.mktemp("london") / "attributes.csv"
    lines = [f"{name},happy,{'yes' if 'smiling' in name else 'no'}" for name in people]
    file.write_text("face,word,value\n" + "\n".join(lines))
    return str(file)


def test_units_detect_more_different_parts_than_rotations_do(
    people: dict[str, Face], smiles: str
) -> None:
    dissect = NetworkDissection(layer="dense3", quantile=0.01, rotations=2, attributes=smiles)
    found = dissect(expression.load(), people, seed=1)
    unique = found.checks["unique_detectors"]
    assert unique["units"] >= 5 > max(unique["rotation 1"], unique["rotation 2"])
    assert found.checks["unique_attributes"]["units"] == 1  # happy


def test_smiles_and_mouths_are_directions_of_the_expression_network(
    people: dict[str, Face], smiles: str
) -> None:
    finder = Net2vec(layer="dense2", words=("mouth", "happy"), attributes=smiles)
    mouth, happy = finder(expression.load(), people, seed=1).table
    assert mouth["combined_tuned"] > max(0.45, mouth["single_tuned"])
    assert happy["combined"] > 0.65 and happy["p"] < 0.01
