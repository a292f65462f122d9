"""Choose the row that belongs together, a concept's or a random one, and name it in one word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from random import Random
from typing import Annotated, Any

from pydantic import StringConstraints

from db.scale import Scale
from explainers.concept import Concept, Row
from study_app.study_file.phrases import Phrase, fixed
from study_app.trials import Checked, Invalid, Person, Trial, _concepts, _shown, _words, one_word

ABOUT = "concept"
SCALE = Scale.SELECTION
COLUMNS = {
    "value": "1: this row was chosen; 0: it was shown and not chosen",
    "correct": "whether the row of the concept was chosen",
    "option": "“concept” for four segments of the concept, “random” for four of the same class",
    "text": "the word for the chosen row, as it was written; never show it as HTML",
}
REFERENCE = (
    "A. Ghorbani, J. Wexler, J. Zou and B. Kim, Towards Automatic Concept-based Explanations "
    "(NeurIPS 2019), Section 4: four segments of a concept against four random ones of its class, "
    "then one word for the row"
)
CONCEPT, RANDOM = "concept", "random"
RIGHT = CONCEPT


class Parameters(_shown.Shown):
    """What a block may set for this trial type."""

    label: Phrase = fixed("row_word")
    """The words above the field for the word."""
    alt: Annotated[Phrase, StringConstraints(pattern=r"\{letter\}")] = fixed("row")
    """Read aloud in place of a row; it must not give the concept away."""


def offered(parameters: Parameters) -> tuple[str, ...]:
    """The row of the concept and the random one."""
    return CONCEPT, RANDOM


def design(n: int, rng: Random) -> list[tuple[int, ...]]:
    """The concept's row on top and below in turn."""
    first = (0, 1) if rng.random() < 0.5 else (1, 0)
    return [first, first[::-1]]


def items(
    concepts: Sequence[Concept], parameters: Parameters, rng: Random
) -> Iterator[tuple[Concept, list[dict[str, str]]]]:
    """The best row of each concept first; once each concept had its turn, the next ones.

    Each is compared with a row of the random control of the same finder, layer and class, another
    one each time where there are enough, without a segment of its own.
    """
    every, used = [], dict[str, int]()
    for concept, others in _concepts.kin(concepts):
        controls = [row for other in others if other.random for row in other.rows]
        every.append([(concept, row, rng.sample(controls, len(controls))) for row in concept.rows])
    for turn in zip_longest(*every):
        for question in turn:
            if question is not None:
                concept, row, controls = question
                able = [control for control in controls if not _common(row, control)]
                if able:
                    control = min(able, key=lambda one: used.get(one.sha256, 0))
                    used[control.sha256] = used.get(control.sha256, 0) + 1
                    yield (
                        concept,
                        [
                            {"option": CONCEPT, "sha256": row.sha256},
                            {"option": RANDOM, "sha256": control.sha256},
                        ],
                    )


def _common(row: Row, other: Row) -> bool:
    return not set(row.segments).isdisjoint(other.segments)


def view(trial: Trial) -> dict[str, Any]:
    """The two rows, and the field for the word."""
    label = trial.parameters.label
    return _concepts.view(trial, type="choose_row", label=label, most=one_word.MOST)


def rows(trial: Trial, answer: object) -> Checked:
    """1 for the chosen and 0 for the other row, and the word for the chosen one.

    Arguments:
        answer: ``{"chosen": [position], "word": "eyes"}``.

    Errors: Invalid unless one row is chosen and named with exactly one word.
    """
    found, position = _concepts.chosen_one(trial, answer, CONCEPT)
    if not isinstance(answer, dict):
        raise Invalid(_shown.UNREADABLE)
    word = _words.clean(answer.get("word"))
    one_word.check(word)
    return Checked(found.values, found.correct, {position: word})


def simulate(trial: Trial, person: Person) -> dict[str, Any]:
    """The concept's row with the person's own rate, see `study_app.trials._concepts`.

    The word is the same for most who see the concept's row, and any for the random one.
    """
    position = _concepts.simulated_choice(trial, person, CONCEPT)
    chosen = next(offer.option for offer in trial.options if offer.position == position)
    name = str(trial.item.get("concept", ""))
    usual = WORDS[sum(name.encode()) % len(WORDS)]
    agrees = chosen == CONCEPT and person.rng.random() < AGREEING
    return {"chosen": [position], "word": usual if agrees else person.rng.choice(WORDS)}


WORDS = ("eyes", "mouth", "nose", "hair", "skin", "cheek", "chin", "brow")
AGREEING = 0.6
"""How many simulated people find the usual word for a concept."""
