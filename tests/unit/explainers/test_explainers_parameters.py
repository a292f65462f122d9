"""Every choice that an explainer, target or measure offers is checked before it is imported."""

import ast
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from explainers import catalog
from explainers.parameters import mistakes
from explainers.source_text import spelled_out

FOLDERS = (*catalog.families(), "targets", "fidelity")
ENTRIES = [entry for folder in FOLDERS for entry in catalog.entries(folder)]


def test_aliases_are_spelled_out_wherever_they_are_made(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "from explainers.target import Scale as How\nOwn = Literal['a', 'b']\nOther = dict\n"
    )

    def spelled(text: str) -> str:
        return spelled_out(ast.parse(text, mode="eval").body, file)

    scales = "Literal['logit', 'probability', 'log_odds']"
    assert spelled("How") == scales
    assert spelled("Own | None") == "Literal['a', 'b'] | None"
    assert spelled("tuple[How, ...]") == f"tuple[{scales}, ...]"
    assert [spelled(text) for text in ("int", "Other", "Scale")] == ["int", "Other", "Scale"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.folder}-{entry.name}")
def test_a_wrong_choice_is_told_before_anything_is_imported(entry):
    kinds = get_type_hints(entry.load())  # what the import knows
    choices = {
        p.name: get_args(kinds[p.name])
        for p in entry.parameters
        if get_origin(kinds[p.name]) is Literal
    }
    told = {name: what for name, what, _ in mistakes(entry, dict.fromkeys(choices, "no such"))}
    assert {name: told.get(name) for name in choices} == dict.fromkeys(
        choices, "unknown choice 'no such'"
    )
    for n in range(max(map(len, choices.values()), default=0)):
        given = {name: every[n % len(every)] for name, every in choices.items()}
        assert not set(choices) & {name for name, *_ in mistakes(entry, given)}


def test_scales_are_among_the_choices():
    entry = catalog.find("integrated_gradients")
    assert list(mistakes(entry, {"of": "logt", "baseline": "blak"})) == [
        ("of", "unknown choice 'logt'", "did you mean 'logit'?"),
        ("baseline", "unknown choice 'blak'", "did you mean 'black'?"),
    ]
