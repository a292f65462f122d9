"""The tables. What must never happen is forbidden by a constraint here, not by code elsewhere.

A response's primary key is its trial: a second answer cannot be stored. Each option row of a
response points at an option that was offered. A completed assignment has a completion code.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.records import Ending, Mode, Stage, Status, Timing
from db.scale import Scale


class Utc(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no time zone, so it is taken off and put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; naive for SQLite."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Sha256 = String(64)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    known = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({known})", name=column)


def _required(name: str, kind: Any, *rest: Any, **options: Any) -> Column[Any]:
    return Column(name, kind, *rest, nullable=False, **options)


study = Table(
    "study",
    metadata,
    Column("id", String(64), primary_key=True),
    _required("created_at", Utc),
)

study_version = Table(
    "study_version",
    metadata,
    Column("hash", Sha256, primary_key=True),
    _required("study", String(64), ForeignKey("study.id")),
    _required("number", Integer),
    _required("frozen", Text),
    _required("status", String(8)),
    _required("created_at", Utc),
    Column("paused_at", Utc),
    UniqueConstraint("study", "number"),
    _one_of("status", Status),
)

participant = Table(
    "participant",
    metadata,
    Column("id", String(32), primary_key=True),
    _required("created_at", Utc),
)

# Ids of panels (Prolific and the like) are kept apart, as keyed hashes, and can be deleted.
external_id = Table(
    "external_id",
    metadata,
    Column("digest", Sha256, primary_key=True),
    _required("participant", String(32), ForeignKey("participant.id"), unique=True),
    _required("created_at", Utc),
)

# `number` tells people apart; `place` is whose turn it is in the design of their arm, and comes
# back when somebody leaves. `arrival` is a keyed hash of what a panel calls this participation.
assignment = Table(
    "assignment",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("participant", String(32), ForeignKey("participant.id")),
    _required("version", Sha256, ForeignKey("study_version.hash")),
    _required("mode", String(9)),
    _required("number", Integer),
    _required("arm", String(64), default=""),
    _required("place", Integer, server_default="1"),
    _required("state", String(12)),
    Column("ended", String(16)),
    _required("token", String(64), unique=True),
    _required("consent_version", String(32)),
    _required("consented_at", Utc),
    Column("started_at", Utc),
    Column("completed_at", Utc),
    Column("completion_code", String(16), unique=True),
    _required("receipt", Sha256, unique=True),
    _required("lease_until", Utc),
    Column("arrival", Sha256),
    Column("language", String(35)),
    UniqueConstraint("version", "mode", "number"),
    UniqueConstraint("version", "mode", "participant"),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint(
        "state <> 'completed' OR (completion_code IS NOT NULL AND completed_at IS NOT NULL)",
        name="completed",
    ),
    _one_of("mode", Mode),
    _one_of("state", Stage),
    _one_of("ended", Ending),
    Index(None, "version", "mode", "arm", "place"),
    Index(None, "version", "mode", "state", "arm"),
)

background = Table(
    "background",
    metadata,
    Column("assignment", Integer, ForeignKey("assignment.id"), primary_key=True),
    Column("question", String(64), primary_key=True),
    _required("value", Text),
)

trial = Table(
    "trial",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("assignment", Integer, ForeignKey("assignment.id")),
    _required("position", Integer),
    _required("token", String(32), unique=True),
    _required("block", Integer),
    _required("role", String(12)),
    _required("type", String(128)),
    _required("item", String(128)),
    _required("config", Json),
    _required("required", Boolean),
    Column("shown_at", Utc),
    UniqueConstraint("assignment", "position"),
)

trial_option = Table(
    "trial_option",
    metadata,
    Column("trial", Integer, ForeignKey("trial.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _required("option", String(128)),
    _required("sha256", Sha256),
    UniqueConstraint("trial", "option"),
    CheckConstraint("position >= 1", name="position"),
)

response = Table(
    "response",
    metadata,
    Column("trial", Integer, ForeignKey("trial.id"), primary_key=True, autoincrement=False),
    _required("answered_at", Utc),
    Column("rt_ms", Float),
    Column("hidden_ms", Float),
    _required("rt_source", String(6)),
    _required("scale", String(12)),
    Column("correct", Boolean),
    _required("answer", Json),
    CheckConstraint("rt_ms >= 0", name="rt_ms"),
    CheckConstraint("hidden_ms >= 0", name="hidden_ms"),
    _one_of("rt_source", Timing),
    _one_of("scale", Scale),
)

response_option = Table(
    "response_option",
    metadata,
    Column("trial", Integer, ForeignKey("response.trial"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("value", Float),
    Column("text", Text),
    CheckConstraint("value IS NOT NULL OR text IS NOT NULL", name="answered"),
    ForeignKeyConstraint(["trial", "position"], ["trial_option.trial", "trial_option.position"]),
)

event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("at", Utc),
    Column("assignment", Integer, ForeignKey("assignment.id"), index=True),
    Column("version", Sha256, ForeignKey("study_version.hash")),
    Column("mode", String(9)),
    _required("kind", String(32)),
    Column("subject", Sha256),
    Column("data", Json),
    Index(None, "kind", "subject"),
)

setting = Table(
    "setting",
    metadata,
    Column("key", String(64), primary_key=True),
    _required("value", Text),
)
