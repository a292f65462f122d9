"""The route `/download/<name>`: charts, tables and the report of what a visitor looks at."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from analysis.errors import AnalysisError
from analysis.reports import export, report
from db.errors import StoreError
from study_app import export as answers
from study_app.dashboard import board, data, figures
from study_app.dashboard.data import Shown
from study_app.export import cell

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "zip": "application/zip",
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
}


def estimates_csv(shown: Shown) -> bytes:
    """Every estimate, one row each."""
    return export.csv(data.summary(shown)).encode()


def estimates_json(shown: Shown) -> bytes:
    """Every estimate with findings, exclusions and comparisons."""
    return export.as_json(data.summary(shown)).encode()


def responses(shown: Shown) -> bytes:
    """The tidy answers before exclusions; ``counts`` tells which of them the results rest on."""
    found = data.summary(shown)
    table = found.before.responses.copy()
    table["counts"] = table["trial"].isin(found.frames.main["trial"])
    return _csv(table)


def participants(shown: Shown) -> bytes:
    """The participants before exclusions; ``left_out_by`` names the rules that concern them."""
    found = data.summary(shown)
    table = found.before.participants.copy()
    concerned = {rule.rule: set(rule.participants) for rule in found.exclusions}
    table["left_out_by"] = [
        ", ".join(rule for rule, people in concerned.items() if person in people)
        for person in table["participant"]
    ]
    return _csv(table)


def report_page(shown: Shown) -> bytes:
    """The report as one page; its links to files work in the ZIP."""
    drawn = []
    for name, chart in figures.charts(shown).items():
        drawn.append(report.Figure.of(chart, figures.file(shown, name, "svg")))
    found = data.summary(shown)
    pictures = report.pictures(found, board.current().stimuli)
    return report.page(found, drawn, datetime.now(UTC), pictures).encode()


def report_folder(shown: Shown) -> bytes:
    """The report's folder as ``whyface analyze`` writes it, in a ZIP."""
    stimuli = board.current().stimuli
    return _zipped(
        "report", lambda folder: report.write(data.summary(shown), folder, stimuli=stimuli)
    )


def all_versions(shown: Shown, form: str) -> bytes:
    """Answers and participants of all versions in this mode with their codebook, in a ZIP.

    Arguments:
        form: a format of `study_app.export`.
    """
    found = answers.read(board.current().store, shown.mode, shown.study["id"])
    return _zipped(form, lambda folder: answers.save(found, folder, form))


def _zipped(name: str, write: Callable[[Path], object]) -> bytes:
    packed = io.BytesIO()
    with TemporaryDirectory() as place, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        write(Path(place) / name)
        for path in sorted((Path(place) / name).rglob("*")):
            file.write(path, path.relative_to(place))
    return packed.getvalue()


FILES: Mapping[str, Callable[[Shown], bytes]] = {
    "report.html": report_page,
    "report.zip": report_folder,
    "estimates.csv": estimates_csv,
    "estimates.json": estimates_json,
    "responses.csv": responses,
    "participants.csv": participants,
    **{f"{form}.zip": partial(all_versions, form=form) for form in answers.forms()},
}


def content(shown: Shown, name: str) -> bytes:
    """The bytes of a download.

    Arguments:
        shown: whose answers.
        name: one of ``FILES``, or a chart such as ``models.svg``.

    Errors:
        KeyError: there is no such download.
        AnalysisError, StoreError: it cannot be made.
    """
    if name in FILES:
        return FILES[name](shown)
    stem, _, form = name.rpartition(".")
    if form not in figures.FORMATS:
        raise KeyError(name)
    return figures.file(shown, stem, form)


async def answer(request: Request) -> Response:
    """The download, or why there is none."""
    name, query = request.path_params["name"], request.query_params

    def make() -> tuple[Shown, bytes]:
        shown = data.look(query.get("version", ""), query.get("mode", "live"))
        return shown, content(shown, name)

    try:
        shown, body = await run_in_threadpool(make)
    except (KeyError, ValueError) as error:
        known = isinstance(error, StoreError | AnalysisError)
        return PlainTextResponse(f"{error if known else 'There is no such file.'}\n", 404)
    kind = "inline" if "inline" in query else "attachment"
    # The mode stands in the name, so that simulated figures are not taken for results later.
    filename = f"{shown.study['id']}-{shown.mode}-{name}"
    headers = {
        "Content-Disposition": f'{kind}; filename="{filename}"',
        # An address with the data's state in it never shows anything else.
        "Cache-Control": "private, max-age=86400" if "state" in query else "no-store",
    }
    return Response(body, media_type=_TYPES[name.rpartition(".")[2]], headers=headers)


def _csv(table: pd.DataFrame) -> bytes:
    if "text" in table:  # what people wrote must not run as a spreadsheet's formula
        table = table.assign(text=table["text"].map(cell))
    return table.to_csv(index=False, lineterminator="\n").encode()
