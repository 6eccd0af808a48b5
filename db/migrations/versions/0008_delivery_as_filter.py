"""The stage of delivery in the status cache again, and indexes for the filters that ask for it and for the response.

The status cache is derived again afterwards (db.maintenance.migrate).
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    with op.batch_alter_table("standings") as batch:
        batch.add_column(sa.Column("delivery", sa.String(length=16), nullable=False, server_default="not-started"))
    with op.batch_alter_table("standings") as batch:
        batch.alter_column("delivery", server_default=None)
        for column in ("response", "delivery"):
            batch.create_index(op.f(f"ix_standings_{column}"), [column])
