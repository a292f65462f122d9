"""RISE and DISE: their formulas mask by mask, their masks' laws, planted truth, errors."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from explainers.faces.face_bank import load_faces
from explainers.models import age, expression, recognition
from explainers.occluding.fill import behind
from explainers.problems import Problems
from explainers.saliency._excitation import excite
from explainers.saliency._soft_masks import agreement, cell_size, soft_masks
from explainers.saliency.dise import Dise
from explainers.saliency.rise import Rise
from explainers.targets.class_score import ClassScore
from explainers.targets.similarity import Similarity
from explainers.targets.triplet import Triplet
from explainers.targets.unit import Unit

METHODS = (Rise(samples=40, cells=4), Dise(samples=40, cells=5, prior="gradient"))


class Corner(nn.Module):
    """Class 0 is how much red there is in a square; nothing else matters."""

    def __init__(self, top, left, side=6):
        super().__init__()
        self.inner = nn.Identity()
        self.rows, self.columns = slice(top, top + side), slice(left, left + side)

    def forward(self, x):
        red = self.inner(x)[:, 0, self.rows, self.columns].mean((1, 2))
        return torch.stack([8 * red, 0 * red, 0 * red, 0 * red], 1)


@given(
    cells=st.integers(2, 9),
    size=st.integers(9, 30),
    seed=st.integers(0, 99),
    count=st.integers(1, 4),
)
@settings(max_examples=40, deadline=None)
def test_masks_are_grids_enlarged_bilinearly_and_cut_out(cells, size, seed, count):
    generator = torch.Generator().manual_seed(seed)
    grids = (torch.rand(count, cells, cells, generator=generator) < 0.5).float()
    cell = cell_size(size, cells)
    shifts = torch.randint(cell, (count, 2), generator=generator)
    masks = soft_masks(grids, shifts, size)
    large = functional.interpolate(
        grids[:, None], ((cells + 1) * cell,) * 2, mode="bilinear", align_corners=False
    )[:, 0]
    for mask, whole, (down, across) in zip(masks, large, shifts.tolist(), strict=True):
        expected = whole[down : down + size, across : across + size]
        assert torch.allclose(mask, expected, atol=1e-6)


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("fill", ["mean", "value", "blur"])
def test_rise_is_the_papers_sum_over_masks(tiny, centred, fill):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    rise = Rise(31, cells=4, keep=0.6, centred=centred, fill=fill, value=0.1, seed=5, batch=7)
    explanation = rise(model, face, ClassScore("b"))
    generator = torch.Generator().manual_seed(5)
    sizes = [7, 7, 7, 7, 3]
    masks = torch.cat([rise.masks(count, tiny.size, generator) for count in sizes])
    x = model.prepare([face])
    back = behind(x, fill, 0.1)
    answers = [float(model.scores(x * mask + back * (1 - mask)).detach()[0, 1]) for mask in masks]
    offset = np.mean(answers) if centred else 0.0
    slow = sum((f - offset) * mask.double() for f, mask in zip(answers, masks, strict=True))
    slow = slow / (0.6 * 31)
    assert explanation.values == pytest.approx(slow.numpy(), abs=1e-6)
    assert explanation.checks["mean"] == pytest.approx(np.mean(answers), abs=1e-6)
    assert explanation.checks["score"] == pytest.approx(float(model.scores(x).detach()[0, 1]))


def test_a_pixel_of_rise_is_shown_as_often_as_asked(tiny):
    masks = Rise(cells=5, keep=0.3).masks(4000, tiny.size, torch.Generator().manual_seed(0))
    assert masks.mean((0,)).numpy() == pytest.approx(np.full((tiny.size,) * 2, 0.3), abs=0.04)
    assert float(masks.min()) >= 0
    assert float(masks.max()) <= 1


@pytest.mark.parametrize("masks", ["positive", "all"])
@pytest.mark.parametrize("prior", ["gradient", "excitation", "uniform"])
def test_dise_is_the_mean_of_spots_times_what_they_cost(tiny, masks, prior):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    dise = Dise(31, cells=5, elements=2, prior=prior, masks=masks, sharpness=0.2, batch=7)
    dise = replace(dise, of="logit")
    target = ClassScore("d", of="logit")
    explanation = dise(model, face, target)
    x = model.prepare([face])
    density = dise.density(model, face, target)
    generator = torch.Generator().manual_seed(0)
    spots = torch.cat([dise.spots(n, density, tiny.size, generator) for n in (7, 7, 7, 7, 3)])
    back, score = behind(x, "blur", sigma=0.2 * tiny.size), float(model.logits(x)[0, 3].detach())
    slow, used = torch.zeros(tiny.size, tiny.size).double(), 0
    for spot in spots:
        drop = score - float(model.logits(x * (1 - spot) + back * spot)[0, 3].detach())
        if drop > 0 or masks == "all":
            slow += drop * spot / 31
            used += 1
    assert explanation.values == pytest.approx(slow.numpy(), abs=1e-6)
    assert explanation.checks["used"] == used
    assert explanation.checks["score"] == pytest.approx(score, abs=1e-5)
    assert masks == "all" or explanation.values.min() >= 0


def test_the_density_is_the_gradients_size_in_its_upper_half(tiny):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    target = ClassScore("c", of="logit")
    x = model.prepare([face]).requires_grad_()
    (gradient,) = torch.autograd.grad(target(model, x).sum(), x)
    cells = gradient.abs().sum(1)[0].reshape(5, 4, 5, 4).mean((1, 3))
    density = Dise(cells=5, prior="gradient").density(model, face, target)
    assert float(density.sum()) == pytest.approx(1)
    assert int((density > 0).sum()) == 13
    kept = density > 0
    assert float(cells[kept].min()) > float(cells[~kept].max())
    assert torch.allclose(density[kept], cells[kept] / cells[kept].sum(), atol=1e-6)
    uniform = Dise(cells=5, prior="uniform").density(model, face, target)
    assert torch.allclose(uniform, torch.full((5, 5), 0.04))


def test_the_sources_density_is_excitation_from_all_outputs_alike(tiny):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    target = ClassScore("c", of="logit")
    excited = excite(model, face, target, "", "dise")
    winning = excited.winning(torch.ones(1, 4)).sum(1)[0].reshape(5, 4, 5, 4).mean((1, 3))
    density = Dise(cells=5, prior="excitation").density(model, face, target)
    kept = winning >= winning.median()
    assert torch.allclose(density, winning * kept / (winning * kept).sum(), atol=1e-6)
    other = Dise(cells=5, prior="excitation").density(model, face, ClassScore("a", of="logit"))
    assert torch.allclose(density, other, atol=1e-6), "whatever the class"


def test_a_network_that_excitation_cannot_serve_is_told_another_prior(tiny):
    model = tiny.model(nn.Sequential(nn.Identity(), Corner(2, 2)), layer="0")
    with pytest.raises(Problems, match=r"tiny, which .*\n  fix: write prior: gradient, or") as e:
        Dise(samples=4)(model, tiny.face(), ClassScore("a"))
    assert "dise: prior" in str(e.value)


def test_spots_are_drawn_as_the_density_says_and_never_twice_in_a_mask():
    density = torch.tensor([[0.5, 0.25, 0.0], [0.125, 0.125, 0.0], [0.0, 0.0, 0.0]])
    generator = torch.Generator().manual_seed(3)
    one = Dise(cells=3).draw(6000, density, generator).mean(0)
    assert one.numpy() == pytest.approx(density.numpy(), abs=0.02)
    for elements in (4, 9):
        most = Dise(cells=6, elements=elements).draw
        grids = most(50, functional.pad(density, (0, 3, 0, 3)), generator)
        assert torch.equal(grids[:, :3, :3], (density > 0).float().expand(50, 3, 3))
        assert float(grids.sum()) == 200


def test_two_cells_of_a_mask_are_drawn_one_after_the_other():
    density = torch.tensor([[0.6, 0.3, 0.0], [0.1, 0.0, 0.0], [0.0, 0.0, 0.0]])
    dise = Dise(cells=3, elements=2)
    both = dise.draw(8000, density, torch.Generator().manual_seed(4)).flatten(1)
    for a, b, p, q in ((0, 1, 0.6, 0.3), (0, 3, 0.6, 0.1), (1, 3, 0.3, 0.1)):
        expected = p * q / (1 - p) + q * p / (1 - q)
        assert float((both[:, a] * both[:, b]).mean()) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("place", [(2, 2), (2, 12), (12, 7)])
@pytest.mark.parametrize(
    "method",
    [Rise(samples=600, cells=5), Dise(300, 7, prior="gradient"), Dise(300, 7, prior="uniform")],
    ids=repr,
)
def test_the_only_region_that_matters_is_found(tiny, method, place):
    model = tiny.model(nn.Sequential(nn.Identity(), Corner(*place)), layer="0")
    fill = {"fill": "value", "value": 0.0, "of": "logit"}
    values = replace(method, **fill)(model, tiny.face(), ClassScore("a")).values
    top, left = np.unravel_index(values.argmax(), values.shape)
    # A spot is as large as a cell, so that its middle may lie a pixel beside the region.
    assert place[0] - 1 <= top <= place[0] + 6
    assert place[1] - 1 <= left <= place[1] + 6
    inside = np.zeros_like(values, bool)
    inside[place[0] : place[0] + 6, place[1] : place[1] + 6] = True
    assert values[inside].mean() > 4 * np.abs(values[~inside]).mean()


def test_dise_looks_where_the_gradient_is_and_so_needs_fewer_masks(tiny):
    model = tiny.model(nn.Sequential(nn.Identity(), Corner(2, 2)), layer="0")
    agreements = {
        prior: Dise(60, 7, prior=prior, fill="value", value=0.0, of="logit")(
            model, tiny.face(), ClassScore("a")
        ).checks
        for prior in ("gradient", "uniform")
    }
    assert agreements["gradient"]["used"] > 2 * agreements["uniform"]["used"]


def test_two_halves_of_the_masks_agree_more_when_there_are_more(tiny):
    model, face = tiny.model(tiny.convolutional()), tiny.face()
    few, many = (
        Rise(samples, cells=4)(model, face, ClassScore("a")).checks["agreement"]
        for samples in (30, 1500)
    )
    assert few < many
    assert many > 0.8
    assert agreement(torch.stack([torch.eye(3), 2 * torch.eye(3) + 1])) == pytest.approx(1)
    assert agreement(torch.zeros(2, 3, 3)) == 0


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_a_network_that_ignores_the_picture_gives_zeros(tiny, method):
    model = tiny.model(tiny.fully_connected())
    model.network[1].weight.data.zero_()
    explanation = method(model, tiny.face(), ClassScore("a"))
    assert np.abs(explanation.values).max() < 1e-6


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_the_same_bits_again_and_nothing_else_changes(tiny, method):
    model = tiny.model(nn.Sequential(*tiny.convolutional(), nn.Dropout(0.5)))
    model.network.train()
    state, told = torch.get_rng_state(), []
    once, again = (
        method(model, tiny.face(), ClassScore("a"), progress=lambda *done: told.append(done))
        for _ in range(2)
    )
    assert np.array_equal(once.values, again.values)
    other = replace(method, seed=1)(model, tiny.face(), ClassScore("a"))
    assert not np.array_equal(once.values, other.values)
    assert told[:3] == [(1, 41), (33, 41), (41, 41)]
    assert model.network.training
    assert not any(parameter.requires_grad for parameter in model.network.parameters())
    assert torch.equal(torch.get_rng_state(), state)
    with pytest.raises(ValueError, match="explains a face"):
        method(model, None, ClassScore("a"))


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_a_network_that_puts_out_nan_is_refused(tiny, method):
    class Broken(nn.Module):
        def forward(self, x):
            return x.mean((2, 3)) * (float("nan") if x.mean() > 0 else 1.0) @ torch.ones(3, 4)

    model = tiny.model(nn.Sequential(nn.Identity(), Broken()), layer="0")
    with pytest.raises(Problems, match="not finite numbers"):
        method(model, tiny.face(), ClassScore(0))


@pytest.mark.parametrize("method", [Rise(cells=21), Dise(cells=21)], ids=repr)
def test_more_cells_than_pixels_are_refused(tiny, method):
    model = tiny.model(tiny.convolutional())
    with pytest.raises(Problems, match=r"21 are more than .* \(20\)\n  fix: write cells: 20"):
        method(model, tiny.face(), ClassScore(0))


def test_all_wrong_parameters_are_named_at_once():
    with pytest.raises(Problems) as error:
        Rise(1, 1, 1.0, "yes", "mena", 2.0, "logits", -1, 0)
    assert len(error.value.problems) == 9
    with pytest.raises(Problems) as error:
        Dise(1, 1, 0, "ebp", "some", "bulr", 0, 2.0, "logits", -1, 0)
    assert len(error.value.problems) == 11
    assert "did you mean 'blur'?" in str(error.value)
    with pytest.raises(Problems, match=r"9 are more than the half.*\n  fix: write elements: 8"):
        Dise(cells=4, elements=9)


@pytest.mark.parametrize("method", [Rise(samples=24), Dise(samples=24)], ids=repr)
def test_faces_are_explained_on_the_shipped_networks(method):
    one, two, three = load_faces("rendered", Path(), ["f01", "f02", "f03"])
    embedding = recognition.load()
    for model, target in (
        (age.load(), ClassScore(0)),
        (expression.load(), ClassScore("happy")),
        (embedding, Similarity(two)),
        (embedding, Triplet(two, three)),
        (embedding, Unit(embedding.layers()[3], channel=1)),
    ):
        values = method(model, one, target).values
        assert values.shape == (model.input_size, model.input_size)
        assert np.abs(values).max() > 0
