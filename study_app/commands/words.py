"""Show which words of participants count as one, and correct it."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from db.records import Mode
from explainers.problems import Problem, Problems
from study_app.commands._database import database, open_store
from study_app.commands._folder import study_folder, study_id

FILE = "word_groups.csv"


@click.command()
@study_folder
@database
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.LIVE.value,
    show_default=True,
    help="Whose words are listed; corrections hold for all modes.",
)
@click.option("--apply", "apply", is_flag=True, help=f"Record what was changed in {FILE}.")
@click.option("--by", metavar="NAME", help="Who corrects; your account's name unless given.")
@click.option("--file", "path", type=click.Path(path_type=Path), help=f"Else FOLDER/{FILE}.")
def command(
    folder: Path, url: str | None, mode: str, apply: bool, by: str | None, path: Path | None
) -> None:
    """Write which words count as one to a CSV file; read your corrections back.

    \b
    whyface words my-study                        writes my-study/word_groups.csv
    whyface words my-study --apply --by Ada       records the groups that Ada changed in it

    Words are one by spelling and case, by lemma, and by WordNet's first sense of English words;
    words of other languages by spelling and case alone. Change the column group, save, apply: who
    changed what and when is recorded in the database, and `whyface analyze` and the dashboard use
    it from then on. A word's own name as its group takes it out of a group.
    """
    from analysis.data.frames import load
    from analysis.errors import AnalysisError
    from analysis.words import table

    target = path or folder / FILE
    try:
        with open_store(folder, url) as store:
            frames = load(store, study_id(folder), None, mode)
            groups = table.of_frames(frames)
            if not apply:
                table.write(groups, target)
                click.echo(f"{sum(len(g.words) for g in groups)} words in {len(groups)} groups: "
                           f"{target}")  # fmt: skip
                click.echo("Change the column group, then: whyface words --apply --by YOUR_NAME")
                return
            changed, wrong = table.changes(groups, target)
            if wrong:
                raise Problems(Problem(e.where, e.what, e.fix) for e in wrong)
            if not changed:
                click.echo("Nothing was changed.")
                return
            name = by or getpass.getuser()
            store.correct_words(str(frames.study["id"]), name, changed)
    except AnalysisError as error:
        raise Problems.one(error.where, error.what, error.fix) from None
    for word, group in changed.items():
        click.echo(f"{word}: {group}")
    click.echo(f"{len(changed)} corrections by {name} are recorded.")
