"""What trial types about concepts share: what they show, and how people see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from explainers.concept import Concept, Segment
from study_app.trials import Checked, Person, Trial, _choice, _shown

RIGHT = 0.75
"""How often a simulated person is right about a family for which nothing is planted."""


def view(trial: Trial, **control: Any) -> dict[str, Any]:
    """The trial as the browser draws it: the prompt as its heading, and no picture of a face."""
    return {
        **_shown.view(trial, **control),
        "question": trial.prompt,
        "prompt": "",
        "picture": None,
    }


def chosen_one(trial: Trial, answer: object, right: str) -> tuple[Checked, int]:
    """1 for the chosen and 0 for each other option; right if it is the one called ``right``.

    Returns: the checked answer and the chosen position.

    Errors: Invalid unless one of the options is chosen.
    """
    (position,) = _choice.one(trial, answer, None)
    found = _choice.picked(trial, [position])
    name = next(offer.option for offer in trial.options if offer.position == position)
    return Checked(found.values, name == right), position


def simulated_choice(trial: Trial, person: Person, right: str) -> int:
    """The position that a simulated person chooses.

    Formula: right with the person's own rate for the family of the concept, which is what
    ``simulate.effects`` plants, else one of the others, each as likely: a rate of 1/m is guessing
    among m. In terms of sensitivity, the rate is that of the d' of `analysis.statistics`
    (``oddity_dprime``, ``mafc_dprime``) that gives this share of right answers.
    """
    rate = person.rates.get(str(trial.item.get("family", "")), RIGHT)
    places = {offer.option: offer.position for offer in trial.options}
    others = [position for option, position in places.items() if option != right]
    return places[right] if person.rng.random() < rate else person.rng.choice(others)


def kin(concepts: Sequence[Concept]) -> Iterator[tuple[Concept, list[Concept]]]:
    """Each concept that is no random control, with the others of its finder, layer and class."""
    for concept in concepts:
        if not concept.random:
            others = [c for c in concepts if c.kin == concept.kin and c.id != concept.id]
            yield concept, others


def overlap(a: Segment, b: Segment) -> bool:
    """Whether two segments show the same place: half of their common box or more, of one face."""
    if a.face != b.face:
        return False
    width = min(a.box[0] + a.box[2], b.box[0] + b.box[2]) - max(a.box[0], b.box[0])
    height = min(a.box[1] + a.box[3], b.box[1] + b.box[3]) - max(a.box[1], b.box[1])
    common = max(width, 0) * max(height, 0)
    return 2 * common >= a.box[2] * a.box[3] + b.box[2] * b.box[3] - common
