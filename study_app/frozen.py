"""A frozen version of a study, as survey, simulation and analysis use it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from db.store import Store

_KEPT: dict[str, Frozen] = {}


@dataclass(frozen=True)
class Frozen:
    """One version of a study; treat its values as read-only, all sessions share them.

    Arguments:
        version: SHA-256 of the frozen text.
        study: the validated study file.
        consent, instructions, debriefing: Markdown.
        items: what can be asked, see `docs/explanation/architecture.md`.
    """

    version: str
    study: Mapping[str, Any]
    consent: str
    instructions: str
    debriefing: str
    items: tuple[Mapping[str, Any], ...] = field(repr=False)

    @classmethod
    def parse(cls, version: str, text: str) -> Frozen:
        """From the frozen text."""
        data = json.loads(text)
        texts = {name: data.get(name, "") for name in ("consent", "instructions", "debriefing")}
        return cls(version, data["study"], **texts, items=tuple(data["items"]))

    @property
    def blocks(self) -> list[Mapping[str, Any]]:
        """What participants do, in order."""
        return list(self.study["blocks"])

    @property
    def background(self) -> list[Mapping[str, Any]]:
        """The questions about the participant: id, ask, choices."""
        return list(self.study.get("background") or [])

    @property
    def consent_version(self) -> str:
        """The version of the consent text, stored with each consent."""
        return str((self.study.get("consent") or {}).get("version", 1))

    def of_role(self, role: str) -> list[Mapping[str, Any]]:
        """The items of one role (main, practice, attention), in the order of the study file."""
        return [item for item in self.items if item["role"] == role]

    def item(self, role: str, name: str) -> Mapping[str, Any]:
        """One item; KeyError if there is none."""
        return self._by_name[role, name]

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        return {(item["role"], item["id"]): item for item in self.items}


def frozen(store: Store, version: str) -> Frozen:
    """The version from the database, kept in memory: it can never change.

    Errors: StoreError when the database does not hold it.
    """
    if version not in _KEPT:
        _KEPT[version] = Frozen.parse(version, store.frozen(version))
    return _KEPT[version]
