"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UTC = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "participant",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant")),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "study",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
    )
    op.create_table(
        "external_id",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("participant", sa.String(length=32), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(
            ["participant"], ["participant.id"], name=op.f("fk_external_id_participant")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_external_id")),
        sa.UniqueConstraint("participant", name=op.f("uq_external_id_participant")),
    )
    op.create_table(
        "study_version",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("study", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("frozen", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'frozen', 'live', 'closed')", name=op.f("ck_study_version_status")
        ),
        sa.ForeignKeyConstraint(["study"], ["study.id"], name=op.f("fk_study_version_study")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_study_version")),
        sa.UniqueConstraint("study", "number", name=op.f("uq_study_version_study_number")),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant", sa.String(length=32), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("mode", sa.String(length=9), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("arm", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("consent_version", sa.String(length=32), nullable=False),
        sa.Column("consented_at", UTC, nullable=False),
        sa.Column("started_at", UTC, nullable=True),
        sa.Column("completed_at", UTC, nullable=True),
        sa.Column("completion_code", sa.String(length=16), nullable=True),
        sa.Column("receipt", sa.String(length=64), nullable=False),
        sa.Column("lease_until", UTC, nullable=False),
        sa.CheckConstraint(
            "mode IN ('live', 'pilot', 'test', 'simulated')", name=op.f("ck_assignment_mode")
        ),
        sa.CheckConstraint(
            "state <> 'completed' OR (completion_code IS NOT NULL AND completed_at IS NOT NULL)",
            name=op.f("ck_assignment_completed"),
        ),
        sa.CheckConstraint(
            "state IN ('background', 'instructions', 'trials', 'completed', 'withdrawn')",
            name=op.f("ck_assignment_state"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_assignment_number")),
        sa.ForeignKeyConstraint(
            ["participant"], ["participant.id"], name=op.f("fk_assignment_participant")
        ),
        sa.ForeignKeyConstraint(
            ["version"], ["study_version.hash"], name=op.f("fk_assignment_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("completion_code", name=op.f("uq_assignment_completion_code")),
        sa.UniqueConstraint("receipt", name=op.f("uq_assignment_receipt")),
        sa.UniqueConstraint("token", name=op.f("uq_assignment_token")),
        sa.UniqueConstraint(
            "version", "mode", "number", name=op.f("uq_assignment_version_mode_number")
        ),
        sa.UniqueConstraint(
            "version", "mode", "participant", name=op.f("uq_assignment_version_mode_participant")
        ),
    )
    op.create_table(
        "background",
        sa.Column("assignment", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment"], ["assignment.id"], name=op.f("fk_background_assignment")
        ),
        sa.PrimaryKeyConstraint("assignment", "question", name=op.f("pk_background")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("assignment", sa.Integer(), nullable=True),
        sa.Column("version", sa.String(length=64), nullable=True),
        sa.Column("mode", sa.String(length=9), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=True),
        sa.Column("data", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["assignment"], ["assignment.id"], name=op.f("fk_event_assignment")
        ),
        sa.ForeignKeyConstraint(["version"], ["study_version.hash"], name=op.f("fk_event_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index(op.f("ix_event_assignment"), "event", ["assignment"], unique=False)
    op.create_index(op.f("ix_event_kind_subject"), "event", ["kind", "subject"], unique=False)
    op.create_table(
        "trial",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("type", sa.String(length=128), nullable=False),
        sa.Column("item", sa.String(length=128), nullable=False),
        sa.Column("config", JSON, nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("shown_at", UTC, nullable=True),
        sa.ForeignKeyConstraint(
            ["assignment"], ["assignment.id"], name=op.f("fk_trial_assignment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial")),
        sa.UniqueConstraint("assignment", "position", name=op.f("uq_trial_assignment_position")),
        sa.UniqueConstraint("token", name=op.f("uq_trial_token")),
    )
    op.create_table(
        "response",
        sa.Column("trial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("answered_at", UTC, nullable=False),
        sa.Column("rt_ms", sa.Float(), nullable=True),
        sa.Column("hidden_ms", sa.Float(), nullable=True),
        sa.Column("rt_source", sa.String(length=6), nullable=False),
        sa.Column("scale", sa.String(length=12), nullable=False),
        sa.Column("correct", sa.Boolean(), nullable=True),
        sa.Column("answer", JSON, nullable=False),
        sa.CheckConstraint("rt_source IN ('client', 'server')", name=op.f("ck_response_rt_source")),
        sa.CheckConstraint(
            "scale IN ('selection', 'pairwise', 'ranking', 'rating', 'correctness', 'word')",
            name=op.f("ck_response_scale"),
        ),
        sa.CheckConstraint("hidden_ms >= 0", name=op.f("ck_response_hidden_ms")),
        sa.CheckConstraint("rt_ms >= 0", name=op.f("ck_response_rt_ms")),
        sa.ForeignKeyConstraint(["trial"], ["trial.id"], name=op.f("fk_response_trial")),
        sa.PrimaryKeyConstraint("trial", name=op.f("pk_response")),
    )
    op.create_table(
        "trial_option",
        sa.Column("trial", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("option", sa.String(length=128), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_trial_option_position")),
        sa.ForeignKeyConstraint(["trial"], ["trial.id"], name=op.f("fk_trial_option_trial")),
        sa.PrimaryKeyConstraint("trial", "position", name=op.f("pk_trial_option")),
        sa.UniqueConstraint("trial", "option", name=op.f("uq_trial_option_trial_option")),
    )
    op.create_table(
        "response_option",
        sa.Column("trial", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trial", "position"],
            ["trial_option.trial", "trial_option.position"],
            name=op.f("fk_response_option_trial_position"),
        ),
        sa.ForeignKeyConstraint(
            ["trial"], ["response.trial"], name=op.f("fk_response_option_trial")
        ),
        sa.PrimaryKeyConstraint("trial", "position", name=op.f("pk_response_option")),
    )
