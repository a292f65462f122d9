"""The study as it would be with other numbers of questions and other effects, without pictures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from analysis import statistics
from explainers.concept import ROW, Collection, Concept, Row, Segment
from explainers.manifest import Manifest, Prediction, Stimulus
from study_app.questions.items import Item, pairs, study_items
from study_app.rehearsal.guessing import chances_of
from study_app.study_file.study import Study
from study_app.trials._concepts import RIGHT

Effects = Mapping[str, Mapping[str, float]]


def rehearsed(
    study: Study, items: int | None = None, effect: float = 1.0, shuffles: int | None = None
) -> tuple[str, str]:
    """The frozen study with ``items`` questions in each main block and its effects scaled.

    Power is asked for before pictures exist, so every picture is a stand-in: nobody looks at it.
    If more questions are asked than the study has faces, stand-in faces join them: a face is not
    shown twice to anybody before all were shown, as in the study itself.

    Arguments:
        study: with ``simulate``.
        items: questions of each main block; the study's own if None.
        effect: see `scaled`.
        shuffles: of the permutation tests, where the plan does not ask for fewer.

    Returns:
        (version, text) as `study_app.publishing.freeze.frozen_text` gives them.
    """
    assert study.simulate is not None
    blocks = tuple(
        block.model_copy(update={"items": items})
        if items is not None and block.role == "main"
        else block
        for block in study.blocks
    )
    extra = stand_ins(study, items)
    faces = study.faces.model_copy(update={"main": (*study.faces.main, *extra)})
    planted = study.simulate.model_copy(update={"effects": scaled(study, effect)})
    wanted = study.model_copy(update={"blocks": blocks, "faces": faces, "simulate": planted})
    plain = wanted.model_dump(mode="json", by_alias=True, exclude_none=True)
    for entry in plain.get("analysis", ()) if shuffles is not None else ():
        usual = statistics.options(entry["statistic"]).get("shuffles")
        if usual is not None:
            entry["shuffles"] = min(entry.get("shuffles", usual), shuffles)
    text = json.dumps({"study": plain, "items": items_of(wanted)})
    return hashlib.sha256(text.encode()).hexdigest(), text


def items_of(study: Study) -> tuple[Item, ...]:
    """All items of a study whose pictures and concepts are stand-ins."""
    return study_items(study, _pictures(study), _concepts(study))


def stand_ins(study: Study, items: int | None) -> list[str]:
    """The names of the faces that ``items`` questions need beyond those of the study."""
    missing = (items or 0) - len(study.faces.main)
    return [f"stand-in-{number}" for number in range(1, missing + 1)]


def own_items(study: Study) -> int:
    """How many questions the study asks in its longest main block."""
    return max(block.items for block in study.blocks if block.role == "main")


def scaled(study: Study, effect: float) -> dict[str, dict[str, float]]:
    """The planted shares, moved towards no effect or away from it.

    Formula: p' = m + effect (p - m). Of explanations m is the mean of all planted shares, groups
    weighted by their planted size: 1 as planted, 0.5 half of every difference between options and
    between groups, 0 no difference at all. Of families of concepts, about which answers are right
    or wrong, m is the chance of guessing right: 0.5 half way from guessing, 0 guessing.
    """
    assert study.simulate is not None
    effects: Effects = study.simulate.effects
    # Rounding would make 0.25 + 0.35 into 0.6000000000000001: as planted is exactly as planted.
    if effect == 1:
        return {group: dict(row) for group, row in effects.items()}
    guessed = chances_of(study)
    sizes = group_sizes(study)
    weights = {group: sizes.get(group, 0.0) for group in effects}
    if not any(weights.values()):
        weights = dict.fromkeys(effects, 1.0)
    parts = [
        (weights[group], p)
        for group, row in effects.items()
        for name, p in row.items()
        if name not in guessed
    ]
    total = sum(weight for weight, _ in parts)
    mean = sum(weight * p for weight, p in parts) / total if total else 0.0
    none = {name: guessed.get(name, mean) for row in effects.values() for name in row} | guessed
    unplanted = dict.fromkeys(guessed, RIGHT)
    return {
        group: {
            name: none[name] + effect * (p - none[name]) for name, p in {**unplanted, **row}.items()
        }
        for group, row in effects.items()
    }


def group_sizes(study: Study) -> dict[str, float]:
    """The planted share of people in each group of the first segment; ``all`` without segments."""
    assert study.simulate is not None
    segment = next(iter(study.segments.values()), None)
    if segment is None:
        return {"all": 1.0}
    planted = study.simulate.background.get(segment.source)
    if planted:
        return dict(planted)
    if segment.source == "language":
        languages = study.languages or ()
        return dict.fromkeys(languages, 1 / len(languages))
    choices = next(q.choices for q in study.background if q.id == segment.source)
    return dict.fromkeys(choices, 1 / len(choices))


def _concepts(study: Study) -> Collection:
    """As many concepts as any block asks about and practises, with segments for any trial type."""
    wanted = sum(block.items for block in study.blocks if block.concepts) + 2
    found = []
    for family, entry in (study.concepts or {}).items():
        for n in range(1, wanted + 1):
            for word in ("concept", "random"):
                name = f"{family}-{word}-{n}"
                segments = tuple(
                    Segment(_hash(f"{name} {k}"), f"{name} {k}", (0, 0, 1, 1), -k)
                    for k in range(12)
                )
                row = Row(_hash(name), tuple(segment.sha256 for segment in segments[:ROW]))
                about = (family, entry.model, "layer", "label", "", word == "random")
                found.append(Concept(name, *about, segments, rows=(row,)))
    return Collection(tuple(found))


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _pictures(study: Study) -> Manifest:
    stimuli: list[Stimulus] = []
    predictions: list[Prediction] = []
    for model, face in dict.fromkeys((model, face) for _, model, face in pairs(study)):
        label = next(iter(study.models[model].say), "label")
        predictions.append(Prediction(model, face, label, 0.9, 50.0, label))
        for kind, family in (("face", ""), *(("explanation", name) for name in study.stimuli)):
            name = hashlib.sha256(f"{kind} {family} {model} {face}".encode()).hexdigest()
            stimuli.append(Stimulus(name, kind, family, model, face, label, 1, 1))
    return Manifest(tuple(stimuli), tuple(predictions))
