"""Delete what is older than it may be kept: panels' ids, or all that people gave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import click

from db.deletion import Due, What
from db.records import Mode
from explainers.problems import Problems
from study_app.commands._database import database, open_store
from study_app.commands._folder import study_folder, study_id


@click.command()
@study_folder
@database
@click.option(
    "--delete",
    "what",
    type=click.Choice(["external-ids", "participants"]),
    required=True,
    help="The ids of panels, by which people are known again; or all that people gave.",
)
@click.option(
    "--older-than",
    "days",
    metavar="DAYS",
    type=click.IntRange(0, 36500),
    help="Only who was last seen so many days ago.",
)
@click.option("--closed", is_flag=True, help="Only versions of the study that are closed.")
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), help="Only this mode.")
@click.option("--study", metavar="ID", help="Which study of the database; the one in FOLDER.")
@click.option("--yes", is_flag=True, help="Delete; without it, only say what would be deleted.")
def command(
    folder: Path,
    url: str | None,
    what: str,
    days: int | None,
    closed: bool,
    mode: str | None,
    study: str | None,
    yes: bool,
) -> None:
    """Delete from the study in FOLDER what its time is over for; first, only tell what that is.

    \b
    whyface retain my-study --delete external-ids --closed
    whyface retain my-study --delete participants --older-than 3650
    whyface retain my-study --delete participants --older-than 3650 --yes

    The ids of panels (Prolific and the like) are needed only while the same person must not come
    twice: delete them when the study is closed. With participants go their answers, their answers
    about themselves and their panel ids; that they took part is still counted, as withdrawn. There
    is no way back. Exports and backups made before are yours to clean.
    """
    if days is None and not closed:
        fix = "add --older-than DAYS, or --closed, or both"
        raise Problems.one("whyface retain", "does not say whose time is over", fix)
    before = None if days is None else datetime.now(UTC) - timedelta(days=days)
    with open_store(folder, url) as store:
        of = study or study_id(folder)
        names = sorted({row["study"] for row in store.versions()})
        if of is not None and of not in names:
            held = ", ".join(names) or "none"
            raise Problems.one(store.where, f"holds no study '{of}'", f"it holds: {held}")
        if of is None and len(names) > 1:
            fix = f"name one with --study: {', '.join(names)}"
            raise Problems.one(store.where, "holds several studies", fix)
        due = store.retain(
            cast(What, what),
            before=before,
            closed=closed,
            study=of,
            mode=Mode(mode) if mode else None,
            sure=yes,
        )
    click.echo(f"{'Deleted' if yes else 'To be deleted'}: {_told(what, due)}.")
    if not yes and any(due):
        click.echo("Nothing was deleted. The same command with --yes does it.")


def _told(what: str, due: Due) -> str:
    ids = _count(due.external_ids, "panel id")
    if what == "external-ids":
        return ids
    people, answers = _count(due.participants, "participant"), _count(due.answers, "answer")
    return f"all that {people} gave: {answers}, and {ids}"


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
