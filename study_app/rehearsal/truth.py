"""What the planned analyses would find if they asked everybody: what the study file plants."""

from __future__ import annotations

from collections.abc import Mapping
from math import nan
from typing import Any

from study_app.rehearsal.outcome import Key

_SHARES = ("selection_share", "new_items", "pooled_share")
_DIFFERENCES = ("paired_difference",)
_OF_THE_QUESTION = ("model", "face", "item", "target")


def planted(study: Mapping[str, Any], key: Key) -> float:
    """The planted value of an estimate, where it follows from the study file.

    Shares of ticks and their differences do: a simulated person ticks with the planted share on
    average, whatever the question. The share of everybody is the mean over groups, weighted by
    their planted sizes. All else (worths, odds, times) is nan.

    Arguments:
        study: the study of the frozen version, its effects scaled.
        key: the estimate.
    """
    entry = next(e for e in study["analysis"] if e["id"] == key.analysis)
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


def _groups(study: Mapping[str, Any], within: str | None) -> bool:
    """Whether ``within`` names the groups that effects are planted for."""
    segments = study.get("segments") or {}
    first = next(iter(segments.values()), None)
    if first is None or within is None:
        return False
    return segments.get(within, {"from": within})["from"] == first["from"]


def _share(study: Mapping[str, Any], option: str, choice: str | None) -> float:
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
        group: (effects.get(group) or effects.get("all") or {}).get(option, 0.5) for group in sizes
    }
    if choice is not None:
        return float(rates.get(choice, nan))
    return float(sum(sizes[g] * rates[g] for g in sizes) / sum(sizes.values()))
