"""Suggestions of members, and an index for second looks, which are entries of the audit log."""

import sqlalchemy as sa
from alembic import op

from db.column_types import UtcTime

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_index(op.f("ix_audit_action_subject"), "audit", ["action", "subject"])
    op.create_table(
        "suggestions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(32), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("refs", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=True),
        sa.Column("posted_id", sa.Integer(), nullable=True),
        sa.Column("settled_by", sa.String(32), nullable=True),
        sa.Column("settled_at", UtcTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("act_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["act_id"], ["acts.id"], name=op.f("fk_suggestions_act_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestions")),
    )
    op.create_index(op.f("ix_suggestions_team_id_state"), "suggestions", ["team_id", "state"])
