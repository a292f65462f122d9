"""What every trial type shows: the question, the face, and the explanations by letter."""

from __future__ import annotations

from string import ascii_uppercase
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from db.records import Offer
from study_app.study_file.phrases import Phrase, fixed
from study_app.trials import Invalid, Trial

Words = Phrase
"""Words that participants read: a text, or one for each language of the study."""

UNREADABLE = "unreadable"


class Shown(BaseModel):
    """What a block may set for any trial type."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        validate_default=True,  # that is where default words become those of the study's language
    )

    alt: Annotated[Words, StringConstraints(pattern=r"\{letter\}")] = fixed("explanation")
    """Read aloud in place of an explanation; it must not give the method away."""


def view(trial: Trial, shown: tuple[Offer, ...] | None = None, **control: Any) -> dict[str, Any]:
    """The trial as the browser draws it.

    Arguments:
        shown: the explanations; all that is offered unless given.
        control: what the control needs beside ``options``, its ``type`` above all.
    """
    options = []
    for offer in trial.options if shown is None else shown:
        letter = ascii_uppercase[offer.position - 1]
        alt = trial.parameters.alt.replace("{letter}", letter)
        entry = {"position": offer.position, "letter": letter, "sha256": offer.sha256, "alt": alt}
        options.append(entry)
    return {
        "question": trial.item["question"],
        "prompt": trial.prompt,
        "picture": {"sha256": trial.item["picture"], "alt": trial.item["alt"]},
        "control": {**control, "options": options},
    }


def field(answer: object, name: str, count: int) -> list[Any]:
    """The list under ``name`` in whatever a browser sent.

    Errors: Invalid unless it is a list of ``count`` entries.
    """
    found = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(found, list) or len(found) != count:
        raise Invalid(UNREADABLE)
    return found


def whole(value: object) -> int | None:
    """A whole number, else None; ``True == 1`` in Python, but it is no number here."""
    return value if type(value) is int else None
