"""Do a study's own intervals cover and its own tests hold their level? Tables, words, one page.

A share of simulated studies is compared with what was promised: coverage with the level of the
intervals, false alarms with the level of the tests. The verdict allows for chance in all rows
together (Wilson's intervals at a level of 1 - .05 / rows, Bonferroni), so that a table in which
everything is right says so in 95 of 100 cases.

Source: E. B. Wilson 1927, JASA 22:209.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.data.segments import ALL
from analysis.intervals import wilson

PAGE = "calibration.html"


@dataclass(frozen=True)
class About:
    """What was simulated.

    Arguments:
        title: the study's title.
        participants, questions, studies, seed, shuffles: of each simulated study.
        alpha: level of the tests; intervals have level 1 - alpha.
        multiplicity: how the family of tests is adjusted, in words.
        own_truth: whether some truths came from large simulated studies.
    """

    title: str
    participants: int
    questions: int
    studies: int
    seed: int
    shuffles: int
    alpha: float
    multiplicity: str
    own_truth: bool


def judged(counts: pd.DataFrame, promised: float, *, at_most: bool = False) -> pd.DataFrame:
    """Shares with Wilson intervals and a verdict in words.

    Arguments:
        counts: ``count`` of ``studies``.
        promised: the share that was promised.
        at_most: a smaller share keeps the promise as well, as for false alarms of a family.

    Returns:
        the rows with ``share``, ``low``, ``high``, ``verdict``.

    Example:
        >>> rows = pd.DataFrame({"count": [950, 900], "studies": [1000, 1000]})
        >>> judged(rows, 0.95)["verdict"].tolist()
        ['as promised', 'less than promised']
    """
    low, high = wilson(counts["count"], counts["studies"])
    sure = 1 - 0.05 / max(len(counts), 1)
    least, most = wilson(counts["count"], counts["studies"], sure)
    verdicts = []
    for studies, below, above in zip(counts["studies"], least, most, strict=True):
        if studies == 0:
            verdicts.append("not known")
        elif above < promised:
            verdicts.append("no more than promised" if at_most else "less than promised")
        elif below > promised:
            verdicts.append("more than promised")
        else:
            verdicts.append("as promised")
    share = counts["count"] / counts["studies"]
    return counts.assign(share=share, low=low, high=high, verdict=verdicts)


def in_words(coverage: pd.DataFrame, alarms: pd.DataFrame, about: About) -> list[str]:
    """The verdict, one sentence for each kind of promise."""
    told = []
    level = f"{100 * (1 - about.alpha):g} %"
    known = coverage[coverage["studies"] > 0]
    if len(known):
        mean = 100 * known["count"].sum() / known["studies"].sum()
        told.append(
            f"{level} intervals held the truth in {mean:.1f} % of {about.studies:,} studies: "
            f"{len(known)} intervals, {_range(known)}.{_odd(known, 'less than promised')}"
        )
    single = alarms[alarms["analysis"] != FAMILY]
    if len(single):
        mean = 100 * single["count"].sum() / single["studies"].sum()
        told.append(
            f"With nothing to find, tests at level {about.alpha:g} raised a false alarm in "
            f"{mean:.1f} % of studies: {len(single)} tests, {_range(single)}."
            f"{_odd(single, 'more than promised')}"
        )
    for row in alarms[alarms["analysis"] == FAMILY].to_dict("records"):
        told.append(
            f"At least one false alarm among all planned tests, {about.multiplicity}: "
            f"{percent(row)}, {row['verdict']}."
        )
    return told


FAMILY = "all planned tests"


def _range(rows: pd.DataFrame) -> str:
    least, most = 100 * rows["share"].min(), 100 * rows["share"].max()
    return f"from {least:.1f} % to {most:.1f} %"


def _odd(rows: pd.DataFrame, verdict: str) -> str:
    odd = rows[rows["verdict"] == verdict]
    if odd.empty:
        return " None of them is off by more than chance."
    names = [" ".join(filter(None, place)) for place in odd[_PLACE[:1] + _PLACE[2:]].to_numpy()]
    return f" {verdict.capitalize()}: {', '.join(dict.fromkeys(names))}."


_PLACE = ["analysis", "quantity", "item", "segment"]


def percent(row: Any) -> str:
    """A share with its interval.

    Example:
        >>> percent({"share": 0.9484, "low": 0.933, "high": 0.96})
        '94.8 % (93.3–96.0 %)'
    """
    if isnan(row["share"]):
        return "–"
    return f"{100 * row['share']:.1f} % ({100 * row['low']:.1f}–{100 * row['high']:.1f} %)"


def write(coverage: pd.DataFrame, alarms: pd.DataFrame, about: About, out: Path) -> Path:
    """Write ``calibration.html``, ``.md``, ``.json``, ``coverage.csv`` and ``false_alarms.csv``.

    Arguments:
        coverage, alarms: from `judged`, with the columns of `markdown`.
        about: what was simulated.
        out: the folder; files of these names are replaced, others stay.

    Returns:
        the path of the page.
    """
    out.mkdir(parents=True, exist_ok=True)
    whole = json.dumps(machine(coverage, alarms, about), indent=1, ensure_ascii=False)
    for name, text in (
        ("coverage.csv", coverage.to_csv(index=False)),
        ("false_alarms.csv", alarms.to_csv(index=False)),
        ("calibration.json", whole + "\n"),
        ("calibration.md", markdown(coverage, alarms, about)),
        (PAGE, page(coverage, alarms, about)),
    ):
        partial = out / f"{name}.partial"
        partial.write_text(text, encoding="utf-8")
        partial.replace(out / name)
    return out / PAGE


def machine(coverage: pd.DataFrame, alarms: pd.DataFrame, about: About) -> dict[str, Any]:
    """Everything as plain values, for JSON; what is not known is None."""
    tables = {"coverage": coverage, "false_alarms": alarms}
    return {
        "whyface": "calibrate",
        "study": about.title,
        "verdict": in_words(coverage, alarms, about),
        **{key: getattr(about, key) for key in ("participants", "questions", "studies", "seed")},
        "shuffles": about.shuffles,
        "alpha": about.alpha,
        **{
            name: [
                {str(k): None if isinstance(v, float) and isnan(v) else v for k, v in row.items()}
                for row in table.to_dict("records")
            ]
            for name, table in tables.items()
        },
    }


def lines(table: pd.DataFrame) -> list[tuple[str, ...]]:
    """The cells of a table as they are shown: what, who, truth, share, verdict."""
    found = []
    for row in table.to_dict("records"):
        item = row["item"] or str(row["quantity"]).replace("_", " ")
        who = "everybody" if row["segment"] == ALL else str(row["segment"])
        head: tuple[str, ...] = (str(row["analysis"]), str(item), who)
        if "truth" in row:
            effect = "as planted" if row["effect"] == 1 else "none"
            head = (*head, effect, f"{row['truth']:.3g}".replace("-", "−"))
        found.append((*head, percent(row), str(row["verdict"])))
    return found


COVERAGE = ("Analysis", "What", "Who", "Effect", "Truth", "Held the truth", "Verdict")
ALARMS = ("Analysis", "What", "Who", "False alarms", "Verdict")


def markdown(coverage: pd.DataFrame, alarms: pd.DataFrame, about: About) -> str:
    """Both tables and the verdict as Markdown.

    Arguments:
        coverage: analysis, quantity, item, segment, effect, truth, studies, count and what
            `judged` adds.
        alarms: the same without effect and truth.
    """
    parts = [f"# Calibration: {about.title}", *in_words(coverage, alarms, about)]
    for title, head, table in (
        (_covered(about), COVERAGE, coverage),
        (_alarmed(about), ALARMS, alarms),
    ):
        if len(table):
            rows = [_row(head), _row(["---"] * len(head)), *map(_row, lines(table))]
            parts += [f"## {title}", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def _covered(about: About) -> str:
    return f"Coverage of {100 * (1 - about.alpha):g} % intervals"


def _alarmed(about: About) -> str:
    return f"False alarms at level {about.alpha:g}"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def page(coverage: pd.DataFrame, alarms: pd.DataFrame, about: About) -> str:
    """The page's text."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("analysis.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("calibration.html.jinja").render(
        about=about,
        told=in_words(coverage, alarms, about),
        tables=[
            (
                "coverage",
                f"Coverage of {100 * (1 - about.alpha):g} % intervals",
                COVERAGE,
                lines(coverage),
            ),
            ("alarms", f"False alarms at level {about.alpha:g}", ALARMS, lines(alarms)),
        ],
    )
