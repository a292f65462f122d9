"""The questions of a study: what each model says about each face, and the pictures offered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from string import ascii_uppercase
from typing import Any

from explainers.concept import Collection
from explainers.manifest import Manifest, Prediction
from explainers.problems import Problem, Problems
from study_app.orders import offering
from study_app.orders.arms import within
from study_app.questions.concept_items import concept_items
from study_app.study_file.asked import asked
from study_app.study_file.study import Study

Item = dict[str, Any]


def pairs(study: Study) -> tuple[tuple[str, str, str], ...]:
    """Every (role, model, face) that is asked about, see `study_app.study_file.asked`."""
    faces = study.faces
    models = tuple(name for name, model in study.models.items() if model.ask is not None)
    return asked(models, faces.main, faces.practice, faces.attention)


def study_items(
    study: Study, manifest: Manifest, concepts: Collection | None = None
) -> tuple[Item, ...]:
    """The items of the frozen version, as `docs/explanation/architecture.md` shows them.

    An item about two faces also has ``compared``, the one that the explained ``face`` is compared
    with; its picture shows both. An attention item also has ``expected_positions``: the displayed
    positions, from 1, that must be chosen and no other, because the order of the explanations
    differs from trial to trial. Items about concepts stand last (`concept_items`).

    Arguments:
        concepts: those that were found, where the study asks about some.

    Errors: Problems, all that the manifest or the concepts lack.
    """
    items: list[Item] = []
    missing: list[Problem] = []
    for role, model, face in pairs(study):
        try:
            items.append(_item(study, manifest, role, model, face))
        except KeyError as error:
            missing.append(
                Problem(
                    "stimuli/manifest.json",
                    f"lacks what the question about {model} and {face} shows: {error.args[0]}",
                    "run `whyface build` again",
                )
            )
    try:
        items += concept_items(study, concepts or Collection(()))
    except Problems as error:
        missing += error.problems
    if missing:
        raise Problems(missing)
    return tuple(items)


def question(study: Study, prediction: Prediction) -> str:
    """The question that a prediction raises.

    Example:
        >>> from pathlib import Path
        >>> from study_app.study_file.load import load_study
        >>> study = load_study(Path(__file__).parents[1] / "studies" / "section7")
        >>> question(study, Prediction("age", "f01", "40s", 0.9)).partition(": ")[2]
        '“Why is this person classified to be in their 40s?”'
    """
    model = study.models[prediction.model]
    digits = 2 if prediction.compared else 0  # a cosine has no more than 1 before the point
    value = "" if prediction.value is None else f"{prediction.value:.{digits}f}"
    label, runner_up = (
        model.say.get(name, name) for name in (prediction.label, prediction.runner_up)
    )
    return (model.ask or "").format(label=label, value=value, runner_up=runner_up)


def expected_position(study: Study, face: str) -> int:
    """The displayed position, from 1, that an attention check asks for; drawn from the seed."""
    blocks = [block for block in study.blocks if block.attention] or [
        block for block in study.blocks if block.role == "main"
    ]
    own = [arm.model_dump() for arm in (study.arms or {}).values()] or [{}]
    offered = min(
        offering.shown_at_once(within(arm, block.model_dump())) for arm in own for block in blocks
    )
    digest = hashlib.sha256(f"attention {study.seed} {face}".encode()).digest()
    # Where no block has checks, none may offer anything: the question is never asked then.
    return int.from_bytes(digest[:8], "big") % max(offered, 1) + 1


def _item(study: Study, manifest: Manifest, role: str, model: str, face: str) -> Item:
    prediction = manifest.prediction(model, face)
    item: Item = {
        "id": f"{model}-{face}",
        "model": model,
        "face": face,
        "target": prediction.label,
        "role": role,
        "question": question(study, prediction),
        "picture": manifest.picture(model, face).sha256,
        "alt": study.words.picture,
        "options": list(_options(study, manifest, prediction)),
    }
    if prediction.compared:
        item["compared"] = prediction.compared
        item["alt"] = study.words.two_pictures
    if role == "attention":
        position = expected_position(study, face)
        item["question"] = study.words.attention.format(letter=ascii_uppercase[position - 1])
        item["expected_positions"] = [position]
    return item


def _options(study: Study, manifest: Manifest, prediction: Prediction) -> Iterator[dict[str, str]]:
    for family in study.stimuli:
        stimulus = manifest.explanation(family, prediction.model, prediction.face, prediction.label)
        yield {"option": family, "sha256": stimulus.sha256}
