"""Power figures: interpolation, advice in words, charts; on tables made by hand."""

from math import inf

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis import power
from analysis.charts import power as charts
from analysis.reports import power_report
from analysis.reports.calibration_report import About, in_words, judged, markdown, percent

STUDIES = 200


def table(cells, analyses=("H1",)) -> pd.DataFrame:
    """Rows of whole analyses: (participants, questions, effect) -> power of each analysis."""
    rows = [
        (n, m, effect, name, power.WHOLE, "", np.nan, STUDIES, round(share * STUDIES))
        for (n, m, effect), shares in cells.items()
        for name, share in zip(analyses, np.atleast_1d(shares), strict=True)
    ]
    return power.with_power(pd.DataFrame(rows, columns=power.COLUMNS[:-3]))


def theory(n, m, effect, full=0.02) -> float:
    """The power of a z test whose error falls with √n and a little with the questions."""
    return float(stats.norm.cdf(effect * full * 10 * np.sqrt(n) * m**0.2 - 1.96))


GRID = {
    (n, m, effect): theory(n, m, effect)
    for n in (50, 100, 200)
    for m in (4, 8)
    for effect in (0.5, 1.0)
}


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_a_rising_curve_never_falls_and_keeps_its_mean(numbers):
    found = power.rising(numbers)
    assert (np.diff(found) >= -1e-12).all()
    assert found.mean() == pytest.approx(np.mean(numbers))
    if sorted(numbers) == numbers:
        assert found == pytest.approx(numbers)


def test_needed_participants_are_those_of_the_law_that_made_the_table():
    exact = (stats.norm.ppf(0.8) + 1.96) ** 2 / (0.2 * 8**0.2) ** 2
    rows = power.needed(table(GRID), 0.8).set_index(["questions", "effect"])
    row = rows.loc[8, 1.0]
    assert row["participants"] == pytest.approx(exact, rel=0.05)
    assert row["low"] < row["participants"] < row["high"]
    assert rows.loc[8, 0.5]["participants"] == inf  # not within what was tried


def test_detectable_effects():
    rows = power.detectable(table(GRID), 0.8).set_index(["participants", "questions"])
    exact = (stats.norm.ppf(0.8) + 1.96) / (0.2 * np.sqrt(200) * 8**0.2)
    assert rows.loc[200, 8]["effect"] == pytest.approx(exact, rel=0.06)
    assert rows.loc[50, 4]["effect"] == inf
    one = table({(50, 8, 0.5): 0.9, (50, 8, 1.0): 0.99})
    assert power.detectable(one, 0.8)["effect"].tolist() == [-inf]
    assert power.detectable(table({(50, 8, 1.0): 0.9}), 0.8).empty


def test_advice_names_the_smallest_design_at_the_studys_own_questions():
    cells = {(50, 8, 1.0): 0.6, (101, 8, 1.0): 0.74, (120, 8, 1.0): 0.9, (101, 16, 1.0): 0.88}
    text, each = power.recommendation(table(cells), 0.8, 8)
    assert text == (
        "With 120 participants and 8 questions each, H1 finds a planted difference in "
        "90 % (85–93 %) of studies; 101 are not enough, with 16 questions each 101 are."
    )
    assert each == []


def test_advice_counts_the_weakest_analysis():
    cells = {(50, 8, 1.0): (0.95, 0.3), (101, 8, 1.0): (1.0, 0.82)}
    text, each = power.recommendation(table(cells, ("H1", "H2")), 0.8, 8)
    assert "101 participants" in text and "at least 82 %" in text and "weakest is H2" in text
    assert "more --studies tell" in text  # 76 to 87 %
    assert each[0].startswith("With 50 participants and 8 questions each, H1 finds")


def test_advice_when_nothing_reaches_the_target():
    cells = {(50, 8, 1.0): 0.3, (100, 8, 1.0): 0.5}
    text, _ = power.recommendation(table(cells), 0.8, 8)
    assert text.startswith("No design tried reaches 80 %: with 100 participants")
    slope = (stats.norm.ppf(0.5) - stats.norm.ppf(0.3)) / (10 - np.sqrt(50))
    needed = (10 + stats.norm.ppf(0.8) / slope) ** 2
    assert f"about {float(f'{needed:.2g}'):.0f} participants" in text
    nothing, _ = power.recommendation(table({(50, 8, 1.0): 0.04, (100, 8, 1.0): 0.06}), 0.8, 8)
    assert "hardly more than by chance" in nothing
    falling, _ = power.recommendation(table({(50, 8, 1.0): 0.5, (100, 8, 1.0): 0.4}), 0.8, 8)
    assert "needed" not in falling


def test_advice_at_another_size_of_effect_says_so():
    text, _ = power.recommendation(table({(50, 8, 0.5): 0.9}), 0.8, 8)
    assert text.startswith("At 0.5 times the planted effects: With 50 participants")
    nothing, _ = power.recommendation(table({(50, 8, 0.0): 0.05}), 0.8, 8)
    assert "No effect was simulated" in nothing
    empty, _ = power.recommendation(table({}), 0.8, 8)
    assert "No planned analysis tests anything" in empty


def test_the_contour_is_where_the_law_reaches_the_target():
    rows = table(GRID)
    fine, contour = charts.interpolated(rows[rows["effect"] == 1.0], 0.8)
    assert fine["power"].between(0, 1).all() and len(fine) == 1600
    for n, m in contour[["x", "y"]].itertuples(index=False):
        assert theory(n, m, 1.0) == pytest.approx(0.8, abs=0.04)


def test_charts_say_what_they_show():
    rows = table(GRID)
    lines = charts.lines(rows, 0.8, title="Power").to_dict()
    assert len(lines["concat"]) == 2  # one analysis, two sizes of effect
    assert "80 %" in lines["title"]["subtitle"][0]
    assert "H1, 200 participants, 8 questions each, effects as planted" in lines["description"]
    assert charts.surface(rows, 0.8, effect=1.0, title="Surface").to_dict()["concat"]
    flat = table({(50, 8, 1.0): 0.5, (100, 8, 1.0): 0.6})
    assert charts.surface(flat, 0.8, effect=1.0, title="Surface") is None


def test_a_plan_without_tests_still_gets_its_page():
    about = power_report.About(
        "A <study>", {"shares": "How often?"}, 0.8, 0.05, 20, 1, 99, 8, (), "as each test gives it"
    )
    margins = pd.DataFrame(
        [(50, 8, 1.0, "shares", "selection_share", name, "all", 0.1) for name in "ab"],
        columns=[*power.DESIGN, "analysis", "quantity", "item", "segment", "margin"],
    )
    page = power_report.page(table({}), margins, about, [])
    assert "A &lt;study&gt;" in page and "selection share" in page
    whole = power_report.machine(table(GRID), margins, about)
    assert None in [row["participants"] for row in whole["participants_needed"]]


def calibration(counts, promised, **kind):
    rows = [("H1", "share", "a", "all", 1.0, 0.5, 1000, count) for count in counts]
    names = ["analysis", "quantity", "item", "segment", "effect", "truth", "studies", "count"]
    return judged(pd.DataFrame(rows, columns=names), promised, **kind)


def test_verdicts_allow_for_chance_in_all_rows_together():
    # 930 of 1,000 is outside of one Wilson interval around .95, but not of one of fifty.
    assert calibration([930], 0.95)["verdict"].tolist() == ["less than promised"]
    assert calibration([930] + [950] * 49, 0.95)["verdict"][0] == "as promised"
    assert calibration([990], 0.95)["verdict"].tolist() == ["more than promised"]
    assert calibration([10], 0.05, at_most=True)["verdict"].tolist() == ["no more than promised"]
    assert calibration([90], 0.05, at_most=True)["verdict"].tolist() == ["more than promised"]


def test_calibration_is_told_in_words_and_as_markdown():
    about = About("Study", 101, 8, 1000, 1, 499, 0.05, "adjusted by Holm", False)
    coverage, alarms = calibration([948, 951], 0.95), calibration([52], 0.05)
    alarms = alarms.drop(columns=["effect", "truth"])
    told = in_words(coverage, alarms, about)
    assert told[0].startswith("95 % intervals held the truth in 95.0 % of 1,000 studies")
    text = markdown(coverage, alarms, about)
    assert "| H1 | a | everybody | as planted | 0.5 | 94.8 % (93.2–96.0 %) | as promised |" in text
    assert percent({"share": np.nan, "low": np.nan, "high": np.nan}) == "–"
    worse = in_words(calibration([800, 951], 0.95), alarms, about)
    assert "Less than promised: H1 a all." in worse[0]
