"""Windows so narrow that the explanations do not stand side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from analysis.rules import Evidence, Exclusion

Setting = Annotated[int, Field(ge=0)]
DEFAULT = 0
ABOUT = "The window must have been so wide, in pixels, at every answer; 0: any width will do."


def find(evidence: Evidence, setting: int) -> Iterator[Exclusion]:
    """Who answered in a narrower window; an unknown width is none that is too narrow."""
    people = evidence.people
    if "viewport_width" in people:
        narrow = people.loc[people["viewport_width"].astype(float) < setting, "participant"]
    else:
        narrow = people["participant"].iloc[:0]
    yield Exclusion("narrow_window", f"window narrower than {setting} pixels", tuple(narrow))
