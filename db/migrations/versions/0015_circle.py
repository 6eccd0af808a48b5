"""An index for second looks, which are entries of the audit log."""

from alembic import op

revision = "0015"
down_revision = "0012"


def upgrade() -> None:
    op.create_index(op.f("ix_audit_action_subject"), "audit", ["action", "subject"])
