"""Which faces belong to a class: those that the network puts there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from explainers.concept_finding.layer_features import Array, as_batch
from explainers.face_model import FaceModel
from explainers.modes import evaluating
from explainers.problems import Problem, Problems, suggest


def members(
    model: FaceModel, chips: Mapping[str, Array], classes: Sequence[str], least: int
) -> dict[str, list[str]]:
    """The faces of each class by the network's own answer.

    Arguments:
        chips: each face as the model sees it.
        classes: which ones; all that have enough faces when empty.
        least: how many faces a class needs.

    Errors: Problems for a network without classes, unknown classes, and too few faces, all at once.
    """
    import torch

    if not model.labels:
        raise Problems.one(
            f"model {model.name}",
            f"has no classes (its task is {model.task})",
            "use common_activation, which needs none, or a model with classes",
        )
    unknown = [name for name in classes if name not in model.labels]
    problems = [
        Problem("classes", f"model {model.name} has no class '{name}'", suggest(name, model.labels))
        for name in unknown
    ]
    with evaluating(model.network), torch.inference_mode():
        batch = as_batch([np.asarray(chip, np.float32) for chip in chips.values()])
        top = [model.labels[index] for index in model.logits(batch.to(model.device)).argmax(1)]
    groups = {
        label: [face for face, said in zip(chips, top, strict=True) if said == label]
        for label in model.labels
    }
    served = [label for label, group in groups.items() if len(group) >= least]
    fix = "name one of these classes: " + ", ".join(served) if served else "give more faces"
    problems += [
        Problem(
            "classes",
            f"model {model.name} sees {len(groups[name])} of the faces as '{name}', "
            f"and {least} are needed",
            fix,
        )
        for name in dict.fromkeys(classes)
        if name in groups and name not in served
    ]
    if not classes and not served:
        what = f"model {model.name} sees no class in {least} or more of the {len(chips)} faces"
        problems.append(Problem("faces", what, "give more faces"))
    if problems:
        raise Problems(problems)
    return {name: groups[name] for name in (dict.fromkeys(classes) or served)}
