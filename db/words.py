"""Corrections of which words count as one: who put which word where, and when; never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from db.database import Database
from db.schema import event

_KIND = "words"


class Words(Database):
    """Events of kind ``words``, for all versions and modes of a study."""

    def correct_words(self, study: str, by: str, groups: Mapping[str, str]) -> None:
        """Record that somebody put words into other groups.

        Arguments:
            study: id of the study.
            by: who did it, in their own words.
            groups: word → name of its group; an empty name takes earlier corrections back.
        """

        def work(connection: Connection) -> None:
            data = {"study": study, "by": by, "groups": dict(groups)}
            values = {"at": datetime.now(UTC), "kind": _KIND, "data": data}
            connection.execute(insert(event).values(values))

        self.write(work)

    def word_corrections(self, study: str) -> list[dict[str, Any]]:
        """Each correction, oldest first: ``at`` (UTC), ``by``, ``groups``."""
        query = select(event.c.at, event.c.data).where(event.c.kind == _KIND).order_by(event.c.id)
        with self.reading() as connection:
            found = connection.execute(query).all()
        return [
            {"at": row.at, "by": row.data["by"], "groups": row.data["groups"]}
            for row in found
            if row.data["study"] == study
        ]

    def corrected_words(self, study: str) -> dict[str, str]:
        """Word → group after all corrections; a later one wins."""
        whole: dict[str, str] = {}
        for correction in self.word_corrections(study):
            whole |= correction["groups"]
        return {word: group for word, group in whole.items() if group}
