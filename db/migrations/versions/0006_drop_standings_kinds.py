"""Drop ``standings.kinds``: the filter ``kind:`` reads the table ``standing_kinds``."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("standings") as batch:
        batch.drop_column("kinds")
