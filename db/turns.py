"""A lock that is taken in the order of asking."""

from __future__ import annotations

from collections import deque
from threading import Lock
from types import TracebackType


class Turns:
    """A fair mutex: whoever waits longest goes next.

    SQLite's own busy handler sleeps and retries, so that under load an unlucky writer waits for
    seconds; and `threading.Lock` promises no order. Not reentrant.

    Example:
        >>> turns = Turns()
        >>> with turns:
        ...     print("alone")
        alone
    """

    def __init__(self) -> None:
        self._mutex = Lock()
        self._waiting: deque[Lock] = deque()
        self._held = False

    def __enter__(self) -> None:
        with self._mutex:
            if not self._held:
                self._held = True
                return
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        try:
            mine.acquire()  # released by the one before us, who leaves the turn to us
        except BaseException:  # Ctrl-C while waiting: nobody may wait for us
            with self._mutex:
                gone = mine not in self._waiting
                if not gone:
                    self._waiting.remove(mine)
            if gone:
                self._next()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._next()

    def _next(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False
