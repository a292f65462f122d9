"""Many estimates of one kind, such as one for each concept, told by the lowest and the highest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan

from analysis.data.segments import ALL
from analysis.estimate import Estimate
from analysis.prose.wording import Labels, range_of, value

MANY = 4
"""More items than so many are not told one by one."""
_WHAT = {
    "choice_accuracy": "right answers",
    "top_word_share": "people with the most frequent word",
    "top_two_words_share": "people with one of the two most frequent words",
    "oddity_dprime": "sensitivity d′",
    "mafc_dprime": "sensitivity d′",
}
"""Quantity → what it is."""


def many(estimates: Sequence[Estimate]) -> bool:
    """Whether these estimates are of a known kind and too many to be told one by one."""
    items = {e.item for e in estimates if e.quantity in _WHAT}
    return len(items) > MANY


def spans(estimates: Sequence[Estimate], labels: Labels) -> list[str]:
    """The lowest and the highest of each quantity in each group, and how many are beyond guessing.

    Arguments:
        estimates: see `many`.
        labels: plain words for items and segments.

    Example:
        >>> e = [Estimate("choice_accuracy", f"c{n}", "all", n / 10, .1, .9, .95, 9, 9, "", "",
        ...               p=.01 * n) for n in (3, 4, 5, 6, 7)]
        >>> spans(e, {})[0].partition(" to ")[0]
        'Right answers from 30 % (c3; 10–90 %)'
        >>> spans(e, {})[0].partition(" in ")[2]
        '5; 3 differ from guessing.'
    """
    return [sentence for sentence in _told(estimates, labels) if sentence]


def _told(estimates: Sequence[Estimate], labels: Labels) -> Iterator[str]:
    for segment in dict.fromkeys(e.segment for e in estimates):
        for quantity, what in _WHAT.items():
            known = [
                e
                for e in estimates
                if (e.segment, e.quantity) == (segment, quantity) and not isnan(e.value)
            ]
            if not known:
                continue
            low, high = (pick(known, key=lambda e: e.value) for pick in (min, max))
            who = "" if segment == ALL else f"{labels.get(segment, segment)}: "
            text = f"{who}{what} from {_one(low, labels)} to {_one(high, labels)} in {len(known)}"
            tested = [e for e in known if e.p is not None]
            if tested:
                clear = sum(e.p is not None and e.p <= 1 - e.level + 1e-12 for e in tested)
                text += f"; {clear or 'none'} differ{'s' if clear < 2 else ''} from guessing"
            yield f"{text[0].upper()}{text[1:]}."


def _one(e: Estimate, labels: Labels) -> str:
    name = labels.get(e.item, e.item)
    number = f"{e.value:.2f}" if "dprime" in e.quantity else value(e)
    return f"{number} ({'; '.join(filter(None, (name, range_of(e))))})"
