"""The page about fidelity: one HTML file that opens offline, with tables and charts beside it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.faithfulness import mean_curves, overall, ranking
from analysis.reports import figures

PAGE = "fidelity.html"
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class About:
    """What was rated.

    Arguments:
        title: of the page.
        faces: the ids of the faces.
        measures: what each measure is, in a line.
        methods: what each method is, in a line.
        left_out: what could not be explained or rated, and why.
    """

    title: str
    faces: Sequence[str]
    measures: dict[str, str]
    methods: dict[str, str]
    left_out: Sequence[str] = ()


def write(scores: pd.DataFrame, curves: pd.DataFrame, about: About, out: Path) -> Path:
    """Write ``fidelity.html``, ``scores.csv``, ``ranking.csv``, ``curves.csv`` and ``figures/``.

    Arguments:
        scores, curves: as for `analysis.faithfulness`.
        about: what was rated.
        out: the folder; files of these names are replaced, others stay.

    Returns:
        the path of the page.
    """
    out.mkdir(parents=True, exist_ok=True)
    table, means = ranking(scores), mean_curves(curves)
    for name, frame in (("scores", scores), ("ranking", table), ("curves", means)):
        _whole(out / f"{name}.csv", frame.to_csv(index=False, float_format="%.6g"))
    drawn = []
    for name, caption, words, chart in _charts(table, means, about):
        paths = figures.save(chart, out / "figures", name, ("png", "svg"))
        picture = base64.b64encode(paths[1].read_bytes()).decode()
        drawn.append((name, caption, words, f"data:image/svg+xml;base64,{picture}"))
    _whole(out / PAGE, page(table, about, drawn))
    return out / PAGE


def page(table: pd.DataFrame, about: About, drawn: Sequence[tuple[str, str, str, str]]) -> str:
    """The page's text.

    Arguments:
        table: from `analysis.faithfulness.ranking`.
        about: what was rated.
        drawn: of each chart its name, caption, description in words, and address.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from analysis.charts.faithfulness import number

    templates = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("fidelity.html.jinja").render(
        about=about,
        drawn=drawn,
        models=list(dict.fromkeys(table["model"])),
        table=table,
        overall=overall(table),
        ranks=table.set_index(["model", "measure", "method"])["rank"].to_dict(),
        number=number,
    )


def _charts(
    table: pd.DataFrame, means: pd.DataFrame, about: About
) -> Iterator[tuple[str, str, str, Any]]:
    from analysis.charts import faithfulness as charts  # altair takes a second

    note = f"{len(about.faces)} faces: {_shortened(about.faces)}"
    for model, rows in table.groupby("model", sort=False):
        title = f"Which explanations of {model} are faithful?"
        caption = f"Methods from most to least faithful, by each measure; model {model}."
        words = charts.ranking_words(rows)
        yield f"ranking_{model}", caption, words, charts.ranking_chart(rows, title=title, note=note)
        mine = means[means["model"] == model]
        for measure, group in mine.groupby("measure", sort=False):
            order = list(rows[rows["measure"] == measure]["method"])
            title = f"{measure} of {model}, best method first"
            chart = charts.curves_chart(group, order, title=title, note=note)
            said = about.measures.get(str(measure), "").rstrip(".")
            caption = f"Mean curves of {measure}: {said}; model {model}."
            yield f"{measure}_{model}", caption, f"Curves of {', '.join(order)}.", chart


def _shortened(names: Sequence[str]) -> str:
    shown = ", ".join(names[:12])
    return shown if len(names) <= 12 else f"{shown}, …"


def _whole(path: Path, text: str) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
