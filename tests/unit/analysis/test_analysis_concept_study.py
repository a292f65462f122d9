"""A study about concepts from frozen items to the report: galleries, words, published figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis import statistics
from analysis.data.frames import Frames, build
from analysis.reports.report import page
from analysis.statistics import oddity_dprime
from analysis.summaries.summary import Summary, summarise
from analysis.words.choices import concepts_of, reduced

CONCEPTS = {"ace-1": 0.95, "ace-2": 0.8, "ace-3": 0.4, "dim-1": 0.6}
WORDS = {"ace-1": "Eyes eye eye mouth", "ace-2": "sofa couch nose nose"}
STUDY: dict[str, Any] = {
    "schema": 1,
    "id": "concepts",
    "title": "Which belongs?",
    "language": "en",
    "models": {"expression": {"use": "expression"}},
    "concepts": {"ace": {}, "dim": {}},
    "background": [
        {
            "id": "explainability",
            "ask": "How well do you know it?",
            "choices": {"never": "Never", "aware": "Aware", "user": "Used it"},
        }
    ],
    "segments": {"expertise": {"from": "explainability"}},
    "blocks": [
        {"trial": "intruder", "concepts": ["ace", "dim"], "items": 4, "name": "odd"},
        {"trial": "coherency", "concepts": ["ace", "dim"], "items": 4, "name": "rows"},
    ],
    "analysis": [
        {
            "id": "H1",
            "question": "Better than guessing?",
            "statistic": "exact_binomial",
            "chance": 0.1666667,
            "block": "odd",
        },
        {
            "id": "H2",
            "question": "Which concepts?",
            "statistic": "choice_accuracy",
            "by": "concept",
            "within": "expertise",
            "block": "odd",
        },
        {
            "id": "H3",
            "question": "One word?",
            "statistic": "word_agreement",
            "block": "rows",
        },
    ],
}


def digest(name: str) -> str:
    return name.encode().hex().ljust(64, "0")[:64]


def items() -> list[dict[str, Any]]:
    found = []
    for concept in CONCEPTS:
        about = {
            "about": "concept",
            "concept": concept,
            "family": concept.split("-")[0],
            "model": "expression",
            "layer": "dense2" if concept.startswith("ace") else "dense3",
            "target": "happy",
            "face": "",
            "role": "main",
        }
        intruder = [
            {"option": f"segment_{n}", "sha256": digest(f"{concept}.{n}")} for n in range(1, 6)
        ]
        intruder.append({"option": "intruder", "sha256": digest("other"), "concept": "x"})
        rows = [
            {"option": "concept", "sha256": digest(f"{concept}.row")},
            {"option": "random", "sha256": digest("random")},
        ]
        found += [
            {"id": f"intruder-{concept}", **about, "options": intruder},
            {"id": f"coherency-{concept}", **about, "options": rows},
        ]
    return found


def study(n: int = 24, seed: int = 3, spare: str = "") -> Frames:
    rng = np.random.default_rng(seed)
    people = [
        {
            "participant": f"p{who:02d}",
            "mode": "simulated",
            "state": "completed",
            "background": {"explainability": ("never", "aware", "user")[who % 3]},
        }
        for who in range(n)
    ]
    rows = []
    for who, person in enumerate(people):
        for place, item in enumerate(items()):
            kind, concept = item["id"].split("-", 1)
            names = [option["option"] for option in item["options"]]
            target = "intruder" if kind == "intruder" else "concept"
            right = rng.random() < CONCEPTS[concept]
            chosen = target if right else next(name for name in names if name != target)
            words = WORDS.get(concept, "hair beard face").split()
            for position, name in enumerate(names, start=1):
                rows.append(
                    {
                        "participant": person["participant"],
                        "trial": 100 * who + place,
                        "position": place + 1,
                        "block": int(kind == "coherency"),
                        "role": "main",
                        "type": kind,
                        "item": item["id"],
                        "option": name,
                        "option_position": position,
                        "scale": "selection",
                        "value": float(name == chosen),
                        "text": words[who % len(words)]
                        if kind == "coherency" and name == chosen
                        else None,
                        "correct": bool(right),
                        "rt_ms": 3000.0 + 100 * position,
                        "hidden_ms": 0.0,
                        "answered_at": "2026-11-23T10:00:00Z",
                    }
                )
    return build({"study": STUDY, "items": items()}, rows, people, mode="simulated", version="v")


@pytest.fixture(scope="module")
def summary() -> Summary:
    return summarise(study())


def test_each_answer_becomes_one_row_with_its_chance() -> None:
    whole = study()
    table = concepts_of(whole).main
    assert len(table) == 24 * 8
    chances = table.groupby("type", observed=True)["chance"].first().to_dict()
    assert chances == {"coherency": 0.5, "intruder": pytest.approx(1 / 6)}
    assert set(table["layer"]) == {"dense2", "dense3"}
    assert (table["value"] == table["correct"].astype(float)).all()
    again = reduced(reduced(whole))
    assert len(again.responses) == len(table)


def test_words_carry_their_group() -> None:
    table = concepts_of(study()).main
    eyes = table[(table["concept"] == "ace-1") & table["text"].notna()]
    assert set(eyes["word"]) == {"eye", "mouth"}


def test_planned_analyses_see_right_and_wrong(summary: Summary) -> None:
    first, second, third = summary.planned
    assert not first.problem and not second.problem and not third.problem
    assert first.estimates[0].answers == 24 * 4
    assert {e.segment for e in second.estimates} == {"all", "never", "aware", "user"}
    values = {e.item: e.value for e in second.of("all")}
    assert values["ace-1"] > values["ace-3"]
    assert 0 < third.estimates[0].value < 1


def test_nothing_explored_fails(summary: Summary) -> None:
    told = {r.id: r.problem for r in summary.exploratory if r.problem}
    assert told == {}
    asked = {(r.statistic, r.by) for r in summary.exploratory}
    assert {
        ("choice_accuracy", "layer"),
        ("choice_accuracy", "family"),
        ("oddity_dprime", "concept"),
        ("mafc_dprime", "layer"),
        ("krippendorff_alpha", "option"),
        ("word_agreement", "concept"),
    } <= asked
    assert ("selection_share", "option") not in asked  # no segment is preferred to another


def test_d_prime_of_the_intruder_knows_six_pictures(summary: Summary) -> None:
    result = next(
        r for r in summary.exploratory if r.statistic == "oddity_dprime" and r.by == "option"
    )
    d, share = result.of("all")[0], result.of("all")[1]
    assert oddity_dprime.correct(d.value, 6) == pytest.approx(share.value, abs=1e-6)


def test_the_gallery_is_ranked_with_the_very_segments(summary: Summary) -> None:
    intruder, coherency = summary.galleries
    assert (intruder.kind, coherency.kind) == ("intruder", "coherency")
    assert [one.rank for one in intruder.exhibits] == [1, 2, 3, 4]
    values = [one.accuracy.value for one in intruder.exhibits]
    assert values == sorted(values, reverse=True)
    assert intruder.exhibits[-1].concept == "ace-3"
    first = next(one for one in intruder.exhibits if one.concept == "ace-1")
    assert first.pictures == tuple(digest(f"ace-1.{n}") for n in range(1, 6))
    row = next(one for one in coherency.exhibits if one.concept == "ace-1")
    assert row.pictures == (digest("ace-1.row"),)
    assert row.words[0][0] == "eye"
    assert [g.segment for g in row.groups] == ["never", "aware", "user"]


def test_published_figures_stand_beside(summary: Summary) -> None:
    ace, craft = summary.published
    assert (ace.name, craft.name) == ("ace", "craft")
    assert {one.figure.kind for one in ace.figures} == {"intruder", "coherency"}
    assert all(one.estimate is not None for one in (*ace.figures, *craft.figures))
    assert all("reported" in one.figure.mark for one in ace.figures)
    lay = craft.figures[0].estimate
    assert lay is not None and lay.participants == 16


def test_published_groups_that_are_not_asked_are_said() -> None:
    whole = study()
    people = whole.participants.drop(columns=["explainability"])
    bare = Frames(whole.responses, people, {**STUDY, "segments": {}}, "simulated", "v", whole.items)
    from analysis.published import compared

    craft = compared(bare)[1]
    assert craft.figures[0].verdict == "the study does not ask explainability"


def test_the_page_shows_gallery_and_figures(summary: Summary) -> None:
    text = page(summary, [], summary_moment(), {digest("ace-1.1"): "data:image/png;base64,AAAA"})
    assert "data:image/png;base64,AAAA" in text
    assert "concepts, best recognised first" in text
    assert "as reported elsewhere" in text and "read in the paper" in text
    assert "eye (" in text
    assert "Which explanations help" not in text


def summary_moment() -> Any:
    from datetime import UTC, datetime

    return datetime(2026, 11, 23, tzinfo=UTC)


def test_one_person_and_unanimous_answers_still_give_a_report() -> None:
    for n in (1, 2):
        found = summarise(study(n=n))
        assert page(found, [], summary_moment())
        assert all(e.participants == n for e in found.of("choice_accuracy")[0].of("all"))


def test_corrections_of_the_researcher_reach_the_statistics() -> None:
    from dataclasses import replace

    whole = replace(study(), corrections={"mouth": "eye"})
    by = statistics.run("word_agreement", concepts_of(whole).main, by="concept", resamples=20)
    first = next(e for e in by if e.item == "ace-1" and e.quantity == "top_word_share")
    assert first.value == 1.0
