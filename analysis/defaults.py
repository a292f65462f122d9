"""What is explored in every study: the questions that suit the scales of its answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from analysis.data import segments
from analysis.data.frames import Frames
from analysis.words.choices import CHOSEN, about_concepts
from db.scale import Scale


@dataclass(frozen=True)
class Ask:
    """A request for one statistic.

    Arguments:
        statistic, by, within: see `analysis.statistics.run`.
        question: what is asked, in words.
        options: the statistic's own parameters.
        about: the answers that are meant: all main answers, or those of one kind of question.
    """

    statistic: str
    by: str
    within: str | None
    question: str
    about: Frames
    options: Mapping[str, Any] = field(default_factory=dict)


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
    for scale, part in kinds(frames):
        if about_concepts(part.main).all() and not part.main.empty:
            yield from _of_concepts(part, groupings)
            continue
        for name in groupings:
            yield from _of_scale(part, scale, name)
        if scale in (Scale.SELECTION, Scale.CORRECTNESS):
            yield from _of_shares(part, scale)
        if scale is Scale.CORRECTNESS:
            yield from _against_guessing(part)
    yield from _of_words(frames, groupings)
    for name in groupings:
        among = f", by {name}" if name else ""
        yield Ask("response_time", "option", name, f"How long does an answer take{among}?", frames)
    question = "Do answers get faster along the way?"
    yield Ask("response_time", "option", "position", question, frames)
    question = "How do times differ, with people and questions apart?"
    yield Ask("response_time_model", "option", groupings[0], question, frames)


# What a block may say without asking something else.
_SAME = {"name", "items", "attention", "order", "role", "show_if", "concepts"}


def kinds(frames: Frames) -> list[tuple[Scale, Frames]]:
    """The main answers by scale and by what was asked: other questions are not thrown together.

    Blocks of one trial type with the same parameters ask the same.

    Returns:
        for each the scale and the frames with these answers only, in the order of `Scale`; scales
        without defaults (words) are left out.
    """
    main = frames.main
    if main.empty:
        return [(Scale.SELECTION, frames)]
    keys = main["scale"].astype(str)
    if "type" in main:
        keys = keys + " " + main["type"].astype(str)
    if "block" in main:
        asked = [
            repr({key: value for key, value in block.items() if key not in _SAME})
            for block in _blocks(frames)
        ]
        known = {n: f" {text}" for n, text in enumerate(asked)}
        keys = keys + main["block"].map(known).astype(object).fillna("")
    names = list(dict.fromkeys(keys))
    found = []
    for scale in _AMONG:
        for name in names:
            if name.partition(" ")[0] == scale.value:
                part = frames if len(names) == 1 else replace(frames, responses=main[keys == name])
                found.append((scale, part))
    return found


def _of_concepts(frames: Frames, groupings: Sequence[str | None]) -> Iterator[Ask]:
    """Answers about concepts of one kind of test; one row each (`analysis.words.choices`)."""
    main = frames.main
    m = round(1 / float(main["chance"].astype(float).mean()))
    dprime = "oddity_dprime" if _oddity(frames) else "mafc_dprime"
    for name in groupings:
        among = f", by {name}" if name else ""
        question = f"How often are concepts like these recognised{among}?"
        yield Ask("choice_accuracy", "option", name, question, frames)
        yield Ask(
            dprime, "option", name, f"How well can people tell (d′){among}?", frames, {"m": m}
        )
        if main["word"].notna().any():
            question = f"Do people find the same word for a concept{among}?"
            yield Ask("word_agreement", "option", name, question, frames)
    for by in ("concept", "layer", "family"):
        if main[by].nunique() > 1:
            question = f"Which are recognised, by {by}?"
            yield Ask("choice_accuracy", by, groupings[0], question, frames)
            yield Ask(
                dprime, by, None, f"How well can people tell (d′), by {by}?", frames, {"m": m}
            )
            if main["word"].notna().any():
                question = f"Do people find the same word, by {by}?"
                yield Ask("word_agreement", by, None, question, frames)
    chosen = replace(frames, responses=main.assign(value=main[CHOSEN]))
    question = "Do people choose the same?"
    yield Ask("krippendorff_alpha", "option", groupings[0], question, chosen)


def _of_words(frames: Frames, groupings: Sequence[str | None]) -> Iterator[Ask]:
    """Single words for concepts, where nothing was to be recognised beside."""
    main = frames.main
    if CHOSEN not in main:
        return
    mine = main["scale"].eq(Scale.WORD) & main["word"].notna() & main["type"].ne("free_text")
    if not mine.any():
        return
    part = replace(frames, responses=main[mine])
    for name in groupings:
        among = f", by {name}" if name else ""
        question = f"Do people find the same word for a concept{among}?"
        yield Ask("word_agreement", "option", name, question, part)
    for by in ("concept", "layer", "family"):
        if part.main[by].nunique() > 1:
            question = f"Do people find the same word, by {by}?"
            yield Ask("word_agreement", by, None, question, part)


def _of_scale(frames: Frames, scale: Scale, name: str | None) -> Iterator[Ask]:
    among = f", by {name}" if name else ""
    for statistic, question in _AMONG[scale].items():
        given = _given(frames, statistic)
        yield Ask(statistic, "option", name, question.format(among=among), frames, given)
    for statistic, question in _BETWEEN[scale].items() if name else ():
        yield Ask(statistic, "option", name, question.format(name=name), frames)


def _given(frames: Frames, statistic: str) -> dict[str, Any]:
    """Answers of one person resemble each other; the ends of a scale stand in its block."""
    if statistic in ("bradley_terry", "plackett_luce"):
        return {"errors": "participants"}
    if statistic == "rating_distribution":
        return dict(zip(("low", "high"), _ends(frames), strict=False))
    return {}


def _ends(frames: Frames) -> tuple[float, ...]:
    main = frames.main
    kinds = set(main["type"].dropna().astype(str)) if "type" in main else set()
    numbers = set(main["block"].dropna()) if "block" in main else set()
    for number, block in enumerate(_blocks(frames)):
        if str(block.get("trial")) in kinds and (number in numbers or not numbers):
            if points := block.get("points"):
                return (1.0, float(len(points)))
            if steps := block.get("steps"):
                return (0.0, float(steps))
    return ()


def _blocks(frames: Frames) -> list[Mapping[str, Any]]:
    return [block for block in frames.study.get("blocks") or [] if isinstance(block, Mapping)]


def _of_shares(frames: Frames, scale: Scale) -> Iterator[Ask]:
    word = "picked" if scale is Scale.SELECTION else "right"
    question = "Does it depend on the network explained?"
    yield Ask("selection_share", "option", "model", question, frames)
    question = f"How often is each explanation {word} in each single question?"
    yield Ask("selection_share", "option", "item", question, frames)
    if scale is Scale.SELECTION:
        question = "Which explanations are ticked together?"
        yield Ask("tick_patterns", "option", None, question, frames)
    for name in frames.segments:
        for over, title in other_questions(frames, name).items():
            question = f"Do the groups of {name} still differ when they are alike in: {title}"
            yield Ask("standardised_share", "option", name, question, frames, {"over": over})


def other_questions(frames: Frames, name: str) -> dict[str, str]:
    """The background questions beside the one that a segment is made of: column -> text."""
    source = frames.study["segments"][name]["from"]
    asked = segments.columns({**frames.study, "segments": {}})
    return {column: title for column, (title, _) in asked.items() if column not in (source, name)}


def _against_guessing(frames: Frames) -> Iterator[Ask]:
    main, m = frames.main, alternatives(frames)
    question = "Are answers right more often than by guessing?"
    yield Ask("exact_binomial", "option", None, question, frames, {"chance": 1 / m})
    question = "How well can people tell (d′)?"
    statistic = "oddity_dprime" if _oddity(frames) else "mafc_dprime"
    yield Ask(statistic, "option", None, question, frames, {"m": m})
    if "x" in main and main["x"].notna().any():
        question = "From which level on are answers right?"
        given = {"guess": 1 / m}
        yield Ask("psychometric_curve", "option", None, question, frames, given)
        question = "How often are answers right at each level?"
        yield Ask("selection_share", "option", "x", question, frames)


def _oddity(frames: Frames) -> bool:
    kinds = set(frames.main["type"].dropna().astype(str)) if "type" in frames.main else set()
    return bool(kinds) and kinds <= ODDITY


def alternatives(frames: Frames) -> int:
    """Among how many the right one was sought: ``alternatives`` of the study's blocks.

    Without any: three for an oddity task (triangle test), else two.
    """
    told = [int(block["alternatives"]) for block in _blocks(frames) if block.get("alternatives")]
    return max(2, min(told)) if told else 3 if _oddity(frames) else 2
