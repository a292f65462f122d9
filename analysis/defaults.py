"""What is explored in every study: the questions that suit the scales of its answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis import segments
from analysis.frames import Frames
from db.scale import Scale


@dataclass(frozen=True)
class Ask:
    """A request for one statistic.

    Arguments:
        statistic, by, within: see `analysis.statistics.run`.
        question: what is asked, in words.
        options: the statistic's own parameters.
        scale: only answers on this scale; all answers if None.
    """

    statistic: str
    by: str
    within: str | None
    question: str
    options: Mapping[str, Any] = field(default_factory=dict)
    scale: str | None = None


# Statistic -> question, for everybody and each group; {among} is ", by expertise" or nothing.
_AMONG: Mapping[Scale, Mapping[str, str]] = {
    Scale.SELECTION: {
        "selection_share": "How often is each explanation picked{among}?",
        "paired_difference": "Which explanation is picked more{among}?",
        "any_difference": "Do the explanations differ at all{among}?",
        "clustered_mcnemar": "Which pairs differ{among}?",
        "new_items": "What would hold for questions like these{among}?",
    },
    Scale.PAIRWISE: {
        "bradley_terry": "How do the explanations rank when compared in pairs{among}?",
        "selection_share": "How often is each explanation preferred{among}?",
    },
    Scale.RANKING: {
        "plackett_luce": "How do the explanations rank{among}?",
        "friedman": "Do the ranks differ, and which of them{among}?",
    },
    Scale.RATING: {
        "rating_distribution": "How is each explanation rated{among}?",
        "cumulative_link": "Which explanation is rated higher{among}?",
        "friedman": "Do the ratings differ, and which of them{among}?",
    },
    Scale.CORRECTNESS: {
        "selection_share": "How often are answers right{among}?",
        "any_difference": "Do the explanations differ in how often answers are right{among}?",
        "paired_difference": "With which explanation are more answers right{among}?",
    },
}
# Statistic -> question, for the groups compared with each other.
_BETWEEN: Mapping[Scale, Mapping[str, str]] = {
    Scale.SELECTION: {"interaction": "Do preferences depend on {name}?"},
    Scale.PAIRWISE: {},
    Scale.RANKING: {"brunner_munzel": "Do the groups rank differently, by {name}?"},
    Scale.RATING: {"brunner_munzel": "Do the groups rate differently, by {name}?"},
    Scale.CORRECTNESS: {"interaction": "Does what helps depend on {name}?"},
}
# Trial types in which the one that differs is sought, whose d' is that of the oddity task.
ODDITY = frozenset({"intruder", "oddity", "odd_one_out", "triangle"})


def asks(frames: Frames) -> Iterator[Ask]:
    """The questions for a study, in the order in which they are shown."""
    groupings: list[str | None] = [*frames.segments] or [None]
    for scale in scales(frames):
        for name in groupings:
            yield from _of_scale(frames, scale, name)
        if scale in (Scale.SELECTION, Scale.CORRECTNESS):
            yield from _of_shares(frames, scale)
        if scale is Scale.CORRECTNESS:
            yield from _against_guessing(frames)
    for name in groupings:
        among = f", by {name}" if name else ""
        yield Ask("response_time", "option", name, f"How long does an answer take{among}?")
    yield Ask("response_time", "option", "position", "Do answers get faster along the way?")
    if not frames.main.empty:
        question = "How do times differ, with people and questions apart?"
        yield Ask("response_time_model", "option", groupings[0], question)


def scales(frames: Frames) -> list[Scale]:
    """The scales of the main answers that have defaults, in the order of `Scale`."""
    there = set(frames.main["scale"].dropna().astype(str))
    return [scale for scale in _AMONG if scale.value in there or not there][: None if there else 1]


def _of_scale(frames: Frames, scale: Scale, name: str | None) -> Iterator[Ask]:
    among = f", by {name}" if name else ""
    for statistic, question in _AMONG[scale].items():
        yield Ask(statistic, "option", name, question.format(among=among), scale=scale)
    for statistic, question in _BETWEEN[scale].items() if name else ():
        yield Ask(statistic, "option", name, question.format(name=name), scale=scale)


def _of_shares(frames: Frames, scale: Scale) -> Iterator[Ask]:
    word = "picked" if scale is Scale.SELECTION else "right"
    question = "Does it depend on the network explained?"
    yield Ask("selection_share", "option", "model", question, scale=scale)
    question = f"How often is each explanation {word} in each single question?"
    yield Ask("selection_share", "option", "item", question, scale=scale)
    if scale is Scale.SELECTION:
        question = "Which explanations are ticked together?"
        yield Ask("tick_patterns", "option", None, question, scale=scale)
    for name in frames.segments:
        for over, title in other_questions(frames, name).items():
            question = f"Do the groups of {name} still differ when they are alike in: {title}"
            yield Ask("standardised_share", "option", name, question, {"over": over}, scale)


def other_questions(frames: Frames, name: str) -> dict[str, str]:
    """The background questions beside the one that a segment is made of: column -> text."""
    source = frames.study["segments"][name]["from"]
    asked = segments.columns({**frames.study, "segments": {}})
    return {column: title for column, (title, _) in asked.items() if column not in (source, name)}


def _against_guessing(frames: Frames) -> Iterator[Ask]:
    rows = frames.main[frames.main["scale"] == Scale.CORRECTNESS]
    kinds = set(rows["type"].dropna().astype(str))
    m = alternatives(frames)
    question = "Are answers right more often than by guessing?"
    yield Ask("exact_binomial", "option", None, question, {"chance": 1 / m}, Scale.CORRECTNESS)
    question = "How well can people tell (d′)?"
    if kinds and kinds <= ODDITY:
        yield Ask("oddity_dprime", "option", None, question, {"m": m}, Scale.CORRECTNESS)
    else:
        yield Ask("mafc_dprime", "option", None, question, {"m": m}, Scale.CORRECTNESS)
    if "x" in rows and rows["x"].notna().any():
        question = "From which level on are answers right?"
        given = {"guess": 1 / m}
        yield Ask("psychometric_curve", "option", None, question, given, Scale.CORRECTNESS)
        question = "How often are answers right at each level?"
        yield Ask("selection_share", "option", "x", question, scale=Scale.CORRECTNESS)


def alternatives(frames: Frames) -> int:
    """Among how many the right one was sought: ``alternatives`` of the study's blocks, or two.

    An oddity task has three (triangle test) unless its block says otherwise.
    """
    blocks = [block for block in frames.study.get("blocks") or [] if isinstance(block, Mapping)]
    told = [int(block["alternatives"]) for block in blocks if block.get("alternatives")]
    if told:
        return max(2, min(told))
    kinds = {str(block.get("trial")) for block in blocks} | set(
        frames.main["type"].dropna().astype(str)
    )
    return 3 if kinds & ODDITY else 2
