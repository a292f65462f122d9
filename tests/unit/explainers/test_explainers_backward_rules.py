"""Other rules backward: forward stays exact, modules and functional code are the same to it."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from explainers.backward_rules import BackwardRules


def ones(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) + 0.5


def picture(*shape, seed=0):
    x = torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
    return x.requires_grad_()


def slope(number):
    """The rule of a function as if it were a product with ``number``."""
    return lambda function, x, z: x * number


RECTIFIERS = {
    "module": nn.ReLU(),
    "module in place": nn.ReLU(inplace=True),
    "functional": functional.relu,
    "functional in place": functional.relu_,
    "torch": torch.relu,
    "torch in place": torch.relu_,
    "method": lambda x: x.relu(),
    "method in place": lambda x: x.relu_(),
    "in place, return value unused": lambda x: (x.relu_(), x)[1],
    "by keyword": lambda x: functional.relu(input=x),
    "threshold": nn.Threshold(0, 0),
    "leaky": nn.LeakyReLU(0.2, inplace=True),
    "prelu": nn.PReLU(),
}


@pytest.mark.parametrize("name", RECTIFIERS)
def test_every_way_to_write_a_rectifier_gets_the_rule_and_keeps_its_value(name):
    rectifier, x = RECTIFIERS[name], picture(2, 5)
    expected = rectifier(x.detach().clone())
    with BackwardRules(rectifier=slope(3.0)) as rules:
        y = rectifier(x * 1)
    assert torch.equal(y, expected)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert gradient.tolist() == torch.full((2, 5), 3.0).tolist()
    assert rules.calls == {"rectifier": 1}


LAYERS = {
    "module": lambda w, b: lambda x: functional.linear(x, w, b),
    "by keyword": lambda w, b: lambda x: functional.linear(input=x, weight=w, bias=b),
    "without bias": lambda w, b: lambda x: functional.linear(x, w),
    "convolution": lambda w, b: lambda x: functional.conv2d(x[..., None, None], w[..., None, None]),
    "same padding": lambda w, b: (
        lambda x: functional.conv2d(x[..., None, None], w[..., None, None], b, padding="same")
    ),
    "operator": lambda w, b: lambda x: x @ w.T,
    "matmul": lambda w, b: lambda x: torch.matmul(x, w.T) + b,
    "mm": lambda w, b: lambda x: x.mm(w.T),
}


@pytest.mark.parametrize("name", LAYERS)
def test_every_way_to_write_a_layer_gets_the_rule_and_keeps_its_value(name):
    weight, bias, x = picture(3, 5, seed=1).detach(), ones(3), picture(2, 5)
    layer = LAYERS[name](weight, bias)

    def positive(layer, x, z):
        assert layer(x, layer.weight, layer.bias).allclose(z)
        return layer(x, layer.weight.clamp(min=0))

    with BackwardRules(affine=positive) as rules:
        y = layer(x)
    assert torch.equal(y, layer(x))
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert gradient.allclose(weight.clamp(min=0).sum(0).expand(2, 5))
    assert rules.calls == {"affine": 1}


def test_without_rules_it_is_the_gradient(tiny):
    model, x = tiny.model(tiny.convolutional()), picture(2, 3, tiny.size, tiny.size)
    with BackwardRules():
        y = model.network(x)
    ours = torch.autograd.grad(y[:, 1].sum(), x)[0]
    assert torch.equal(ours, torch.autograd.grad(model.network(x)[:, 1].sum(), x)[0])


def test_code_without_gradient_is_left_alone():
    x, other = picture(2, 5), ones(2, 5)
    with BackwardRules(rectifier=slope(3.0), affine=lambda layer, x, z: z * 0) as rules:
        with torch.no_grad():
            functional.relu(x)
        functional.relu(other)
        functional.linear(other, ones(3, 5))
        x @ ones(5)  # the scalar of a target, no layer
    assert not rules.calls


def test_a_layer_used_twice_gets_the_rule_twice():
    relu, x = nn.ReLU(), picture(4)
    with BackwardRules(rectifier=slope(2.0)) as rules:
        y = relu(relu(x) - 0.5)
    assert torch.autograd.grad(y.sum(), x)[0].tolist() == [4.0] * 4
    assert rules.calls["rectifier"] == 2


def test_a_layer_may_be_written_over_after_its_rule_has_looked_at_it():
    x = picture(1, 3, 6, 6)
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.Conv2d(4, 2, 3))

    def squared(layer, x, z):
        return z * z  # keeps z for the way back

    with BackwardRules(affine=squared, rectifier=lambda function, x, z: z):
        y = network(x)
        y += 1
    assert torch.isfinite(torch.autograd.grad(y.sum(), x)[0]).all()


def test_a_maximum_tells_its_places_to_the_rule():
    x, seen = picture(1, 1, 4, 4), []

    def rule(function, x, z):
        seen.append(function(x, return_indices=True)[1])
        return z

    with BackwardRules(max_pool=rule):
        for y in (
            nn.MaxPool2d(2)(x),
            functional.max_pool2d(x, 2),
            torch.max_pool2d(x, 2),
            nn.AdaptiveMaxPool2d(2)(x),
        ):
            assert y.shape == (1, 1, 2, 2)
    assert len(seen) == 4
    assert all(torch.equal(places, seen[0]) for places in seen)


def test_products_of_two_tensors_that_depend_on_the_picture_get_the_rule():
    x = picture(3)
    with BackwardRules(product=lambda u, v, z: u * v.detach() / 2 + v * u.detach() / 2) as rules:
        y = x * x + torch.mul(x, x) + x.mul(x) + 2 * x + x * ones(3)
    assert rules.calls == {"product": 3}
    gradient = torch.autograd.grad(y.sum(), x)[0]
    assert gradient.allclose(3 * x + 2 + ones(3))


def test_rules_end_with_the_block_even_after_an_error():
    x = picture(4)
    with pytest.raises(RuntimeError), BackwardRules(rectifier=slope(3.0)):
        functional.relu(x) @ torch.ones(7)
    assert torch.autograd.grad(functional.relu(x).sum(), x)[0].tolist() == (x > 0).float().tolist()
