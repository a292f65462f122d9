"""Finds the sequential beginning of a network, whatever code it is written in.

A network is run once while every torch function that it calls is recorded. Its *trunk* is the
longest chain of calls from the picture on in which each call uses the result of the one before
and nothing else does: convolutions, poolings, and functions that treat every position alike. What
comes after, the *tail*, is run by calling the network again with a placeholder: the calls of the
trunk are skipped, and ready-made activations stand in for its last result. So the tail may be any
code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from explainers.occluding import products
from explainers.occluding.trunk_calls import step_of
from explainers.occluding.trunk_steps import Sliding, Step, name_of, operations

# fmt: off
METADATA = frozenset({
    "shape", "ndim", "dtype", "device", "is_cuda", "layout", "requires_grad", "size", "dim",
    "ndimension", "numel", "nelement", "is_floating_point", "is_complex", "len", "get_device",
})
# fmt: on
"""What code may ask about a tensor without looking at its values."""


@dataclass(frozen=True, eq=False)
class Call:
    """One torch function as the network called it."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any

    def uses(self, tensor: Tensor) -> bool:
        """Whether the call reads the values of ``tensor``."""
        return _reads(self.function, self.args, self.kwargs, tensor)


@dataclass(frozen=True, eq=False)
class Trunk:
    """The sequential beginning of a computation.

    Arguments:
        steps: the calls, in order.
        clean: what each step sees for the whole picture. Only that of sliding steps is as it was:
            later ones may have been changed in place.
        operations: multiplications of the whole computation for one picture, tail included.
    """

    steps: tuple[Step, ...]
    clean: tuple[Tensor, ...]
    operations: int

    @property
    def sliding(self) -> tuple[Sliding, ...]:
        """The steps that see more than one position."""
        return tuple(step for step in self.steps if isinstance(step, Sliding))


class _Recorder(TorchFunctionMode):
    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        self.calls.append(Call(func, args, kwargs or {}, result))
        return result


def find_trunk(compute: Callable[[Tensor], Tensor], x: Tensor) -> tuple[Trunk, Tensor]:
    """The trunk of ``compute`` (without steps if it branches at once) and ``compute(x)``.

    Example:
        >>> from torch import nn
        >>> net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2))
        >>> trunk, result = find_trunk(net, torch.zeros(1, 3, 8, 8))
        >>> [step.name for step in trunk.steps], result.shape
        (['conv2d', 'relu'], torch.Size([1, 2]))
    """
    with _Recorder() as recorder:
        result = compute(x)
    calls = recorder.calls
    steps: list[Step] = []
    clean: list[Tensor] = []
    current, begin = x, 0
    while True:
        users = [number for number in range(begin, len(calls)) if calls[number].uses(current)]
        if not users:
            break
        call, begin = calls[users[0]], users[0] + 1
        in_place = call.result is current
        step = step_of(call.function, call.args, call.kwargs, current, call.result)
        # The end of the chain: someone else needs this result too, or it is no known function.
        if step is None or (len(users) > 1 and not in_place):
            break
        steps.append(step)
        clean.append(current)
        current = call.result
    total = sum(operations(call.function, call.args, call.kwargs, call.result) for call in calls)
    return Trunk(tuple(steps), tuple(clean), total), result


class Replay(TorchFunctionMode):
    """Runs the tail: the trunk's calls on ``placeholder`` are skipped.

    Arguments:
        steps: the trunk's.
        activations: what the trunk puts out, [N, C, H, W]; the placeholder is a batch of N.

    The placeholders are NaN: should code that cannot be seen here look at one, then the result is
    not silently wrong.
    """

    def __init__(self, steps: Sequence[Step], placeholder: Tensor, activations: Tensor) -> None:
        super().__init__()
        self._waiting = list(steps)
        self._current = placeholder
        self._activations = activations
        # The trunk's last result is the tensor that steps in place have changed since its birth.
        self._last_birth = max(
            (number for number, step in enumerate(steps) if not step.in_place), default=-1
        )
        self._total = len(steps)

    @property
    def finished(self) -> bool:
        """Whether the network has called the whole trunk."""
        return not self._waiting

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if not self._waiting or not _reads(func, args, kwargs, self._current):
            # The tail's linear layers are most of its work.
            return (products.linear if func is functional.linear else func)(*args, **kwargs)
        step = self._waiting[0]
        if func is not step.function:
            raise RuntimeError(f"the network called {name_of(func)}, not {step.name} as before")
        number = self._total - len(self._waiting)
        self._waiting.pop(0)
        if not step.in_place:
            born = number == self._last_birth
            empty = placeholder(self._activations, step.shape)
            self._current = self._activations if born else empty
        return self._current


def placeholder(activations: Tensor, shape: Sequence[int]) -> Tensor:
    """As many NaN maps as there are activations, without memory, [N, *shape[1:]]."""
    return activations.new_full((1,), torch.nan).expand(len(activations), *shape[1:])


def _reads(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], tensor: Tensor
) -> bool:
    if not any(part is tensor for part in _tensors((args, kwargs))):
        return False
    return name_of(function) not in METADATA


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _tensors(part)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))
