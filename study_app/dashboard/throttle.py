"""Guessing slows down: after a few wrong passwords each further try has to wait."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable


class Throttle:
    """Waiting time after failures, for each address that tries.

    The first ``free`` failures cost nothing; then the wait doubles: 1, 2, 4 ... ``longest``
    seconds. Success forgets the address.

    Arguments:
        free: failures without a wait.
        longest: the longest wait in seconds.
        clock: seconds, ever growing.
        known: how many addresses are remembered; the oldest are forgotten first.

    Example:
        >>> throttle = Throttle(free=1, clock=lambda: 0.0)
        >>> throttle.failed("10.0.0.7"); throttle.wait("10.0.0.7")
        0.0
        >>> throttle.failed("10.0.0.7"); throttle.wait("10.0.0.7")
        1.0
    """

    def __init__(
        self,
        free: int = 3,
        longest: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
        known: int = 10_000,
    ) -> None:
        self._free, self._longest, self._clock, self._known = free, longest, clock, known
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Seconds until ``address`` may try again; 0 if now."""
        _, until = self._failures.get(address, (0, 0.0))
        return max(0.0, until - self._clock())

    def failed(self, address: str) -> None:
        """Count a wrong password."""
        count = self._failures.pop(address, (0, 0.0))[0] + 1
        over = count - self._free
        # The exponent is bounded too: 2**2000 is no number of seconds.
        delay = min(self._longest, 2.0 ** min(over - 1, 30)) if over > 0 else 0.0
        self._failures[address] = (count, self._clock() + delay)
        while len(self._failures) > self._known:
            self._failures.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Forget the address's failures."""
        self._failures.pop(address, None)
