"""Look at any question as participants see it; nothing is stored."""

from __future__ import annotations

from pathlib import Path

import click

from study_app.commands._folder import study_folder
from study_app.commands._language import language_option, spoken
from study_app.commands._listening import listening


@click.command()
@study_folder
@listening(8503)
@language_option
def command(folder: Path, port: int, address: str, public_url: str, language: str | None) -> None:
    """Show every question of the study in FOLDER in the browser, in any order.

    \b
    whyface preview my-study
    whyface preview my-study --language fa

    Pages and answers are those of the study, and what an answer would store is told. There is no
    database behind it: to try the whole way of a participant, use `whyface serve --mode test`.
    """
    from study_app.frozen import Frozen
    from study_app.preview import server
    from study_app.preview.pages import Preview
    from study_app.publishing.freeze import frozen_text
    from study_app.web import health, pictures
    from study_app.web.ports import home, require_free

    study, stimuli = Frozen.parse(*frozen_text(folder)), folder / "stimuli"
    study = spoken(study, language)
    pictures.require(stimuli, health.shown(study))
    require_free(address, port)

    def ready() -> None:
        click.echo(f"Preview: {home(address, port, public_url)}/")
        click.echo("Ctrl-C stops it.")

    server.run(Preview.of(study, stimuli), address, port, public_url, ready)
