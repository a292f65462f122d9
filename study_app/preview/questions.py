"""Every question that a study can ask, with its answer checked as in the study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from study_app import trials
from study_app.frozen import Frozen
from study_app.orders import offering
from study_app.participation.answering import trial_of
from study_app.trials import Checked, Trial


@dataclass(frozen=True)
class Question:
    """One question of one block.

    Arguments:
        key: its address: block (from 0), role and item.
        block: the block's place, from 0.
        type: the trial type.
        asked: what the trial type draws.
    """

    key: str
    block: int
    type: str
    asked: Trial

    @property
    def view(self) -> Mapping[str, Any]:
        """What the browser's component draws."""
        return trials.load(self.type).view(self.asked)

    def check(self, answer: object) -> Checked:
        """What would be stored. Errors: Invalid with words for the participant."""
        return trials.load(self.type).rows(self.asked, answer)

    def told(self, checked: Checked) -> list[tuple[str, str]]:
        """Each answered option with its value or text, in order of display."""
        names = {offer.position: offer.option for offer in self.asked.options}
        found = {place: f"{value:g}" for place, value in checked.values.items()}
        found |= dict(checked.texts)
        return [(names[place], found[place]) for place in sorted(found)]


def questions(study: Frozen) -> tuple[Question, ...]:
    """All of them, in the order of the study file; options stand as for some participant.

    The orders of the options take turns from question to question, as they do in the study.
    """
    found = []
    for index, block in enumerate(study.blocks):
        rng = Random(f"{study.study['seed']} block {index} orders")
        orders = offering.orders(block, rng)
        items = study.of_block(index)
        items += study.of_role("attention") if block.get("attention") else []
        for n, item in enumerate(items):
            row = {
                "block": index,
                "role": item["role"],
                "item": item["id"],
                "options": offering.offers(block, item, orders[n % len(orders)], rng),
                "config": {k: v for k, v in item.items() if k == "expected_positions"},
            }
            key = f"{index}/{item['role']}/{item['id']}"
            found.append(Question(key, index, str(block["trial"]), trial_of(study, row)))
    return tuple(found)
