"""Choosing among the offered explanations: what the control `choose` sends, checked."""

from __future__ import annotations

from study_app.trials import Checked, Invalid, Trial
from study_app.trials._shown import UNREADABLE, whole


def read(trial: Trial, answer: object) -> tuple[list[int], bool]:
    """The chosen positions, and whether the choice beside the explanations was made.

    Arguments:
        answer: ``{"chosen": positions, "none": bool}``, or anything.

    Errors: Invalid when it names what was not offered, or contradicts itself.
    """
    if not isinstance(answer, dict):
        raise Invalid(UNREADABLE)
    chosen, none = answer.get("chosen"), answer.get("none", False)
    if not isinstance(chosen, list) or not isinstance(none, bool):
        raise Invalid(UNREADABLE)
    offered = {offer.position for offer in trial.options}
    if any(whole(position) not in offered for position in chosen):
        raise Invalid("not_offered")
    if len(set(chosen)) < len(chosen) or (none and chosen):
        raise Invalid("contradiction")
    return chosen, none


def one(trial: Trial, answer: object, none: str | None) -> list[int]:
    """The one chosen position; empty for the choice beside the explanations.

    Arguments:
        none: the words of that choice; None when there is none.

    Errors: Invalid, as `read`; also for several choices, or for none.
    """
    chosen, other = read(trial, answer)
    if len(chosen) > 1 or (other and none is None):
        raise Invalid("contradiction")
    if not chosen and not other:
        if none is None:
            raise Invalid("choose_one")
        raise Invalid("choose_one_or", other=none)
    return chosen


def picked(trial: Trial, chosen: list[int]) -> Checked:
    """1 for each chosen and 0 for each other offered explanation."""
    correct = None if trial.expected is None else set(chosen) == set(trial.expected)
    return Checked({o.position: float(o.position in chosen) for o in trial.options}, correct)
