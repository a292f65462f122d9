"""Ready studies: the folders in `study_app/studies`, each one an example that runs."""

from __future__ import annotations

from pathlib import Path

from explainers.problems import Problems, suggest

FOLDER = Path(__file__).parents[1] / "studies"


def ready_studies() -> tuple[str, ...]:
    """The names of the ready studies.

    Example:
        >>> "section7" in ready_studies()
        True
    """
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/study.yaml")))


def missing_study(folder: Path) -> Problems:
    """What to say when a study's folder is not there."""
    names = ready_studies()
    if folder.name in names:
        fix = f"`whyface init {folder.name}` copies the ready study"
    else:
        fix = suggest(folder.name, names, "`whyface list studies` shows the ready studies.")
    return Problems.one(str(folder), "there is no such folder", fix)
