"""What a Psych-DS folder says to people: README, CHANGES and the description's sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from analysis.reports.report import banner
from db.records import Mode
from study_app.export.data import Data


def about(data: Data) -> str:
    """The dataset in a few sentences."""
    counts = data.progress
    text = (
        f"Answers to the study '{data.study}' ({data.newest.study['title']}): {counts['joined']} "
        f"{data.mode} participants, {counts['completed']} of whom answered everything; "
        f"{counts['answers']} answers. One row of the responses stands for each option that was "
        "offered with a question, picked or not."
    )
    return f"{banner(data.mode)} {text}".lstrip()


def readme(data: Data, files: Sequence[str], now: datetime) -> str:
    """``README.md``."""
    counts = data.progress
    lines = [f"# {_line(data.newest.study['title'])}", ""]
    if data.mode != Mode.LIVE:
        lines += [f"> **NO RESULTS: {data.mode} answers.**", ""]
    lines += [
        about(data),
        "",
        f"- {counts['joined']} agreed to take part, {counts['completed']} answered everything, "
        f"{counts['declined']} declined.",
        f"- {counts['withdrawn']} are listed with the state `withdrawn`: all that they gave was "
        "deleted, on their wish or because its time was over. Only this fact is kept.",
        "- Nothing is left out: practice questions, attention checks and participants who did not "
        "finish are here, told apart by `role`, `correct` and `state`.",
        "- No names, network addresses or panel ids are in these files. `participant` is random.",
        *_written(data),
        "",
        "## Files",
        "",
        *(f"- `{name}`" for name in files),
        "- `dataset_description.json`: what every column means, for programs (schema.org)",
        "- `documentation/codebook.md`: the same for people; also as CSV and JSON",
        *(
            f"- `materials/version-{entry.number}/`: the frozen study (`study.json`) and the texts "
            f"that participants read; version {entry.hash}, frozen {entry.created_at:%Y-%m-%d}"
            for entry in data.versions
        ),
        "",
        "Keys in the names of the tables: `study` is the study's id, `table` what its rows are, "
        "and `mode` why people took part (absent for participants of the study itself).",
        "",
        "## Reading the tables",
        "",
        "UTF-8, commas, one line of headers. An empty cell means: not known, or does not apply. "
        "Texts that a spreadsheet would run as a formula begin with an added apostrophe. Join the "
        "two tables by `assignment`. Participants of different versions saw different studies: "
        "compare within a `version`.",
        "",
        "A licence and the authors' names are for the researchers to add, here and as `license` "
        "and `author` in `dataset_description.json`.",
        "",
        f"Written {now:%Y-%m-%d %H:%M} UTC.",
    ]
    return "\n".join(lines) + "\n"


def changes(data: Data, now: datetime) -> str:
    """``CHANGES.md``: what was changed in the study, and when this copy was made."""
    state, version = (data.tables["participants"].columns.index(n) for n in ("state", "version"))
    lines = ["# Changes", "", f"- {now:%Y-%m-%d}: these files were written."]
    for entry in reversed(data.versions):
        rows = [row for row in data.tables["participants"].rows if row[version] == entry.hash]
        done = sum(row[state] == "completed" for row in rows)
        lines.append(
            f"- {entry.created_at:%Y-%m-%d}: version {entry.number} of the study was frozen "
            f"({entry.hash}); {len(rows)} took part, {done} answered everything."
        )
    return "\n".join(lines) + "\n"


def _written(data: Data) -> list[str]:
    place = data.tables["responses"].columns.index("text")
    texts = sum(row[place] is not None for row in data.tables["responses"].rows)
    if not texts:
        return []
    return [f"- {texts} answers are texts that participants wrote (`text`). They may name people: "
            "read them before you publish them."]  # fmt: skip


def _line(text: str) -> str:
    return " ".join(str(text).split())
