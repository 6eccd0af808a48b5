"""The versions of projects and of the cache, for answers about the past; filled after the migrations."""

import sqlalchemy as sa
from alembic import op

from db.column_types import UtcTime

revision = "0013"
down_revision = "0012"

TABLES = ("projects", "project_roles", "project_sectors", "standings", "holds", "standing_kinds")


def upgrade() -> None:
    for name in TABLES:
        own = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind(), resolve_fks=False)
        keys = [column.name for column in own.primary_key]
        op.create_table(
            f"{name}_versions",
            *(
                sa.Column(each.name, each.type, nullable=each.nullable, autoincrement=False)
                for each in own.c
                if each.name not in {"search_text", "version"}
            ),
            sa.Column("since", UtcTime(), nullable=False),
            sa.Column("until", UtcTime(), nullable=False),
            sa.PrimaryKeyConstraint(*keys, "since", name=op.f(f"pk_{name}_versions")),
        )
        indexes = [[column.name for column in index.columns] for index in own.indexes if not index.unique]
        for columns in [*indexes, *([["ref"]] if name == "projects" else [])]:
            op.create_index(op.f(f"ix_{name}_versions_{'_'.join(columns)}"), f"{name}_versions", columns)
    op.create_table(
        "tallies_versions",
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("since", name=op.f("pk_tallies_versions")),
    )
