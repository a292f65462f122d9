"""What the planned analyses would find if they asked everybody: what the study file plants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan, nan
from typing import Any

from analysis.statistics import mafc_dprime, oddity_dprime
from study_app.rehearsal import guessing
from study_app.rehearsal.outcome import Key
from study_app.trials import about_concepts
from study_app.trials._concepts import RIGHT

_SHARES = ("selection_share", "new_items", "pooled_share")
_DIFFERENCES = ("paired_difference",)
_OF_THE_QUESTION = ("model", "face", "item", "target")
_RIGHT = ("choice_accuracy", "guessing")
_SENSITIVITY = {
    "oddity_dprime": (oddity_dprime.sensitivity, 3),
    "mafc_dprime": (mafc_dprime.sensitivity, 2),
}
"""Quantity → d' of a share of right answers among m, and the m that is meant unless named."""


def planted(study: Mapping[str, Any], key: Key) -> float:
    """The planted value of an estimate, where it follows from the study file.

    Shares of ticks and their differences do: a simulated person ticks with the planted share on
    average, whatever the question; so do shares of right answers about concepts, and the d' that
    gives such a share. The share of everybody is the mean over groups, weighted by their planted
    sizes. All else (worths, odds, times) is nan.

    Arguments:
        study: the study of the frozen version, its effects scaled.
        key: the estimate.
    """
    entry = next(e for e in study["analysis"] if e["id"] == key.analysis)
    if key.quantity in (*_RIGHT, *_SENSITIVITY):
        return _right(study, entry, key)
    by = entry.get("by", "option")
    blocks = [block for block in study["blocks"] if block.get("role", "main") == "main"]
    # `at_most` caps how many are ticked; other trial types turn shares into something else.
    ticks = all(block["trial"] == "pick_any" and "at_most" not in block for block in blocks)
    alike = all(set(block["options"]) == set(blocks[0]["options"]) for block in blocks)
    known = ticks and (alike or by == "option") and by in ("option", *_OF_THE_QUESTION)
    if not known or key.quantity not in (*_SHARES, *_DIFFERENCES):
        return nan
    within = entry.get("within")
    chosen = key.segment if key.segment != "all" and _groups(study, within) else None
    share = {option: _share(study, option, chosen) for option in blocks[0]["options"]}
    if by == "option":
        for block in blocks:
            share |= {option: _share(study, option, chosen) for option in block["options"]}
    else:
        mean = sum(share.values()) / len(share)
        return 0.0 if key.quantity in _DIFFERENCES else mean
    if key.quantity in _DIFFERENCES:
        first, _, second = key.item.partition(" - ")
        return share[first] - share[second] if second in share else nan
    return share.get(key.item, nan)


def without_effect(study: Mapping[str, Any], key: Key) -> float:
    """The value of an estimate that its test asks about: guessing, of right answers; else 0."""
    entry = next(e for e in study["analysis"] if e["id"] == key.analysis)
    if key.quantity not in _RIGHT:
        return 0.0
    if entry["statistic"] in _SENSITIVITY:
        return 1 / int(entry.get("m", _SENSITIVITY[entry["statistic"]][1]))
    found = {guessing.chance(block) for block in _asked(study, entry, key)}
    return float(entry.get("chance") or (found.pop() if len(found) == 1 else nan))


def _right(study: Mapping[str, Any], entry: Mapping[str, Any], key: Key) -> float:
    """The planted share of right answers about concepts, or its d'."""
    blocks = _asked(study, entry, key)
    families = {family for block in blocks for family in block["concepts"]}
    if entry.get("by") == "family":
        families &= {key.item}
    chosen = key.segment if key.segment != "all" else None
    if not families or (chosen and not _groups(study, entry.get("within"))):
        return nan
    shares = {_share(study, family, chosen, RIGHT) for family in families}
    # How many questions are about which family is not known before concepts are found.
    share = shares.pop() if len(shares) == 1 else nan
    if key.quantity in _RIGHT or isnan(share):
        return share
    sensitivity, m = _SENSITIVITY[key.quantity]
    return sensitivity(share, int(entry.get("m", m)))


def _asked(
    study: Mapping[str, Any], entry: Mapping[str, Any], key: Key
) -> Sequence[Mapping[str, Any]]:
    """The blocks whose answers about concepts an estimate is made of."""
    return [
        block
        for block in study["blocks"]
        if block.get("role", "main") == "main"
        and about_concepts(block["trial"])
        and entry.get("block") in (None, block.get("name"))
        and (entry.get("by", "option") != "option" or key.item in ("", block["trial"]))
    ]


def _groups(study: Mapping[str, Any], within: str | None) -> bool:
    """Whether ``within`` names the groups that effects are planted for."""
    segments = study.get("segments") or {}
    first = next(iter(segments.values()), None)
    if first is None or within is None:
        return False
    return segments.get(within, {"from": within})["from"] == first["from"]


def _share(
    study: Mapping[str, Any], option: str, choice: str | None, unplanted: float = 0.5
) -> float:
    """How often ``option`` is ticked by the people of one choice; by all of them if None."""
    planted = study["simulate"]
    first = next(iter((study.get("segments") or {}).values()), None)
    if first is None:
        sizes = {"all": 1.0}
    else:
        question = next(q for q in study["background"] if q["id"] == first["from"])
        even = dict.fromkeys(question["choices"], 1 / len(question["choices"]))
        sizes = (planted.get("background") or {}).get(first["from"]) or even
    effects = planted["effects"]
    # As in `study_app.simulate.draw_person` and, where nothing is planted, a trial type's half.
    rates = {
        group: (effects.get(group) or effects.get("all") or {}).get(option, unplanted)
        for group in sizes
    }
    if choice is not None:
        return float(rates.get(choice, nan))
    return float(sum(sizes[g] * rates[g] for g in sizes) / sum(sizes.values()))
