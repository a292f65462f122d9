"""A frozen version of a study, as survey, simulation and analysis use it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from db.store import Store
from study_app.languages import translated
from study_app.wording import DEFAULT, wording

_TEXTS = ("consent", "instructions", "debriefing")
_KEPT: dict[tuple[str, str | None], Frozen] = {}


@dataclass(frozen=True)
class Frozen:
    """One version of a study; treat its values as read-only, all sessions share them.

    Arguments:
        version: SHA-256 of the frozen text.
        study: the validated study file.
        consent, instructions, debriefing: Markdown.
        items: what can be asked, see `docs/explanation/architecture.md`.
        translations: for each further language what reads differently, see `study_app.languages`.
    """

    version: str
    study: Mapping[str, Any]
    consent: str
    instructions: str
    debriefing: str
    items: tuple[Mapping[str, Any], ...] = field(repr=False)
    translations: Mapping[str, Sequence[Any]] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, version: str, text: str) -> Frozen:
        """From the frozen text."""
        data = json.loads(text)
        texts = {name: data.get(name, "") for name in _TEXTS}
        others = data.get("translations", {})
        return cls(version, data["study"], **texts, items=tuple(data["items"]), translations=others)

    @property
    def language(self) -> str:
        """The language of its texts."""
        return str(self.study.get("language", DEFAULT))

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages between which participants choose, the default first."""
        return tuple(self.study.get("languages") or [self.language])

    @cached_property
    def words(self) -> Mapping[str, str]:
        """The fixed words of its language (`study_app.wording`), the study's own among them."""
        return {**wording(self.language).words, **(self.study.get("words") or {})}

    def in_language(self, language: str | None) -> Frozen:
        """The same version as somebody reads it in one of its languages.

        Arguments:
            language: one of `languages`; any other is taken for the default.
        """
        if language is None or language == self.language or language not in self.translations:
            return self
        data = {name: getattr(self, name) for name in ("study", "items", *_TEXTS)}
        data = translated({**data, "items": list(self.items)}, self.translations[language])
        return replace(self, **{**data, "items": tuple(data["items"])})

    @property
    def blocks(self) -> list[Mapping[str, Any]]:
        """What participants do, in order."""
        return list(self.study["blocks"])

    @property
    def background(self) -> list[Mapping[str, Any]]:
        """The questions about the participant: id, ask, choices."""
        return list(self.study.get("background") or [])

    @property
    def instruction_check(self) -> Mapping[str, Any] | None:
        """The question about the instructions: ask, choices, right, attempts; None without one."""
        return (self.study.get("quality") or {}).get("instruction_check")

    @cached_property
    def feeds_back(self) -> bool:
        """Whether any practice is followed by what is right."""
        return any((block.get("practice") or {}).get("feedback") for block in self.blocks)

    @property
    def consent_version(self) -> str:
        """The version of the consent text, stored with each consent."""
        return str((self.study.get("consent") or {}).get("version", 1))

    def of_role(self, role: str) -> list[Mapping[str, Any]]:
        """The items of one role (main, practice, attention), in the order of the study file."""
        return [item for item in self.items if item["role"] == role]

    def of_block(self, index: int) -> list[Mapping[str, Any]]:
        """The items that a block can ask, by its place in the study file, from 0."""
        block = self.blocks[index]
        items = self.of_role(str(block.get("role", "main")))
        if block.get("concepts"):
            return [item for item in items if index in item.get("blocks", ())]
        return [item for item in items if "about" not in item]

    def item(self, role: str, name: str) -> Mapping[str, Any]:
        """One item; KeyError if there is none. A check that is practised is an attention item."""
        if role == "practice" and (role, name) not in self._by_name:
            role = "attention"
        return self._by_name[role, name]

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        return {(item["role"], item["id"]): item for item in self.items}


def frozen(store: Store, version: str, language: str | None = None) -> Frozen:
    """The version from the database, kept in memory: it can never change.

    Arguments:
        language: the one to read it in; its default unless it has this one.

    Errors: StoreError when the database does not hold it.
    """
    key = version, language
    if key not in _KEPT:
        if language is None:
            _KEPT[key] = Frozen.parse(version, store.frozen(version))
        else:
            _KEPT[key] = frozen(store, version).in_language(language)
    return _KEPT[key]
