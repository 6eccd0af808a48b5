"""The field's terms: positions, confirmations, consignments, outcomes of clearances, roles, notes in Korean.

Columns are added in place, since updates and projects are referred to. ``updates.whole`` stays empty in what was
recorded before: a ``delivered`` of that time counts as all delivered. Of the projects that ship with the bot the
organisation was entered as the applicant, which no source says: where no admin has changed it, it becomes the
implementer. The status cache is derived again afterwards (db.maintenance.migrate).
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

SHIPPED_SETS = ("donga-2026-02-07", "known-exemptions")


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for column in columns:
            op.add_column(table, column)
    for table, column, target in REFERENCES:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER CONSTRAINT fk_{table}_{column} REFERENCES {target} (id)"
        )
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    op.create_table(
        "project_roles",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_project_roles_organisation_id")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_project_roles_project_id")),
        sa.PrimaryKeyConstraint("project_id", "organisation_id", "role", name=op.f("pk_project_roles")),
    )
    op.create_index(op.f("ix_project_roles_organisation_id"), "project_roles", ["organisation_id"])
    with op.batch_alter_table("standings") as batch:  # lists read the updates themselves
        for column in ("since", "delivery", "extension_pending"):
            batch.drop_column(column)
    _name_implementers()


def _name_implementers() -> None:
    connection = op.get_bind()
    projects = sa.table("projects", sa.column("ref"), sa.column("data_set"), sa.column("organisation_role"))
    audit = sa.table("audit", sa.column("subject"), sa.column("action"), sa.column("before"), sa.column("after"))
    edits = connection.execute(
        sa.select(audit.c.subject, audit.c.before, audit.c.after).where(audit.c.action == "project-edit")
    )
    edited = {row.subject for row in edits if _applicant(row.before) != _applicant(row.after)}
    shipped = connection.scalars(sa.select(projects.c.ref).where(projects.c.data_set.in_(SHIPPED_SETS))).all()
    for ref in sorted(set(shipped) - edited):
        connection.execute(sa.update(projects).where(projects.c.ref == ref).values(organisation_role="implementer"))


def _applicant(values: object) -> object:
    content = json.loads(values) if isinstance(values, str) else values
    return content.get("applicant") if isinstance(content, dict) else None


COLUMNS = {
    "updates": (
        sa.Column("note_ko", sa.Text(), nullable=False, server_default=""),
        sa.Column("stance", sa.String(length=12), nullable=True),
        sa.Column("length", sa.String(length=8), nullable=True),
        sa.Column("period", sa.String(length=8), nullable=True),
        sa.Column("consignment", sa.Integer(), nullable=True),
        sa.Column("consignments", sa.Integer(), nullable=True),
        sa.Column("contents", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=True),
        sa.Column("whole", sa.Boolean(), nullable=True),
        sa.Column("deadline_hour", sa.String(length=5), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
    ),
    "update_sources": (sa.Column("attributed_to", sa.Text(), nullable=True),),
    "organisations": (sa.Column("aliases", sa.JSON(), nullable=False, server_default="[]"),),
    "projects": (
        sa.Column("organisation_role", sa.String(length=12), nullable=False, server_default="applicant"),
        sa.Column("notes_ko", sa.Text(), nullable=False, server_default=""),
    ),
}
REFERENCES = (
    ("updates", "confirms", "updates"),
    ("updates", "differs", "updates"),
    ("projects", "same_as_id", "projects"),
)
