"""Watch a study: progress, participants, results and downloads, behind a password."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import click

from db.records import Mode
from explainers.problems import Problems
from study_app.commands._database import database, open_store
from study_app.commands._folder import study_folder
from study_app.commands._listening import listening
from study_app.dashboard.oidc import Oidc


@click.command()
@study_folder
@listening(8502)
@database
@click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    help="File with the password in its first line.",
)
@click.option(
    "--oidc",
    "oidc_file",
    type=click.Path(path_type=Path),
    help="TOML file of an OpenID Connect provider, instead of the password: issuer, client_id, "
    "client_secret, allowed.",
)
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.LIVE.value,
    show_default=True,
    help="Which answers are shown first.",
)
def command(
    folder: Path,
    port: int,
    address: str,
    public_url: str,
    url: str | None,
    password_file: Path | None,
    oidc_file: Path | None,
    mode: str,
) -> None:
    """Watch the study in FOLDER (the current one unless named) in the browser.

    \b
    whyface dashboard my-study                                a password is made at the first start
    whyface dashboard my-study --password-file secret.txt     your own password
    WHYFACE_DASHBOARD_PASSWORD=... whyface dashboard my-study
    whyface dashboard my-study --oidc oidc.toml --public-url https://board.example.org

    It is a process of its own: participants never reach it. Live, pilot, test and simulated
    answers are shown apart and never mixed.
    """
    from study_app.dashboard import server
    from study_app.dashboard.board import Board
    from study_app.dashboard.password import Password, find_password
    from study_app.study_file.ready import missing_study
    from study_app.web.ports import home, require_free

    if not folder.is_dir():
        raise missing_study(folder)
    require_free(address, port)
    store = open_store(folder, url)
    oidc = None if oidc_file is None else _oidc(oidc_file, password_file)
    password = Password(oidc.key, "") if oidc else find_password(folder, password_file)

    def ready() -> None:
        where = home(address, port, public_url)
        click.echo(f"Dashboard: {where}")
        if oidc:
            click.echo(f"Sign-in:   {oidc.issuer}, which must know {where}/sign-in/back")
        elif password.fresh:
            click.echo(f"Password:  {password.fresh}")
            click.echo(f"           (shown this once; its hash is kept in {password.origin})")
        else:
            click.echo(f"Password:  the one from {password.origin}")
        click.echo("Ctrl-C stops it.")

    with store:
        board = Board(store, folder / "stimuli", password.hashed, mode, oidc)
        server.run(board, address, port, public_url, ready)


def _oidc(file: Path, password_file: Path | None) -> Oidc:
    if password_file is not None:
        fix = "leave one of them out"
        raise Problems.one("--oidc", "and --password-file exclude each other", fix)
    if find_spec("authlib") is None or find_spec("httpx") is None:
        raise Problems.one("--oidc", "needs Authlib and httpx", "pip install 'whyface[oidc]'")
    return Oidc.read(file)
