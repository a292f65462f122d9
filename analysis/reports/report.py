"""The report: one HTML page that opens offline, with figures and estimates beside it."""

from __future__ import annotations

import base64
import mimetypes
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from analysis.charts import SECTIONS, Drawing, drawings
from analysis.data import exclusions
from analysis.data.segments import columns
from analysis.multiplicity import TITLES
from analysis.prose import readings, wording
from analysis.reports import export, figures, folder, tables
from analysis.summaries.summary import Summary

MODES = {
    "live": "",
    "pilot": "Pilot participants: for trying the study out, not for conclusions.",
    "test": "Test answers by the researchers themselves: no results.",
    "simulated": "Simulated participants: planted preferences, no human being answered.",
}


@dataclass(frozen=True)
class Figure:
    """A chart in the report: its file name, its place, the picture, and the picture in words."""

    name: str
    section: str
    caption: str
    alt: str
    picture: str

    @classmethod
    def of(cls, drawn: Drawing, svg: bytes) -> Figure:
        """The chart with its picture as an address that needs no file."""
        picture = "data:image/svg+xml;base64," + base64.b64encode(svg).decode()
        return cls(drawn.name, drawn.section, drawn.caption, drawn.words, picture)


def write(
    summary: Summary,
    out: Path,
    *,
    now: datetime | None = None,
    stimuli: Path | Mapping[str, Path] | None = None,
) -> Path:
    """Write ``report.html``, ``estimates.csv``, ``estimates.json``, ``figures/`` and ``tables/``.

    Arguments:
        summary: from `analysis.summaries.summary.summarise`.
        out: the folder; an older report there is replaced, anything else is refused.
        now: the time that the report bears, the present if None.
        stimuli: the folder with the pictures that people saw, for galleries, or where each of
            them is, by SHA-256; none are shown without it.

    Returns:
        the path of the page.

    Errors:
        AnalysisError: ``out`` cannot be written or is not a report's folder.
    """
    moment = now or datetime.now(UTC)
    with folder.whole(out) as place:
        drawn = [_save(place, summary, drawing) for drawing in charts(summary)]
        (place / "estimates.csv").write_text(export.csv(summary), encoding="utf-8")
        about = {"generated": moment.isoformat(timespec="seconds")}
        (place / folder.MARK).write_text(export.as_json(summary, **about), encoding="utf-8")
        tables.write(summary, place / "tables", banner(summary.frames.mode))
        (place / "report.html").write_text(
            page(summary, drawn, moment, pictures(summary, stimuli)), encoding="utf-8"
        )
    return out / "report.html"


def charts(summary: Summary) -> Iterator[Drawing]:
    """The report's charts, one after the other."""
    return drawings(summary, banner(summary.frames.mode))


def banner(mode: str) -> str:
    """What every page and every chart says about answers that are no results; empty for live."""
    return MODES[mode]


def _save(place: Path, summary: Summary, drawn: Drawing) -> Figure:
    figures.save(drawn.chart, place / "figures", drawn.name)
    table = export.drawn(summary, drawn.data)
    (place / "figures" / f"{drawn.name}.csv").write_text(table, encoding="utf-8")
    return Figure.of(drawn, (place / "figures" / f"{drawn.name}.svg").read_bytes())


def pictures(summary: Summary, stimuli: Path | Mapping[str, Path] | None) -> dict[str, str]:
    """The pictures of the galleries as addresses that need no file, by SHA-256.

    Those that are not there are left out; ``stimuli``: see `write`.
    """
    wanted = {sha for shown in summary.galleries for one in shown.exhibits for sha in one.pictures}
    if stimuli is None:
        return {}
    if isinstance(stimuli, Path):
        paths = {sha: stimuli / f"{sha}.png" for sha in sorted(wanted)}
    else:
        paths = {sha: stimuli[sha] for sha in sorted(wanted) if sha in stimuli}
    return {
        sha: f"data:{_kind(path)};base64,{base64.b64encode(path.read_bytes()).decode()}"
        for sha, path in paths.items()
        if path.is_file()
    }


def _kind(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "image/png"


def page(
    summary: Summary,
    drawn: Sequence[Figure],
    moment: datetime,
    shown: Mapping[str, str] | None = None,
) -> str:
    """The page as text; it refers to nothing outside itself; ``shown``: see `pictures`."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("analysis.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["together"] = together
    environment.globals.update(
        wording=wording,
        reading=lambda result: readings.reading(summary.frames, result),
        rows=tables.rows,
    )
    frames = summary.frames
    answered = frames.main["answered_at"]
    return environment.get_template("report.html.jinja").render(
        summary=summary,
        study=frames.study,
        frames=frames,
        figures={figure.name: figure for figure in drawn},
        pictures=shown or {},
        kinds=wording.KINDS,
        sections={name: [f for f in drawn if f.section == name] for name in SECTIONS},
        banner=banner(frames.mode),
        moment=moment,
        first=answered.min(),
        last=answered.max(),
        left_out=exclusions.left_out(summary.exclusions),
        titles={name: title for name, (title, _) in columns(frames.study).items()},
        sources=_sources(summary),
        family=_family(summary),
        software=[f"{name} {version(name)}" for name in ("whyface", "pandas", "numpy", "scipy")]
        + [f"Python {platform.python_version()}"],
    )


def together(text: str) -> str:
    """The text with signs kept beside their numbers when lines break.

    Example:
        >>> together("95 % (p < .001)")
        '95\\xa0% (p\\xa0<\\xa0.001)'
    """
    return re.sub(r"(?<=\d) (?=%)|(?<=\bp) (?=[<=])|(?<=p [<=]) ", "\u00a0", text)


def _family(summary: Summary) -> tuple[int, str] | None:
    """How many tests the plan's family has, and how they are adjusted; None without any."""
    count = sum(p is not None for result in summary.planned for p in result.family)
    name = str(summary.frames.study.get("multiplicity", "holm"))
    return (count, TITLES[name]) if count else None


def _sources(summary: Summary) -> list[tuple[str, str]]:
    used = {(e.method, e.source): None for result in summary.results for e in result.estimates}
    used |= {(e.method, e.source): None for q in summary.demographics for e in q.estimates}
    return list(used)
