"""What a CSV says about participants: one value for each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # columns are listed without pandas
    import pandas as pd

COLUMNS = {
    "expertise": "the participant's group; results are shown by it",
    "explainability": "never, aware or user, as in the study of Section 7",
    "deep_learning": "none, some or practitioner, as in the study of Section 7",
    "age": "the participant's age group",
    "gender": "the participant's gender",
}
Tell = Callable[[Any, str, str], None]


def of_table(table: pd.DataFrame, wrong: Tell) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The participants, and the parts of a study file that describe them.

    Groups keep the order of their first appearance. ``expertise`` is a segment, else
    ``explainability``.
    """
    known = table[table["participant"].notna()]
    asked = [name for name in COLUMNS if name in table]
    first = known.drop_duplicates("participant")
    people = first[["participant", *asked]].assign(state="completed")
    for name in asked:
        own = known["participant"].map(first.set_index("participant")[name])
        for line in known.index[known[name].fillna("") != own.fillna("")]:
            who = str(known["participant"][line])
            fix = "give each participant one value in all rows"
            wrong(line, f"'{who}' has another {name} than in an earlier row", fix)
    background = [
        {
            "id": name,
            "ask": COLUMNS[name].capitalize(),
            "choices": {value: value for value in table[name].dropna().unique()},
        }
        for name in asked
    ]
    segment = next((name for name in ("expertise", "explainability") if name in asked), None)
    study: dict[str, Any] = {"background": background}
    if segment:
        study["segments"] = {segment: {"from": segment}}
    return people.reset_index(drop=True), study
