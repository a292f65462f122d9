"""What all parts of a study file have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of the study file: frozen, and a key that it does not know is a mistake."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        use_attribute_docstrings=True,
        coerce_numbers_to_str=True,
        hide_input_in_errors=True,
    )


class OpenPart(Part):
    """A part that also holds the parameters of what it names, such as an explainer's."""

    model_config = ConfigDict(extra="allow")
