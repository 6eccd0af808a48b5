"""Settings of a person's direct message for the projects that they follow, without a filter of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("followed_only", sa.Boolean(), nullable=False, server_default=sa.false()))
