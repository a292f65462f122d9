"""Accuracy and words by hand: published examples, groups, and data that say nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, ttest_1samp

from analysis import statistics
from analysis.errors import AnalysisError
from analysis.intervals import wilson


def answers(values: list[list[float]], **more: object) -> pd.DataFrame:
    rows = [
        {"participant": who, "concept": f"c{what}", "value": value, **more}
        for who, row in enumerate(values)
        for what, value in enumerate(row)
    ]
    return pd.DataFrame(rows)


def test_accuracy_is_the_mean_of_people() -> None:
    [e] = statistics.run("choice_accuracy", answers([[1, 1, 0], [1, 0, 0], [1, 1, 1]]), chance=0.5)
    assert e.value == pytest.approx(6 / 9)
    assert e.low < e.value < e.high
    assert (e.participants, e.answers) == (3, 9)


def test_one_person_gets_the_exact_test() -> None:
    [e] = statistics.run("choice_accuracy", answers([[1] * 14 + [0]]), chance=1 / 6)
    exact = binomtest(14, 15, 1 / 6)
    assert e.p == pytest.approx(exact.pvalue)
    assert (e.low, e.high) == pytest.approx(tuple(exact.proportion_ci(0.95, "exact")))
    assert "says nothing about others" in e.note


def test_one_concept_rests_on_people() -> None:
    data = answers([[1], [1], [1], [0]])
    [e] = statistics.run("choice_accuracy", data, chance=0.5)
    low, high = wilson(3, 4)
    assert (e.low, e.high) == pytest.approx((float(low), float(high)))
    assert e.p == pytest.approx(binomtest(3, 4, 0.5).pvalue)


def test_unanimous_answers_claim_no_certainty() -> None:
    [e] = statistics.run("choice_accuracy", answers([[1.0] * 15] * 20), chance=0.5)
    assert e.value == 1 and e.high == 1 and 0.6 < e.low < 0.9
    assert "all answers are the same" in e.note


def test_chance_comes_with_the_answers() -> None:
    rng = np.random.default_rng(1)
    values = (rng.random((12, 10)) < 0.5).astype(float).tolist()
    sixth = statistics.run("choice_accuracy", answers(values, chance=1 / 6))[0]
    half = statistics.run("choice_accuracy", answers(values, chance=0.5))[0]
    assert sixth.p is not None and half.p is not None
    assert sixth.p < 0.001 < 0.05 < half.p
    assert (sixth.low, sixth.high) == (half.low, half.high)


def test_a_planned_chance_that_is_not_that_of_the_answers_is_told() -> None:
    five = answers([[1, 0, 1], [1, 1, 0]], chance=1 / 5)
    [e] = statistics.run("choice_accuracy", five, chance=0.1666667)
    assert "guessing was right in 0.2 of these answers, not in 0.167" in e.note
    [e] = statistics.run("choice_accuracy", five, chance=0.2)
    assert "guessing" not in e.note


def test_an_unknown_chance_is_asked_for() -> None:
    with pytest.raises(AnalysisError, match="how often guessing is right"):
        statistics.run("choice_accuracy", answers([[1, 0]]))
    with pytest.raises(AnalysisError, match="not between 0 and 1"):
        statistics.run("choice_accuracy", answers([[1, 0]]), chance=6)


def test_by_concept_p_values_are_adjusted() -> None:
    data = answers([[1, 0]] * 10)
    first, second = statistics.run("choice_accuracy", data, by="concept", chance=0.5)
    assert (first.item, second.item) == ("c0", "c1")
    assert first.p_single is not None
    assert first.p == pytest.approx(2 * first.p_single)


def test_groups_and_texts_from_a_csv() -> None:
    data = answers([[1, 0], [1, 1], [0, 0]]).astype(str)
    data["expertise"] = ["user"] * 4 + ["never"] * 2
    found = statistics.run("choice_accuracy", data, within="expertise", chance=0.5)
    assert [(e.segment, e.value) for e in found] == [("all", 0.5), ("user", 0.75), ("never", 0.0)]


@pytest.mark.parametrize("statistic", ["choice_accuracy", "word_agreement"])
def test_nothing_to_count_is_said(statistic: str) -> None:
    data = pd.DataFrame(
        {"participant": ["a", "b"], "concept": "c", "value": np.nan, "text": None, "chance": 0.5}
    )
    for e in statistics.run(statistic, data):
        assert np.isnan(e.value) and e.note in ("no answers", "no words")


def words(**concepts: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"participant": who, "concept": concept, "text": text}
            for concept, texts in concepts.items()
            for who, text in enumerate(texts)
        ]
    )


def test_shares_of_words_by_hand() -> None:
    data = words(
        one=["eye", "Eyes", "eye", "nose", "mouth"],  # 3/5, 4/5
        two=["couch", "sofa", "chair", "bed", "lamp"],  # 2/5, 3/5
    )
    top, two = statistics.run("word_agreement", data, resamples=200)
    assert (top.value, two.value) == pytest.approx((0.5, 0.7))
    assert top.low <= top.value <= top.high
    by = statistics.run("word_agreement", data, by="concept", resamples=200)
    assert by[0].value == pytest.approx(0.6) and by[0].note.startswith("eye (3)")


def test_words_about_a_wrong_choice_do_not_count() -> None:
    data = words(one=["eye", "eye", "lamp"]).assign(value=[1, 1, 0])
    assert statistics.run("word_agreement", data, resamples=50)[0].value == 1


def test_corrected_groups_are_taken_as_they_are() -> None:
    data = words(one=["eye", "mouth"]).assign(word=["part", "part"])
    assert statistics.run("word_agreement", data, resamples=50)[0].value == 1


def test_other_languages_are_not_asked_of_wordnet() -> None:
    data = words(one=["eye", "eyes", "eye"])
    assert statistics.run("word_agreement", data, resamples=50)[0].value == 1
    german = data.assign(language="de")
    assert statistics.run("word_agreement", german, resamples=50)[0].value == pytest.approx(2 / 3)


def test_unanimous_words_claim_no_certainty() -> None:
    [top, _] = statistics.run("word_agreement", words(a=["eye"] * 4, b=["nose"] * 4), resamples=50)
    assert top.value == 1 and top.low < 0.7 and "all agree" in top.note


def test_a_concept_named_by_one_person_is_left_out() -> None:
    data = words(a=["eye", "eye", "nose"], b=["hair"])
    [top, _] = statistics.run("word_agreement", data, resamples=50)
    assert top.value == pytest.approx(2 / 3) and "left out" in top.note


def test_guessing_is_asked_of_people_not_of_their_answers() -> None:
    """Half of the people know it all, half guess: answers of one person are no independent ones."""
    rng = np.random.default_rng(0)
    rates = np.repeat([0.55, 0.12], 4)
    right = (rng.random((8, 40)) < rates[:, None]).astype(float)
    data = pd.DataFrame({"participant": np.repeat(np.arange(8), 40), "value": right.ravel()})
    guessing = statistics.run("oddity_dprime", data, m=6)[1]
    assert guessing.p == ttest_1samp(right.mean(1), 1 / 6, alternative="greater").pvalue
    assert guessing.p > 10 * binomtest(int(right.sum()), 320, 1 / 6, "greater").pvalue
    alike = pd.DataFrame({"participant": [1, 1, 2, 2], "value": [1.0, 1.0, 1.0, 1.0]})
    guessing = statistics.run("oddity_dprime", alike, m=6)[1]
    assert guessing.p == (1 / 6) ** 2 and "one answer each" in guessing.note
    guessing = statistics.run("oddity_dprime", alike.head(2), m=6)[1]
    assert guessing.p == (1 / 6) ** 2 and "one participant" in guessing.note


def test_oddity_by_concept_and_expertise() -> None:
    data = answers([[1, 0], [1, 0], [1, 1], [0, 0]] * 5)
    data["expertise"] = np.repeat(["never", "user"], 20)
    found = statistics.run("oddity_dprime", data, by="concept", within="expertise", m=6)
    values = {(e.segment, e.item): e.value for e in found if e.quantity == "oddity_dprime"}
    assert len(values) == 6
    assert values["all", "c0"] > values["all", "c1"] > 0
    with pytest.raises(AnalysisError, match="3 to 12 pictures"):
        statistics.run("oddity_dprime", data, m=2)
