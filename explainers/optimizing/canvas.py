"""How a picture is written down while it is optimised: as pixels, or as waves.

A canvas is called for its picture, [1, 3, S, S] in [0, 1], and optimised through its
``parameters``. How the same picture is written down changes where an optimiser goes first.
"""

from __future__ import annotations

import math
from typing import Protocol

import torch
from torch import Generator, Tensor

COLOURS = torch.tensor([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])
"""Principal colours of natural pictures, a column each: light, orange to blue, green to purple.

The matrix root of the covariance of ImageNet's colours. Source: Olah, Mordvintsev & Schubert,
Feature Visualization (2017).
"""


class Canvas(Protocol):
    """A picture and the numbers that it is made of."""

    parameters: list[Tensor]

    def __call__(self) -> Tensor:
        """The picture, [1, 3, S, S] in [0, 1]."""
        ...


class Pixels:
    """Every value of the picture by itself, kept in [0, 1] by a sigmoid.

    Arguments:
        size: S, in pixels.
        generator: where the start comes from: mid-gray with a little noise.

    Example:
        >>> Pixels(8, torch.Generator().manual_seed(0))().shape
        torch.Size([1, 3, 8, 8])
    """

    NOISE = 0.05

    def __init__(self, size: int, generator: Generator) -> None:
        start = torch.randn(1, 3, size, size, generator=generator) * self.NOISE
        self.parameters = [start.requires_grad_()]

    def __call__(self) -> Tensor:
        """The picture, [1, 3, S, S] in [0, 1]."""
        return torch.sigmoid(self.parameters[0])


class Fourier:
    """Waves in decorrelated colours, long ones louder, as in natural pictures.

    Source: Olah, Mordvintsev & Schubert, Feature Visualization (2017), on preconditioning.
    Formula: ``sigmoid(M irfft2(s / max(|f|, 1/S)^decay))`` for the optimised spectrum ``s`` at
    frequencies ``f`` and the principal colours ``M``.

    Arguments:
        size: S, in pixels.
        generator: where the start comes from: a faint random spectrum.
        chroma: how freely colours move, against 1 for light; 0 paints in gray.
        symmetric: draw the same on both sides, as faces are (nearly).
        decay: how much quieter short waves are; 1 as in natural pictures, 0 all alike.

    Example:
        >>> picture = Fourier(8, torch.Generator().manual_seed(0), symmetric=True)()
        >>> torch.equal(picture, picture.flip(3))
        True
    """

    NOISE = 0.01
    GAIN = 0.5
    """Makes steps of equal size as long as on pixels."""

    def __init__(
        self,
        size: int,
        generator: Generator,
        chroma: float = 1.0,
        symmetric: bool = False,
        decay: float = 1.0,
    ) -> None:
        shape = (1, 3, size, size // 2 + 1, 2)
        self.parameters = [(torch.randn(shape, generator=generator) * self.NOISE).requires_grad_()]
        down, right = torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)[None]
        frequency = (down**2 + right**2).sqrt().clamp(min=1 / size)
        loudness = frequency**-decay
        # As loud in all as waves with a decay of 1.
        loudness = loudness * ((1 / frequency).norm() / loudness.norm())
        self._loudness = self.GAIN * loudness / math.sqrt(size)
        self._colours = COLOURS / COLOURS.norm(dim=0).max() * torch.tensor([1.0, chroma, chroma])
        self._symmetric = symmetric
        self._size = size

    def __call__(self) -> Tensor:
        """The picture, [1, 3, S, S] in [0, 1]."""
        spectrum = torch.view_as_complex(self.parameters[0]) * self._loudness
        waves = torch.fft.irfft2(spectrum, s=(self._size, self._size), norm="ortho")
        if self._symmetric:
            # Divided by the root of 2, not by 2: two independent halves keep their contrast.
            waves = (waves + waves.flip(3)) / math.sqrt(2)
        return torch.sigmoid(torch.einsum("nchw,dc->ndhw", waves, self._colours))
