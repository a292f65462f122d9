"""Each chart of the report draws its estimates, in order, and says in words what is to be seen."""

from collections.abc import Callable
from dataclasses import replace
from math import isnan
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import charts, statistics
from analysis.charts import (
    before_after,
    grouped_bars,
    items,
    likert,
    patterns,
    psychometric,
    standardised,
    times,
)
from analysis.charts import dropout as dropout_chart
from analysis.data.frames import Frames
from analysis.estimate import Estimate
from analysis.intervals import logit_t
from analysis.prose import readings
from analysis.reports import export, report
from analysis.statistics.psychometric_curve import psi
from analysis.summaries import dropout
from analysis.summaries.summary import Summary, summarise

Make = Callable[..., Frames]


@pytest.fixture(scope="module")
def made() -> dict[str, Summary]:
    return {}


@pytest.fixture
def summary(simulated: Make, made: dict[str, Summary]) -> Summary:
    if "one" not in made:
        made["one"] = summarise(simulated(n=40, inattentive=3, unfinished=2))
    return made["one"]


def drawn(chart: Any) -> pd.DataFrame:
    """The rows that the finished Vega-Lite specification draws."""
    spec = chart.to_dict()
    return pd.DataFrame([row for rows in spec["datasets"].values() for row in rows])


def test_every_chart_carries_note_words_and_the_numbers_it_draws(summary: Summary) -> None:
    found = list(report.charts(summary))
    names = [drawing.name for drawing in found]
    assert len(set(names)) == len(names)
    assert [n for n in charts.names() if any(d.name.startswith(n[:4]) for d in found)]
    for drawing in found:
        spec = drawing.chart.to_dict()
        assert spec["title"]["subtitle"][-1].startswith("Simulated participants")
        assert spec["description"] == drawing.words != ""
        assert drawing.section in charts.SECTIONS
        table = pd.read_csv(pd.io.common.StringIO(export.drawn(summary, drawing.data)))
        assert list(table.columns[:3]) == ["study", "version", "mode"]
        assert set(table["mode"]) == {"simulated"}
        np.testing.assert_array_equal(table["value"], drawing.data["value"].astype(float))


def test_combinations_are_shares_over_people_by_a_slow_count(simulated: Make) -> None:
    main = simulated(n=15).main
    found = statistics.run("tick_patterns", main, within="expertise")
    rates: dict[str, dict[str, float]] = {}
    for person, answers in main.groupby("participant"):
        sets = [
            " + ".join(str(o) for o, v in zip(t["option"], t["value"], strict=True) if v)
            or "(none)"
            for _, t in answers.sort_values("option").groupby("trial")
        ]
        rates[str(person)] = {name: sets.count(name) / len(sets) for name in sets}
    everybody = [e for e in found if e.segment == "all"]
    assert sum(e.value for e in everybody) == pytest.approx(1)
    assert sum(e.answers for e in everybody) == main["trial"].nunique()
    for e in everybody:
        ends = logit_t([own.get(e.item, 0.0) for own in rates.values()])
        assert (e.value, e.low, e.high) == pytest.approx([float(end) for end in ends])
    values = [e.value for e in everybody]
    assert values == sorted(values, reverse=True)


def test_answers_that_did_not_offer_everything_form_no_combination() -> None:
    frame = pd.DataFrame(
        {
            "participant": [1, 1, 1, 2, 2],
            "trial": ["a", "a", "b", "c", "c"],
            "option": ["x", "y", "x", "x", "y"],
            "value": [1, 1, 1, 0, 0],
        }
    )
    found = {e.item: e for e in statistics.run("tick_patterns", frame)}
    assert set(found) == {"x + y", "(none)"}
    assert found["x + y"].value == 0.5
    assert found["x + y"].note == "1 answers left out that did not offer every option"


def test_the_combination_chart_shows_members_and_keeps_the_order(summary: Summary) -> None:
    result = summary.result("tick_patterns", None)
    assert result is not None
    labels = summary.frames.labels()
    table = patterns.table(result.estimates, labels)
    assert list(table["value"]) == [e.value for e in result.estimates]
    chart = patterns.chart(result.estimates, labels, summary.frames.options)
    rows = drawn(chart)
    dots = rows[rows["ticked"].notna()]
    for name, part in dots.groupby("pattern"):
        ticked = set(part.loc[part["ticked"].astype(bool), "option"])
        assert ticked == {o for o in ("Saliency", "Inversion", "Visualization") if o.lower() in
                          str(name).lower()}  # fmt: skip


def test_ratings_are_shares_over_people_and_bars_meet_at_the_middle() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        [
            {"participant": p, "option": o, "value": float(rng.integers(1, 6))}
            for p in range(9)
            for o in ("a", "b")
            for _ in range(3)
        ]
    )
    found = statistics.run("rating_distribution", frame)
    means = frame.assign(hit=frame["value"] == 4).groupby(["option", "participant"])["hit"].mean()
    share = next(e for e in found if e.item == "b = 4")
    assert (share.value, share.low, share.high) == pytest.approx(
        [float(end) for end in logit_t(means["b"].to_numpy())]
    )
    above = next(e for e in found if (e.quantity, e.item) == ("above_middle", "b"))
    four_five = [e.value for e in found if e.item in ("b = 4", "b = 5")]
    assert above.value == pytest.approx(sum(four_five))
    bars, whiskers = likert.tables(found, {})
    for option in ("a", "b"):
        mine = bars[bars["option"] == option]
        assert mine["right"].iloc[-1] - mine["left"].iloc[0] == pytest.approx(1)
        middle = mine[mine["name"] == "3"].iloc[0]
        assert middle["left"] == pytest.approx(-middle["right"])
        ends = whiskers[(whiskers["option"] == option) & (whiskers["side"] == "above")].iloc[0]
        assert ends["left"] < mine["right"].iloc[-1] < ends["right"]
    assert "is rated above the middle" in likert.description(found, {})


def test_a_slider_is_cut_into_classes() -> None:
    frame = pd.DataFrame({"participant": [1, 2, 3], "option": "a", "value": [0.0, 55.0, 100.0]})
    found = statistics.run("rating_distribution", frame)
    names = [e.item for e in found if e.quantity == "rating_share"]
    assert len(names) == 10 and names[0] == "a = 0–9" and names[-1] == "a = 90–100"
    assert sum(e.value for e in found if e.quantity == "rating_share") == pytest.approx(1)


def test_questions_stand_in_the_order_of_the_leading_share(summary: Summary) -> None:
    result = summary.result("selection_share", "item")
    assert result is not None
    labels = summary.frames.labels("item")
    overall = result.of("all")
    lead = max(overall, key=lambda e: e.value).item
    data, order = items.table(result.estimates, labels)
    values = data[data["item"] == lead].set_index("question").loc[order, "value"]
    assert list(values) == sorted(values, reverse=True)
    assert len(order) == 24 and "Gender, f01 (a)" in order
    told = readings.items(result.estimates, labels)
    assert told[0].startswith("Saliency: ") and told[0].endswith("in 24 questions.")


def test_bars_keep_groups_and_options_in_declared_order(summary: Summary) -> None:
    result = summary.result("selection_share", "expertise")
    assert result is not None
    chart = grouped_bars.chart(result.estimates, summary.frames.labels("expertise"))
    spec = chart.to_dict()
    clusters = spec["layer"][0]["encoding"]["x"]["sort"]
    starts = ["Everybody", "Never heard of it", "Sees the need", "Used or implemented it"]
    assert [name.split("\n")[0] for name in clusters] == starts
    assert spec["layer"][0]["encoding"]["xOffset"]["sort"][0] == "Saliency"
    assert list(drawn(chart)["value"]) == [e.value for e in result.estimates]


def test_times_are_in_seconds_and_both_averages_are_told_apart(summary: Summary) -> None:
    found = next(d for d in report.charts(summary) if d.name == "times_expertise")
    rows = drawn(found.chart)
    medians = summary.result("response_time", "expertise")
    assert medians is not None
    mine = rows[rows["kind"] == times.KINDS["response_time"]]
    assert list(mine["value"]) == pytest.approx([e.value / 1000 for e in medians.estimates])
    assert "an answer took" in found.words and "geometric mean" in found.words
    along = next(d for d in report.charts(summary) if d.name == "times_position")
    assert list(drawn(along.chart)["number"]) == list(range(1, 9))
    assert "question 8, the last," in along.words


def test_people_are_counted_where_they_stopped(simulated: Make) -> None:
    frames = simulated(n=10, unfinished=4)
    steps = dropout.reached(frames)
    counts = {e.item: e.answers for e in steps}
    assert counts["Consent"] == counts["Question 4"] == 10
    assert counts["Question 5"] == counts["End"] == 6
    assert {e.participants for e in steps} == {10}
    told = dropout_chart.lost(steps)
    assert told == "4 of 10 did not come to the end; most left before: question 5 (4)."
    assert sum(drawn(dropout_chart.chart(steps))["worst"]) == 1
    everybody = dropout.reached(simulated(n=3))
    assert dropout_chart.lost(everybody) == "Nobody left before the end."
    gone = replace(frames, participants=frames.participants.assign(state="withdrawn"))
    assert isnan(dropout.reached(gone)[0].value)


def test_exclusions_are_shown_before_and_after(summary: Summary, simulated: Make) -> None:
    found = next(d for d in report.charts(summary) if d.name == "before_after")
    assert list(found.data["exclusions"]) == ["before"] * 3 + ["after"] * 3
    assert "before and" in found.words and "order of the explanations" in found.words
    untouched = summarise(simulated(n=8))
    assert "before_after" not in [d.name for d in report.charts(untouched)]
    a, b = untouched.unfiltered.estimates[:2]
    ahead, behind = replace(a, value=0.6), replace(b, value=0.4)
    turned = [replace(a, value=0.3), replace(b, value=0.4)]
    assert "changes" in before_after.description([ahead, behind], turned, {})


def simpson() -> pd.DataFrame:
    """Users pick it more in each age group, yet less overall, for most of them are old."""
    rows = []
    plan = {("user", "old"): (40, 0.3), ("never", "old"): (10, 0.2),
            ("user", "young"): (10, 0.9), ("never", "young"): (40, 0.8)}  # fmt: skip
    for (group, age), (n, share) in plan.items():
        for k in range(n):
            rows.append({"participant": f"{group}{age}{k}", "group": group, "age": age,
                         "option": "map", "value": float(k < round(share * n))})  # fmt: skip
    return pd.DataFrame(rows)


def test_a_reversal_is_drawn_and_told() -> None:
    found = statistics.run("standardised_share", simpson(), within="group", over="age")
    labels = {"user": "Users", "never": "Others", "map": "Saliency"}
    [told] = readings.reversals(found, labels)
    assert told == "Saliency, Users minus Others: −26 points become +10."
    chart = standardised.chart(found, labels, "How old are you?").to_dict()
    assert any(line.startswith("REVERSED: Saliency") for line in chart["title"]["subtitle"])
    assert "Reversed when the groups are alike in “How old are you?”" in chart["description"]
    assert "instead of 42 %" in chart["description"]


def test_the_curve_runs_through_its_threshold() -> None:
    assert psi(2.0, threshold=2.0, width=1.5, guess=0.25, lapse=0.05) == pytest.approx(0.25 + 0.35)
    shares = [
        Estimate("selection_share", "a", s, v, v - 0.1, v + 0.1, 0.95, 9, 9, "", "")
        for s, v in (("all", 0.7), ("1", 0.5), ("2", 0.7), ("3", 0.9))
    ]
    fitted = [
        Estimate(q, "a", "all", v, v, v, 0.95, 9, 9, "", "")
        for q, v in (("threshold", 2.0), ("width", 1.5), ("lapse", 0.0))
    ]
    dots = psychometric.table(shares, {})
    line = psychometric.curves(fitted, dots, {}, guess=0.5)
    middle = line.iloc[(line["x"] - 2.0).abs().argmin()]
    assert middle["value"] == pytest.approx(0.75)
    chart = psychometric.chart(shares, fitted, {}, guess=0.5)
    assert "threshold is at level 2" in chart.to_dict()["description"]
