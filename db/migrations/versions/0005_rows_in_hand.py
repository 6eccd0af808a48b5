"""An index of the few rows of the outbox that a sender has in hand, so that those long done are not read to find them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

LEASED = sa.text("leased_until IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        op.f("ix_deliveries_leased_until"),
        "deliveries",
        ["leased_until"],
        sqlite_where=LEASED,
        postgresql_where=LEASED,
    )
