"""What is told later than it is recorded: reminders, digests, quiet hours, threads, projects that people follow."""

import sqlalchemy as sa
from alembic import op

from db.column_types import UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Columns are added in place: a table made anew would lose its rows' references while it is replaced.
    for column in (
        sa.Column("threading", sa.String(length=9), nullable=False, server_default="flat"),
        sa.Column("digest", sa.String(length=6), nullable=True),
        sa.Column("digest_at", sa.String(length=5), nullable=True),
        sa.Column("digest_day", sa.Integer(), nullable=True),
        sa.Column("digest_empty", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("digest_kinds", sa.JSON(), nullable=True),
        sa.Column("digest_next", UtcTime(), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=True),
        sa.Column("quiet", sa.String(length=11), nullable=True),
        sa.Column("reminders", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("data_table", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("subscriptions", column)
    op.create_index(op.f("ix_subscriptions_digest_next"), "subscriptions", ["digest_next"])
    op.add_column("deliveries", sa.Column("project_id", sa.Integer(), nullable=True))
    op.create_index(
        op.f("ix_deliveries_team_id_channel_id_project_id"), "deliveries", ["team_id", "channel_id", "project_id"]
    )
    op.add_column("people", sa.Column("looked_at", UtcTime(), nullable=True))
    op.add_column("people", sa.Column("data_table", sa.Boolean(), nullable=True))
    _new_tables()


def _new_tables() -> None:
    op.create_table(
        "follows",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_follows_project_id")),
        sa.PrimaryKeyConstraint("team_id", "user_id", "project_id", name=op.f("pk_follows")),
    )
    op.create_index(op.f("ix_follows_project_id"), "follows", ["project_id"])
    op.create_table(
        "reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("update_id", sa.Integer(), nullable=True),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("settled_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_reminders_project_id")),
        sa.ForeignKeyConstraint(["update_id"], ["updates.id"], name=op.f("fk_reminders_update_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint("key", name=op.f("uq_reminders_key")),
    )
    op.create_index(op.f("ix_reminders_project_id"), "reminders", ["project_id"])
    op.create_index(op.f("ix_reminders_state_due_at"), "reminders", ["state", "due_at"])
    op.create_table(
        "preferences",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("changed_by", sa.String(length=32), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_preferences")),
    )
