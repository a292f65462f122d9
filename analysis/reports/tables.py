"""Results as tables for a paper: LaTeX (booktabs) and Markdown, a file for each and one of all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.data.frames import Frames
from analysis.estimate import Estimate
from analysis.plan import Result
from analysis.prose import readings, wording
from analysis.summaries.summary import Summary

HEADS = ("Who", "What", "Value", "Interval", "p", "p in the plan", "People", "Answers", "Note")
_NUMBERS = frozenset({"Value", "Interval", "p", "p in the plan", "People", "Answers"})
_LONG = 40  # rows that fit a page


@dataclass(frozen=True)
class Table:
    """One result as a table, columns without content left out.

    Arguments:
        name: its file name, without ending.
        title: the question.
        about: planned or explored, how it was computed, and whose answers they are.
        reading: the result in plain words.
        heads: the columns.
        lines: the rows, as texts.
    """

    name: str
    title: str
    about: str
    reading: tuple[str, ...]
    heads: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


def rows(result: Result, labels: dict[str, str]) -> Iterator[tuple[str, ...]]:
    """A result's estimates as texts, the columns of `HEADS`.

    Who, what, value, interval, p, p over the planned family, people, answers, note.
    """
    family = result.family or (None,) * len(result.estimates)
    for e, planned in zip(result.told, family, strict=True):
        yield (
            _who(e, labels),
            _item(e, labels),
            wording.value(e),
            wording.range_of(e),
            "" if e.p is None else wording.probability(e.p),
            "" if planned is None else wording.probability(planned),
            str(e.participants),
            str(e.answers),
            e.note,
        )


def _who(e: Estimate, labels: dict[str, str]) -> str:
    first, between, second = e.segment.partition(" - ")
    if between:
        return f"{labels.get(first, first)} − {labels.get(second, second)}"
    return labels.get(e.segment, e.segment)


def _item(e: Estimate, labels: dict[str, str]) -> str:
    if not e.item:
        return e.quantity.replace("_", " ")
    return wording.item(e, labels)


def table(frames: Frames, result: Result, note: str = "") -> Table:
    """One result as a table.

    Arguments:
        frames: the data that it is about.
        result: from `analysis.plan`.
        note: what no table may lose, such as that participants were simulated.
    """
    labels = frames.labels(result.within)
    found = list(rows(result, labels))
    used = [n for n, _ in enumerate(HEADS) if any(line[n] for line in found)]
    kind = "planned" if result.planned else "exploratory"
    parts = [part for part in result.id.split(":") if part != "E"]
    methods = dict.fromkeys(e.method for e in result.estimates)
    level = f"{100 * result.estimates[0].level:.0f} % intervals" if result.estimates else ""
    about = [kind.capitalize(), *methods, level, note.rstrip(".")]
    return Table(
        f"{kind}_{'_'.join(re.sub('[^A-Za-z0-9]+', '_', part) for part in parts)}",
        f"{result.id}: {result.question}" if result.planned else result.question,
        "; ".join(part for part in about if part) + ".",
        tuple(readings.reading(frames, result)),
        tuple(HEADS[n] for n in used),
        tuple(tuple(_short(HEADS[n], line[n]) for n in used) for line in found),
    )


def _short(head: str, text: str) -> str:
    return re.sub("^p (= )?", "", text) if head in ("p", "p in the plan") else text


def markdown(table: Table) -> str:
    """The table with its reading as Markdown text (pipe table)."""
    out = [f"## {plain(table.title)}", "", plain(table.about), ""]
    out += [f"- {plain(sentence)}" for sentence in table.reading]
    if table.lines:
        marks = ["---:" if head in _NUMBERS else "---" for head in table.heads]
        out += ["", _pipes(table.heads), _pipes(marks, escape=False)]
        out += [_pipes(line) for line in table.lines]
    return "\n".join(out) + "\n"


def _pipes(cells: Sequence[str], escape: bool = True) -> str:
    return f"| {' | '.join(plain(c) if escape else c for c in cells)} |"


def plain(text: str) -> str:
    """Text without Markdown's markup.

    Example:
        >>> plain("a_b | *c*")
        'a\\\\_b \\\\| \\\\*c\\\\*'
    """
    return re.sub(r"([\\`*_|<>#\[\]~])", r"\\\1", " ".join(text.split()))


def latex(table: Table) -> str:
    r"""The table as LaTeX text, for ``\input`` in a document that loads booktabs.

    A table longer than a page also needs the package longtable.
    """
    kinds = {"Note": "p{5cm}", **dict.fromkeys(_NUMBERS, "r")}
    columns = "".join(kinds.get(head, "l") for head in table.heads)
    label = f"\\label{{tab:{table.name.replace('_', '-')}}}"
    caption = f"{escaped(table.title)} {escaped(table.about)}"
    if not table.lines:
        said = " ".join(escaped(sentence) for sentence in table.reading)
        return f"\\paragraph{{{escaped(table.title)}}}{label} {said}\n"
    head = " & ".join(escaped(h) for h in table.heads) + r" \\"
    body = [_line(table.lines, n) for n in range(len(table.lines))]
    if len(table.lines) > _LONG:
        parts = [
            f"\\begin{{longtable}}{{@{{}}{columns}@{{}}}}",
            f"\\caption{{{caption}}}{label}\\\\",
            "\\toprule", head, "\\midrule", "\\endfirsthead",
            "\\toprule", head, "\\midrule", "\\endhead",
            "\\bottomrule", "\\endfoot",
            *body,
            "\\end{longtable}",
        ]  # fmt: skip
    else:
        parts = [
            "\\begin{table}[htbp]", "\\centering", "\\small",
            f"\\caption{{{caption}}}{label}",
            f"\\begin{{tabular}}{{@{{}}{columns}@{{}}}}",
            "\\toprule", head, "\\midrule",
            *body,
            "\\bottomrule", "\\end{tabular}", "\\end{table}",
        ]  # fmt: skip
    return "\n".join(parts) + "\n"


def _line(lines: Sequence[tuple[str, ...]], n: int) -> str:
    """A row; who it is about stands only where that changes, after a little room."""
    first = n == 0 or lines[n - 1][0] != lines[n][0]
    cells = [escaped(lines[n][0]) if first else "", *(escaped(cell) for cell in lines[n][1:])]
    room = "\\addlinespace\n" if first and n else ""
    return room + " & ".join(cells) + r" \\"


# What pdfLaTeX reads as a command, or has no letter for.
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': "''",
    "[": "{[}", "]": "{]}", "*": r"\textasteriskcentered{}",
    "−": "$-$", "–": "--", "—": "---", "“": "``", "”": "''", "‘": "`", "’": "'", "…": r"\ldots{}",
    "\u00a0": "~", "\u2009": r"\,", "′": "$'$", "²": "$^2$", "³": "$^3$", "×": r"$\times$",
    "±": r"$\pm$", "→": r"$\to$", "≤": r"$\le$", "≥": r"$\ge$", "·": r"$\cdot$", "√": r"$\surd$",
    "α": r"$\alpha$", "β": r"$\beta$", "κ": r"$\kappa$", "λ": r"$\lambda$", "π": r"$\pi$",
    "χ": r"$\chi$", "γ": r"$\gamma$", "τ": r"$\tau$", "Σ": r"$\Sigma$",
}  # fmt: skip


def escaped(text: str) -> str:
    r"""Text as LaTeX sets it, whatever stands in it.

    Example:
        >>> escaped("50 % of a_b & {c} − “d”")
        "50 \\% of a\\_b \\& \\{c\\} $-$ ``d''"
    """
    return "".join(_LATEX.get(letter, letter) for letter in text.replace("\n", " "))


def all_tables(summary: Summary, note: str = "") -> list[Table]:
    """A table for each result, the planned ones first."""
    return [table(summary.frames, result, note) for result in summary.results]


def write(summary: Summary, folder: Path, note: str = "") -> None:
    """Write ``NAME.tex`` and ``NAME.md`` for each result, ``all.tex`` and ``all.md`` into a folder.

    ``all.tex`` is a document of its own.

    Arguments:
        summary: the study.
        folder: is made if it is not there.
        note: what no table may lose.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = all_tables(summary, note)
    for one in found:
        (folder / f"{one.name}.tex").write_text(latex(one), encoding="utf-8")
        (folder / f"{one.name}.md").write_text(markdown(one), encoding="utf-8")
    title = str(summary.frames.study["title"])
    (folder / "all.tex").write_text(document(title, found, note), encoding="utf-8")
    head = [f"# {plain(title)}\n", *([f"{plain(note)}\n"] if note else [])]
    text = "\n".join([*head, *map(markdown, found)])
    (folder / "all.md").write_text(text, encoding="utf-8")


def document(title: str, found: Sequence[Table], note: str = "") -> str:
    """All tables as one LaTeX document, with no other file."""
    start = [
        r"\documentclass{article}",
        r"\usepackage[T1]{fontenc}",
        r"\usepackage[margin=2cm]{geometry}",
        r"\usepackage{booktabs,longtable}",
        r"\begin{document}",
        f"\\section*{{{escaped(title)}}}",
        escaped(note),
    ]
    return "\n".join([*start, "", *(latex(one) for one in found), r"\end{document}", ""])
