"""Write the study protocol: everything that participants meet and the plan, to print."""

from __future__ import annotations

import os
from pathlib import Path

import click

from explainers.problems import Problems
from study_app.commands._folder import study_folder
from study_app.commands._language import language_option, spoken


@click.command()
@study_folder
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="FILE.html or FILE.md; FOLDER/protocol.html.",
)
@language_option
def command(folder: Path, out: Path | None, language: str | None) -> None:
    """Write the protocol of the study in FOLDER, for an ethics board or a preregistration.

    \b
    whyface protocol my-study                     my-study/protocol.html, one page with pictures
    whyface protocol my-study -o protocol.md      Markdown, with links to the pictures
    whyface protocol my-study --language fa       what participants read in Persian

    It holds what participants read and see, the design and how balanced it is, the rules of
    quality, the planned analyses, and the version that it describes. Open it in a browser and
    print it: it is made for A4.
    """
    from study_app.frozen import Frozen
    from study_app.protocol.document import document
    from study_app.protocol.page import page
    from study_app.publishing.freeze import frozen_text
    from study_app.web import health, pictures

    path, stimuli = out or folder / "protocol.html", folder / "stimuli"
    if path.suffix not in (".html", ".md"):
        raise Problems.one(
            str(path), "is of no known kind", "name a file that ends in .html or .md"
        )
    study = spoken(Frozen.parse(*frozen_text(folder)), language)
    pictures.require(stimuli, health.shown(study))
    if path.suffix == ".md":
        place = Path(os.path.relpath(stimuli, path.parent)).as_posix()
        text = document(study, lambda sha256: f"{place}/{sha256}.png".replace(" ", "%20"))
    else:
        text = page(study, stimuli)
    _write(path, text)
    click.echo(f"Protocol: {path.resolve().as_uri()}")


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise Problems.one(str(path), what, "name another file with --out") from None
    finally:
        temporary.unlink(missing_ok=True)
