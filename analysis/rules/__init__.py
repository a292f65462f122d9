"""Rules of quality: each file here is one, named as under ``quality:`` in a study file.

A rule declares

- ``Setting``: the type of what stands in the study file,
- ``DEFAULT``: what holds where nothing stands there; None, 0 or false: the rule is not applied,
- ``ABOUT``: what the setting means, in a sentence,
- ``find(evidence, setting)``: whom it concerns, as `Exclusion`,

and may declare ``SUMS = True`` (`Evidence.walks` and `Evidence.fast` tell it all, so that large
studies need not be read answer by answer) and ``LAST = True`` (it counts what the others leave).
One that is declared elsewhere in the study file than under ``quality`` has ``setting(study)`` in
place of ``Setting`` and ``DEFAULT``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:  # a study file is read without pandas
    import pandas as pd


@dataclass(frozen=True)
class Exclusion:
    """A declared rule and whom it concerns.

    Arguments:
        rule: its short name.
        description: the rule in words.
        participants: who is left out by it (a participant may fall under several rules).
        trials: answers left out of participants who stay; empty for rules about participants.
        marks_only: they are marked in the data and stay in the results.
        single: whether the rule is about single answers, not about participants.
    """

    rule: str
    description: str
    participants: tuple[Any, ...] = ()
    trials: tuple[Any, ...] = ()
    marks_only: bool = False
    single: bool = False


@dataclass(frozen=True)
class Evidence:
    """What rules may know.

    Arguments:
        people: `analysis.data.frames.Frames.participants`.
        walks: by participant the columns ``checks``, ``passed``, ``timed``, ``fast``,
            ``slowest_fast`` and ``fastest_slow`` of `Store.walks`.
        fast: ``participant`` and ``trial`` of the main answers below ``min_ms``.
        answers: `analysis.data.frames.Frames.main`; None where only sums are known.
        aside: the trials that the rules before leave out.
    """

    people: pd.DataFrame
    walks: pd.DataFrame
    fast: pd.DataFrame
    answers: pd.DataFrame | None = None
    aside: frozenset[Any] = frozenset()

    @cached_property
    def main(self) -> pd.DataFrame:
        """The main answers, one row for each offered option."""
        assert self.answers is not None, "a rule that needs single answers says SUMS = True"
        return self.answers

    @cached_property
    def trials(self) -> pd.DataFrame:
        """The main answers, one row each: participant, trial, rt_ms, hidden_ms."""
        return self.main.drop_duplicates(["participant", "trial"])

    def slow(self, column: str, limit: float) -> tuple[Any, ...]:
        """The trials with more than ``limit`` in a column."""
        return tuple(self.trials.loc[self.trials[column] > limit, "trial"])


class Rule(Protocol):
    """What a file of this folder provides."""

    Setting: Any
    DEFAULT: Any
    ABOUT: str
    find: Callable[[Evidence, Any], Iterator[Exclusion]]


def names() -> tuple[str, ...]:
    """The rules that there are; those that count what the others leave come last.

    Example:
        >>> names()[0], names()[-1]
        ('attention', 'min_trials')
    """
    files = sorted(p.stem for p in Path(__file__).parent.glob("[!_]*.py"))
    return tuple(sorted(files, key=lambda name: getattr(load(name), "LAST", False)))


def load(name: str) -> Rule:
    """The rule of this name."""
    return cast(Rule, import_module(f"{__name__}.{name}"))


def declared(study: Mapping[str, Any]) -> dict[str, Any]:
    """The rules that a study file applies, with their settings.

    Example:
        >>> declared({"quality": {"attention": 1, "min_ms": 0}})
        {'attention': 1}
    """
    quality = study.get("quality") or {}
    found = {}
    for name in names():
        own = getattr(load(name), "setting", None)
        if value := quality.get(name) if own is None else own(study):
            found[name] = value
    return found


def from_sums(study: Mapping[str, Any]) -> bool:
    """Whether all rules of a study can do without single answers."""
    return all(getattr(load(name), "SUMS", False) for name in declared(study))
