"""What is exported: the answers and the participants of one study in one mode, of all versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from db.checks import ATTEMPTS, CHECK
from db.errors import StoreError
from db.gates import PRACTICE, ROUNDS
from db.records import Mode, Status, Table
from db.store import Store
from study_app.export.columns import Meaning
from study_app.export.flags import flagged
from study_app.frozen import Frozen, frozen
from study_app.orders.sequence import rounds

FROM_ITEM = ("model", "face", "target", "concept", "layer", "family")


@dataclass(frozen=True)
class Version:
    """One version of the study: its number, status, when it was frozen, what it is."""

    number: int
    status: Status
    created_at: datetime
    frozen: Frozen
    text: str

    @property
    def hash(self) -> str:
        """SHA-256 of the frozen text."""
        return self.frozen.version


@dataclass(frozen=True)
class Data:
    """One study in one mode.

    Arguments:
        study: the study's id.
        mode: live, pilot, test or simulated; never mixed.
        versions: those that somebody took part in, else the newest; oldest first.
        tables: ``responses``, one row for each offered option of each answer, picked or not,
            with model, face, target, concept, layer and family of its item; ``participants``, one
            row for each, with a column for each background question. No token, no completion code,
            no panel id.
        progress: `Store.progress`: how many joined, completed, withdrew, declined.
        flags: table → column → meaning, for the columns of the rules of quality.
    """

    study: str
    mode: Mode
    versions: tuple[Version, ...]
    tables: Mapping[str, Table]
    progress: Mapping[str, Any]
    flags: Mapping[str, Mapping[str, Meaning]] = field(default_factory=dict)

    @property
    def newest(self) -> Frozen:
        """The newest of the versions."""
        return self.versions[-1].frozen

    def background(self) -> Iterator[tuple[str, str, dict[str, str]]]:
        """Each background question of any version: id, the question, choices with their words.

        A question that was reworded has the newest words, and the choices of all versions.
        """
        asked: dict[str, tuple[str, dict[str, str]]] = {}
        for version in self.versions:
            for question in version.frozen.background:
                _, choices = asked.get(question["id"], ("", {}))
                asked[question["id"]] = (question["ask"], choices | question["choices"])
            if (check := version.frozen.instruction_check) is not None:
                _, choices = asked.get(CHECK, ("", {}))
                asked[CHECK] = (check["ask"], choices | check["choices"])
                times = {str(n): "" for n in range(1, check["attempts"] + 1)}
                asked[ATTEMPTS] = ("How often the question about the instructions was tried", times)
            if most := [rounds(block) for block in version.frozen.blocks if block.get("practice")]:
                asked[PRACTICE] = ("Whether the practice was passed", {"yes": "", "no": ""})
                times = {str(n): "" for n in range(1, max(most) + 1)}
                asked[ROUNDS] = ("How many rounds of practice it took", times)
        for name, (ask, choices) in asked.items():
            yield name, ask, choices


def read(store: Store, mode: Mode | str = Mode.LIVE, study: str | None = None) -> Data:
    """The answers to one study.

    Arguments:
        study: its id; may be left out if the database holds only one.

    Errors: StoreError when there is no study, not this one, or several and none named.
    """
    mode, there = Mode(mode), store.versions()
    names = sorted({row["study"] for row in there})
    if not names:
        raise StoreError(store.where, "holds no study", "`whyface freeze` stores one here")
    if study is None and len(names) > 1:
        fix = f"name one with --study: {', '.join(names)}"
        raise StoreError(store.where, "holds several studies", fix)
    if study is not None and study not in names:
        raise StoreError(store.where, f"holds no study '{study}'", f"it holds: {', '.join(names)}")
    study = study or names[0]
    people = store.participants(study=study, mode=mode)
    taken = {row["version"] for row in people.dicts()}
    mine = [row for row in there if row["study"] == study]
    versions = tuple(
        Version(
            row["number"],
            Status(row["status"]),
            row["created_at"],
            frozen(store, row["hash"]),
            store.frozen(row["hash"]),
        )
        for row in ([row for row in mine if row["hash"] in taken] or mine[-1:])
    )
    progress = store.progress(study=study, mode=mode)
    data = Data(study, mode, versions, {}, progress)
    responses = store.responses(study=study, mode=mode)
    marked = flagged(responses, people, [version.frozen for version in versions], mode)
    tables = {
        "responses": _with_items(marked.responses, versions),
        "participants": _with_background(
            marked.participants, [name for name, _, _ in data.background()]
        ),
    }
    return replace(data, tables=tables, flags=marked.meanings)


def _with_items(table: Table, versions: tuple[Version, ...]) -> Table:
    of = {version.hash: version.frozen for version in versions}
    hash_, role, item = (table.columns.index(name) for name in ("version", "role", "item"))
    rows = []
    for row in table.rows:
        asked = of[row[hash_]].item(row[role], row[item])
        rows.append((*row, *(asked.get(name) for name in FROM_ITEM)))
    return Table((*table.columns, *FROM_ITEM), rows)


def _with_background(table: Table, questions: list[str]) -> Table:
    place = table.columns.index("background")
    fixed = table.columns[:place] + table.columns[place + 1 :]
    rows = [
        (*row[:place], *row[place + 1 :], *(row[place].get(name) for name in questions))
        for row in table.rows
    ]
    return Table((*fixed, *questions), rows)
