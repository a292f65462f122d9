"""A tall figure is broken into blocks beside each other: as low as can be, nothing lost."""

from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainers.explanation import Explanation
from explainers.figures.figure import figure_svg
from explainers.figures.figure_blocks import broken, count_of_blocks
from explainers.figures.grid import Cell, Column, Grid, Row

SVG = "{http://www.w3.org/2000/svg}"


def lowest(heights: list[int], count: int) -> int:
    """By trying every way to cut."""
    places = range(1, len(heights))
    cuts = [c for n in range(min(count, len(heights))) for c in combinations(places, n)]
    return min(
        max(sum(heights[a:b]) for a, b in zip((0, *cut), (*cut, len(heights)), strict=True))
        for cut in cuts
    )


@given(st.lists(st.integers(1, 30), min_size=1, max_size=8), st.integers(1, 9))
def test_the_highest_block_is_as_low_as_possible_and_order_is_kept(heights, count):
    found = broken(heights, count)
    assert len(found) == len(heights) and found == sorted(found)
    assert set(found) == set(range(found[-1] + 1)) and found[-1] < count
    ends = [sum(h for h, b in zip(heights, found, strict=True) if b == k) for k in set(found)]
    assert max(ends) == lowest(heights, count)


def test_what_fits_a_page_stays_whole_and_others_come_near_to_four_by_three():
    assert count_of_blocks(3, lambda blocks: (100 * blocks, 150 / blocks)) == 1
    for rows in (5, 12, 30, 100):
        blocks = count_of_blocks(rows, lambda n, rows=rows: (500 * n, 250 + 164 * rows / n))
        shape = 500 * blocks / (250 + 164 * rows / blocks)
        assert 0.9 < shape < 1.9


def grid(rows: int, faces: int) -> Grid:
    chip = np.full((3, 8, 8), 0.5, np.float32)
    made = Cell(Explanation(np.eye(8), "signed"), "", {}, chip)
    columns = tuple(Column(f"f{n}", chip, ("happy, p = 0.91",)) for n in range(faces))
    return Grid(
        "expression", columns, tuple(Row(f"m{n}", (), (made,) * faces) for n in range(rows)), {}
    )


@pytest.mark.parametrize(
    ("rows", "faces", "blocks"), [(12, 2, 3), (2, 2, 1), (20, 1, 4), (4, 6, 1)]
)
def test_blocks_have_the_faces_at_their_head_and_share_one_legend(rows, faces, blocks):
    root = ElementTree.fromstring(figure_svg(grid(rows, faces)))
    words = [node.text for node in root.iter(f"{SVG}text")]
    images = list(root.iter(f"{SVG}image"))
    assert len(images) == blocks * faces + rows * faces + 1
    assert [words.count(f"f{n}") for n in range(faces)] == [blocks] * faces
    assert all(words.count(f"m{n}") == 1 for n in range(rows))
    assert words.count("A part in this colour speaks") == 1
    places = {(image.get("x"), image.get("y")) for image in images}
    assert len(places) == len(images), "nothing lies on anything else"
    width, height = float(root.get("width")), float(root.get("height"))
    for image in images:
        assert float(image.get("x")) + float(image.get("width")) <= width
        assert float(image.get("y")) + float(image.get("height")) <= height
    assert height <= 1.6 * width


def test_the_number_of_blocks_can_be_chosen():
    def faces(blocks: int) -> int:
        return figure_svg(replace(grid(6, 1)), blocks=blocks).count(">f0<")

    assert [faces(blocks) for blocks in (1, 2, 3, 6, 99)] == [1, 2, 3, 6, 6]
