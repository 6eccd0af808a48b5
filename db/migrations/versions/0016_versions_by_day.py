"""The versions of statuses by the days on which they stood, for answers about a day; filled after the migrations."""

import sqlalchemy as sa
from alembic import op

from db.column_types import UtcTime

revision = "0016"
down_revision = "0015"

TABLES = ("standings", "holds", "standing_kinds")
STOOD = ["from_day", "to_day", "since", "until", "project_id"]
MORE = {
    "newest": ["as_of", "governing_update_id", *STOOD],
    "ends": ["headline", "ends_on", *STOOD],
    "from_day": ["from_day"],
    "to_day": ["to_day"],
}


def upgrade() -> None:
    for name in TABLES:
        then = sa.Table(f"{name}_versions", sa.MetaData(), autoload_with=op.get_bind())
        keys = [column.name for column in then.primary_key]
        op.drop_table(then.name)
        op.create_table(
            then.name,
            *(sa.Column(each.name, each.type, nullable=each.nullable, autoincrement=False) for each in then.c),
            sa.Column("from_day", sa.Date(), nullable=False),
            sa.Column("to_day", sa.Date(), nullable=False),
            sa.PrimaryKeyConstraint(*keys[:-1], "from_day", "since", name=op.f(f"pk_{then.name}")),
        )
        more = MORE if name == "standings" else {}
        for index in then.indexes:
            columns = [column.name for column in index.columns]
            if not any(each[: len(columns)] == columns for each in more.values()):
                op.create_index(index.name, then.name, columns)
        for more_name, columns in more.items():
            op.create_index(f"ix_{then.name}_{more_name}", then.name, columns)
    op.create_table(
        "update_projects_versions",
        sa.Column("update_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("project_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("update_id", "project_id", "since", name=op.f("pk_update_projects_versions")),
    )
    op.create_index(op.f("ix_update_projects_versions_project_id"), "update_projects_versions", ["project_id"])
    op.create_table(
        "tallies_by_day",
        sa.Column("axis", sa.String(12), nullable=False),
        sa.Column("level", sa.String(5), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("value", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("axis", "level", "period", "value", name=op.f("pk_tallies_by_day")),
    )
