"""The inpainting game: triplets that the network tells apart, operating curves from the formula."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explainers.explanation import Explanation
from explainers.face import Face
from explainers.faces.face_bank import load_faces
from explainers.faithfulness.inpainted_triplets import inpainted_triplets
from explainers.fidelity.inpainting_game import InpaintingGame, salient
from explainers.problems import Problems


@pytest.fixture(scope="module")
def bank():
    return load_faces("rendered", Path(), ["f01", "f02", "f03"])


TWO = ("nose", "mouth")


class Draws:
    """An explainer whose map is made from the triplet that is explained."""

    def __init__(self, game, model, face, draw):
        self.regions = {t.target.non_mate.id: t.region for t in game.triplets(model, face)}
        self.draw, self.explained = draw, []

    def __call__(self, model, face, target, *, progress=None):
        self.explained.append(target.non_mate.id)
        return Explanation(self.draw(self.regions[target.non_mate.id].astype(float)), "signed")


def play(game, model, face, draw):
    explainer = Draws(game, model, face, draw)
    return game(model, face, None, None, explainer), explainer


@given(seed=st.integers(0, 10**6), levels=st.integers(1, 9), share=st.floats(0.0, 0.9))
@settings(max_examples=60, deadline=None)
def test_thresholds_have_the_wanted_false_alarm_rates(seed, levels, share):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, levels, (7, 8)).astype(np.float32)  # with many ties
    region = rng.random((7, 8)) < share
    rates = np.array([0.0, 0.1, 0.5, 1.0])
    found = salient(values, region, rates, np.random.default_rng(1))
    outside = int((~region).sum())
    assert found[:, ~region].sum(1).tolist() == np.rint(rates * outside).tolist()
    for mask in found:
        # No pixel that was left out is more salient than one that was found.
        if mask.any() and not mask.all():
            assert values[~mask].max() <= values[mask].min()
    assert not (found[:-1] & ~found[1:]).any()
    assert found[-1].all()


def test_a_map_of_the_exchanged_part_wins_and_its_negative_loses(tiny, bank):
    model, game = tiny.model(tiny.convolutional()), InpaintingGame(TWO, margin=1e-6, donors=bank)
    best, explainer = play(game, model, bank[0], lambda region: region)
    worst, _ = play(game, model, bank[0], lambda region: -region)
    assert best.value == 1.0
    assert best.details["hits_area"] == 1.0
    assert best.details["identity_at_5_percent"] == 1.0
    assert worst.details["hits_area"] < 0.1
    assert worst.value < best.baseline < 0.95
    assert best.details["triplets"] == len(explainer.explained) == len(set(explainer.explained))


def test_curves_are_those_of_slow_loops(tiny, bank):
    model = tiny.model(tiny.convolutional())
    game = InpaintingGame(("nose", "mouth"), margin=1e-6, donors=bank, steps=4, repeats=1, batch=2)
    noise = np.random.default_rng(5).random((tiny.size, tiny.size))
    score, _ = play(game, model, bank[0], lambda region: region + noise)
    identity, hits = np.zeros(5), np.zeros(5)
    triplets = game.triplets(model, bank[0])
    for triplet in triplets:
        values = triplet.region + noise
        probe, twin = (model.prepare([face])[0] for face in (triplet.probe, triplet.twin))
        mate, stranger = (
            torch.nn.functional.normalize(model.logits(model.prepare([face])), dim=1)
            for face in (triplet.target.mate, triplet.target.non_mate)
        )
        outside = sorted(values[~triplet.region])[::-1]
        for step in range(5):
            count = round((step / 4) ** 2 * len(outside))
            limit = outside[count] if count < len(outside) else -np.inf
            blend = probe.clone()
            for row in range(tiny.size):
                for column in range(tiny.size):
                    if values[row, column] > limit:
                        blend[:, row, column] = twin[:, row, column]
                        hits[step] += triplet.region[row, column] / triplet.region.sum()
            embedding = torch.nn.functional.normalize(model.logits(blend[None]), dim=1)
            identity[step] += float((embedding * stranger).sum() > (embedding * mate).sum())
    assert np.allclose(score.curve["identity"], identity / len(triplets))
    assert np.allclose(score.curve["hits"], hits / len(triplets))
    assert score.curve["x"] == (0.0, 1 / 16, 1 / 4, 9 / 16, 1.0)
    assert score.value == pytest.approx(np.trapezoid(identity / len(triplets), score.curve["x"]))


def test_triplets_are_those_that_the_network_tells_apart(tiny, bank):
    model = tiny.model(tiny.convolutional())
    every = list(inpainted_triplets(model, bank[:1], bank, TWO, -2.0, each=2))
    assert len(every) == 2 * 2
    limit = float(np.median([triplet.margin for triplet in every]))
    chosen = list(inpainted_triplets(model, bank[:1], bank, TWO, limit, each=2))
    assert {t.twin.id for t in chosen} == {t.twin.id for t in every if t.margin >= limit}
    for triplet in chosen:
        x = model.prepare([triplet.probe, triplet.twin])
        probe, twin = triplet.target(model, x).tolist()
        assert probe >= limit <= -twin
        differs = (x[0] != x[1]).any(0).numpy()
        assert not (differs & ~triplet.region).any()


def test_the_same_arguments_give_the_same_score(tiny, bank):
    model, game = tiny.model(tiny.convolutional()), InpaintingGame(TWO, margin=1e-6, donors=bank)
    flat = [play(game, model, bank[0], np.zeros_like)[0] for _ in range(2)]
    assert flat[0] == flat[1]
    # A map without any information is as good as the random ones.
    assert abs(flat[0].value - flat[0].baseline) < 0.35


def test_what_is_wrong_is_told(tiny, bank):
    model = tiny.model(tiny.convolutional())
    with pytest.raises(Problems) as error:
        InpaintingGame(parts=(), margin=-1.0, each=0, steps=0)
    for field in ("parts", "margin", "each", "steps"):
        assert f"inpainting_game: {field}" in str(error.value)
    with pytest.raises(Problems, match=r"tells this face from none .* 1.9\n  fix: use a smaller"):
        InpaintingGame(TWO, margin=1.9, donors=bank).triplets(model, bank[0])
    bare = Face("me", bank[0].image, bank[0].landmarks)
    with pytest.raises(Problems) as error:
        list(inpainted_triplets(model, [bare], bank, ["noze"]))
    assert "unknown part 'noze'\n  fix: did you mean 'nose'?" in str(error.value)
    assert "face me\n  has no part map" in str(error.value)
