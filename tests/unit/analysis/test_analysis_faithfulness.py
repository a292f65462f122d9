"""Methods ranked by fidelity: means over faces, intervals, ranks, differences from the best."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.faithfulness import mean_curves, mean_t, overall, ranking
from analysis.reports.faithfulness_report import About, write


def table(values, better="higher", measure="game", baseline=0.0):
    rows = [
        ("net", method, f"f{n}", "happy", measure, better, value, baseline, "")
        for method, each in values.items()
        for n, value in enumerate(each)
    ]
    names = [
        "model",
        "method",
        "face",
        "target",
        "measure",
        "better",
        "value",
        "baseline",
        "skipped",
    ]
    return pd.DataFrame(rows, columns=names)


def test_mean_t_is_scipys():
    values = np.random.default_rng(0).normal(3, 2, 9)
    mean, low, high = mean_t(values)
    expected = stats.t.interval(0.95, 8, values.mean(), stats.sem(values))
    assert (mean, low, high) == pytest.approx((values.mean(), *expected))
    assert math.isnan(mean_t([2.0, 2.0])[1]) and math.isnan(mean_t([2.0])[1])
    assert math.isnan(mean_t([])[0])


def test_methods_are_ranked_in_the_right_direction():
    values = {"a": [1, 2, 3], "b": [4, 5, 7], "c": [2, 2, 4]}
    assert list(ranking(table(values))["method"]) == ["b", "c", "a"]
    assert list(ranking(table(values, "lower"))["method"]) == ["a", "c", "b"]
    found = ranking(table(values)).set_index("method")
    gap = mean_t([3, 3, 4])
    assert tuple(found.loc["a", ["behind", "behind_low", "behind_high"]]) == pytest.approx(gap)
    assert math.isnan(found.loc["b", "behind"])
    assert (found["n"] == 3).all()
    lower = ranking(table(values, "lower")).set_index("method")
    assert lower.loc["b", "behind"] == pytest.approx(10 / 3)


def test_better_than_chance_counts_faces():
    found = ranking(table({"a": [1, -1, 3, 2]})).set_index("method")
    assert found.loc["a", "above"] == 0.75
    found = ranking(table({"a": [1, -1, 3, 2]}, "lower")).set_index("method")
    assert found.loc["a", "above"] == 0.25


def test_shares_have_intervals_within_their_range():
    found = ranking(table({"a": [1, 1, 0], "b": [1, 1, 1]}, baseline=0.2)).set_index("method")
    assert (found["low"] >= 0).all() and (found["high"] <= 1).all()
    assert found.loc["b", "low"] < 0.5, "three hits of three are no certainty"
    assert set(found["interval"]) == {"logit t"}


def test_a_face_without_value_does_not_count():
    scores = table({"a": [1, 2, None], "b": [3, None, 4]})
    found = ranking(scores).set_index("method")
    assert found.loc["a", "n"] == 2
    assert found.loc["a", "behind"] == 2, "on the face that both have"


def test_the_mean_rank_counts_each_measure_the_same():
    one = table({"a": [1, 2], "b": [3, 4]}, measure="one")
    two = table({"a": [5, 6], "b": [5, 6]}, measure="two")
    found = overall(ranking(pd.concat([one, two])))
    assert list(found["method"]) == ["b", "a"]
    assert list(found["rank"]) == [1.25, 1.75]


def points(method, ys):
    return [
        ("net", method, f"f{n}", "game", "deletion", x, y)
        for n, curve in enumerate(ys)
        for x, y in zip((0.0, 1.0), curve, strict=True)
    ]


def curves_of(*rows):
    names = ["model", "method", "face", "measure", "curve", "x", "y"]
    return pd.DataFrame([row for some in rows for row in some], columns=names)


def test_curves_are_averaged_over_faces():
    means = mean_curves(curves_of(points("a", [(3, 1), (5, 2), (4, 6)])))
    assert list(means["x"]) == [0, 1] and list(means["mean"]) == [4, 3]
    assert means.loc[0, "low"] == pytest.approx(mean_t([3, 5, 4])[1])


def test_the_page_stands_alone_and_says_what_is_known(tmp_path):
    scores = table({"occlusion": [1, 2, 3], "<odd>": [0, -1, 2]})
    curves = curves_of(points("occlusion", [(0.9, 0.1)] * 3), points("<odd>", [(0.9, 0.5)] * 3))
    about = About("Faithful?", ["f0", "f1", "f2"], {"game": "Plays."}, {"occlusion": "Hides."})
    page = write(scores, curves, about, tmp_path / "out").read_text(encoding="utf-8")
    assert "&lt;odd&gt;" in page and "<odd>" not in page
    assert "Left out" not in page and 'src="http' not in page
    assert page.count("data:image/svg+xml;base64,") == 2
    there = {path.relative_to(tmp_path / "out").as_posix()
             for path in (tmp_path / "out").rglob("*") if path.is_file()}  # fmt: skip
    figures = {f"figures/{n}_net.{form}" for n in ("ranking", "game") for form in ("png", "svg")}
    assert there == {"fidelity.html", "scores.csv", "ranking.csv", "curves.csv"} | figures
    again = pd.read_csv(tmp_path / "out" / "ranking.csv")
    assert list(again["method"]) == ["occlusion", "<odd>"]
    assert again["mean"].tolist() == pytest.approx([2, 1 / 3], rel=1e-5)
