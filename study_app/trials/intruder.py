"""Find the picture that does not belong: segments of one concept and one of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from random import Random
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from db.scale import Scale
from explainers.concept import Concept, Segment, varied
from study_app.study_file.phrases import Phrase, fixed
from study_app.trials import Checked, Person, Trial, _concepts, _shown

ABOUT = "concept"
SCALE = Scale.SELECTION
COLUMNS = {
    "value": "1: this picture was chosen; 0: it was shown and not chosen",
    "correct": "whether the intruder was chosen",
    "option": "“intruder” for the segment of another concept, segment_1 … for those of the concept",
}
REFERENCE = (
    "A. Ghorbani, J. Wexler, J. Zou and B. Kim, Towards Automatic Concept-based Explanations "
    "(NeurIPS 2019), Section 4: five segments of a concept and one of another; T. Fel et al., "
    "CRAFT (CVPR 2023), with five pictures in all; the task: J. Chang et al., Reading Tea Leaves "
    "(NeurIPS 2009)"
)
INTRUDER = RIGHT = "intruder"


class Parameters(_shown.Shown):
    """What a block may set for this trial type."""

    alternatives: Annotated[int, Field(ge=3, le=12)] = 6
    """How many pictures are shown, the intruder among them; guessing is right in 1 of so many."""
    alt: Annotated[Phrase, StringConstraints(pattern=r"\{letter\}")] = fixed("segment")
    """Read aloud in place of a picture; it must not give the concept away."""


def offered(parameters: Parameters) -> tuple[str, ...]:
    """The segments of the concept, and last the intruder."""
    return (*(f"segment_{n}" for n in range(1, parameters.alternatives)), INTRUDER)


def design(n: int, rng: Random) -> list[tuple[int, ...]]:
    """Orders in which the intruder, the last of ``n``, stands at each place in turn.

    Any n in a row have the intruder once at each place; the others stand as chance puts them.
    """
    places = rng.sample(range(n), n)
    orders = []
    for _ in range(n):
        for place in places:
            order = rng.sample(range(n - 1), n - 1)
            order.insert(place, n - 1)
            orders.append(tuple(order))
    return orders


def items(
    concepts: Sequence[Concept], parameters: Parameters, rng: Random
) -> Iterator[tuple[Concept, list[dict[str, str]]]]:
    """The best segments of each concept first; once each concept had its turn, the next ones.

    The segments are of different faces where there are enough. The intruder is one of the best
    segments of another concept of the same finder, layer and class, and does not show a place that
    is shown already.
    """
    every = [
        list(_of_one(concept, others, parameters, rng))
        for concept, others in _concepts.kin(concepts)
    ]
    for turn in zip_longest(*every):
        yield from (question for question in turn if question is not None)


def _of_one(
    concept: Concept, others: Sequence[Concept], parameters: Parameters, rng: Random
) -> Iterator[tuple[Concept, list[dict[str, str]]]]:
    many = parameters.alternatives - 1
    segments = varied(concept.segments)
    strangers = [other for other in others if not other.random and other.segments]
    for start in range(0, len(segments) - many + 1, many):
        shown = segments[start : start + many]
        found = _stranger(shown, strangers, many, rng)
        if found is None:
            return
        of, stranger = found
        options = [
            {"option": f"segment_{n}", "sha256": segment.sha256}
            for n, segment in enumerate(shown, start=1)
        ]
        intruder = {"option": INTRUDER, "sha256": stranger.sha256, "concept": of.id}
        yield concept, [*options, intruder]


def _stranger(
    shown: Sequence[Segment], strangers: Sequence[Concept], best: int, rng: Random
) -> tuple[Concept, Segment] | None:
    """A segment from the best of another concept, each concept as likely."""
    for other in rng.sample(strangers, len(strangers)):
        able = [
            segment
            for segment in varied(other.segments)[:best]
            if not any(_concepts.overlap(segment, one) for one in shown)
        ]
        if able:
            return other, rng.choice(able)
    return None


def view(trial: Trial) -> dict[str, Any]:
    """The pictures, of which one is chosen."""
    columns = -(-len(trial.options) // 2)
    return _concepts.view(
        trial, type="choose", single=True, min=1, max=1, none=None, columns=min(columns, 4)
    )


def rows(trial: Trial, answer: object) -> Checked:
    """1 for the chosen and 0 for each other picture; right if it is the intruder.

    Arguments:
        answer: ``{"chosen": [position], "none": False}``.

    Errors: Invalid for anything else.
    """
    return _concepts.chosen_one(trial, answer, INTRUDER)[0]


def simulate(trial: Trial, person: Person) -> dict[str, Any]:
    """The intruder with the person's own rate, see `study_app.trials._concepts`."""
    return {"chosen": [_concepts.simulated_choice(trial, person, INTRUDER)], "none": False}
