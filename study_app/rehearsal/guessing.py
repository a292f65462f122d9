"""How often guessing is right, where answers are right or wrong: no effect is guessing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from study_app import trials
from study_app.orders import offering
from study_app.study_file.study import Study

Block = Mapping[str, Any]


def chance(block: Block) -> float:
    """One in as many as each question of the block offers.

    Example:
        >>> round(chance({"trial": "intruder", "concepts": ["ace"], "alternatives": 5}), 3)
        0.2
    """
    return 1 / len(offering.offered(block))


def chances(blocks: Iterable[Block]) -> dict[str, float]:
    """Family of concepts → how often guessing about it is right in the blocks that count.

    A person answers with one rate about a family; where it is asked about in ways that differ in
    chance, the mean over questions is given.
    """
    asked: dict[str, list[float]] = {}
    for block in blocks:
        if block.get("role", "main") == "main" and trials.about_concepts(block["trial"]):
            for family in block["concepts"]:
                asked.setdefault(family, []).extend([chance(block)] * int(block["items"]))
    return {family: sum(all_of_it) / len(all_of_it) for family, all_of_it in asked.items()}


def chances_of(study: Study) -> dict[str, float]:
    """The same for a study file."""
    return chances(
        block.model_dump(mode="json", by_alias=True, exclude_none=True) for block in study.blocks
    )
