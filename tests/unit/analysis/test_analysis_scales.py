"""Every scale of answers gets a report by itself, on ordinary data and on data that say nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from analysis import defaults, plan, statistics
from analysis.data.frames import Frames, build
from analysis.errors import AnalysisError
from analysis.prose import readings
from analysis.reports import report, tables
from analysis.summaries.summary import Summary, summarise
from db.scale import Scale

GROUPS = ("never", "user")
OPTIONS = ("saliency", "inversion", "visualization")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
Values = Callable[[np.random.Generator, int], list[float]]


def study(**more: Any) -> dict[str, Any]:
    return {
        "id": "s",
        "title": "Which & why_not?",
        "models": {"gender": {}},
        "stimuli": {name: {} for name in OPTIONS},
        "background": [
            {"id": "skill", "ask": "Skill?", "choices": {"never": "Never", "user": "Used it"}},
            {"id": "age", "ask": "Age?", "choices": {"young": "Young", "old": "Old"}},
        ],
        "segments": {"expertise": {"from": "skill"}},
        **more,
    }


def ticks(rng: np.random.Generator, n: int) -> list[float]:
    return [float(v) for v in rng.random(n) < 0.5]


def points(rng: np.random.Generator, n: int) -> list[float]:
    return [float(v) for v in rng.integers(1, 6, n)]


def ranks(rng: np.random.Generator, n: int) -> list[float]:
    return [float(v) + 1 for v in rng.permutation(n)]


def preferred(rng: np.random.Generator, n: int) -> list[float]:
    first = float(rng.random() < 0.5)
    return [first, 1 - first][:n]


VALUES: dict[str, tuple[str, Values]] = {
    "selection": ("pick_any", ticks),
    "rating": ("rating", points),
    "ranking": ("ranking", ranks),
    "pairwise": ("pairwise", preferred),
    "correctness": ("match_to_sample", ticks),
}


def answered(
    *scales: str,
    n: int = 12,
    options: tuple[str, ...] = OPTIONS,
    constant: float | None = None,
    questions: int = 4,
    levels: bool = False,
    **more: Any,
) -> Frames:
    """People who answer some questions on each scale."""
    rng = np.random.default_rng(4)
    people, rows = [], []
    for person in range(n):
        background = {"skill": GROUPS[person % 2], "age": ("young", "old")[person % 3 == 0]}
        people.append({"participant": person, "mode": "test", "state": "completed",
                       "background": background})  # fmt: skip
        for place, scale in enumerate(scales):
            kind, values = VALUES[scale]
            for number in range(questions):
                skip = number % 3 if scale == "pairwise" else None
                offered = [o for k, o in enumerate(options) if k != skip or len(options) < 3]
                given = values(rng, len(offered))
                for position, option in enumerate(offered):
                    rows.append(
                        {
                            "participant": person,
                            "trial": f"{person}-{scale}-{number}",
                            "position": place * questions + number + 1,
                            "role": "main",
                            "type": kind,
                            "item": f"i{number}",
                            "option": option,
                            "option_position": position + 1,
                            "scale": scale,
                            "value": given[position] if constant is None else constant,
                            "rt_ms": 900.0 if constant is not None else rng.lognormal(8, 0.4),
                            "answered_at": "2026-11-23T10:00:00Z",
                        }
                    )
    items = [
        {"id": f"i{k}", "model": "gender", "face": f"f{k}", "target": "a"}
        | ({"x": float(k)} if levels else {})
        for k in range(questions)
    ]
    return build({"study": study(**more), "items": items}, rows, people, mode="test")


def whole(frames: Frames) -> tuple[Summary, str]:
    """All that leaves the analysis: charts, page and tables, in words and numbers."""
    summary = summarise(frames)
    drawn = []
    for drawing in report.charts(summary):
        drawing.chart.to_dict()
        assert drawing.words and drawing.caption and len(drawing.data)
        assert {"value", "low", "high", "participants", "method"} <= set(drawing.data)
        drawn.append(report.Figure.of(drawing, b"<svg/>"))
    page = report.page(summary, drawn, NOW)
    texts = [page]
    for one in tables.all_tables(summary):
        texts += [tables.latex(one), tables.markdown(one), *one.reading]
        assert one.reading
    return summary, "\n".join(texts)


WANTED = {
    "selection": {"selection_share", "interaction", "new_items", "tick_patterns"},
    "rating": {"rating_distribution", "cumulative_link", "friedman", "brunner_munzel"},
    "ranking": {"plackett_luce", "friedman"},
    "pairwise": {"bradley_terry", "selection_share"},
    "correctness": {"selection_share", "exact_binomial", "mafc_dprime", "psychometric_curve"},
}
DRAWN = {
    "selection": {"preference_expertise", "bars_expertise", "patterns", "questions"},
    "rating": {"ratings_expertise"},
    "ranking": {"times_expertise"},
    "pairwise": {"preference_expertise"},
    "correctness": {"preference_expertise", "questions", "psychometric"},
}


@pytest.mark.parametrize("scale", VALUES)
def test_each_scale_gets_the_statistics_that_suit_it(scale: str) -> None:
    frames = answered(scale, levels=scale == "correctness")
    asked = list(defaults.asks(frames))
    assert {ask.statistic for ask in asked} >= WANTED[scale] | {"response_time"}
    for ask in asked:
        assert scale in statistics.accepts(ask.statistic), ask.statistic
    summary, text = whole(frames)
    for result in summary.results:
        assert not result.problem, (result.id, result.problem)
    assert {drawing.name for drawing in report.charts(summary)} >= DRAWN[scale] | {"dropout"}
    assert summary.findings
    captions = " ".join(drawing.caption for drawing in report.charts(summary))
    if scale == "correctness":
        assert "was right most often" in summary.findings[0]
        assert "picked" not in captions + " ".join(summary.findings), "accuracy is no preference"
    assert "nan" not in re.findall(r"\w+", text)


def test_an_oddity_task_is_not_taken_for_a_forced_choice() -> None:
    frames = answered("correctness", blocks=[{"trial": "oddity", "alternatives": 3}])
    frames.responses["type"] = "oddity"
    found = {ask.statistic: ask.options for ask in defaults.asks(frames)}
    assert found["oddity_dprime"] == {"m": 3}
    assert found["exact_binomial"] == {"chance": pytest.approx(1 / 3)}
    assert "mafc_dprime" not in found


def test_different_kinds_of_questions_are_never_thrown_together() -> None:
    frames = answered("selection", "rating")
    summary, _ = whole(frames)
    shares = summary.result("selection_share", "expertise")
    assert shares is not None
    assert [e.answers for e in shares.of("all")] == [48, 48, 48]
    assert len(summary.of("rating_distribution")) == 1
    assert len({result.id for result in summary.results}) == len(summary.results)
    # Answers that a planned statistic does not understand are left out, or it says so.
    planned = plan.compute(frames, "tick_patterns")
    assert not planned.problem and planned.estimates[0].participants == 12
    mixed = plan.compute(frames, "any_difference")
    assert "does not mix answers on the scales rating and selection" in mixed.problem


def test_blocks_that_ask_otherwise_are_kept_apart_and_those_that_repeat_are_not() -> None:
    same = {"trial": "rating", "points": list("abcde")}
    for second, parts in (({**same, "items": 2}, 1), ({**same, "points": list("abcdefg")}, 2)):
        frames = answered("rating", blocks=[same, second])
        frames.responses["block"] = (frames.responses["position"] > 2).astype(int)
        found = [r for r in plan.exploratory(frames) if r.statistic == "rating_distribution"]
        assert len(found) == parts and len({r.id for r in found}) == parts
        ends = [len([e for e in r.of("all") if e.item.startswith("saliency = ")]) for r in found]
        assert ends == [5, 7][:parts]


def test_differences_of_ratings_are_no_percentage_points() -> None:
    frames = answered("rating", analysis=[{"id": "H1", "question": "Which is rated higher?",
                                           "statistic": "paired_difference"}])  # fmt: skip
    [result] = plan.planned(frames)
    first = result.estimates[0]
    told = readings.reading(frames, result)[0]
    assert f"rating difference of Saliency − Inversion is {first.value:.3g}" in told
    assert "points" not in told and "%" not in told
    assert tables.table(frames, result).lines[0][2] == f"{first.value:.3g}"


def test_the_ends_of_a_scale_come_from_its_block() -> None:
    frames = answered("rating", blocks=[{"trial": "rating", "points": list("abcdefg")}])
    found = plan.exploratory(frames)[0]
    names = [e.item for e in found.of("all") if e.item.startswith("saliency = ")]
    assert names == [f"saliency = {n}" for n in range(1, 8)], "nobody chose 6 or 7"


DEGENERATE: dict[str, dict[str, Any]] = {
    "one person": {"n": 1},
    "two people": {"n": 2},
    "unanimous": {"constant": 1.0},
    "none picked": {"constant": 0.0},
    "one option": {"options": ("saliency",)},
    "one question": {"questions": 1},
}


# Rarer mixtures cost seconds and show nothing new: everything for ticks, the worst for the rest.
WORST = ("one person", "unanimous", "one option")


@pytest.mark.parametrize(
    ("scale", "case"),
    [(s, c) for s in VALUES for c in DEGENERATE if s == "selection" or c in WORST],
)
def test_data_that_say_nothing_are_told_in_words(scale: str, case: str) -> None:
    frames = answered(scale, **DEGENERATE[case])
    summary, text = whole(frames)
    assert "Traceback" not in text
    assert not re.search(r"\bnan\b", text), re.findall(r".{80}\bnan\b.{40}", text)
    for result in summary.results:
        told = readings.reading(summary.frames, result)
        assert told and all(re.fullmatch(r"(?s)\S.*[.)]", sentence) for sentence in told), told
        for e in result.estimates:
            assert e.p is None or e.p != e.p or 0 < e.p <= 1


def test_no_answers_and_missing_values_are_said_before_anything_is_drawn() -> None:
    with pytest.raises(AnalysisError, match="no answers yet from"):
        summarise(answered("selection", n=0))
    with pytest.raises(AnalysisError, match="have no value"):
        answered("rating", constant=float("nan"))


def test_every_scale_has_defaults_or_is_text() -> None:
    covered = {scale for scale, _ in defaults.kinds(answered(*VALUES))}
    assert covered == set(Scale) - {Scale.WORD}
