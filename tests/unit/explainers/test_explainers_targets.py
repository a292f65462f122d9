"""Targets: each is its formula, differentiable, of each picture by itself, and tells mistakes."""

import pytest
import torch

from explainers import catalog
from explainers.faces.face_bank import load_faces
from explainers.models import age, recognition
from explainers.problems import Problems
from explainers.target import class_scores, on_scale
from explainers.targets.class_difference import ClassDifference
from explainers.targets.class_score import ClassScore
from explainers.targets.expected_value import ExpectedValue
from explainers.targets.similarity import Similarity
from explainers.targets.triplet import Triplet
from explainers.targets.unit import Unit


@pytest.fixture
def model(tiny):
    return tiny.model(tiny.convolutional())


@pytest.fixture
def x(tiny):
    return torch.rand(3, 3, tiny.size, tiny.size, generator=torch.Generator().manual_seed(1))


def every(tiny):
    """A target of each kind, for the tiny model."""
    return {
        "class_score": ClassScore("b"),
        "class_difference": ClassDifference("b", against="d"),
        "expected_value": ExpectedValue((1.0, 2.0, 4.0, 8.0)),
        "similarity": Similarity(tiny.face(1)),
        "triplet": Triplet(mate=tiny.face(1), non_mate=tiny.face(2)),
        "unit": Unit("1", channel=2),
    }


NAMES = catalog.names("targets")


def test_every_kind_is_tested(tiny):
    assert set(every(tiny)) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_gives_what_its_pictures_give_alone(tiny, model, x, name):
    target = every(tiny)[name]
    together = target(model, x)
    assert together.shape == (3,)
    alone = torch.cat([target(model, x[n : n + 1]) for n in range(3)])
    assert torch.allclose(together, alone, atol=1e-6)
    assert len(set(together.tolist())) == 3, "the pictures differ"


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_is_the_slope(tiny, model, x, name):
    """Against central differences in double precision, along a random direction."""
    model.network.double()
    x = x[:1].double().requires_grad_()

    class Double:
        """The model, with the faces inside a target in double precision too."""

        def __getattr__(self, word):
            return getattr(model, word)

        def prepare(self, faces):
            return model.prepare(faces).double()

    target = every(tiny)[name]
    (gradient,) = torch.autograd.grad(target(Double(), x).sum(), x)
    way = torch.randn(x.shape, generator=torch.Generator().manual_seed(2), dtype=x.dtype)
    step = 1e-6
    with torch.no_grad():
        slope = (target(Double(), x + step * way) - target(Double(), x - step * way)) / (2 * step)
    assert float((gradient * way).sum()) == pytest.approx(float(slope), rel=1e-5, abs=1e-9)
    assert gradient.abs().max() > 0


def test_class_scores_are_their_formulas(model, x):
    logits = model.network(x)
    p = logits.exp() / logits.exp().sum(1, keepdim=True)
    forms = {"logit": logits, "probability": p, "log_odds": (p / (1 - p)).log()}
    for of, expected in forms.items():
        for index, label in enumerate("abcd"):
            assert torch.allclose(ClassScore(label, of)(model, x), expected[:, index], atol=1e-5)
            assert torch.equal(ClassScore(index, of)(model, x), ClassScore(label, of)(model, x))
        difference = ClassDifference("b", "d", of)(model, x)
        assert torch.allclose(difference, expected[:, 1] - expected[:, 3], atol=1e-5)


def test_a_difference_of_logits_is_how_many_times_more_probable(model, x):
    p = model.scores(x)
    ratio = ClassDifference("a", against="c")(model, x).exp()
    assert torch.allclose(ratio, p[:, 0] / p[:, 2], rtol=1e-4)
    there, back = ClassDifference("a", against="c"), ClassDifference("c", against="a")
    assert torch.allclose(there(model, x), -back(model, x))


def test_log_odds_stay_finite_where_a_network_is_sure(tiny):
    model = tiny.model(tiny.convolutional())
    model.network[-1].bias.data = torch.tensor([80.0, 0.0, 0.0, 0.0])
    odds = class_scores(model, torch.rand(1, 3, tiny.size, tiny.size), "log_odds")
    assert torch.isfinite(odds).all()
    assert 70 < odds[0, 0] < 90


def test_on_scale_changes_the_scale_and_nothing_else(tiny):
    assert on_scale(ClassScore("a"), "log_odds") == ClassScore("a", "log_odds")
    assert on_scale(ClassDifference("a", "b"), "probability").against == "b"
    pair = Similarity(tiny.face(1))
    assert on_scale(pair, "logit") is pair


def test_the_expected_value_is_the_mean_over_the_bins(model, x):
    values = torch.tensor([1.0, 2.0, 4.0, 8.0])
    expected = [float((p * values).sum()) for p in model.scores(x)]
    assert ExpectedValue((1.0, 2.0, 4.0, 8.0))(model, x).tolist() == pytest.approx(expected)


def test_a_model_that_knows_its_number_is_asked():
    model, faces = age.load(), load_faces("rendered", None, ["f01", "f06"])
    x = model.prepare(faces)
    assert torch.equal(ExpectedValue()(model, x), model.value(x))
    assert ExpectedValue()(model, x)[0].item() == pytest.approx(model.predict(faces[0]).value)


def test_similarity_is_the_cosine_of_two_embeddings():
    model, faces = recognition.load(), load_faces("rendered", None, ["f01", "f02", "f03"])
    a, b, c = (vector.double() for vector in model.logits(model.prepare(faces)))

    def cosine(u, v):
        return float((u * v).sum() / (u.norm() * v.norm()))

    x = model.prepare(faces[:1])
    assert float(Similarity(faces[1])(model, x)) == pytest.approx(cosine(a, b), abs=1e-5)
    assert float(Similarity(faces[0])(model, x)) == pytest.approx(1, abs=1e-5)
    triplet = Triplet(mate=faces[1], non_mate=faces[2])
    assert float(triplet(model, x)) == pytest.approx(cosine(a, b) - cosine(a, c), abs=1e-5)
    swapped = Triplet(mate=faces[2], non_mate=faces[1])
    assert float(swapped(model, x)) == pytest.approx(-float(triplet(model, x)), abs=1e-6)


def test_a_unit_is_a_channels_mean_or_one_of_its_positions(model, x):
    maps = model.network[:2](x)
    assert torch.allclose(Unit("1", 4)(model, x), maps[:, 4].mean((1, 2)))
    assert torch.equal(Unit("1", 4, row=2, column=5)(model, x), maps[:, 4, 2, 5])
    assert torch.equal(Unit("6", 3)(model, x), model.network(x)[:, 3]), "a layer without a map"


def test_targets_leave_the_network_as_it_was(tiny, model, x):
    before = {name: tensor.clone() for name, tensor in model.network.state_dict().items()}
    model.network.train()
    for target in every(tiny).values():
        target(model, x)
    assert model.network.training
    assert not any(module._forward_hooks for module in model.network.modules())
    after = model.network.state_dict()
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())


def wrong(make, *texts):
    with pytest.raises(Problems) as caught:
        make()
    text = str(caught.value)
    assert all(words in text for words in texts), text
    return caught.value.problems


def test_mistakes_are_told_with_what_to_write(tiny, model, x):
    wrong(lambda: ClassScore("B")(model, x), "unknown class 'B'", "known names: a, b, c, d")
    wrong(lambda: ClassScore(7)(model, x), "has no class 7", "its classes are 0 to 3")
    wrong(lambda: ClassScore("a", "logits"), "class_score: of", "did you mean 'logit'?")
    both = wrong(
        lambda: ClassDifference("a", "a", "odds"), "is 'a' itself", "did you mean 'log_odds'?"
    )
    assert len(both) == 2
    wrong(lambda: ClassDifference("a", "e")(model, x), "unknown class 'e'")
    wrong(lambda: ExpectedValue()(model, x), "no number behind its classes", "values: [...]")
    wrong(lambda: ExpectedValue((1.0,))(model, x), "has 4 classes, 1 values are given")
    wrong(lambda: Unit("conv", 0)(model, x), "unknown layer 'conv'", "Layers: 0, 1")
    wrong(lambda: Unit("1", 6)(model, x), "has no channel 6", "write 0 to 5")
    many = wrong(lambda: Unit("1", 9, row=20, column=-1)(model, x), "channel 9", "row 20")
    assert len(many) == 3
    wrong(lambda: Unit("1", 0, row=2)(model, x), "a position needs row and column")
    wrong(lambda: Unit("6", 0, 0, 0)(model, x), "has no map")


def test_a_model_without_classes_names_other_targets():
    model = recognition.load()
    x = torch.zeros(1, 3, 150, 150)
    wrong(lambda: ClassScore("happy")(model, x), "has no classes", "similarity or unit")
    wrong(lambda: ExpectedValue()(model, x), "no number")


def test_outputs_that_are_not_finite_are_refused(tiny, model, x):
    for target in (ClassScore("a"), ClassDifference("a", "b"), Similarity(tiny.face(0))):
        wrong(lambda target=target: target(model, x * float("nan")), "not finite")
