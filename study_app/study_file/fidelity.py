"""The part of a study file that says how the faithfulness of explanations is measured."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationInfo, model_validator

from explainers.faithfulness import measure
from study_app.study_file.part import OpenPart
from study_app.study_file.references import Text, complaint, complaints, known


class Measure(OpenPart):
    """How faithfulness is measured; the measure's parameters stand beside ``use``."""

    use: Text
    """A measure (`whyface list fidelity`)."""

    @property
    def plain(self) -> measure.Measure:
        """The measure as the build understands it."""
        return measure.Measure(self.use, dict(self.model_extra or {}))

    @model_validator(mode="after")
    def _known(self, info: ValidationInfo) -> Measure:
        if known(info) is not None:
            complaints(
                ((key,), complaint(what, fix))
                for key, what, fix in measure.measure_mistakes(self.plain)
            )
        return self


def _each_spelled_out(measures: Any) -> Any:
    return (
        [{"use": one} if isinstance(one, str) else one for one in measures]
        if isinstance(measures, list)
        else measures
    )


def _no_measure_twice(measures: tuple[Measure, ...]) -> tuple[Measure, ...]:
    names = [one.use for one in measures]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise complaint(f"the measure '{twice}' stands twice", "write it once, with parameters")
    return measures


Measures = Annotated[
    tuple[Measure, ...], BeforeValidator(_each_spelled_out), AfterValidator(_no_measure_twice)
]
"""Measures of fidelity: names, or names with parameters."""
