"""The chain over acts and audit entries; what was recorded earlier is linked after the migrations."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "chain",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=True),
        sa.Column("audit_id", sa.Integer(), nullable=True),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.CheckConstraint("(act_id IS NULL) <> (audit_id IS NULL)", name=op.f("ck_chain_one_row")),
        sa.ForeignKeyConstraint(["act_id"], ["acts.id"], name=op.f("fk_chain_act_id")),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_chain_audit_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_chain")),
        sa.UniqueConstraint("act_id", name=op.f("uq_chain_act_id")),
        sa.UniqueConstraint("audit_id", name=op.f("uq_chain_audit_id")),
    )
    postgres = op.get_bind().dialect.name == "postgresql"
    for action in ("UPDATE", "DELETE", *(["TRUNCATE"] if postgres else [])):
        guard = (
            "EXECUTE FUNCTION refuse_change()"
            if postgres
            else ("BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END")
        )
        op.execute(f"CREATE TRIGGER chain_no_{action.lower()} BEFORE {action} ON chain {guard}")
