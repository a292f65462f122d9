"""What a network says about a picture when windows of it are hidden, at any positions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from explainers.explanation import Progress
from explainers.face_model import FaceModel
from explainers.modes import evaluating
from explainers.occluding.dirty import Changes
from explainers.occluding.hiding import Behind, hide, inside
from explainers.occluding.incremental import Incremental
from explainers.occluding.parallel import threads
from explainers.occluding.trunk import Replay, Trunk, find_trunk, placeholder
from explainers.problems import Problems
from explainers.rounding import rounding

__all__ = ["Behind", "OccludedScores", "hide", "occluded_scores"]

Scores = Callable[[Tensor], Tensor]
"""Any numbers that a network gives for pictures, [N, 3, S, S] → [N, K]."""
Engine = Literal["auto", "batched", "incremental"]

WORTH = 0.2
"""The engine's own work costs about as much as this share of a network's."""
ENOUGH = 10**9
"""Multiplications that must be saved before finding that out pays."""
PATCHES = 2**21
"""Numbers in a batch of patches of one map; more would leave the processor's cache."""
TAIL = 256
"""Pictures whose activations go through the tail at once, so that its weights are read rarely."""
TAIL_NUMBERS = 2**23
"""Numbers in those activations at most: a tail with large maps is fastest with few pictures."""
TOLERANCE = 1e-4
"""The engine's largest deviation, of the scores' own magnitude or of 1."""


@dataclass(frozen=True, eq=False)
class OccludedScores:
    """What ``occluded_scores`` returns.

    Arguments:
        values: the scores with each window hidden, [P, K].
        whole: the scores of the whole picture, [K].
        checks: how they were computed, for ``Explanation.checks``: ``engine``, ``batched`` or
            ``incremental``; for the latter also which share of the multiplications it saved
            (``operations_saved``) and how far it was from the plain computation where that was
            done too (``engine_difference``).
    """

    values: Tensor
    whole: Tensor
    checks: dict[str, float | int | str]

    @property
    def drops(self) -> Tensor:
        """What hiding each window costs, ``whole - values``, [K, P].

        All 0 for a score that no window changes by more than rounding does.
        """
        drops = (self.whole - self.values).T
        if not drops.shape[1]:
            return drops
        largest = drops.abs().amax(1)
        return drops.masked_fill((largest <= rounding(self.whole))[:, None], 0.0)


@torch.no_grad()
def occluded_scores(
    model: FaceModel,
    x: Tensor,
    windows: Tensor,
    behind: Behind,
    scores: Scores,
    *,
    batch: int = 16,
    progress: Progress | None = None,
    engine: Engine = "auto",
) -> OccludedScores:
    """The scores of a picture with one window hidden, for each window.

    Networks that begin with a chain of convolutions worth it are computed incrementally, others
    picture by picture in batches; the values are the same up to rounding.

    Source: Zeiler & Fergus (2014); eq. 1.
    Formula: ``scores(x where the window does not cover it, behind where it does)``.

    Arguments:
        model: the model that ``scores`` runs; in evaluation mode meanwhile.
        x: one picture, [1, 3, S, S].
        windows: int64 [P, 4], top, left, height and width of each window in pixels; what lies
            outside the picture is cut off, and a window wholly outside hides nothing.
        behind: what shows through (``hiding.Behind``).
        scores: any numbers for a batch, such as the scores of all classes or one target.
        batch: how many whole pictures go through the network at once; the incremental engine
            needs less memory for one and takes as many as fit.
        progress: told (windows done, windows in all).
        engine: ``auto`` chooses; the others are for tests and measurements. ``incremental``
            still gives way to ``batched`` where it cannot work.

    Errors: ValueError for windows of another shape.

    Example:
        >>> from explainers.models import gender
        >>> model, x = gender.load(), torch.zeros(1, 3, 112, 112)
        >>> windows = torch.tensor([[0, 0, 56, 56], [56, 30, 80, 20]])
        >>> occluded_scores(model, x, windows, torch.ones_like(x), model.scores).values.shape
        torch.Size([2, 2])
    """
    if windows.ndim != 2 or windows.shape[1] != 4:
        raise ValueError(f"windows are [P, 4] (top, left, height, width), not {windows.shape}")
    windows = inside(windows.to(x.device, torch.int64), x.shape[-2], x.shape[-1])
    # In the memory format that convolutions are fastest with.
    x = x.contiguous(memory_format=torch.channels_last)
    with evaluating(model.network):
        # A copy: a network may change its input.
        trunk, whole = find_trunk(scores, x.clone())
        sweep = _Sweep(x, windows, behind, scores, batch)
        values = whole.repeat(len(windows), 1)
        done = len(windows) - len(sweep.hiding)
        for which, some in sweep.incremental(trunk, engine):
            values[which] = some
            done += len(which)
            if progress is not None:
                progress(done, len(windows))
    return OccludedScores(values, whole[0], sweep.checks)


Part = tuple[Tensor, Tensor]
"""Windows' numbers, [n], and something for each of them."""


@dataclass(eq=False)
class _Sweep:
    """The work for one picture; both engines give windows' numbers and scores, [n] and [n, K]."""

    x: Tensor
    windows: Tensor
    behind: Behind
    scores: Scores
    batch: int
    checks: dict[str, float | int | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hiding = torch.nonzero(self.windows[:, 2:].prod(1))[:, 0]

    def whole_pictures(self, which: Tensor) -> Tensor:
        """The scores of pictures with one window hidden each."""
        pictures = hide(self.x, self.windows, self.behind, which)
        return self.scores(pictures.contiguous(memory_format=torch.channels_last))

    def batched(self) -> Iterator[Part]:
        self.checks = {"engine": "batched"}
        for which in torch.split(self.hiding, self.batch) if len(self.hiding) else ():
            yield which, self.whole_pictures(which)

    def incremental(self, trunk: Trunk, engine: Engine) -> Iterator[Part]:
        """By the incremental engine where it is possible and worth it, and it is right."""
        if engine == "batched" or not trunk.sliding or not len(self.hiding):
            yield from self.batched()
            return
        changes = Changes.of(self.windows[self.hiding], trunk.sliding)
        share = changes.saved / max(trunk.operations, 1)
        worth = share > WORTH and changes.saved * len(self.hiding) > ENOUGH
        if engine == "auto" and not worth:
            yield from self.batched()
            return
        for which, activations in self._activations(trunk, changes):
            values = self._tail(trunk, activations)
            if not self.checks:
                difference = self._difference(which[-1:], values)
                if difference is None:
                    yield from self.batched()
                    return
                self.checks = {
                    "engine": "incremental",
                    "operations_saved": round(share, 4),
                    "engine_difference": difference,
                }
            if values is None:
                some = torch.split(which, self.batch)
                values = torch.cat([self.whole_pictures(numbers) for numbers in some])
            yield which, values

    def _activations(self, trunk: Trunk, changes: Changes) -> Iterator[Part]:
        """What the trunk puts out, for as many windows at once as the tail can use."""
        engine = Incremental(trunk, self.x)
        many = max(1, min(TAIL, TAIL_NUMBERS // math.prod(trunk.steps[-1].shape)))
        groups = changes.batches(max(1, min(many, PATCHES // changes.largest)))

        def work(group: Tensor) -> Part:
            which = self.hiding[group.to(self.hiding.device)]
            return which, engine.activations(self.windows, self.behind, which)

        sizes = torch.tensor([len(group) for group in groups])
        turns = (sizes.cumsum(0) - 1) // many
        with threads() as run:
            for turn in range(int(turns[-1]) + 1):
                # The tail waits for all: it uses every thread itself.
                these = [group for group, when in zip(groups, turns, strict=True) if when == turn]
                parts = list(run(work, these))
                if parts:
                    yield torch.cat([part[0] for part in parts]), torch.cat([p[1] for p in parts])

    def _tail(self, trunk: Trunk, activations: Tensor) -> Tensor | None:
        """The scores for activations; None for a network that does not do again what it did."""
        pictures = placeholder(activations, self.x.shape)
        replay = Replay(trunk.steps, pictures, activations)
        try:
            with replay:
                values = self.scores(pictures)
        except (Problems, RuntimeError):
            # It looked at what is not there (NaN), wrote to it, or took another way. If something
            # is really wrong, whole pictures will show it.
            return None
        return values if replay.finished else None

    def _difference(self, which: Tensor, values: Tensor | None) -> float | None:
        """How far the engine is from the plain computation; None if that is too far."""
        if values is None:
            return None
        plain = self.whole_pictures(which)
        difference = float((values[-1:] - plain).abs().max())
        right = difference <= TOLERANCE * max(1.0, float(plain.abs().max()))
        return difference if right else None
