"""Single estimates in plain words: a clause for each quantity, a sentence for each segment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isnan

from analysis.estimate import Estimate
from analysis.prose.wording import (
    Labels,
    among,
    item,
    pair,
    percent,
    points,
    probability,
    range_of,
    value,
)

# Tests whose verdict has words of its own; other quantities are told as numbers.
_TESTS = {
    "clustered_mcnemar", "exact_mcnemar", "nemenyi", "cochran_q", "friedman", "hotelling",
    "label_permutation", "interaction_permutation", "interaction_manova", "rao_scott",
}  # fmt: skip

# Told by the tables alone: they repeat, or say nothing by themselves.
_IN_TABLES = {"wilson", "log_likelihood", "log_worth", "lapse", "rao_scott_df", "pearson_sum"}


def sentences(estimates: Sequence[Estimate], labels: Labels, groups: bool = True) -> list[str]:
    """Estimates of any other kind, differences, times and tests: one sentence for each segment.

    Example:
        >>> e = Estimate("paired_difference", "a - b", "all", .15, .09, .21, .95, 9, 72, "", "")
        >>> sentences([e], {})[0].partition(":")[0]
        'Among all 9 participants, a was picked more often than b'
    """
    told = []
    for segment in dict.fromkeys(e.segment for e in estimates):
        here = [e for e in estimates if e.segment == segment and e.quantity not in _IN_TABLES]
        if not here:
            continue
        count = max(e.participants for e in here)
        if count == 0:
            told.append(f"Nobody in “{labels.get(segment, segment)}” has answered.")
            continue
        clauses = "; ".join(_clause(e, labels) for e in here)
        told.append(f"{among(segment, count, labels, groups)} {clauses}.")
    return told


def _clause(e: Estimate, labels: Labels) -> str:
    said = _SAID.get(e.quantity)
    if said is not None and not isnan(e.value):
        return said(e, labels)
    if e.quantity in _TESTS:
        return _test(e, labels)
    return _number(e, labels)


def _time(e: Estimate, labels: Labels) -> str:
    return f"an answer took {value(e)} ({range_of(e) or e.note})"


def _geometric(e: Estimate, labels: Labels) -> str:
    return f"the geometric mean time of an answer is {value(e)}{_sure(e)}"


def _times_longer(e: Estimate, labels: Labels) -> str:
    first, second = (labels.get(name, name) for name in pair(e))
    return f"answers of “{first}” took {e.value:.2f} times as long as those of “{second}”{_sure(e)}"


def _per_question(e: Estimate, labels: Labels) -> str:
    return f"each question takes {e.value:.2f} times as long as the one before{_sure(e)}"


def _within(e: Estimate, labels: Labels) -> str:
    return f"{percent(e.value)} of the variance of log times lies within people"


def _difference(e: Estimate, labels: Labels) -> str:
    first, second = (labels.get(name, name) for name in pair(e))
    verb = "cannot be told apart from"
    if e.low > 0:
        verb = "was picked more often than"
    elif e.high < 0:
        verb = "was picked less often than"
    return f"{first} {verb} {second}: {points(e)}"


def _effect(e: Estimate, labels: Labels) -> str:
    verb = "higher" if e.low > 0 else "lower" if e.high < 0 else "neither clearly higher nor lower"
    name = item(e, labels) or "it"
    return f"{name} is rated {verb} than the reference (log odds {value(e)}; {_brief(e)})"


def _guessing(e: Estimate, labels: Labels) -> str:
    clear = e.p is not None and e.p <= 1 - e.level + 1e-12
    verdict = "which guessing does not explain" if clear else "which guessing may explain"
    name = f"{labels.get(e.item, e.item)}: " if e.item else ""
    return f"{name}right in {value(e)} of the answers, {verdict} ({_brief(e)})"


def _recognised(e: Estimate, labels: Labels) -> str:
    name = f"{labels.get(e.item, e.item)}: " if e.item else ""
    return f"{name}{value(e)} of the answers are right{_sure(e)}"


def _word(e: Estimate, labels: Labels) -> str:
    two = e.quantity == "top_two_words_share"
    which = "one of its two most frequent words" if two else "its most frequent word"
    name = f"{labels.get(e.item, e.item)}: " if e.item else ""
    return f"{name}{value(e)} call a concept by {which}{_sure(e)}"


def _sensitivity(e: Estimate, labels: Labels) -> str:
    about = f" with {labels.get(e.item, e.item)}" if e.item else ""
    return f"sensitivity{about} is d′ = {e.value:.2f}{_sure(e)}"


def _higher(e: Estimate, labels: Labels) -> str:
    about = f" of {labels.get(e.item, e.item)}" if e.item else ""
    told = f"values{about} are higher in the second group"
    return f"{told} with probability {value(e)}{_sure(e)}"


def _sure(e: Estimate) -> str:
    told = _brief(e)
    return f" ({told})" if told else ""


def _brief(e: Estimate) -> str:
    more = [range_of(e), "" if e.p is None else probability(e.p), e.note]
    return "; ".join(text for text in more if text)


def _number(e: Estimate, labels: Labels) -> str:
    first, second = (labels.get(name, name) for name in pair(e))
    about = f" of {first}" + (f" − {second}" if second else "") if e.item else ""
    told = f"{e.quantity.replace('_', ' ')}{about} is {value(e)}"
    return told + _sure(e)


def _test(e: Estimate, labels: Labels) -> str:
    if e.p is None or isnan(e.p):
        return f"the test ({e.method}) could not be made: {e.note or 'no data'}"
    subject = "the explanations"
    if e.item:
        first, second = (labels.get(name, name) for name in pair(e))
        subject = f"{first} and {second}"
    elif e.quantity.startswith(("interaction", "rao_scott")):
        subject = "the preferences of the groups"
    verdict = "differ" if e.p <= 1 - e.level + 1e-12 else "do not differ clearly"
    how = f"{probability(e.p)}" if e.item else f"{probability(e.p)}, {e.method}"
    return f"{subject} {verdict} ({how})"


_SAID: Mapping[str, Callable[[Estimate, Labels], str]] = {
    "response_time": _time,
    "median_response_time": _time,
    "geometric_mean_time": _geometric,
    "time_ratio": _times_longer,
    "time_per_question": _per_question,
    "within_participant_share": _within,
    "paired_difference": _difference,
    "published_difference": _difference,
    "effect": _effect,
    "exact_binomial": _guessing,
    "guessing": _guessing,
    "choice_accuracy": _recognised,
    "top_word_share": _word,
    "top_two_words_share": _word,
    "oddity_dprime": _sensitivity,
    "mafc_dprime": _sensitivity,
    "brunner_munzel": _higher,
}
