"""Print the JSON Schema of study files, so that editors complete and explain them."""

from __future__ import annotations

import os
from pathlib import Path

import click

from explainers.problems import Problems
from study_app.study_file.schema import schema_text


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write into this file.")
def command(output: Path | None) -> None:
    """Print the JSON Schema of study.yaml, or write it into a file.

    \b
    whyface schema
    whyface schema -o my-study/study.schema.json

    Editors with a YAML language server read it through the first line of study.yaml:
    `# yaml-language-server: $schema=study.schema.json`. `whyface init` has put it there.
    """
    if output is None:
        click.echo(schema_text(), nl=False)
        return
    temporary = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        temporary.write_text(schema_text(), encoding="utf-8")
        temporary.replace(output)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise Problems.one(str(output), f"cannot be written: {error.strerror}") from None
