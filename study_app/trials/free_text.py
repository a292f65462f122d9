"""Write a text about what is shown, or about each explanation."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from pydantic import Field, model_validator

from db.scale import Scale
from study_app.study_file.references import complaint
from study_app.trials import Checked, Invalid, Person, Trial, _words

SCALE = Scale.WORD
COLUMNS = {
    "text": "what was written, as plain text; never show it as HTML or Markdown",
    "option": "“item” for a text about the item as a whole, else the explanation it is about",
}
REFERENCE = (
    "R. Tesch, Qualitative Research (1990): open answers, coded afterwards by several people"
)

asked = _words.asked


class Parameters(_words.Written):
    """What a block may set for this trial type."""

    least: Annotated[int, Field(ge=0, le=2000)] = 1
    """So many characters at least; 0 lets the field be empty."""
    most: Annotated[int, Field(ge=1, le=4000)] = 1000
    """So many characters at most."""

    @model_validator(mode="after")
    def _room(self) -> Parameters:
        if self.least > self.most:
            raise complaint(f"least ({self.least}) is more than most ({self.most})", "lower least")
        return self


def view(trial: Trial) -> dict[str, Any]:
    """Face, explanations and the fields to write in."""
    p: Parameters = trial.parameters
    return _words.view(trial, word=False, least=p.least, most=p.most)


def rows(trial: Trial, answer: object) -> Checked:
    """The texts.

    Arguments:
        answer: ``{"texts": texts}``, in order of display.

    Errors: Invalid when one is too short or too long.
    """
    return _words.rows(trial, answer, partial(_check, trial.parameters))


def simulate(trial: Trial, person: Person) -> dict[str, Any]:
    """A sentence on each, as long as it must be."""
    p: Parameters = trial.parameters
    texts = []
    for _ in _words.written_about(trial):
        text = person.rng.choice(_SENTENCES)
        while len(text) < p.least:
            text += " " + person.rng.choice(_SENTENCES)
        texts.append(text if len(text) <= p.most else "x" * max(p.least, 1))
    return {"texts": texts}


_SENTENCES = (
    "The eyes decided it for me.",
    "The mouth stands out, the rest is blurred.",
    "It shows a face, but I cannot tell why.",
    "The hair and the outline seem to matter.",
)


def _check(parameters: Parameters, text: str) -> None:
    if not text and parameters.least:
        raise Invalid("write_something")
    if len(text) < parameters.least:
        raise Invalid("write_least", least=parameters.least)
    if len(text) > parameters.most:
        raise Invalid("write_most", most=parameters.most)
