"""Activation maximization that starts at the average face."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from explainers.faces.face_bank import load_faces
from explainers.faces.mean_face import mean_face
from explainers.loading.model_loading import load_model
from explainers.problems import Problems
from explainers.targets.class_score import ClassScore
from explainers.visualization.seeded_maximization import SeededMaximization

QUICK = {"iterations": 40, "views": 1}


@cache
def expression():
    return load_model("expression", Path())


@cache
def painted(label="happy", **changes):
    return SeededMaximization(**QUICK | changes)(expression(), None, ClassScore(label))


def start():
    model = expression()
    return 0.5 + (mean_face(model.input_size, model.chip_padding) - 0.5) * 0.6


def test_the_mean_face_is_the_mean_of_all_faces_and_their_mirror_images():
    chips = [face.chip(24, 0.25) for face in load_faces("rendered", Path())]
    slow = np.zeros((3, 24, 24))
    for chip in chips:
        for column in range(24):
            slow[:, :, column] += (chip[:, :, column] + chip[:, :, 23 - column]) / (2 * len(chips))
    np.testing.assert_allclose(mean_face(24, 0.25), slow, atol=1e-6)


@pytest.mark.parametrize("label", ["happy", "angry", "surprised"])
def test_the_network_sees_its_class_and_did_not_at_the_start(label):
    checks = painted(label).checks
    assert checks["probability"] > 0.9
    assert checks["score"] > checks["start"]
    seen = torch.from_numpy(painted(label).values)[None]
    assert float(expression().scores(seen)[0, expression().index(label)]) == pytest.approx(
        checks["probability"], abs=1e-4
    )


def test_a_stronger_pull_stays_nearer_to_the_average_face():
    away = [np.abs(painted(pull=pull).values - start()).mean() for pull in (2.0, 8.0, 200.0)]
    assert away == sorted(away, reverse=True)


def test_it_is_as_symmetric_as_the_average_face_and_in_range():
    picture = painted().values
    np.testing.assert_allclose(picture, picture[:, :, ::-1], atol=1e-5)
    assert picture.min() >= 0 and picture.max() <= 1


def test_the_seed_decides_everything_and_nothing_else_is_touched():
    state = torch.get_rng_state()
    again = SeededMaximization(**QUICK)(expression(), None, ClassScore("happy"))
    other = SeededMaximization(**QUICK, seed=1)(expression(), None, ClassScore("happy"))
    assert torch.equal(state, torch.get_rng_state())
    np.testing.assert_array_equal(again.values, painted().values)
    assert not np.array_equal(other.values, painted().values)


def test_all_parameters_out_of_range_are_told_at_once():
    with pytest.raises(Problems) as refused:
        SeededMaximization(contrast=1.5, pull=-1, iterations=0)
    wrong = [problem.where for problem in refused.value.problems]
    assert wrong == [f"seeded_maximization: {name}" for name in ("contrast", "pull", "iterations")]
