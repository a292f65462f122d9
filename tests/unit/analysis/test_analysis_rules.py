"""Rules of quality: whom each concerns, what is set aside and what is only marked."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import rules
from analysis.data import exclusions
from analysis.data.exclusions import Exclusion
from analysis.data.frames import Frames
from analysis.rules import from_sums
from analysis.rules.straight_line import same_places


def with_rules(frames: Frames, **quality: object) -> Frames:
    return Frames(
        frames.responses.copy(), frames.participants.copy(), {**frames.study, "quality": quality},
        frames.mode, frames.version,
    )  # fmt: skip


def found(frames: Frames) -> dict[str, Exclusion]:
    return {rule.rule: rule for rule in exclusions.find(frames)}


def nth_trial(frames: Frames, person: str, n: int) -> int:
    answers = frames.responses  # `main` is read once, and must not be before the changes
    mine = answers[(answers["participant"] == person) & (answers["role"] == "main")]
    return int(sorted(mine["trial"].unique())[n])


def set_trial(frames: Frames, trial: int, **values: object) -> None:
    for name, value in values.items():
        frames.responses.loc[frames.responses["trial"] == trial, name] = value


def test_every_file_is_a_rule_that_says_what_it_is() -> None:
    files = {path.stem for path in Path(rules.__file__).parent.glob("[a-z]*.py")}
    assert set(rules.names()) == files and {"min_ms", "straight_line", "min_width"} <= files
    for name in rules.names():
        rule = rules.load(name)
        assert rule.__doc__ and rule.ABOUT.endswith(".") and rule.find.__doc__, name


def test_slow_and_hidden_answers_are_set_aside_one_by_one(simulated) -> None:
    frames = with_rules(simulated(n=12), max_ms=60_000, hidden_ms=5_000)
    frames.responses["rt_ms"] = 4000.0
    slow, hidden = nth_trial(frames, "p3", 0), nth_trial(frames, "p4", 2)
    set_trial(frames, slow, rt_ms=60_001.0)
    set_trial(frames, nth_trial(frames, "p3", 1), rt_ms=60_000.0)
    set_trial(frames, hidden, hidden_ms=5_000.5)
    concerned = found(frames)
    assert concerned["slow_answers"].trials == (slow,)
    assert concerned["hidden_answers"].trials == (hidden,)
    kept = exclusions.apply(frames, list(concerned.values()))
    assert len(kept.participants) == 12
    assert set(frames.main["trial"]) - set(kept.main["trial"]) == {slow, hidden}


def test_too_few_answers_are_counted_after_single_ones_were_set_aside(simulated) -> None:
    frames = with_rules(simulated(n=10, unfinished=1), max_ms=60_000, min_trials=7)
    frames.responses["rt_ms"] = 4000.0
    for n in range(2):
        set_trial(frames, nth_trial(frames, "p5", n), rt_ms=1e6)
    set_trial(frames, nth_trial(frames, "p6", 0), rt_ms=1e6)
    concerned = found(frames)
    assert concerned["few_answers"].participants == ("p5",)
    assert concerned["incomplete"].participants == ("p0",)


def test_whole_time_has_two_limits_and_the_unfinished_have_none(simulated) -> None:
    frames = with_rules(simulated(n=8, unfinished=1), total_minutes=[2, 20])
    people = frames.participants
    begun = people["started_at"]
    for person, minutes in (("p2", 1.9), ("p3", 2.0), ("p4", 20.0), ("p5", 20.1)):
        mine = people["participant"] == person
        people.loc[mine, "completed_at"] = begun[mine] + pd.Timedelta(minutes=minutes)
    concerned = found(frames)
    assert concerned["too_short"].participants == ("p2",)
    assert concerned["too_long"].participants == ("p5",)


def test_narrow_windows_are_known_ones(simulated) -> None:
    frames = with_rules(simulated(n=4), min_width=800)
    assert found(frames)["narrow_window"].participants == ()
    frames.participants["viewport_width"] = [799, 800, None, 1600]
    assert found(frames)["narrow_window"].participants == ("p0",)


def test_same_places_by_hand() -> None:
    def rows(person, block, answers):
        return [
            {"participant": person, "block": block, "trial": f"{person}{block}{n}",
             "option_position": place, "value": value}
            for n, answer in enumerate(answers) for place, value in enumerate(answer)
        ]  # fmt: skip

    table = pd.DataFrame(
        rows("a", 0, ["100", "100", "100", "010"])
        + rows("a", 1, ["33", "33", "33", "33"])
        + rows("b", 0, ["100", "010", "001", "110"])
        + rows("c", 0, ["100", "100", "100"])  # too few
        + rows("d", 0, ["100", "100", "100", "100"])
        + rows("d", 1, ["100", "010", "001"])
    ).sample(frac=1, random_state=1)
    table["value"] = pd.to_numeric(table["value"])
    shares = same_places(table)
    assert shares.to_dict() == {"a": 7 / 8, "b": 1 / 4, "d": 1.0}
    texts = table.assign(value=np.nan)
    assert same_places(texts).empty


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_straight_liners_are_found_and_honest_people_are_not(simulated, seed) -> None:
    frames = with_rules(simulated(n=60, seed=seed), straight_line=0.9)
    planted = [f"p{n}" for n in range(0, 60, 6)]
    for n, person in enumerate(planted):  # always the first, all but the last, always the same
        mine = frames.responses["participant"] == person
        place = frames.responses.loc[mine, "option_position"]
        frames.responses.loc[mine, "value"] = (place <= 1 + n % 2).astype(float)
    concerned = found(frames)["straight_line"]
    assert set(concerned.participants) >= set(planted)
    honest = set(concerned.participants) - set(planted)
    # Who ticks nothing at all, or everything, cannot be told from somebody who does not look.
    ticks = frames.main.pivot_table(index=["participant", "trial"], values="value", aggfunc="mean")
    for person in honest:
        assert ticks.loc[person, "value"].isin([0.0, 1.0]).mean() >= 0.9
    assert len(honest) <= 2


def test_what_is_only_marked_stays_in_the_results(simulated) -> None:
    frames = simulated(n=20, inattentive=4)
    strict = with_rules(frames, attention=1)
    marking = with_rules(frames, attention=1, marks_only=["attention"])
    assert exclusions.left_out(exclusions.find(strict)) == 4
    rule = found(marking)["attention"]
    assert rule.marks_only and rule.description.endswith("; marked only")
    assert rule.participants == found(strict)["attention"].participants
    assert exclusions.left_out([rule]) == 0
    assert len(exclusions.apply(marking, [rule]).participants) == 20


def test_studies_whose_rules_need_single_answers_are_read_answer_by_answer() -> None:
    assert from_sums({"quality": {"min_ms": 300, "attention": 1, "max_ms": 0}})
    assert not from_sums({"quality": {"min_ms": 300, "straight_line": 0.9}})
