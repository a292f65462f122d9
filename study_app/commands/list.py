"""Show what there is to choose from: explanations, models, faces, trials, statistics, studies."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import click

from explainers import catalog
from explainers.catalog import REQUIRED, Entry
from explainers.problems import Problems, suggest
from study_app import trials, wording
from study_app.study_file import yaml_file
from study_app.study_file.ready import FOLDER, ready_studies

_HOME = Path(__file__).parent.parent
Row = tuple[str, str]
_MORE = ("targets", "fidelity", "concepts")
"""Folders of `explainers` whose files have parameters too, beside the explainers' families."""


@click.command()
@click.argument("what", required=False)
def command(what: str | None) -> None:
    """Show what there is to choose from.

    \b
    whyface list               everything, one line each
    whyface list saliency      the saliency methods and their parameters
    whyface list occlusion     one method
    whyface list targets       what of a model can be explained, and its parameters
    whyface list fidelity      how the faithfulness of maps is measured, and its parameters
    whyface list concepts      how concepts are found in a network, and the parameters
    whyface list models        the shipped networks
    whyface list faces         the shipped faces
    whyface list studies       the ready studies
    whyface list languages     languages in which pages, buttons and messages are there
    whyface list trials        what participants can be asked to do
    whyface list ranking       one of these: what a block may set, what is stored
    whyface list statistics    what the analysis can compute
    whyface list importers     CSV files that it can read; [columns] that may be missing
    """
    kinds = _kinds()
    more = {entry.name: entry for folder in _MORE for entry in catalog.entries(folder)}
    if what is None:
        for kind, rows in kinds.items():
            _section(kind, (row for row in rows() if not row[0].startswith(" ")))
    elif what in (*catalog.families(), *_MORE):
        for entry in catalog.entries(what):
            _method(entry)
    elif what in kinds:
        _section(what, kinds[what]())
    elif what in {entry.name for entry in catalog.explainers()}:
        _method(catalog.find(what))
    elif what in more:
        _method(more[what])
    elif what in trials.names():
        _trial(what)
    else:
        known = [*kinds, *(entry.name for entry in catalog.explainers()), *more, *trials.names()]
        fix = suggest(what, known, "`whyface list` shows everything.")
        raise Problems.one(f"whyface list {what}", f"there is no list '{what}'", fix)


def _kinds() -> dict[str, Callable[[], Iterable[Row]]]:
    folders: dict[str, str | Path] = {family: family for family in catalog.families()}
    folders |= {
        **{folder: folder for folder in _MORE},
        "models": "models",
        "trials": _HOME / "trials",
        "statistics": _HOME.parent / "analysis" / "statistics",
    }
    return {
        **{kind: partial(_files, folder) for kind, folder in folders.items()},
        "faces": _faces,
        "studies": _studies,
        "importers": _importers,
        "languages": _languages,
    }


def _files(folder: str | Path) -> list[Row]:
    return [(entry.name, entry.summary) for entry in catalog.entries(folder)]


def _faces() -> list[Row]:
    index = catalog.HOME / "faces" / "rendered" / "index.json"
    return [
        (face["id"], ", ".join(str(face[key]) for key in ("age", "gender", "expression")))
        for face in json.loads(index.read_text(encoding="utf-8"))
    ]


def _studies() -> list[Row]:
    rows = []
    for name in ready_studies():
        title = yaml_file.read(FOLDER / name / "study.yaml").data["title"]
        rows.append((name, title if isinstance(title, str) else next(iter(title.values()))))
    return rows


def _importers() -> list[Row]:
    from analysis import importers

    rows = []
    for entry in catalog.entries(_HOME.parent / "analysis" / "importers"):
        rows.append((entry.name, entry.summary))
        rows += [(f"  {column}", text) for column, text in importers.columns(entry.name).items()]
        more = importers.columns(entry.name, optional=True)
        rows += [(f"  [{column}]", text) for column, text in more.items()]
    return rows


def _languages() -> list[Row]:
    return [(code, wording.wording(code).name) for code in wording.languages()]


def _section(title: str, rows: Iterable[Row]) -> None:
    pairs = list(rows)
    click.secho(title, bold=True)
    width = max((len(name) for name, _ in pairs), default=0)
    for name, text in pairs:
        click.echo(f"  {name:{width}}  {text}")


def _method(entry: Entry) -> None:
    click.secho(entry.name, bold=True)
    click.echo(f"  {entry.summary}")
    for parameter in entry.parameters:
        default = "required" if parameter.default is REQUIRED else repr(parameter.default)
        click.echo(f"    {parameter.name}: {parameter.annotation} = {default}")
        if parameter.doc:
            click.echo(textwrap.indent(textwrap.fill(parameter.doc, 88), " " * 8))


def _trial(name: str) -> None:
    kind = trials.load(name)
    click.secho(name, bold=True)
    for entry in catalog.entries(_HOME / "trials"):
        if entry.name == name:
            click.echo(f"  {entry.summary}")
    for key, field in kind.Parameters.model_fields.items():
        default = field.get_default(call_default_factory=True)
        click.echo(f"    {key} = {'required' if field.is_required() else repr(default)}")
        _indented(field.description or "")
    click.echo(f"  scale: {kind.SCALE}")
    for column, meaning in kind.COLUMNS.items():
        click.echo(f"    {column}")
        _indented(meaning)
    click.echo(f"  {kind.REFERENCE}")


def _indented(text: str) -> None:
    click.echo(textwrap.indent(textwrap.fill(" ".join(text.split()), 88), " " * 8))
