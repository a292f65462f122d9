"""Where the right answer is planted, methods that should find it do, and a random map does not."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
import torch

from explainers import catalog
from explainers.explanation import Explanation
from explainers.faces.face_bank import load_faces
from explainers.faithfulness import planted_mark as mark
from explainers.faithfulness.planted import finding, inpainted_cases, marked_cases, swapped_cases
from explainers.faithfulness.planted_methods import RandomMap, findings, interval, sized
from explainers.models import expression, recognition
from explainers.problems import Problems
from explainers.saliency.occlusion import Occlusion
from explainers.targets.class_difference import ClassDifference

METHODS = [
    entry
    for entry in catalog.entries("saliency")
    if entry.is_explainer and entry.constant("per", "") == "face"
]
CASES = 4


@pytest.fixture(scope="module")
def marks():
    return list(marked_cases(CASES))


@pytest.fixture(scope="module")
def swaps():
    return swapped_cases(expression.load(), load_faces("rendered", Path()), count=6, turns=2)


def test_only_the_mark_on_the_mouth_matters_to_the_small_network():
    trained = mark.trained()
    generator = torch.Generator().manual_seed(5)
    labels = torch.arange(60) % 3
    inside = torch.from_numpy(mark.region())
    x, y = (
        mark.marked(mark.random_faces(60, generator), wanted, generator)
        for wanted in (labels, (labels + 1) % 3)
    )
    mouth_of_y, rest_of_y = torch.where(inside, y, x), torch.where(inside, x, y)
    answers = [
        trained.model.network(pictures).argmax(1) for pictures in (x, y, mouth_of_y, rest_of_y)
    ]
    right = [
        float((answer == wanted).float().mean())
        for answer, wanted in zip(
            answers, (labels, (labels + 1) % 3, (labels + 1) % 3, labels), strict=True
        )
    ]
    assert trained.fit == 1.0
    assert min(right) > 0.93, right


def test_training_is_deterministic():
    first = mark.trained().model.weights_sha256
    mark._trained.cache_clear()
    assert mark.trained().model.weights_sha256 == first


def test_marked_faces_are_what_the_network_sees(marks):
    for case in marks:
        x, other = (case.model.prepare([face])[0] for face in (case.face, case.other))
        differs = (x - other).abs().amax(0).numpy() > 1e-6
        assert differs.any()
        assert not (differs & ~case.region).any()
        score, without = case.targets["class_difference"](case.model, torch.stack([x, other]))
        assert score > 0 > without
        similar = case.targets["triplet"](case.model, torch.stack([x, other]))
        assert similar[0] > similar[1]


def cannot_be_expected(entry, explainer, case):
    """Why a method need not find the mark, told from what it is; empty if it must."""
    if "layer" in {parameter.name for parameter in entry.parameters}:
        return "weighs whole channels of one layer, wherever in the picture they are active"
    kind, target = case.target(getattr(explainer, "targets", ()))
    if kind == "class_difference":
        opposite = ClassDifference(target.against, target.label)
        maps = [explainer(case.model, case.face, why).values for why in (target, opposite)]
        if np.array_equal(*maps):
            return "does not ask what is explained"
    return ""


@pytest.mark.parametrize("entry", METHODS, ids=lambda entry: entry.name)
def test_a_method_finds_the_mark(entry, marks):
    explainer = sized(entry, mark.SIZE, samples=200)
    try:
        found = findings(explainer, marks)
    except Problems as error:
        assert all(problem.fix for problem in error.problems)
        pytest.skip(error.problems[0].what)
    gains = [one.gain for one in found]
    chance = np.mean([one.gain for one in findings(RandomMap(), list(marks))])
    if cannot_be_expected(entry, explainer, marks[0]):
        assert np.isfinite(gains).all()
        return
    assert interval(gains)[0] > 4
    assert np.mean(gains) > 2 * chance
    assert np.mean([one.hit for one in found]) > 0.3


def test_few_methods_are_excused(marks):
    excused = [
        entry.name
        for entry in METHODS
        if "layer" in {parameter.name for parameter in entry.parameters}
    ]
    assert len(excused) < len(METHODS) / 3


def test_a_random_map_finds_nothing():
    many = list(marked_cases(24))
    found = findings(RandomMap(), many)
    low, high = interval([one.gain for one in found])
    assert low < 1.3
    assert high < 2.5
    assert np.mean([one.hit for one in found]) < 0.2


def test_swapped_faces_differ_in_one_part_which_changes_the_answer(swaps):
    assert len(swaps) == 6
    assert len({case.name for case in swaps}) >= 2
    for case in swaps:
        x, other = case.model.prepare([case.face, case.other])
        assert not ((x != other).any(0).numpy() & ~case.region).any()
        after, before = case.targets["class_difference"](case.model, torch.stack([x, other]))
        assert after > 0 > before
        assert case.region.mean() < 0.15


def test_occlusion_finds_the_swapped_part_in_a_real_network(swaps):
    found = findings(Occlusion(24, 12, of="logit"), swaps)
    assert interval([one.gain for one in found])[0] > 1.5


def test_inpainted_probes_are_told_apart():
    cases = list(inpainted_cases(recognition.load(), load_faces("rendered", Path()), count=2))
    assert [case.name for case in cases] == ["brows", "eyes"]
    for case in cases:
        x = case.model.prepare([case.face, case.other])
        probe, twin = case.targets["triplet"](case.model, x).tolist()
        assert probe > 0.01
        assert twin < -0.01


def test_findings_are_counted_from_the_map():
    region = np.zeros((4, 5), bool)
    region[1, 1:3] = True
    values = np.full((4, 5), -1.0)
    values[1, 1], values[3, 3], values[0, 0] = 3.0, 3.0, 2.0
    found = finding(Explanation(values, "signed"), region)
    assert (found.hit, found.share, found.area) == (0.5, 3 / 8, 0.1)
    assert found.gain == pytest.approx(3.75)
    flipped = finding(Explanation(-values, "signed"), region, "similarity")
    assert flipped == found
    flat = finding(Explanation(np.zeros((4, 5)), "signed"), region)
    assert (flat.hit, flat.gain) == (0.1, 1.0)


def test_a_method_that_cannot_serve_says_why(marks):
    class Other:
        per, targets = "face", ("unit",)

    with pytest.raises(Problems, match="explains unit, which is not known here"):
        findings(Other(), marks)
    Other.per = "class"
    with pytest.raises(Problems, match="not a face"):
        findings(Other(), marks)


def test_the_table_says_who_finds_it_who_does_not_and_who_cannot(marks):
    path = Path(__file__).parents[2] / "tools" / "planted_truth.py"
    spec = spec_from_file_location("planted_truth", path)
    tool = module_from_spec(spec)
    spec.loader.exec_module(tool)
    names = ["occlusion", "gradient", "grad_cam", "cam"]
    results = dict(tool.measure(marks, names, samples=100))
    text = "\n".join(tool.table("mark", marks, results, ["occlusion", "grad_cam"]))
    rows = {line.split(" | ")[0].strip("| "): line for line in text.splitlines() if "|" in line}
    assert rows["occlusion"].split(" | ")[3] == "yes"
    assert "| 100% |" in rows["gradient"]
    assert rows["(random map)"].split(" | ")[3] == ""
    assert "- `cam` cannot serve: has no global mean" in text
    assert f"better in {CASES} of {CASES} cases" in text
