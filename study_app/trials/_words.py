"""Answers in words: about the item as a whole, or about each explanation.

What people write is data: it is stored as it is read here, and shown as plain text only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any, Literal

from db.records import Offer
from study_app.study_file.phrases import fixed
from study_app.trials import Checked, Invalid, Trial, _shown
from study_app.trials._shown import UNREADABLE, Words, field

ITEM = "item"
"""The option under which an answer about the item as a whole is stored."""


class Written(_shown.Shown):
    """What a block may set for any answer in words."""

    about: Literal["item", "each"] = "item"
    """``item``: one answer about what is shown; ``each``: one for each explanation."""
    label: Words = fixed("your_answer")
    """The words above the field."""


def asked(parameters: Written) -> tuple[str, ...]:
    """The item, unless each explanation is written about."""
    return (ITEM,) if parameters.about == "item" else ()


def view(trial: Trial, **control: Any) -> dict[str, Any]:
    """Face, explanations and the fields to write in."""
    shown = trial.options if trial.parameters.about == "each" else trial.options[:-1]
    parameters: Written = trial.parameters
    return _shown.view(
        trial, shown, type="write", about=parameters.about, label=parameters.label, **control
    )


def written_about(trial: Trial) -> tuple[Offer, ...]:
    """What is written about: each explanation, or the item, which stands last."""
    return trial.options if trial.parameters.about == "each" else trial.options[-1:]


def rows(trial: Trial, answer: object, check: Callable[[str], None]) -> Checked:
    """The texts, cleaned.

    Arguments:
        answer: ``{"texts": texts}``, in order of display.
        check: raises Invalid for a cleaned text that is not acceptable.
    """
    about = written_about(trial)
    texts = [clean(text) for text in field(answer, "texts", len(about))]
    for text in texts:
        check(text)
    return Checked({}, None, {o.position: text for o, text in zip(about, texts, strict=True)})


def clean(text: object) -> str:
    """The text without control characters, in Unicode's composed form, and without outer space.

    Errors: Invalid for what is no text, half characters included.

    Example:
        >>> clean("  e" + chr(0x301) + "yes" + chr(13) + chr(10) + chr(0) + "and hair ")
        'éyes\\nand hair'
    """
    if not isinstance(text, str):
        raise Invalid(UNREADABLE)
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) != "Cc")
    if any(unicodedata.category(c) == "Cs" for c in kept):
        raise Invalid(UNREADABLE)
    return unicodedata.normalize("NFC", kept).strip()
