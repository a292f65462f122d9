"""Trial types: one file is one way of asking, found by itself.

A trial type is a module with these names:

    SCALE       `db.scale.Scale`: what its values are
    COLUMNS     column → documentation: what it writes into the data
    REFERENCE   where the way of asking was published
    Parameters  pydantic model of the parameters that a block may set beside the common ones
                (trial, name, role, items, prompt, options, concepts, order, attention, show_if,
                practice)
    view        (trial: Trial) → dict: plain data for the browser, see below
    rows        (trial: Trial, answer: object) → Checked: values or texts by position;
                raises Invalid with words for the participant. The browser is not trusted:
                answer is anything.
    simulate    (trial: Trial, person: Person) → dict: an answer as the browser sends it

and, where the common rules do not fit (see `study_app.orders.offering`):

    LEAST       how many explanations a block must offer; 1 unless named
    RIGHT       the option that is right, where one always is: `rows` then says ``correct``, and
                after practice it is shown
    CHECKABLE   True if an attention check can ask for a certain explanation
    design      (n, rng: Random) → sequence of orders, each a tuple of indices below n, taken in
                turn; an order may leave options out. A shuffled Williams design unless named.
    asked       (parameters) → names of what is answered beside the explanations, such as
                statements; they follow the explanations in ``trial.options``

A trial type that asks about concepts instead of predictions (see `questions.concept_items`) has

    ABOUT       "concept"
    offered     (parameters) → names of what each of its questions offers
    items       (concepts, parameters, rng: Random) → (concept, options) of each question that can
                be asked about them, the best first; options as in a frozen item: option, sha256

The browser draws every trial with one component. ``view`` gives it:

    {"question": str, "prompt": str, "picture": {"sha256": str, "alt": str},
     "control": {"type": "choose", "min": 1, "max": 3, "none": "None of them helps",
                 "options": [{"position": 1, "letter": "A", "sha256": str, "alt": str}, …]}}

and what it sends for a trial is

    {"answer": {"chosen": [1, 3], "none": false},      the control's own value
     "rt_ms": 5210.4, "hidden_ms": 0.0, "onset": 1790000000000, "events": [[ms, what, value], …]}

A control is one file in `study_app/screens/component/controls/`; a trial type picks one:
`choose` (one or some of the pictures), `arrange` (order them), `rate` (labelled points), `slide`
(a number), `write` (texts). What each of them is given and sends stands at its head.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

from pydantic import BaseModel

from db.records import Offer
from db.scale import Scale
from explainers import catalog
from explainers.problems import Problems, suggest
from study_app import wording

_FOLDER = Path(__file__).parent


class Invalid(ValueError):
    """An answer that this trial cannot have been given.

    Arguments:
        key: of words for the participant in `study_app.wording`; your own trial type may give
            the words themselves.
        values: what is filled in, by the names of the placeholders.

    Example:
        >>> str(Invalid("choose_most", most=2)), str(Invalid("Please choose two."))
        ('Please tick at most 2.', 'Please choose two.')
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values

    def said(self, words: Mapping[str, str]) -> str:
        """The words for a participant, out of those of their language."""
        return words[self.key].format(**self.values) if self.key in words else self.key

    def __str__(self) -> str:
        return self.said(wording.words(wording.DEFAULT))


@dataclass(frozen=True)
class Trial:
    """One trial as its type sees it.

    Arguments:
        item: what is asked about, from the frozen version.
        prompt: what to do.
        parameters: the validated parameters of the block.
        options: what is offered, in order of display.
        expected: the positions that an attention check asks for, and no other; else None.
    """

    item: Mapping[str, Any]
    prompt: str
    parameters: Any
    options: tuple[Offer, ...]
    expected: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Checked:
    """A valid answer.

    Arguments:
        values: displayed position → value.
        correct: whether it is right, where that is known.
        texts: displayed position → what was written; plain text, never HTML.
    """

    values: Mapping[int, float]
    correct: bool | None = None
    texts: Mapping[int, str] = field(default_factory=dict)


@dataclass
class Person:
    """A simulated participant.

    Arguments:
        rates: for each option how often this person picks it.
        attentive: probability of passing an attention check.
        rng: this person's source of chance.
    """

    rates: Mapping[str, float]
    attentive: float = 1.0
    rng: random.Random = field(default_factory=random.Random)


class TrialType(Protocol):
    """What a module of this folder provides."""

    SCALE: Scale
    COLUMNS: Mapping[str, str]
    REFERENCE: str
    Parameters: type[BaseModel]
    view: Callable[[Trial], dict[str, Any]]
    rows: Callable[[Trial, object], Checked]
    simulate: Callable[[Trial, Person], dict[str, Any]]


def names() -> tuple[str, ...]:
    """The trial types that there are."""
    return catalog.names(_FOLDER)


@cache
def load(name: str) -> TrialType:
    """The trial type called ``name``, or the user's own module by import path.

    Errors: Problems with the nearest known name.
    """
    if catalog.is_import_path(name):
        return cast(TrialType, catalog.load(name))
    for entry in catalog.entries(_FOLDER):
        if entry.name == name:
            return cast(TrialType, entry.load())
    fix = suggest(name, names(), "`whyface list trials` shows all.")
    raise Problems.one("trial", f"unknown trial type '{name}'", fix)


def right_positions(name: str, trial: Trial) -> tuple[int, ...]:
    """Where the right answer of a trial stands; nowhere if nothing is right or wrong.

    Arguments:
        name: the trial type.
        trial: one that may be an attention check.
    """
    if trial.expected is not None:
        return trial.expected
    right = rule(name, "RIGHT")
    return tuple(offer.position for offer in trial.options if offer.option == right)


def about_concepts(name: str) -> bool:
    """Whether a trial type asks about concepts, not about a network's predictions."""
    return rule(name, "ABOUT") == "concept"


def rule(name: str, part: str) -> Any:
    """One of the names that a trial type may have; None if it keeps to the common rule."""
    return getattr(load(name), part, None)
