"""A build finds concepts once, draws their segments and rows, and forgets nothing that it needs."""

import hashlib
import io
import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from explainers.building.build import build
from explainers.building.options import Options
from explainers.building.plan import Finding, Plan
from explainers.concept import ROW, SHEET, Collection, Segment, varied
from explainers.problems import Problems

NUMBERS = itertools.count()
FINDER = """
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explainers.concept_finding.discovery import Discovery, FoundConcept, Patch
from explainers.problems import Problems


@dataclass(frozen=True)
class Halves:
    shown: int = 8
    refuse: bool = False

    def __post_init__(self):
        if self.shown < 1:
            raise Problems.one("halves: shown", "must be 1 or more", "write shown: 1")

    def __call__(self, model, faces, seed):
        if self.refuse:
            raise Problems.one("halves: faces", "show nothing in common", "take others")
        with Path("RUNS").open("a") as file:
            file.write(f"{seed}\\n")
        size, concepts = model.input_size, []
        for n, word in enumerate(("", "mouth")):
            mask = np.zeros((size, size), bool)
            mask[n * size // 2 : (n + 1) * size // 2] = True
            names = list(faces)[: self.shown]
            patches = tuple(Patch(f, mask, np.float32(1 - k)) for k, f in enumerate(names))
            scores = {"importance": np.float64(0.5)}
            concepts.append(FoundConcept("dense2", "happy", patches, word, scores=scores))
        return Discovery(tuple(concepts), ({"unit": np.int64(3)},), {"pieces": np.int64(16)})
"""


def make_plan(tmp_path):
    # Each test has a module of its own: a process imports a name once.
    folder, module = tmp_path / "study", f"halves{next(NUMBERS)}"
    folder.mkdir()
    runs = tmp_path / "runs.txt"
    (folder / f"{module}.py").write_text(FINDER.replace("RUNS", str(runs)))
    method = f"{module}:Halves"
    return Plan(
        folder=folder,
        seed=5,
        models={"expression": {"use": "expression"}},
        faces="rendered",
        asked=(),
        methods={},
        concepts={"half": Finding(method, {}, "expression", "rendered")},
    )


@pytest.fixture
def plan(tmp_path):
    return make_plan(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A plan that was built; change nothing."""
    plan = make_plan(tmp_path_factory.mktemp("made"))
    return plan, run(plan)


def run(plan, **options):
    return build(plan, Options(**{"workers": 1, "stream": io.StringIO()} | options))


def runs(plan) -> int:
    return len((plan.folder.parent / "runs.txt").read_text().splitlines())


def found(plan, **parameters):
    half = replace(plan.concepts["half"], parameters=parameters)
    return replace(plan, concepts={"half": half})


def test_concepts_become_pictures_with_provenance(made):
    plan, built = made
    first, second, control = built.concepts.concepts
    assert [c.id for c in built.concepts.concepts] == [
        "half-happy-1", "half-happy-2", "half-happy-random-1",
    ]  # fmt: skip
    assert (first.name, second.name, control.random) == ("", "mouth", True)
    assert len(first.segments) == 8 and len(first.rows) == 2
    assert first.segments[0].box == (0, 0, 112, 56) and first.scores == {"importance": 0.5}
    for name in {s.sha256 for c in built.concepts.concepts for s in (*c.segments, *c.rows)}:
        content = (plan.stimuli / f"{name}.png").read_bytes()
        assert hashlib.sha256(content).hexdigest() == name
    about = first.provenance
    assert about["method"] == plan.concepts["half"].method and about["seed"] == 5
    assert about["checks"] == {"pieces": 16} and about["parameters"] == {
        "shown": 8,
        "refuse": False,
    }
    assert len(about["weights_sha256"]) == 64 and set(about["faces"]) >= {"f01", "f08"}
    assert Collection.load(plan.stimuli) == built.concepts
    assert (plan.stimuli / SHEET).is_file()


def test_a_row_is_its_four_segments_side_by_side(made):
    plan, built = made
    concept = built.concepts.concepts[0]
    row = concept.rows[0]
    with Image.open(plan.stimuli / f"{row.sha256}.png") as picture:
        strip = np.asarray(picture)
    at = 0
    for sha256 in row.segments:
        with Image.open(plan.stimuli / f"{sha256}.png") as picture:
            segment = np.asarray(picture)
        assert (strip[:, at : at + segment.shape[1]] == segment).all()
        at += segment.shape[1] + (strip.shape[1] - ROW * segment.shape[1]) // (ROW - 1)


def test_the_control_mixes_what_was_found_and_no_segment_stands_twice(made):
    first, second, control = made[1].concepts.concepts
    names = [segment.sha256 for segment in control.segments]
    assert len(set(names)) == len(names) == 16
    assert set(names) == {s.sha256 for s in (*first.segments, *second.segments)}
    assert control.provenance["drawn_from"] == [first.id, second.id]


def test_a_finder_runs_once(plan):
    first = run(plan)
    again = run(replace(plan, models={"expression": {"use": "expression"}}))
    assert runs(plan) == 1 and again.concepts == first.concepts and not first.stale
    (plan.stimuli / SHEET).unlink()
    assert run(plan).concepts == first.concepts and runs(plan) == 1
    assert (plan.stimuli / SHEET).is_file()
    changed = run(found(plan, shown=6))
    assert runs(plan) == 2 and len(changed.concepts.concepts[0].segments) == 6
    assert len(changed.stale) == 1  # what belongs to the earlier parameters
    run(replace(plan, seed=6))
    run(plan, force=True)
    assert runs(plan) == 4


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"shown": 0}, "study.yaml: concepts.half.shown\n  must be 1 or more"),
        ({"show": 3}, "has no such parameter"),
        ({"refuse": True}, "show nothing in common"),
    ],
)
def test_what_a_finder_refuses_is_told_at_its_place(plan, parameters, said):
    with pytest.raises(Problems) as caught:
        run(found(plan, **parameters))
    assert said in str(caught.value) and "concepts" in str(caught.value)
    assert not (plan.stimuli / "concepts.json").exists()


def test_damaged_concepts_are_told(tmp_path):
    (tmp_path / "concepts.json").write_text(json.dumps({"concepts": [{"id": "x"}]}))
    with pytest.raises(Problems, match="is damaged"):
        Collection.load(tmp_path)
    with pytest.raises(Problems, match="is not there"):
        Collection.load(tmp_path / "nowhere")


@given(st.lists(st.sampled_from("abcde"), max_size=20))
def test_varied_segments_are_of_different_faces_first(faces):
    segments = [Segment(str(n), face, (0, 0, 1, 1), 0.0) for n, face in enumerate(faces)]
    ordered = varied(segments)
    assert sorted(ordered, key=lambda s: int(s.sha256)) == segments
    many = len(set(faces))
    assert len({segment.face for segment in ordered[:many]}) == many
    of_a = [int(segment.sha256) for segment in ordered if segment.face == "a"]
    assert of_a == sorted(of_a)  # of one face the best first
