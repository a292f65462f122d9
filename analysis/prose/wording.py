"""Results in plain words, with their uncertainty, in the same way everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan

from analysis.data.segments import ALL
from analysis.estimate import Estimate
from analysis.statistics._rates import SEPARATOR

Labels = Mapping[str, str]
_SHARES = {
    "selection_share", "new_items", "participant_share", "worth", "pooled_share",
    "standardised_share", "exact_binomial", "wilson", "guessing", "pattern_share",
    "rating_share", "above_middle", "below_middle", "reached_share",
    "choice_accuracy", "top_word_share", "top_two_words_share",
}  # fmt: skip
# Quantities that stand beside others about the same option in one table.
_SAY_QUANTITY = {
    "pooled_share", "standardised_share", "reversal", "exact_binomial", "wilson", "guessing",
    "above_middle", "below_middle", "worth", "log_worth", "threshold", "width", "lapse",
    "oddity_dprime", "mafc_dprime", "top_word_share", "top_two_words_share",
}  # fmt: skip
_TIMES = {"response_time", "median_response_time", "geometric_mean_time"}
_DIFFERENCES = {"paired_difference", "published_difference", "proportion_difference", "reversal"}
KINDS = {
    "intruder": "The intruder is found",
    "coherency": "The concept's row is chosen",
}
"""What is right in a kind of test about concepts."""


def percent(share: float) -> str:
    """A share in whole percent.

    Example:
        >>> percent(.483), percent(.004), percent(float("nan"))
        ('48 %', '0.4 %', 'unknown')
    """
    if isnan(share):
        return "unknown"
    return f"{100 * share:.0f} %" if share in (0, 1) or 0.01 <= share < 0.995 else _fine(share)


def _fine(share: float) -> str:
    return f"{100 * share:.1f} %"


def interval(e: Estimate) -> str:
    """An estimate's interval, as ``95 % interval 42–60 %``.

    Example:
        >>> interval(Estimate("selection_share", "a", "all", .5, .42, .6, .95, 9, 72, "", ""))
        '95 % interval 42–60 %'
    """
    if isnan(e.low):
        return f"no interval: {e.note}" if e.note else "no interval"
    return f"{100 * e.level:.0f} % interval {ends(e)}"


def ends(e: Estimate) -> str:
    """The two ends of a share's interval, as ``42–60 %``; empty if there are none."""
    return "" if isnan(e.low) else f"{100 * e.low:.0f}–{100 * e.high:.0f} %"


def points(e: Estimate) -> str:
    """A difference of shares in percentage points, as ``+15 points (+9 to +21)``.

    Example:
        >>> points(Estimate("paired_difference", "a - b", "all", .15, .09, .21, .95, 9, 72, "", ""))
        '+15 points (95 % interval +9 to +21)'
    """
    if isnan(e.value):
        return f"unknown ({e.note})" if e.note else "unknown"
    if isnan(e.low):
        return f"{signed(e.value)} points (no interval)"
    level = f"{100 * e.level:.0f} % interval"
    return f"{signed(e.value)} points ({level} {signed(e.low)} to {signed(e.high)})"


def signed(share: float) -> str:
    """A difference in percentage points with its sign; small ones keep a decimal.

    Example:
        >>> signed(.153), signed(-.2), signed(-.002), signed(0)
        ('+15', '−20', '−0.2', '0')
    """
    if share == 0:
        return "0"
    digits = 1 if abs(share) < 0.01 else 0
    return f"{100 * share:+.{digits}f}".replace("-", "−")


def probability(p: float | None) -> str:
    """A p value, never as zero.

    Example:
        >>> probability(.0312), probability(1e-9), probability(float("nan"))
        ('p = .031', 'p < .001', 'p not defined')
    """
    if p is None or isnan(p):
        return "p not defined"
    return "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".")


def pair(e: Estimate) -> tuple[str, str]:
    """The two options that a difference is about."""
    first, _, second = e.item.partition(SEPARATOR)
    return first, second


def deed(scale: str) -> str:
    """What a value of 1 says of an option.

    Example:
        >>> deed("selection"), deed("correctness"), deed("pairwise")
        ('picked', 'right', 'preferred')
    """
    return {"correctness": "right", "pairwise": "preferred"}.get(scale, "picked")


def item(e: Estimate, labels: Labels) -> str:
    """What an estimate is about: an option, a pair, a combination, a rating of an option.

    Example:
        >>> e = Estimate("q", "a - b", "all", .5, .4, .6, .95, 9, 72, "", "")
        >>> item(e, {"a": "Saliency"})
        'Saliency − b'
    """
    for sign, shown in ((SEPARATOR, " − "), (" + ", " + "), (" = ", " = ")):
        parts = e.item.split(sign)
        if len(parts) > 1:
            return shown.join(labels.get(name, name) for name in parts)
    # The cumulative link model names factor and level: "option: a".
    _, colon, level = e.item.partition(": ")
    named = labels.get(level, level) if colon else labels.get(e.item, e.item)
    said = "standardised difference" if e.quantity == "reversal" else e.quantity.replace("_", " ")
    return f"{named}: {said}" if e.quantity in _SAY_QUANTITY else named


def people(count: int) -> str:
    """A number of participants.

    Example:
        >>> people(1), people(36)
        ('1 participant', '36 participants')
    """
    return "1 participant" if count == 1 else f"{count} participants"


def among(segment: str, count: int, labels: Labels, groups: bool = True) -> str:
    """Who a result is about, as the start of a sentence.

    Arguments:
        segment: the segment.
        count: its participants.
        labels: plain words.
        groups: whether segments are groups of people; otherwise they are kinds of questions.

    Example:
        >>> among("user", 36, {"user": "Used it"}), among("all", 101, {})
        ('Among the 36 participants in “Used it”,', 'Among all 101 participants,')
    """
    name = labels.get(segment, segment)
    if count == 1 and (segment == ALL or groups):
        return "For the one participant," if segment == ALL else f"For the one in “{name}”,"
    if segment == ALL:
        return f"Among all {people(count)},"
    first, between, second = segment.partition(SEPARATOR)
    if between:
        names = f"“{labels.get(first, first)}” with “{labels.get(second, second)}”"
        return f"Comparing {names} ({people(count)}),"
    return f"Among the {people(count)} in “{name}”," if groups else f"For questions on “{name}”,"


def shares(
    estimates: Sequence[Estimate],
    labels: Labels,
    verb: str = "was picked in",
    what: str = "the questions",
    groups: bool = True,
) -> list[str]:
    """One sentence for each segment about how often each option was picked.

    Example:
        >>> e = Estimate("selection_share", "map", "all", .5, .42, .6, .95, 9, 72, "", "")
        >>> shares([e], {"map": "Saliency"})
        ['Among all 9 participants, Saliency was picked in 50 % of the questions (42–60 %).']
    """
    sentences = []
    for segment in dict.fromkeys(e.segment for e in estimates):
        here = [e for e in estimates if e.segment == segment]
        count = max(e.participants for e in here)
        if count == 0:
            name = labels.get(segment, segment)
            sentences.append(f"Nobody in “{name}” has answered: nothing can be said about them.")
            continue
        if count == 1:
            name = labels.get(segment, segment)
            sentences.append(f"One participant in “{name}”: too few to say anything about others.")
            continue
        ranked = sorted((e for e in here if not isnan(e.value)), key=lambda e: -e.value)
        told = [f"{percent(e.value)} ({ends(e) or 'no interval'})" for e in ranked]
        names = [labels.get(e.item, e.item) for e in ranked]
        text = f"{names[0]} {verb} {told[0].replace(' (', f' of {what} (', 1)}"
        text += "".join(
            f", {name} in {share}" for name, share in zip(names[1:], told[1:], strict=True)
        )
        sentences.append(f"{among(segment, count, labels, groups)} {text}.")
    return sentences


def lead(shares: Sequence[Estimate], differences: Sequence[Estimate], labels: Labels) -> str:
    """Which option leads in one segment, and whether the data can tell it from the others.

    Arguments:
        shares: ``selection_share`` of the segment, one for each option.
        differences: ``paired_difference`` of the same segment, one for each pair.
    """
    segment, count = shares[0].segment, max(e.participants for e in shares)
    known = sorted((e for e in shares if not isnan(e.value)), key=lambda e: -e.value)
    who = labels.get(segment, segment)
    if count == 0:
        return f"Nobody in “{who}” has answered yet."
    if count == 1:
        return f"Only one participant in “{who}”: too few to say anything about others."
    if len(known) < 2:
        return f"{among(segment, count, labels)} only one explanation was offered."
    best = known[0]
    name = labels.get(best.item, best.item)
    ahead: list[str] = []
    level: list[str] = []
    for e in differences:
        first, second = pair(e)
        if best.item not in (first, second):
            continue
        other = second if first == best.item else first
        clear = e.low > 0 if first == best.item else e.high < 0
        (ahead if clear else level).append(labels.get(other, other))
    start = (
        f"{among(segment, count, labels)} {name} was picked most often, in {percent(best.value)}"
    )
    start += f" of the questions ({interval(best)})"
    if not level:
        return f"{start}, clearly more than {listed(ahead)}."
    if not ahead:
        return f"{start}, but it cannot be told apart from {listed(level)}."
    return f"{start}, clearly more than {listed(ahead)}, but not clearly more than {listed(level)}."


def listed(names: Sequence[str]) -> str:
    """Names in one line.

    Example:
        >>> listed(["a", "b", "c"]), listed(["a"]), listed([])
        ('a, b and c', 'a', '')
    """
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


def value(e: Estimate) -> str:
    """An estimate's value in its own unit."""
    if isnan(e.value):
        return "unknown"
    if e.quantity in _TIMES:
        return f"{e.value / 1000:.1f} s"
    if e.quantity in _DIFFERENCES:
        return f"{signed(e.value)} points"
    return percent(e.value) if e.quantity in _SHARES else f"{e.value:.3g}"


def range_of(e: Estimate) -> str:
    """An estimate's interval in its own unit; empty if there is none."""
    if isnan(e.low):
        return ""
    if e.quantity in _TIMES:
        return f"{e.low / 1000:.1f}–{e.high / 1000:.1f} s"
    if e.quantity in _DIFFERENCES:
        return f"{signed(e.low)} to {signed(e.high)}"
    return ends(e) if e.quantity in _SHARES else f"{e.low:.3g} to {e.high:.3g}"
