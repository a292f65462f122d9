"""Put a study before participants, in the browser."""

from __future__ import annotations

from pathlib import Path

import click

from db.records import Mode
from study_app.commands._database import database, open_store
from study_app.commands._folder import study_folder
from study_app.commands._listening import listening

_MODES = (Mode.LIVE, Mode.PILOT, Mode.TEST)


@click.command()
@study_folder
@listening(8501)
@database
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in _MODES]),
    default=Mode.LIVE.value,
    show_default=True,
    help="Only live answers are results; pilot and test answers are kept apart.",
)
def command(
    folder: Path, port: int, address: str, public_url: str, url: str | None, mode: str
) -> None:
    """Put the study in FOLDER (the current one unless named) before participants.

    \b
    whyface serve my-study --mode test                 try it on this machine
    whyface serve my-study --mode pilot                answers that are no results
    whyface serve my-study                             for participants
    whyface serve my-study --public-url https://study.example.org

    It freezes the study if it was changed, and prints the address to give to participants. Each
    visitor gets a personal address, by which they come back to where they were. Answers are
    stored once, however often a page is reloaded or this server restarted. Live participants are
    let in once the consent text names whom to ask: its note to you must be filled in.
    """
    from study_app.frozen import Frozen
    from study_app.publishing.freeze import frozen_text
    from study_app.publishing.placeholders import require_filled
    from study_app.publishing.publish import go_live, publish
    from study_app.web import health, pictures, server
    from study_app.web.ports import home, require_free
    from study_app.web.site import Site

    # A study that cannot be served leaves no database behind.
    study, stimuli = Frozen.parse(*frozen_text(folder)), folder / "stimuli"
    if mode == Mode.LIVE:
        require_filled(study)
    pictures.require(stimuli, health.shown(study))
    require_free(address, port)
    with open_store(folder, url, create=True) as store:
        version = publish(store, folder)
        site = Site(store, version, Mode(mode), stimuli)
        closed = mode == Mode.LIVE and not go_live(store, version)

        def ready() -> None:
            where = home(address, port, public_url)
            click.echo(f"Participants: {where}/")
            click.echo(f"Answers:      {store.where} ({mode})")
            click.echo(f"Health:       {where}/health")
            if closed:
                click.echo("The study is closed: newcomers are told so. `whyface close --reopen`")
            elif mode == Mode.LIVE and store.paused_at(version):
                click.echo("The study pauses: newcomers are told so. `whyface pause --resume`")
            click.echo("Ctrl-C stops it.")

        server.run(site, address, port, public_url, ready)
