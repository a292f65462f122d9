"""Each result in plain words: who, what, how sure; built of the phrases in `wording`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isnan

from analysis.data import segments
from analysis.data.frames import Frames
from analysis.data.segments import ALL
from analysis.estimate import Estimate
from analysis.plan import Result
from analysis.prose import clauses, spans, wording
from analysis.prose.wording import Labels, among, ends, listed, percent
from analysis.statistics._rates import SEPARATOR
from analysis.statistics.rating_distribution import parts
from analysis.statistics.tick_patterns import members

_SHOWN = 4  # combinations and categories that are told; the table has all of them
_FAR = 0.1  # how far a standardised share must be from the pooled one to be told apart


def reading(frames: Frames, result: Result) -> list[str]:
    """A result in plain words, one sentence for each segment, comparison or test.

    Arguments:
        frames: the data that the result is about, for the words that name things.
        result: from `analysis.plan`.
    """
    if result.problem:
        return [f"This could not be computed: {result.problem}."]
    if not result.estimates:
        return ["There is nothing to compare: fewer than two explanations were offered."]
    verb = wording.deed(result.scale)
    return [text.replace(" picked", f" {verb}") for text in _told(frames, result)]


def _told(frames: Frames, result: Result) -> list[str]:
    labels = frames.labels(result.within)
    groups = result.within in frames.participants
    told = _BY_STATISTIC.get(result.statistic)
    if told is not None:
        return told(result.estimates, labels)
    if spans.many(result.estimates):
        return spans.spans(result.estimates, labels)
    if result.within == "position":
        return along(result.estimates)
    if result.statistic == "selection_share":
        if result.within == "item":
            return items(result.estimates, labels)
        if result.within == "x":
            return levels(result.estimates, labels)
        return wording.shares(result.estimates, labels, groups=groups)
    if result.statistic == "new_items":
        future = ("would be picked in", "questions like these")
        return wording.shares(result.estimates, labels, *future, groups=groups)
    if result.statistic == "standardised_share":
        over = str(result.options.get("over", ""))
        title, _ = segments.columns(frames.study).get(over, (over, {}))
        return standardised(result.estimates, labels, title)
    return clauses.sentences(result.told, labels, groups)


def patterns(estimates: Sequence[Estimate], labels: Labels) -> list[str]:
    """The most frequent combinations of each segment, how often nothing and how often several.

    Example:
        >>> e = Estimate("pattern_share", "a + b", "all", .5, .4, .6, .95, 9, 36, "", "")
        >>> patterns([e], {})
        ['Among all 9 participants, a and b together were ticked in 50 % of the questions (40–60 %).']
    """  # noqa: E501
    sentences = []
    for segment, here in _segments(estimates):
        count = max(e.participants for e in here)
        known = sorted((e for e in here if not isnan(e.value)), key=lambda e: -e.value)
        if not known or not count:
            sentences.append(_nobody(segment, labels, here))
            continue
        told = [
            f"{_combination(e.item, labels)} {percent(e.value)}{_of(n)} ({_ends(e)})"
            for n, e in enumerate(known[:_SHOWN])
        ]
        rest = len(known) - _SHOWN
        text = ", ".join(told) + (f", {rest} other combinations less often" if rest > 0 else "")
        sentences.append(f"{among(segment, count, labels)} {text}.")
    return sentences


def _of(number: int) -> str:
    return "" if number else " of the questions"


def _combination(item: str, labels: Labels) -> str:
    names = [labels.get(name, name) for name in members(item)]
    if not names:
        return "nothing was ticked in"
    if len(names) == 1:
        return f"{names[0]} alone was ticked in"
    return f"{listed(names)} together were ticked in"


def items(estimates: Sequence[Estimate], labels: Labels) -> list[str]:
    """How far the questions are apart, for each option: the lowest, the highest, and for whom.

    Example:
        >>> e = [Estimate("selection_share", "a", s, v, .1, .9, .95, 9, 9, "", "")
        ...      for s, v in (("all", .5), ("q1", .2), ("q2", .8))]
        >>> items(e, {})[0]
        'a: 50 % over all questions, from 20 % (q1; 10–90 %) to 80 % (q2; 10–90 %) in 2 questions.'
    """
    sentences = []
    for option in dict.fromkeys(e.item for e in estimates):
        here = [e for e in estimates if e.item == option]
        overall = next((e for e in here if e.segment == ALL), None)
        known = sorted(
            (e for e in here if e.segment != ALL and not isnan(e.value)), key=lambda e: e.value
        )
        name = labels.get(option, option)
        start = f"{name}: {percent(overall.value)} over all questions" if overall else name
        if not known:
            sentences.append(f"{start}; no single question was answered.")
            continue
        low, high = (
            f"{percent(e.value)} ({labels.get(e.segment, e.segment)}; {_ends(e)})"
            for e in (known[0], known[-1])
        )
        sentences.append(f"{start}, from {low} to {high} in {len(known)} questions.")
    return sentences


def levels(estimates: Sequence[Estimate], labels: Labels) -> list[str]:
    """How each option fares at the least and at the greatest level of the stimulus.

    Example:
        >>> e = [Estimate("selection_share", "a", s, v, .1, .9, .95, 9, 9, "", "")
        ...      for s, v in (("all", .5), ("1.0", .2), ("8.0", .8))]
        >>> levels(e, {})
        ['a: 20 % (10–90 %) at level 1, 80 % (10–90 %) at level 8.']
    """
    sentences = []
    for option in dict.fromkeys(e.item for e in estimates):
        here = [e for e in estimates if e.item == option and e.segment != ALL]
        known = [e for e in here if not isnan(e.value)]
        if known:
            ends = dict.fromkeys((known[0], known[-1]))
            told = (f"{percent(e.value)} ({_ends(e)}) at level {float(e.segment):g}" for e in ends)
            sentences.append(f"{labels.get(option, option)}: {', '.join(told)}.")
    return sentences


def along(estimates: Sequence[Estimate]) -> list[str]:
    """Everybody's time, and that of the first and the last question, by number.

    Example:
        >>> e = [Estimate("response_time", "", s, v, v, v, .95, 9, 9, "", "")
        ...      for s, v in (("all", 5e3), ("1", 6e3), ("2", 4e3))]
        >>> along(e)[1]
        'Question 1 took 6.0 s (6.0–6.0 s), question 2, the last, 4.0 s (4.0–4.0 s).'
    """
    told = clauses.sentences([e for e in estimates if e.segment == ALL], {})
    known = [e for e in estimates if e.segment != ALL and not isnan(e.value)]
    if len(known) > 1:
        first, last = (
            f"{wording.value(e)} ({wording.range_of(e) or 'no interval'})"
            for e in (known[0], known[-1])
        )
        numbers = known[0].segment, known[-1].segment
        told.append(f"Question {numbers[0]} took {first}, question {numbers[1]}, the last, {last}.")
    return told


def ratings(estimates: Sequence[Estimate], labels: Labels) -> list[str]:
    """How often each option is rated above and below the middle, and its most frequent rating.

    Example:
        >>> e = [Estimate(q, "a", "all", v, v, v, .95, 9, 9, "", "")
        ...      for q, v in (("below_middle", .25), ("above_middle", .5))]
        >>> ratings(e, {})
        ['Among all 9 participants, a is rated above the middle in 50 % (50–50 %) and below it in 25 % (25–25 %) of the answers.']
    """  # noqa: E501
    sentences = []
    for segment, here in _segments(estimates):
        count = max(e.participants for e in here)
        clauses = []
        for option in dict.fromkeys(e.item for e in here if e.quantity == "above_middle"):
            above, below = (
                next((e for e in here if (e.quantity, e.item) == (q, option)), None)
                for q in ("above_middle", "below_middle")
            )
            if above is None or below is None or isnan(above.value):
                continue
            said = f"above the middle in {percent(above.value)} ({_ends(above)})"
            less = f"below it in {percent(below.value)} ({_ends(below)}) of the answers"
            own = [e for e in here if e.quantity == "rating_share" and parts(e.item)[0] == option]
            most = max(own, key=lambda e: e.value, default=None)
            often = f" (most often {parts(most.item)[1]})" if most else ""
            name = labels.get(option, option)
            clauses.append(f"{name} is rated {said} and {less}{often}")
        if clauses:
            sentences.append(f"{among(segment, count, labels)} {'; '.join(clauses)}.")
        else:
            sentences.append(_nobody(segment, labels, here))
    return sentences


def standardised(estimates: Sequence[Estimate], labels: Labels, over: str) -> list[str]:
    """What making the groups alike changes, reversals first."""
    told = [
        f"Reversed when the groups are alike in “{over}”: {t}" for t in reversals(estimates, labels)
    ]
    pooled = {(e.segment, e.item): e for e in estimates if e.quantity == "pooled_share"}
    known = [e for e in estimates if e.quantity == "standardised_share" and not isnan(e.value)]
    if not known:
        why = next((e.note for e in estimates if e.quantity == "standardised_share" and e.note), "")
        return [f"The groups cannot be made alike in “{over}”: {why or 'nobody has answered'}."]
    if not told:
        told.append(f"No difference between groups turns round when they are alike in “{over}”.")
    moved = [e for e in known if abs(e.value - pooled[e.segment, e.item].value) >= _FAR]
    for e in moved:
        name, who = labels.get(e.item, e.item), labels.get(e.segment, e.segment)
        before = percent(pooled[e.segment, e.item].value)
        told.append(
            f"{among(e.segment, e.participants, labels)} {name} would be picked in "
            f"{percent(e.value)} ({_ends(e)}) instead of {before} if “{who}” had the make-up of "
            "everybody."
        )
    lost = dict.fromkeys(note for e in known for note in e.note.split("; ") if "left out" in note)
    return told + [f"Not comparable: {note}." for note in lost]


def reversals(estimates: Sequence[Estimate], labels: Labels) -> list[str]:
    """The pairs of groups whose standardised and pooled differences have opposite signs."""
    shares = {(e.quantity, e.segment, e.item): e.value for e in estimates}
    told = []
    for e in estimates:
        if e.quantity == "reversal" and e.note.startswith("reversed"):
            first, _, second = e.segment.partition(SEPARATOR)
            pooled = shares["pooled_share", first, e.item] - shares["pooled_share", second, e.item]
            names = [labels.get(name, name) for name in (first, second)]
            told.append(
                f"{labels.get(e.item, e.item)}, {names[0]} minus {names[1]}: "
                f"{wording.signed(pooled)} points become {wording.signed(e.value)}."
            )
    return told


def order_changed(before: Sequence[Estimate], after: Sequence[Estimate]) -> bool:
    """Whether two sets of shares rank the options differently."""
    ranks = [
        [e.item for e in sorted(part, key=lambda e: -e.value) if not isnan(e.value)]
        for part in (before, after)
    ]
    return ranks[0] != ranks[1]


def _segments(estimates: Sequence[Estimate]) -> list[tuple[str, list[Estimate]]]:
    names = dict.fromkeys(e.segment for e in estimates)
    return [(name, [e for e in estimates if e.segment == name]) for name in names]


def _nobody(segment: str, labels: Labels, here: Sequence[Estimate]) -> str:
    name = labels.get(segment, segment)
    why = next((e.note for e in here if e.note), "")
    if any(e.participants for e in here):
        return f"Nothing can be said about “{name}”: {why or 'no answers'}."
    return f"Nobody in “{name}” has answered: nothing can be said about them."


def _ends(e: Estimate) -> str:
    return ends(e) or "no interval"


_BY_STATISTIC: Mapping[str, Callable[[Sequence[Estimate], Labels], list[str]]] = {
    "tick_patterns": patterns,
    "rating_distribution": ratings,
}
