"""Questions about concepts as the protocol tells of them: participants see letters, no names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_uppercase
from typing import Any

from study_app import trials
from study_app.orders import offering
from study_app.protocol.markdown import plain

Block = Mapping[str, Any]
SAID_OTHERWISE = ("alt", "alternatives")
"""Parameters of a block that `offered` tells in words."""


def about(block: Block) -> bool:
    """Whether the block asks about concepts."""
    return bool(block.get("concepts"))


def offered(block: Block) -> str:
    """What each question of the block offers, as participants see it, and what it really is."""
    alt = str(getattr(offering.parameters(block), "alt", "{letter}"))
    seen = [alt.replace("{letter}", ascii_uppercase[n]) for n in range(len(_names(block)))]
    told = f"{', '.join(seen[:-1])} and {seen[-1]}"
    return (
        f"{plain(told)}; which is which is balanced. Participants are not told these names: "
        f"{plain(_names_told(block))}"
    )


def title(block: Block, option: str) -> str:
    """What an option is called: a segment's name in words, any other as it is."""
    return plain(option.replace("_", " ") if about(block) else option)


def rank(block: Block, option: str) -> int:
    """Where an option stands among those that the block offers."""
    names = _names(block)
    return names.index(option) if option in names else len(names)


def _names(block: Block) -> Sequence[str]:
    return offering.offered(block)


def _names_told(block: Block) -> str:
    told: str = trials.load(block["trial"]).COLUMNS["option"].replace("segment_", "segment ")
    return told
