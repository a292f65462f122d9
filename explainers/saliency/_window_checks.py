"""Checks that all methods with sliding windows share."""

from __future__ import annotations

from typing import Any

from explainers.parameter_checks import Checks

FILLS = ("mean", "value", "blur")


def window_checks(of: Any, name: str) -> Checks:
    """What is wrong with ``window``, ``stride``, ``fill``, ``value`` and ``batch`` of a method.

    Arguments:
        of: the method's dataclass with these five fields.
        name: the method's name, as in the study file.

    Returns: the checks so far; the method adds its own and calls ``done``.

    Example:
        >>> from types import SimpleNamespace
        >>> method = SimpleNamespace(window=4, stride=9, fill="mean", value=0.5, batch=1)
        >>> window_checks(method, "canonical").done()
        Traceback (most recent call last):
        explainers.problems.Problems: canonical: stride
          9 is larger than the window (4), so some pixels would never be covered
          fix: write stride: 4 or less
    """
    checks = Checks(of, name)
    checks.whole("window", least=1)
    checks.whole("stride", least=1)
    checks.choice("fill", FILLS)
    checks.number("value", 0.0, 1.0)
    checks.whole("batch", least=1)
    whole = isinstance(of.stride, int) and isinstance(of.window, int)
    if whole and of.stride > of.window > 0:
        checks.add(
            "stride",
            f"{of.stride} is larger than the window ({of.window}), so some pixels would never be "
            "covered",
            f"write stride: {of.window} or less",
        )
    return checks
