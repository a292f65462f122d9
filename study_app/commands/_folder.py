"""The argument that most verbs share: the study's folder."""

from __future__ import annotations

from pathlib import Path

import click

study_folder = click.argument(
    "folder", default=".", type=click.Path(path_type=Path), metavar="[FOLDER]"
)
"""The study's folder, the current one unless named."""
