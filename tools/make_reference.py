"""Write docs/reference/commands.md and catalogue.md from the code: `make docs`.

They are not kept in the repository, so that adding a method stays one new file.
"""

from __future__ import annotations

import ast
from pathlib import Path

from click.testing import CliRunner

from explainers import catalog
from explainers.catalog import REQUIRED
from study_app.cli import Verbs, whyface

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "reference"
NOTE = "<!-- written by tools/make_reference.py -->\n"


def commands() -> str:
    """Every verb with its help, as the command line shows it."""
    parts = ["# Commands", NOTE, "`whyface VERB --help` shows the same.\n"]
    for verb in Verbs("whyface").list_commands(None):
        shown = CliRunner().invoke(whyface, [verb, "--help"], prog_name="whyface").output
        parts += [f"## {verb}\n", f"```text\n{shown.rstrip()}\n```\n"]
    return "\n".join(parts)


def catalogue() -> str:
    """What a study file and `whyface estimate` can name: methods, models, trials, statistics."""
    parts = ["# Catalogue", NOTE, "One file each; `whyface list` shows the same.\n"]
    for family in catalog.families():
        parts.append(f"## {family.capitalize()}\n")
        for entry in catalog.entries(family):
            parts += [f"### `{entry.name}`\n", f"{entry.summary}\n"]
            parts += ["| parameter | type | default | |", "|---|---|---|---|"]
            for p in entry.parameters:
                default = "required" if p.default is REQUIRED else f"`{p.default!r}`"
                kind = p.annotation.replace("|", "\\|")
                parts.append(f"| `{p.name}` | `{kind}` | {default} | {p.doc} |")
            parts.append("")
    folders = {
        "Models": catalog.HOME / "models",
        "Trial types": ROOT / "study_app" / "trials",
        "Statistics": ROOT / "analysis" / "statistics",
    }
    for title, folder in folders.items():
        parts += [f"## {title}\n", "| name | |", "|---|---|"]
        for path in sorted(folder.glob("[a-z]*.py")):
            text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            parts.append(f"| `{path.stem}` | {text.partition(chr(10))[0]} |")
        parts.append("")
    return "\n".join(parts)


WRITTEN = {"commands.md": commands, "catalogue.md": catalogue}


def main() -> None:
    """Write all pages."""
    for name, text in WRITTEN.items():
        (PAGES / name).write_text(text().rstrip() + "\n", encoding="utf-8")
        print(PAGES / name)


if __name__ == "__main__":
    main()
