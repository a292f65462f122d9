"""How far a computation is and how long it still takes: a bar on a terminal, else plain lines."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from math import ceil
from typing import IO, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

EVERY = 5.0
"""Seconds between plain lines."""


class Countdown:
    """The time left, from what each kind of job took so far.

    Formula: sum over kinds of (jobs left) x (mean seconds of that kind), over the number of
    workers; a kind that has not run yet counts as the mean of all.

    Example:
        >>> countdown = Countdown(["a", "a", "b"], workers=1)
        >>> countdown.done("a", 2.0)
        >>> countdown.seconds_left
        4.0
    """

    def __init__(self, kinds: Iterable[str], workers: int) -> None:
        self.left = Counter(kinds)
        self.total = self.left.total()
        self._seconds: defaultdict[str, list[float]] = defaultdict(list)
        self._workers = workers

    def done(self, kind: str, seconds: float | None) -> None:
        """One job of this kind ended; ``seconds`` is None if it failed."""
        self.left[kind] -= 1
        if seconds is not None:
            self._seconds[kind].append(seconds)

    @property
    def finished(self) -> int:
        """How many jobs ended."""
        return self.total - self.left.total()

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes; None before anything is known."""
        known = [second for seconds in self._seconds.values() for second in seconds]
        if not known:
            return None
        mean = sum(known) / len(known)
        means = {kind: sum(s) / len(s) for kind, s in self._seconds.items() if s}
        whole = sum(count * means.get(kind, mean) for kind, count in self.left.items())
        return whole / self._workers


class Report:
    """Tells the person who waits: a context manager around the jobs.

    Arguments:
        kinds: the kind of each job, such as ``saliency``.
        workers: how many run at a time.
        stream: where to write; a bar if it is a terminal.
        what: what they are, in words.
    """

    def __init__(
        self, kinds: Iterable[str], workers: int, stream: IO[str], what: str = "explanations"
    ) -> None:
        self._what = what
        self.countdown = Countdown(kinds, workers)
        self._console = Console(file=stream, highlight=False, soft_wrap=True)
        self._bar: Progress | None = None
        self._task: Any = None
        self._told = time.monotonic()

    def __enter__(self) -> Report:
        if self._console.is_terminal and self.countdown.total:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            self._bar = Progress(*columns, TextColumn("{task.fields[left]}"), console=self._console)
            self._task = self._bar.add_task(
                self._what.capitalize(), total=self.countdown.total, left=""
            )
            self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def done(self, kind: str, seconds: float | None) -> None:
        """One job ended."""
        self.countdown.done(kind, seconds)
        left = duration(self.countdown.seconds_left)
        finished, total = self.countdown.finished, self.countdown.total
        if self._bar is not None:
            self._bar.update(self._task, completed=finished, left=left)
        elif time.monotonic() - self._told >= EVERY or finished == total:
            self._told = time.monotonic()
            self.say(f"{finished} of {total} {self._what}{f', {left}' if left else ''}")

    def say(self, text: str) -> None:
        """A line of its own."""
        self._console.print(text, markup=False)


def duration(seconds: float | None) -> str:
    """How long something still takes, in words.

    Example:
        >>> duration(12.2), duration(200), duration(0), duration(None)
        ('13 s left', '4 min left', '', '')
    """
    if not seconds:
        return ""
    return f"{ceil(seconds)} s left" if seconds <= 90 else f"{ceil(seconds / 60)} min left"
