"""The command line: `whyface VERB`, one file in `study_app/commands/` for each verb."""

from __future__ import annotations

import ast
import sys
from importlib import import_module
from pathlib import Path

import click

from db.errors import StoreError
from explainers.problems import Problems, suggest

_FOLDER = Path(__file__).parent / "commands"
# The order of a researcher's work; verbs that are not named here follow alphabetically.
_WORKFLOW = ("init", "check", "build", "freeze", "serve", "dashboard", "simulate", "analyze")


class Verbs(click.Group):
    """The verbs in `study_app/commands/`; a verb is imported only when it runs.

    A verb's file is named after it and holds a click command called ``command``; the first line
    of the file's docstring is its line in ``whyface --help``.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs, in the order of a researcher's work."""
        names = {path.stem for path in _FOLDER.glob("[a-z]*.py")}
        first = [name for name in _WORKFLOW if name in names]
        return first + sorted(names - set(first))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's click command, imported now; None if there is no such file."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"study_app.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but an unknown verb is answered with the nearest known one."""
        name = args[0]
        if name not in self.list_commands(ctx) and not name.startswith("-"):
            fix = suggest(name, self.list_commands(ctx), "`whyface --help` explains all.")
            raise Problems.one(f"whyface {name}", f"unknown verb '{name}'", fix)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line for each verb, read from the source text: help loads no verb."""
        rows = [(name, _summary(_FOLDER / f"{name}.py")) for name in self.list_commands(ctx)]
        with formatter.section("Verbs"):
            formatter.write_dl(rows)


def _summary(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0]


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="whyface")
def whyface() -> None:
    """Find out which explanations of a face model actually help people.

    \b
    whyface init section7      copy the ready study into ./section7
    whyface build section7     compute its explanations (resumes where it stopped)
    whyface serve section7     put it before participants
    whyface analyze section7   report who is helped by which explanation

    A study is a folder with a study.yaml. Each verb explains itself: whyface VERB --help.
    """


def main() -> None:
    """Run the command line; problems in the user's input are printed and end with code 2."""
    try:
        whyface(standalone_mode=False)
    except (Problems, StoreError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped. What was finished is kept; run the same command to go on.", err=True)
        sys.exit(130)
