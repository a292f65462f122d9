"""Copy a ready study into a folder of your own, to change and to run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import click

from explainers.problems import Problems, suggest
from study_app.study_file.ready import FOLDER, ready_studies
from study_app.study_file.schema import schema_text


@click.command()
@click.argument("name")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def command(name: str, folder: Path | None) -> None:
    """Copy the ready study NAME into FOLDER (./NAME unless named).

    \b
    whyface init section7             into ./section7
    whyface init section7 my-study    into ./my-study
    whyface list studies              shows the ready studies

    The copy is yours: study.yaml explains itself, consent.md waits for your name. Next comes
    `whyface check`, then `whyface build`.
    """
    target = folder or Path(name)
    copy_study(name, target)
    click.echo(f"{target}/study.yaml is yours to change; consent.md waits for your name.")
    click.echo(f"Next: whyface build {target}")


def copy_study(name: str, target: Path) -> None:
    """Copy a ready study, whole or not at all.

    Errors: Problems for an unknown study, a folder that is in use, or one that cannot be written.
    """
    if name not in ready_studies():
        fix = suggest(name, ready_studies(), "`whyface list studies` shows all.")
        raise Problems.one(f"whyface init {name}", f"unknown study '{name}'", fix)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        what = "is there already and is left as it is"
        raise Problems.one(str(target), what, f"name another folder: whyface init {name} FOLDER")
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(FOLDER / name, temporary)
        (temporary / "study.schema.json").write_text(schema_text(), encoding="utf-8")
        temporary.replace(target)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        what = f"cannot be written: {error.strerror or error}"
        raise Problems.one(str(target), what, "choose a folder that you may write") from None
