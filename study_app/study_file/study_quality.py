"""The part of a study file that says when an answer or a participant is set aside or marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, create_model

from analysis import rules
from study_app.study_file.references import complaints, one_of, unique
from study_app.study_file.study_part import Part


def _are_rules(names: tuple[str, ...]) -> tuple[str, ...]:
    for n, name in enumerate(names):
        complaints(one_of((n,), "rule", name, rules.names()))
    return names


class _Quality(Part):
    """When an answer or a participant is set aside or marked; both figures are reported.

    Each rule is a file of `analysis/rules`.
    """

    marks_only: Annotated[tuple[str, ...], AfterValidator(unique), AfterValidator(_are_rules)] = ()
    """Rules that mark participants and answers in the data, and set nobody aside, such as
    ``[straight_line]``."""

    def setting(self, rule: str) -> Any:
        """What the study file says about a rule."""
        return getattr(self, rule)


if TYPE_CHECKING:
    Quality = _Quality
else:
    Quality = create_model(
        "Quality",
        __base__=_Quality,
        __doc__=_Quality.__doc__,
        **{
            name: (
                rules.load(name).Setting,
                Field(default=rules.load(name).DEFAULT, description=rules.load(name).ABOUT),
            )
            for name in rules.names()
        },
    )
