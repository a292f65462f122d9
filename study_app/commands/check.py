"""Say everything that is wrong with a study, or what its participants will get."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from explainers.building.ready_made import read_ready_made
from explainers.manifest import FILE, Manifest
from study_app import conditions
from study_app.balance import MOST, properties, round_of, stand_in
from study_app.commands._folder import study_folder
from study_app.orders import arms
from study_app.publishing.freeze import concepts_of
from study_app.questions.items import Item, study_items
from study_app.questions.planning import plan_of
from study_app.study_file.load import load_study, untranslated
from study_app.study_file.questions import Block
from study_app.study_file.study import Study


@click.command()
@study_folder
def command(folder: Path) -> None:
    """Check the study in FOLDER and say what its participants will get.

    \b
    whyface check             the study in this folder
    whyface check my-study

    Every problem is named at once, with its place and its remedy, and the exit code is 2.
    Nothing is computed and nothing is written.
    """
    study = load_study(folder)
    pictures = read_ready_made(plan_of(study, folder))
    if (folder / "stimuli" / FILE).exists():
        manifest = Manifest.load(folder / "stimuli")
        items = study_items(study, manifest, concepts_of(study, folder))
        built = f"built: {_count(len(items), 'question')} with their pictures"
    else:
        items = ()
        built = f"not built yet; next: whyface build {folder}"
    click.echo(f"{study.id}: no problems found\n")
    for line in summary(study):
        click.echo(line)
    if pictures:
        click.echo(f"  ready-made: {_count(len(pictures), 'picture')} in {study.pictures}")
    click.echo(f"  {built}")
    for line in (*questions(items), *orders(study, items)):
        click.echo(line)
    for line in same_in_all_languages(folder, study):
        click.echo(line)


def summary(study: Study) -> Iterator[str]:
    """What each participant gets, and which pictures it takes, line by line."""
    yield "Who takes part"
    for line in conditions.who(study):
        yield f"  {line}"
    yield "Each participant gets"
    yield f"  consent (version {study.consent.version})"
    if study.background:
        yield f"  {_count(len(study.background), 'question')} about themselves"
    yield "  instructions"
    if check := conditions.instruction_check(study):
        yield f"  {check}"
    if study.block_order != "fixed":
        yield f"  blocks in orders of the kind {study.block_order}"
    for block in study.blocks:
        yield f"  {_block(block)}"
    yield "  debriefing and completion code"
    found = list(conditions.quality(study))
    yield f"Rules of quality: {', '.join(found) or 'none'}"
    yield "Pictures"
    faces = len(study.faces.main)
    models = [name for name, model in study.models.items() if model.ask is not None]
    if models:
        count = _count(faces * len(models), "question")
        yield f"  {count}: {_count(faces, 'face')} x {', '.join(models)}"
    for name, entry in (study.concepts or {}).items():
        parameters = ", ".join(f"{key} {value}" for key, value in entry.parameters.items())
        source = (entry.faces or study.faces).source
        given = f" ({parameters})" if parameters else ""
        yield f"  concepts {name}: {entry.method}{given} in {entry.model}, faces {source}"
    for name, method in study.stimuli.items():
        parameters = ", ".join(f"{key} {value}" for key, value in method.parameters.items())
        explained = f" of {method.target.aim.said}" if method.target else ""
        yield f"  {name}: {method.method}{f' ({parameters})' if parameters else ''}{explained}"


def same_in_all_languages(folder: Path, study: Study) -> Iterator[str]:
    """The texts that were not translated in a study of several languages."""
    found = untranslated(folder)
    if found:
        yield f"Not translated (they read the same in {', '.join(study.languages or ())})"
    for problem in found:
        yield f"  {problem.where}: {problem.what}"


def questions(items: Iterable[Item]) -> Iterator[str]:
    """Every question with the faces or concepts that it is about, to see that it reads well."""
    faces: defaultdict[str, list[str]] = defaultdict(list)
    for item in items:
        shown = item["face"] or item["concept"]
        if shown not in faces[item["question"]]:
            faces[item["question"]].append(shown)
    if faces:
        yield "Questions"
    for question, asked in faces.items():
        yield f"  {question} ({', '.join(asked)})"


def orders(study: Study, items: Sequence[Item]) -> Iterator[str]:
    """What the orders hold to in each arm, and what cannot be held."""
    known = stand_in(study)
    if items:
        plain = study.model_dump(mode="json", by_alias=True, exclude_none=True)
        known = replace(known, study=plain, items=tuple(items))
    for arm in arms.names(known):
        mine = arms.in_arm(known, arm)
        if not mine.blocks:
            continue  # about concepts, which are found by the build
        whole = round_of(mine)
        some = f"the first {MOST} of {whole}" if whole > MOST else f"{whole}"
        of_arm = f" of arm {arm}" if arm else ""
        yield f"Orders{of_arm}, over {some} participants, after whom all of them come again"
        for found in properties(mine):
            yield f"  {found}"


def _block(block: Block) -> str:
    kind = "practice question" if block.role == "practice" else "question"
    parts = [_count(block.items, kind)]
    if block.attention:
        parts.append(_count(block.attention, "attention check"))
    about = ", ".join([*block.options, *(block.concepts or ())])
    what = ": ".join(filter(None, (block.trial, about)))
    whom = block.show_if
    only = f", if {whom.question} is {' or '.join(whom.choices)}" if whom else ""
    gate = block.practice
    rounds = f", up to {_count(gate.attempts, 'round')}" if gate else ""
    until = f" until {gate.share:.0%} of the answers are right" if gate else ""
    again = f", in a part for each of its {block.repeat.levels}" if block.repeat else ""
    return f"{' and '.join(parts)} ({what}){again}{rounds}{until}{only}"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
