"""Boards: a channel may have one beside its alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

ACTIVE = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("board", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.drop_index("one_subscription_a_channel", "subscriptions")
    op.create_index(
        "one_subscription_a_channel",
        "subscriptions",
        ["team_id", "channel_id", "board"],
        unique=True,
        sqlite_where=ACTIVE,
        postgresql_where=ACTIVE,
    )
