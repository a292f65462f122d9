"""The questions of a study that are about concepts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from explainers.concept import Collection, Concept
from explainers.problems import Problem, Problems
from study_app import trials
from study_app.orders import offering
from study_app.study_file.questions import Block
from study_app.study_file.study import Study

Item = dict[str, Any]
Options = Sequence[Mapping[str, Any]]


class Kind(NamedTuple):
    """What the questions of a block are made from: blocks of one kind share their questions."""

    trial: str
    role: str
    concepts: tuple[str, ...]
    parameters: str


class Question(NamedTuple):
    """A question that a trial type can ask: the how-manieth about a concept, and what it offers."""

    concept: Concept
    number: int
    options: Options


def concept_items(study: Study, collection: Collection) -> tuple[Item, ...]:
    """The items about concepts of all blocks; ``blocks`` tells which blocks each is for, from 0.

    ``question`` is the block's prompt; no face and no picture stands beside what is offered.
    Practice is about concepts that no main question is about, where there are enough; at least no
    practice question is asked again.

    Errors: Problems, for each block that asks more than the concepts allow.
    """
    kinds: dict[Kind, list[int]] = {}
    for index, block in enumerate(study.blocks):
        if trials.about_concepts(block.trial):
            own = json.dumps(_own(block), sort_keys=True)
            kind = Kind(block.trial, block.role, block.concepts or (), own)
            kinds.setdefault(kind, []).append(index)
    items: list[Item] = []
    problems: list[Problem] = []
    asked_before: set[tuple[str, str, int]] = set()
    again: Counter[tuple[str, str]] = Counter()
    for kind, places in sorted(kinds.items(), key=lambda entry: entry[0].role != "main"):
        most = max(places, key=lambda index: study.blocks[index].items)
        wanted = study.blocks[most].items
        found = list(_numbered(study, kind, study.blocks[most], collection))
        practised = _practised(study, kind, found)
        if kind.role == "practice":
            new = [q for q in found if (kind.trial, q.concept.id, q.number) not in asked_before]
            found = sorted(new, key=lambda q: q.concept.id not in practised)[:wanted]
        else:
            apart = [q for q in found if q.concept.id not in practised]
            most_of = found[: max(wanted, len(found) - len(practised))]
            found = apart if len(apart) >= wanted else most_of
        if len(found) < wanted:
            problems.append(_too_few(most, wanted, len(found)))
        asked_before |= {(kind.trial, q.concept.id, q.number) for q in found}
        again[kind.trial, kind.role] += 1
        times = again[kind.trial, kind.role]
        name = kind.trial if times == 1 else f"{kind.trial}{times}"
        prompt = study.blocks[most].prompt
        items += [_item(name, kind, places, prompt, question) for question in found]
    if problems:
        raise Problems(problems)
    return tuple(items)


def _own(block: Block) -> dict[str, Any]:
    """What a block sets for its trial type."""
    plain = block.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {key: value for key, value in plain.items() if key not in offering.COMMON}


def _numbered(study: Study, kind: Kind, block: Block, collection: Collection) -> Iterator[Question]:
    """Every question that can be asked about the concepts of a kind of block, the best first."""
    there = [concept for concept in collection.concepts if concept.family in kind.concepts]
    rng = Random(f"{study.seed} items {kind.trial} {kind.concepts}")
    parameters = trials.load(kind.trial).Parameters.model_validate(_own(block))
    count: Counter[str] = Counter()
    for concept, options in trials.rule(kind.trial, "items")(there, parameters, rng):
        count[concept.id] += 1
        yield Question(concept, count[concept.id], options)


def _practised(study: Study, kind: Kind, found: Sequence[Question]) -> set[str]:
    """The concepts that are kept for practice, drawn from the seed."""
    blocks = [b for b in study.blocks if b.concepts == kind.concepts and b.role == "practice"]
    count = max((block.items for block in blocks), default=0)
    names = list(dict.fromkeys(question.concept.id for question in found))
    rng = Random(f"{study.seed} practice {kind.concepts}")
    return set(rng.sample(names, min(count, len(names))))


def _item(name: str, kind: Kind, blocks: list[int], prompt: str, question: Question) -> Item:
    concept = question.concept
    again = f"-{question.number}" if question.number > 1 else ""
    return {
        "id": f"{name}-{concept.id}{again}",
        "about": "concept",
        "concept": concept.id,
        "family": concept.family,
        "model": concept.model,
        "layer": concept.layer,
        "target": concept.target,
        "face": "",
        "role": kind.role,
        "blocks": blocks,
        "question": prompt,
        "picture": "",
        "alt": "",
        "options": [dict(option) for option in question.options],
    }


def _too_few(block: int, wanted: int, there: int) -> Problem:
    what = f"asks for {wanted}, but the concepts that were found give {there}"
    fix = f"write {there}, or find more concepts: in more classes or faces, in another layer"
    if not there:
        fix = "look at stimuli/concept_sheet.png: a question needs enough segments of its concept"
    return Problem(f"study.yaml: blocks[{block}].items", what, fix)
