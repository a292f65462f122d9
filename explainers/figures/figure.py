"""A grid of explanations as a figure: SVG, PDF with its text as text, or PNG."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import shorten, wrap
from typing import Any, Literal
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt
import PIL.Image

from explainers.building.cache import write_whole
from explainers.building.pictures import png_bytes
from explainers.explanation import Explanation
from explainers.figures.figure_blocks import broken, count_of_blocks
from explainers.figures.grid import MOST, Cell, Column, Grid, Row, limit_of
from explainers.figures.palette import Colours, bar, paint
from explainers.figures.render import stretch

SCALE = 2.0
"""Pixels of a PNG for each unit of the drawing: 144 dots an inch at the size of the PDF."""

CELL, GAP, LABEL, MARGIN, BETWEEN = 144, 6, 172, 14, 24
LINE, SMALL = 14, 11
INK, SOFT, PALE = "#1a1a1a", "#595959", "#f0f0f0"
FONT = "Arial, Helvetica, Liberation Sans, sans-serif"

Scale = Literal["row", "picture"]


def figure_svg(
    grid: Grid, colours: Colours = "safe", scale: Scale = "picture", blocks: int = 0
) -> str:
    """The figure as the text of an SVG file.

    Arguments:
        grid: what is shown; rows are methods, columns faces with what the model says about them.
        colours: as in ``palette.paint``.
        scale: full colour means one value for all faces of a ``row``, or for each ``picture`` its
            own. Methods never share one: their values have different units.
        blocks: into how many pieces beside each other the rows are broken, each with the faces at
            its head; 0 chooses by the shape of the figure (`explainers.figures.figure_blocks`).

    Returns: text that depends on the grid alone, so the same grid gives the same file.
    """
    return _Drawing(grid, colours, scale, blocks).svg()


def save_figure(svg: str, path: Path) -> None:
    """Write a figure in the format of the file's ending, in one step.

    Errors: Problems when the file cannot be written.
    """
    kind = path.suffix.lower()
    if kind == ".svg":
        content = svg.encode()
    else:
        import vl_convert

        pdf = kind == ".pdf"
        content = vl_convert.svg_to_pdf(svg) if pdf else vl_convert.svg_to_png(svg, scale=SCALE)
    write_whole(path, content)


class _Drawing:
    """Where everything goes."""

    def __init__(self, grid: Grid, colours: Colours, scale: Scale, blocks: int) -> None:
        self.grid, self.colours, self.scale = grid, colours, scale
        says = max((len(_lines(column)) for column in grid.columns), default=0)
        self.head = MARGIN + 2 * LINE + CELL + (says + 1) * LINE + GAP
        self.heights = [self.row_height(row) for row in grid.rows]
        self.arrange(blocks or count_of_blocks(len(grid.rows), self.arrange))

    def arrange(self, blocks: int) -> tuple[float, float]:
        """Put each row into its block; width and height of the figure."""
        self.block_of = broken(self.heights, blocks)
        self.blocks = self.block_of[-1] + 1
        columns = max(len(self.grid.columns), 3 - self.blocks)  # the legend needs the room of two
        self.block_width = LABEL + columns * (CELL + GAP) - GAP
        self.width = 2 * MARGIN + self.blocks * (self.block_width + BETWEEN) - BETWEEN
        ends = [self.head] * self.blocks
        self.tops = []
        for block, height in zip(self.block_of, self.heights, strict=False):
            self.tops.append(ends[block])
            ends[block] += height
        self.legend = max(ends) + GAP
        self.height = self.legend + 16 + (len(self.words()) + 2) * LINE + MARGIN
        return self.width, self.height

    def svg(self) -> str:
        size = f'width="{self.width}" height="{self.height}"'
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FONT}">',
            f'<rect {size} fill="white"/>',
            _text(MARGIN, MARGIN + LINE, self.grid.title, size=15, bold=True),
            *(
                part
                for block in range(self.blocks)
                for n in range(len(self.grid.columns))
                for part in self.column(n, block)
            ),
            *(part for n in range(len(self.grid.rows)) for part in self.rows(n)),
            *self.bar(),
            "</svg>\n",
        ]
        return "\n".join(parts)

    def margin(self, block: int) -> int:
        return MARGIN + block * (self.block_width + BETWEEN)

    def left(self, n: int, block: int = 0) -> int:
        return self.margin(block) + LABEL + n * (CELL + GAP)

    def column(self, n: int, block: int) -> Iterator[str]:
        column, top = self.grid.columns[n], MARGIN + 2 * LINE
        yield _image(self.left(n, block), top, column.chip)
        for k, line in enumerate(_lines(column)):
            y = top + CELL + (k + 1) * LINE
            yield _text(self.left(n, block), y, line, bold=k == 0, size=12 if k == 0 else SMALL)

    def row_height(self, row: Row) -> int:
        if _one_reason(row):
            beside = len(_name(row)) + len(self.notes(row))
            return max(len(self.reason(row)), beside) * LINE + 3 * GAP
        return CELL + GAP + (LINE if self.scale == "picture" else 0)

    def reason(self, row: Row) -> list[str]:
        """Why a whole row is empty."""
        return wrap(row.cells[0].reason, int(self.row_width(row) / 5.4))

    def row_width(self, row: Row) -> int:
        return len(row.cells) * (CELL + GAP) - GAP

    def rows(self, n: int) -> Iterator[str]:
        row, top, block = self.grid.rows[n], self.tops[n], self.block_of[n]
        margin = self.margin(block)
        name = _name(row)
        for k, line in enumerate(name):
            yield _text(margin, top + (k + 1) * LINE, line, size=13, bold=True)
        for k, line in enumerate(self.notes(row), len(name) + 1):
            yield _text(margin, top + k * LINE + 2, line, colour=SOFT)
        if _one_reason(row):
            size = self.row_width(row), self.row_height(row) - GAP
            yield from _reason(self.left(0, block), top, size, self.reason(row))
            return
        for k, cell in enumerate(row.cells):
            yield from self.cell(self.left(k, block), top, cell, row.limit)

    def notes(self, row: Row) -> list[str]:
        """What stands below a method's name."""
        lines = [line for note in row.notes for line in wrap(note, 28)]
        lines += dict.fromkeys(f"of the {unit}" for cell in row.cells if (unit := cell.unit))
        kinds = {cell.explanation.kind for cell in row.cells if cell.explanation}
        if "unsigned" in kinds:
            lines.append("shows how much, not which way")
        if self.scale == "row" and kinds - {"image"}:
            lines.append(f"full colour: {_short(row.limit)}")
        return lines

    def cell(self, x: int, y: int, cell: Cell, limit: float) -> Iterator[str]:
        if cell.explanation is None:
            yield from _reason(x, y, (CELL, CELL), _fitting(cell.reason))
            return
        if self.scale == "picture":
            limit = limit_of([cell.explanation])
            if cell.explanation.kind != "image":
                yield _text(x, y + CELL + LINE - 2, f"full colour: {_short(limit)}", colour=SOFT)
        yield _image(x, y, _shown(cell.explanation, limit, self.colours, cell.below))

    def words(self) -> list[str]:
        """The legend's sentence."""
        said = (
            "Full colour is the value beside each row"
            if self.scale == "row"
            else "Full colour is the value below each map"
        )
        text = (
            f"{said}, in the unit of its method; {100 * (1 - MOST):.1g} % of the pixels are beyond "
            "it. Values of different methods have different units."
        )
        return wrap(text, int((self.width - 2 * MARGIN) / 5.4))

    def bar(self) -> Iterator[str]:
        kinds = {c.explanation.kind for row in self.grid.rows for c in row.cells if c.explanation}
        signed = "signed" in kinds
        width, x = 2 * CELL + GAP, self.left(0)
        if not kinds - {"image"}:
            return
        yield _image(x, self.legend, bar(self.colours, signed, width, 16), width, 16)
        y = self.legend + 16 + LINE
        ends = (
            ("against what is explained", "0", "for what is explained")
            if signed
            else ("no effect", "", "strong effect")
        )
        places = ((x, "start"), (x + width / 2, "middle"), (x + width, "end"))
        for word, (place, anchor) in zip(ends, places, strict=True):
            yield _text(place, y, word, anchor=anchor)
        yield _text(MARGIN, self.legend + 13, "A part in this colour speaks", bold=True, size=SMALL)
        for n, line in enumerate(self.words()):
            yield _text(MARGIN, y + (n + 1) * LINE + 2, line, colour=SOFT)


def _short(value: float) -> str:
    """Two significant digits, in plain notation where that is readable.

    Example:
        >>> _short(0.0123), _short(96.7), _short(1234.0), _short(1e-7)
        ('0.012', '97', '1234', '1e-07')
    """
    return f"{value:.2g}" if value < 100 else f"{value:.0f}"


def _lines(column: Column) -> list[str]:
    return [column.face, *(line for says in column.says for line in wrap(says, 26))]


def _shown(
    explanation: Explanation, limit: float, colours: Colours, below: npt.NDArray[Any] | None
) -> npt.NDArray[Any]:
    """An explanation as it was computed, large: nothing is smoothed."""
    side = 2 * CELL if below is None else below.shape[-1]
    if explanation.kind == "image":
        return stretch(_large(explanation.values, side))
    return paint(_large(explanation.values[None], side)[0], limit, colours, below)


def _large(planes: npt.NDArray[Any], side: int) -> npt.NDArray[Any]:
    """[C, H, W] → [C, side, side], bilinear: never beyond the values that are there."""
    size = (side, side)
    kind = PIL.Image.Resampling.BILINEAR
    return np.stack([np.asarray(PIL.Image.fromarray(p).resize(size, kind)) for p in planes])


def _image(x: float, y: float, rgb: npt.NDArray[Any], width: int = CELL, height: int = CELL) -> str:
    pixels = np.rint(rgb.transpose(1, 2, 0) * 255).astype(np.uint8)
    data = base64.b64encode(png_bytes(PIL.Image.fromarray(pixels))).decode()
    place = f'x="{x}" y="{y}" width="{width}" height="{height}"'
    return f'<image {place} href="data:image/png;base64,{data}"/>'


def _name(row: Row) -> list[str]:
    return wrap(row.name.replace("_", " "), 22)


def _one_reason(row: Row) -> bool:
    """Whether a row is empty for one reason, which is then said once."""
    reasons = {cell.reason for cell in row.cells}
    return len(reasons) == 1 and "" not in reasons


def _fitting(reason: str) -> list[str]:
    """A reason in the lines that a cell has room for."""
    lines, most = wrap(reason, 25), (CELL - GAP) // LINE
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], shorten(" ".join(lines[most - 1 :]), 25, placeholder=" …")]


def _reason(x: int, y: int, size: tuple[int, int], lines: Sequence[str]) -> Iterator[str]:
    """An empty cell or row that says why."""
    yield f'<rect x="{x}" y="{y}" width="{size[0]}" height="{size[1]}" fill="{PALE}"/>'
    for n, line in enumerate(lines):
        yield _text(x + GAP, y + (n + 1) * LINE + 2, line, size=10, colour=SOFT)


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int = SMALL,
    bold: bool = False,
    colour: str = INK,
    anchor: str = "start",
) -> str:
    style = f'font-size="{size}" fill="{colour}" text-anchor="{anchor}"'
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" {style}{weight}>{escape(text)}</text>'
