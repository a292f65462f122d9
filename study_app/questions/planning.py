"""What a study needs to have computed."""

from __future__ import annotations

from pathlib import Path

from explainers.building.plan import Finding, Method, Plan
from study_app.questions.items import pairs
from study_app.study_file.comparisons import other_face
from study_app.study_file.study import Study


def plan_of(study: Study, folder: Path) -> Plan:
    """The plan of the study in ``folder``, for `explainers.building.build`."""
    asked = tuple(dict.fromkeys((model, face) for _, model, face in pairs(study)))
    return Plan(
        folder=folder,
        seed=study.seed,
        models={
            name: model.model_dump(exclude={"ask", "say", "compare"}, exclude_none=True)
            for name, model in study.models.items()
        },
        faces=study.faces.source,
        asked=asked,
        methods={
            name: Method(
                entry.method,
                entry.parameters,
                entry.scale,
                entry.target.aim if entry.target else None,
                tuple(
                    measure.plain
                    for measure in (study.fidelity if entry.fidelity is None else entry.fidelity)
                ),
            )
            for name, entry in study.stimuli.items()
        },
        compared={
            name: {
                face: other
                for asked_model, face in asked
                if asked_model == name and (other := other_face(model.compare, face)) is not None
            }
            for name, model in study.models.items()
            if model.compare is not None
        },
        concepts={
            name: Finding(
                entry.method,
                entry.parameters,
                entry.model,
                entry.faces.source if entry.faces else study.faces.source,
            )
            for name, entry in (study.concepts or {}).items()
        },
        pictures=None if study.pictures is None else folder / study.pictures,
    )
