"""The argument that most verbs share: the study's folder."""

from __future__ import annotations

from pathlib import Path

import click

from study_app.study_file import yaml_file

study_folder = click.argument(
    "folder", default=".", type=click.Path(path_type=Path), metavar="[FOLDER]"
)
"""The study's folder, the current one unless named."""


def study_id(folder: Path) -> str | None:
    """The ``id`` in the folder's study file; None where there is no such file, or no id in it.

    Answers belong to frozen versions in the database; the file says only whose answers are meant.

    Errors: Problems when the file cannot be read.
    """
    path = folder / "study.yaml"
    if not path.is_file():
        return None
    data = yaml_file.read(path).data
    name = data.get("id") if isinstance(data, dict) else None
    return name if isinstance(name, str) else None
