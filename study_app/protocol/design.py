"""What each participant is asked, in which order, and how well that is balanced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from explainers import catalog
from study_app import trials
from study_app.frozen import Frozen
from study_app.orders import arms, offering
from study_app.protocol import concepts
from study_app.protocol.markdown import count, plain, table

_ORDERS = {
    "williams": "in the orders of a Williams design, taken in turn, so that each stands in each "
    "place equally often and follows each other one equally often",
    "latin_square": "in the orders of a Latin square, taken in turn, so that each stands in each "
    "place equally often",
    "random": "in a new random order in each question",
    "fixed": "always in this order",
}
_LOOKED_AT = 48  # participants whose planned questions are counted


def conditional(study: Frozen) -> bool:
    """Whether some blocks are only for some participants."""
    return any(block.get("show_if") for block in study.blocks)


def blocks(study: Frozen) -> Iterator[str]:
    """A paragraph for each block, as the study file orders them; then what they have in common."""
    for number, block in enumerate(study.blocks, start=1):
        yield from _block(number, block)
        yield ""
    yield from _arms(study)
    spread = (
        "no concept comes again before nearly all came"
        if all(concepts.about(block) for block in study.blocks)
        else "no network is asked about more than twice in a row where that is possible"
    )
    yield (
        "Practice comes first. Each participant meets the questions of a block in an order of "
        f"their own, in which {spread}; attention checks, if any, stand at random places, not "
        "first and not last. All orders follow from the seed "
        f"{plain(study.study['seed'])} and the participant's number, and "
        "what was really shown is stored with each answer."
    )
    yield ""
    yield from _balance(study)


def _arms(study: Frozen) -> Iterator[str]:
    if not study.study.get("arms"):
        return
    yield "### Arms"
    yield ""
    yield (
        "Each participant is in one arm: the one in which the fewest have finished or are under "
        "way, by chance where several are equal. Arms differ in this alone:"
    )
    yield ""
    for name, arm in study.study["arms"].items():
        options = [plain(option) for option in arm.get("options") or ()]
        what = [f"offered: {', '.join(options)}"] if options else []
        what += [_ORDERS[arm["order"]]] if arm.get("order") else []
        yield f"- **{plain(name)}:** {'; '.join(what) or 'as above'}"
    yield ""


def _block(number: int, block: Mapping[str, Any]) -> Iterator[str]:
    kind, role = str(block["trial"]), str(block.get("role", "main"))
    what = "practice, never analysed" if role == "practice" else "counts"
    yield f"### Block {number}: {plain(kind)} ({what})"
    yield ""
    checks = block.get("attention", 0)
    more = f" and {count(checks, 'attention check')}" if checks else ""
    yield f"- **Task:** {plain(_about(kind))}"
    yield f"- **Each participant gets:** {count(block['items'], 'question')}{more}"
    yield f"- **Read with each question:** “{plain(block['prompt'])}”"
    if block.get("concepts"):
        about = ", ".join(plain(name) for name in block["concepts"])
        yield f"- **About the concepts:** {about}"
        yield f"- **Offered:** {concepts.offered(block)}"
    options = [plain(name) for name in block.get("options", ())]
    if options:
        own = trials.rule(kind, "design") is not None
        order = (
            "in a balanced design of this task, taken in turn"
            if own
            else _ORDERS.get(block.get("order", "williams"), plain(block.get("order")))
        )
        yield f"- **Offered:** {', '.join(options)}{'; ' + order if len(options) > 1 else ''}"
    if (repeat := block.get("repeat")) is not None:
        each = "explanation, shown alone" if repeat["for"] == "options" else "network"
        yield (
            f"- **Repeated:** once for each {each}, in orders of the kind "
            f"{plain(repeat['order'])}, with {plain(repeat['items'])} questions in each part"
        )
    if (gate := block.get("practice")) is not None:
        yield f"- **Passed with:** {_gate(gate)}"
    if block.get("show_if"):
        yield f"- **Only for participants with:** {plain(block['show_if'])}"
    said = {*offering.COMMON, *(concepts.SAID_OTHERWISE if concepts.about(block) else ())}
    own_parameters = {k: v for k, v in block.items() if k not in said}
    for name, value in own_parameters.items():
        if value is not None:
            yield f"- **{plain(name)}:** {plain(value)}"


def _gate(gate: Mapping[str, Any]) -> str:
    told = "each answer is followed by what is right" if gate["feedback"] else "nothing is said"
    after = "goes on and is flagged" if gate["on_fail"] == "continue" else "cannot go on"
    return (
        f"{gate['pass']:.0%} right answers in one of {count(gate['attempts'], 'round')} at most; "
        f"{told}; whoever does not pass {after}"
    )


def _about(kind: str) -> str:
    for entry in catalog.entries(Path(trials.__file__).parent):
        if entry.name == kind:
            return entry.summary
    return "the study's own code"


def _balance(study: Frozen) -> Iterator[str]:
    """How often each explanation stands in each place, counted over planned participants."""
    places: dict[tuple[int, str], Counter[int]] = {}
    asked: dict[int, Counter[str]] = {}
    for number in range(1, _LOOKED_AT + 1):
        for plan in arms.plans(study, number):
            if plan.role == "main":
                asked.setdefault(plan.block, Counter())[plan.item] += 1
                for offer in plan.options:
                    places.setdefault((plan.block, offer.option), Counter())[offer.position] += 1
    most = max((max(counter) for counter in places.values()), default=0)
    if most < 2:
        return

    def in_order(entry: tuple[tuple[int, str], Counter[int]]) -> tuple[int, int]:
        block, option = entry[0]
        return block, concepts.rank(study.blocks[block], option)

    all_of_it = ", as if each met every block" if conditional(study) else ""
    yield f"**Balance**, counted over the plans of the first {_LOOKED_AT} participants{all_of_it}:"
    yield ""
    rows = [
        (
            str(block + 1),
            concepts.title(study.blocks[block], option),
            *(str(counter[place]) if counter[place] else "–" for place in range(1, most + 1)),
        )
        for (block, option), counter in sorted(places.items(), key=in_order)
    ]
    head = ("block", "offered", *(f"place {place}" for place in range(1, most + 1)))
    yield from table(head, rows)
    yield ""
    for block, counter in asked.items():
        there = len(study.of_block(block))
        low = min(counter.values()) if len(counter) == there else 0
        high = max(counter.values())
        often = f"{low} times" if low == high else f"{low} to {high} times"
        yield f"- Block {block + 1}: each of {count(there, 'question')} is asked {often}."
