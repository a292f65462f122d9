"""Piecewise affine maps: exact at points, one to one everywhere, also for points that cross."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from explainers.faces.piecewise_affine import PiecewiseAffine, mesh

FRAME = np.array([[0, 0], [10, 0], [0, 10], [10, 10]], float)


def shapes(count, far):
    """Points inside the frame, and the same points moved by up to ``far``."""
    place = st.tuples(st.floats(2, 8), st.floats(2, 8))
    move = st.tuples(st.floats(-far, far), st.floats(-far, far))
    points = st.lists(place, min_size=count, max_size=count, unique=True)
    return st.tuples(points, st.lists(move, min_size=count, max_size=count))


def warp_of(drawn):
    points, moves = (np.array(each, float) for each in drawn)
    source, target = np.vstack([FRAME, points]), np.vstack([FRAME, points + moves])
    return source, target, mesh(source, target, fixed=len(FRAME))


@given(shapes(7, far=2.0))
@settings(max_examples=60, deadline=None)
def test_points_go_exactly_to_points_whichever_are_kept(drawn):
    source, target, warp = warp_of(drawn)
    assert np.abs(warp(warp.source) - warp.target).max() < 1e-6
    pairs = {(*a, *b) for a, b in zip(source, target, strict=True)}
    kept = {(*a, *b) for a, b in zip(warp.source, warp.target, strict=True)}
    assert kept <= pairs
    assert kept >= {(*corner, *corner) for corner in FRAME}


@given(shapes(7, far=3.0), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_there_and_back_is_where_it_began(drawn, seed):
    _, _, warp = warp_of(drawn)
    points = np.random.default_rng(seed).uniform(0, 10, (50, 2))
    assert np.abs(warp.inverse(warp(points)) - points).max() < 1e-4
    assert np.abs(warp(warp.inverse(points)) - points).max() < 1e-4


@given(shapes(6, far=3.0))
@settings(max_examples=60, deadline=None)
def test_no_triangle_is_turned_over(drawn):
    _, _, warp = warp_of(drawn)

    def areas(points):
        a, b, c = points[warp.triangles.T]
        (ux, uy), (vx, vy) = (b - a).T, (c - a).T
        return (ux * vy - uy * vx) / 2

    assert (areas(warp.source) * areas(warp.target) > 0).all()
    assert np.isclose(np.abs(areas(warp.source)).sum(), 100), "the frame is filled"
    assert np.isclose(np.abs(areas(warp.target)).sum(), 100)


@given(matrix=st.tuples(*[st.floats(-0.3, 0.3)] * 4), shift=st.tuples(*[st.floats(-5, 5)] * 2))
@settings(max_examples=40, deadline=None)
def test_an_affine_map_is_affine_everywhere_also_beyond_the_points(matrix, shift):
    rng = np.random.default_rng(0)
    source = np.vstack([FRAME, rng.uniform(1, 9, (6, 2))])
    change = np.eye(2) + np.reshape(matrix, (2, 2))
    warp = mesh(source, source @ change + shift, fixed=0)
    points = rng.uniform(-3, 13, (40, 2))
    assert len(warp.source) == len(source)
    assert np.allclose(warp(points), points @ change + shift, atol=1e-8)


def test_points_that_change_places_are_left_out_until_nothing_folds():
    inner = np.array([[3, 5], [7, 5], [5, 3], [5, 7]], float)
    source = np.vstack([FRAME, inner])
    straight = mesh(source, np.vstack([FRAME, inner + 0.3]), fixed=4)
    crossed = mesh(source, np.vstack([FRAME, inner[[1, 0, 2, 3]]]), fixed=4)
    assert len(straight.source) == 8
    assert 4 < len(crossed.source) < 8


def test_shapes_of_points_are_kept():
    warp = PiecewiseAffine(FRAME, FRAME * 2, np.array([[0, 1, 2], [1, 2, 3]]))
    points = np.random.default_rng(0).uniform(0, 10, (3, 4, 2))
    assert np.allclose(warp(points), points * 2)
    assert warp(points[0, 0]).shape == (2,)
