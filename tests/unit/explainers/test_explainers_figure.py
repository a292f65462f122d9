"""Colours that can be read, and figures that show every map, reason, scale and legend."""

import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from explainers.explanation import Explanation
from explainers.figures.figure import CELL, figure_svg, save_figure
from explainers.figures.grid import Cell, Column, Grid, Row, limit_of
from explainers.figures.palette import COLOURS, bar, heat, lightness, paint

SVG = "{http://www.w3.org/2000/svg}"


def test_the_heat_map_goes_through_the_colours_of_fig_4():
    steps = heat(np.linspace(-1, 1, 9)[None], 1.0)[:, 0].T
    cyan, black, yellow = steps[0], steps[4], steps[8]
    assert cyan.round(2).tolist() == [0, 1, 1]
    assert black.tolist() == [0, 0, 0]
    assert yellow[0] == 1
    assert yellow[1] > 0.85
    assert all(red > 0 and blue == 0 for red, _, blue in steps[5:])
    assert all(blue > 0 and red == 0 for red, _, blue in steps[:4])


@given(st.floats(0.01, 1), st.floats(0.1, 100))
def test_equal_values_are_equally_light_and_lightness_is_proportional(value, limit):
    colours = heat(np.array([[value, -value, 1.0]]) * limit, limit)[:, 0].T.astype(float)
    positive, negative, most = lightness(colours)
    assert positive == pytest.approx(value * most, abs=0.2)
    assert negative == pytest.approx(positive, abs=0.2)


@pytest.mark.parametrize("colours", COLOURS)
def test_colours_are_ordered_stop_at_the_limit_and_show_nothing_for_nothing(colours):
    values = np.array([[-9.0, -2.0, -1.0, 0.0, 1.0, 2.0, 9.0]])
    shown = paint(values, 2.0, colours)[:, 0].T
    assert np.allclose(shown[0], shown[1])
    assert np.allclose(shown[-1], shown[-2])
    away = np.abs(shown - shown[3]).sum(1)
    assert list(away[1:4]) == sorted(away[1:4], reverse=True)
    assert list(away[3:6]) == sorted(away[3:6])
    nothing = paint(values, 0.0, colours)
    assert np.ptp(nothing, axis=(1, 2)).max() == 0
    assert shown.min() >= 0
    assert shown.max() <= 1


def test_a_bar_holds_every_colour_once():
    both, one = bar("heat", True, 101, 3), bar("heat", False, 101, 3)
    assert both.shape == one.shape == (3, 3, 101)
    assert both[:, 0, 50].tolist() == one[:, 0, 0].tolist() == [0, 0, 0]
    assert np.array_equal(both[:, :, -1], one[:, :, -1])


def test_full_colour_is_beyond_all_but_a_few_pixels():
    values = np.zeros((40, 40))
    values.flat[:3] = -5.0
    assert limit_of([Explanation(values, "signed")]) == 5.0, "where nearly all is 0, the largest"
    values[:] = 1.0
    values.flat[:4] = 1000.0
    assert limit_of([Explanation(values, "signed")]) == 1.0, "outliers do not bleach the rest"
    assert limit_of([None, Explanation(np.zeros((3, 4, 4)), "image")]) == 0


def explanation(peak: float, kind="signed") -> Explanation:
    values = np.zeros((16, 16))
    values[4:12, 4:12] = peak
    return Explanation(values, kind)


CHIP = np.full((3, 32, 32), 0.5, np.float32)


def cell(peak: float, kind="signed", **parameters) -> Cell:
    told = {"target": {"use": "class_score"}, "parameters": parameters}
    return Cell(explanation(peak, kind), "", told, CHIP)


GRID = Grid(
    title="expression: <the> predicted & class",
    columns=(Column("f01", CHIP, ("happy, p = 0.91",)), Column("f02", CHIP, ("sad, p = 0.50",))),
    rows=(
        Row("grad_cam", ("window 16",), (cell(1.0, of="log_odds"), cell(-4.0, of="log_odds"))),
        Row("broken", (), (Cell(None, "serves no <such> network", {}),) * 2),
        Row("half", (), (cell(2.0, "unsigned"), Cell(None, "no face here " * 40, {}))),
    ),
    left_out={},
)


def texts(svg: str) -> list[str]:
    return [node.text for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def images(svg: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter(f"{SVG}image"))


def test_a_figure_labels_rows_columns_scale_and_legend():
    svg = figure_svg(GRID)
    words = texts(svg)
    assert words[0] == GRID.title
    for word in (
        *("f01", "happy, p = 0.91", "f02", "grad cam", "window 16", "of the log odds"),
        *("full colour: 1", "full colour: 4", "full colour: 2", "shows how much, not which way"),
        *("against what is explained", "0", "for what is explained", "serves no <such> network"),
    ):
        assert word in words, word
    # Two faces, three maps and the legend's bar.
    assert len(images(svg)) == 2 + 3 + 1
    assert sum(word.startswith("no face here") for word in words) > 3
    assert any(word.endswith("…") for word in words), "a reason that is too long says so"
    assert re.search(r"0\.5 % of the pixels", " ".join(words))


def test_one_scale_for_a_row_is_told_beside_it_and_used():
    own, shared = figure_svg(GRID, "heat"), figure_svg(GRID, "heat", "row")
    assert "full colour: 4" in texts(shared)
    assert "full colour: 1" not in texts(shared)

    def middle(svg, n):
        import base64

        data = images(svg)[n].get("href").partition(",")[2]
        with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
            return picture.getpixel((picture.width // 2, picture.height // 2))

    # The first map's peak is a quarter of the second's.
    assert lightness(np.array(middle(own, 2)) / 255) > 85
    assert lightness(np.array(middle(shared, 2)) / 255) == pytest.approx(91.1 / 4, abs=1)
    assert middle(own, 3)[2] == middle(shared, 3)[2] == 255


def test_texts_stay_inside_and_do_not_overlap():
    svg = figure_svg(GRID)
    root = ElementTree.fromstring(svg)
    width, height = float(root.get("width")), float(root.get("height"))
    boxes = []
    for node in root.iter(f"{SVG}text"):
        x, y, size = (float(node.get(key)) for key in ("x", "y", "font-size"))
        length = 0.5 * size * len(node.text)
        x -= {"start": 0, "middle": 0.5, "end": 1}[node.get("text-anchor")] * length
        boxes.append((x, y - 0.7 * size, x + length, y))
        assert x >= 0
        assert x + length <= width
        assert y < height
    for n, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[n + 1 :]:
            apart = other[0] >= right or other[2] <= left or other[1] >= bottom or other[3] <= top
            assert apart, (texts(svg)[n], other)
    for node in images(svg):
        assert float(node.get("x")) + float(node.get("width")) <= width
        assert float(node.get("y")) + float(node.get("height")) <= height


def test_a_file_of_each_format(tmp_path):
    svg = figure_svg(GRID, "safe")
    for name in ("f.png", "f.PDF", "f.svg"):
        save_figure(svg, tmp_path / name)
    assert (tmp_path / "f.svg").read_text("utf-8") == svg
    pdf = (tmp_path / "f.PDF").read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert b"/Font" in pdf, "text is text"
    root = ElementTree.fromstring(svg)
    size = tuple(2 * int(root.get(key)) for key in ("width", "height"))
    with Image.open(tmp_path / "f.png") as picture:
        assert picture.size == size
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    last = images(svg)[-1]
    x, y, length = (2 * int(float(last.get(key))) for key in ("x", "y", "width"))
    against, neither, speaks_for = pixels[y + 16, [x + 4, x + length // 2, x + length - 4]]
    assert against[2] > against[0] + 80, "blue"
    assert speaks_for[0] > speaks_for[2] + 80, "vermillion"
    assert np.ptp(neither) < 8, "gray"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.PDF", "f.png", "f.svg"]


def test_the_same_grid_gives_the_same_bytes(tmp_path):
    for name in ("a.png", "b.png"):
        save_figure(figure_svg(GRID), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert figure_svg(GRID) == figure_svg(GRID)


def test_where_pictures_come_from_is_told_as_plain_values():
    import json

    told = json.loads(json.dumps(GRID.told()))
    first, second = told["rows"][0]["cells"]
    assert (first["face"], first["most"], first["limit"]) == ("f01", 1.0, 1.0)
    assert (second["least"], second["parameters"]) == (-4.0, {"of": "log_odds"})
    assert told["rows"][1]["cells"][0] == {"face": "f01", "reason": "serves no <such> network"}
    assert told["faces"][0] == {"face": "f01", "says": ["happy, p = 0.91"]}


def test_a_grid_of_one_face_has_room_for_its_legend():
    one = Grid("t", GRID.columns[:1], (Row("a", (), GRID.rows[0].cells[:1]),), {})
    root = ElementTree.fromstring(figure_svg(one))
    assert float(root.get("width")) > 2 * CELL
