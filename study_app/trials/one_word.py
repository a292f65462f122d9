"""Write exactly one word about what is shown, or about each explanation."""

from __future__ import annotations

import unicodedata
from typing import Any

from db.scale import Scale
from study_app.trials import Checked, Invalid, Person, Trial, _words

SCALE = Scale.WORD
COLUMNS = {
    "text": "the word as it was written, without space around it; never show it as HTML",
    "option": "“item” for a word about the item as a whole, else the explanation it is about",
}
REFERENCE = (
    "Free listing and word association: J. Deese, The Structure of Associations in Language and "
    "Thought (1965)"
)
MOST = 40
"""Characters of a word."""

asked = _words.asked
_JOINING = "-'’·\u200c\u200d"  # hyphens, apostrophes, and the joiners of Persian and Hindi


class Parameters(_words.Written):
    """What a block may set for this trial type."""


def view(trial: Trial) -> dict[str, Any]:
    """Face, explanations and the fields to write in."""
    return _words.view(trial, word=True, least=1, most=MOST)


def rows(trial: Trial, answer: object) -> Checked:
    """The words.

    Arguments:
        answer: ``{"texts": words}``, in order of display.

    Errors: Invalid unless each is one word.
    """
    return _words.rows(trial, answer, check)


def simulate(trial: Trial, person: Person) -> dict[str, Any]:
    """A part of the face for each."""
    words = ("eyes", "mouth", "nose", "hair", "skin", "cheeks")
    return {"texts": [person.rng.choice(words) for _ in _words.written_about(trial)]}


def is_word(text: str) -> bool:
    """Letters of any script with their marks, digits, and what joins them; one letter at least.

    Example:
        >>> [is_word(text) for text in ("eyes", "काजल", "half-open", "two words", "42", "=1+1")]
        [True, True, True, False, False, False]
    """
    return any(c.isalpha() for c in text) and all(
        unicodedata.category(c)[0] in "LMN" or c in _JOINING for c in text
    )


def check(text: str) -> None:
    """Raise Invalid unless the text is one word of decent length."""
    if not is_word(text):
        raise Invalid("write_word")
    if len(text) > MOST:
        raise Invalid("write_long_word", most=MOST)
