"""The record: all tables, and triggers that keep what was recorded as it is."""

import sqlalchemy as sa
from alembic import op

from db.column_types import FieldDateText, UtcTime

revision = "0001"
down_revision = None

APPEND_ONLY = ("acts", "updates", "update_projects", "update_sources", "audit")


def upgrade() -> None:
    op.create_table(
        "acts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
        sa.UniqueConstraint("key", name=op.f("uq_acts_key")),
    )
    with op.batch_alter_table("acts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_acts_fingerprint_recorded_at"), ["fingerprint", "recorded_at"], unique=False
        )

    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "council_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_members")),
        sa.UniqueConstraint("code", "since", name=op.f("uq_council_members_code_since")),
    )
    op.create_table(
        "inbox",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_inbox")),
    )
    op.create_table(
        "notices",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("told_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notices")),
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_ko", sa.Text(), nullable=True),
        sa.Column("names_folded", sa.Text(), nullable=False),
        sa.Column("type_code", sa.String(length=3), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("key", name=op.f("uq_organisations_key")),
    )
    op.create_table(
        "people",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=True),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_people")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("ended_by", sa.String(length=32), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("blocked", sa.String(length=64), nullable=True),
        sa.Column("blocked_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    with op.batch_alter_table("subscriptions", schema=None) as batch_op:
        batch_op.create_index(
            "one_subscription_a_channel",
            ["team_id", "channel_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "drafts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.Column("act_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["act_id"], ["acts.id"], name=op.f("fk_drafts_act_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )
    op.create_table(
        "projects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=24), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=True),
        sa.Column("title_ko", sa.Text(), nullable=True),
        sa.Column("applicant_id", sa.Integer(), nullable=True),
        sa.Column("group", sa.String(length=16), nullable=False),
        sa.Column("amount_low", sa.String(length=24), nullable=True),
        sa.Column("amount_high", sa.String(length=24), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("amount_basis", sa.String(length=64), nullable=True),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("predecessor_id", sa.Integer(), nullable=True),
        sa.Column("predecessor_unidentified", sa.Boolean(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("data_set", sa.String(length=64), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["applicant_id"], ["organisations.id"], name=op.f("fk_projects_applicant_id")),
        sa.ForeignKeyConstraint(["predecessor_id"], ["projects.id"], name=op.f("fk_projects_predecessor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("ref", name=op.f("uq_projects_ref")),
    )
    with op.batch_alter_table("projects", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_projects_applicant_id"), ["applicant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_projects_group"), ["group"], unique=False)

    op.create_table(
        "updates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("actor", sa.String(length=16), nullable=False),
        sa.Column("happened", FieldDateText(), nullable=False),
        sa.Column("reported", sa.Date(), nullable=True),
        sa.Column("effective_day", sa.Date(), nullable=False),
        sa.Column("confidence", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("holder", sa.String(length=16), nullable=True),
        sa.Column("lift_all", sa.Boolean(), nullable=False),
        sa.Column("letter_date", sa.Date(), nullable=True),
        sa.Column("valid_until", FieldDateText(), nullable=True),
        sa.Column("paragraph", sa.String(length=64), nullable=True),
        sa.Column("item_count", sa.Integer(), nullable=True),
        sa.Column("value", sa.String(length=24), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("shipment_limit", sa.Integer(), nullable=True),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("authority", sa.Text(), nullable=True),
        sa.Column("extends", sa.String(length=24), nullable=True),
        sa.Column("corrects", sa.Integer(), nullable=True),
        sa.Column("retracts", sa.Integer(), nullable=True),
        sa.Column("recorded_by", sa.String(length=32), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.CheckConstraint("corrects IS NULL OR retracts IS NULL", name=op.f("ck_updates_one_target")),
        sa.ForeignKeyConstraint(["act_id"], ["acts.id"], name=op.f("fk_updates_act_id")),
        sa.ForeignKeyConstraint(["corrects"], ["updates.id"], name=op.f("fk_updates_corrects")),
        sa.ForeignKeyConstraint(["retracts"], ["updates.id"], name=op.f("fk_updates_retracts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_updates")),
    )
    with op.batch_alter_table("updates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_updates_act_id"), ["act_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_updates_corrects"), ["corrects"], unique=False)
        batch_op.create_index(batch_op.f("ix_updates_letter_date"), ["letter_date"], unique=False)
        batch_op.create_index(batch_op.f("ix_updates_recorded_at"), ["recorded_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_updates_retracts"), ["retracts"], unique=False)

    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=True),
        sa.Column("act_id", sa.Integer(), nullable=True),
        sa.Column("update_id", sa.Integer(), nullable=True),
        sa.Column("changes_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempted_at", UtcTime(), nullable=True),
        sa.Column("leased_by", sa.String(length=64), nullable=True),
        sa.Column("leased_until", UtcTime(), nullable=True),
        sa.Column("plain", sa.Boolean(), nullable=False),
        sa.Column("ts", sa.String(length=32), nullable=True),
        sa.Column("thread_ts", sa.String(length=32), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["act_id"], ["acts.id"], name=op.f("fk_deliveries_act_id")),
        sa.ForeignKeyConstraint(["changes_id"], ["deliveries.id"], name=op.f("fk_deliveries_changes_id")),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscriptions.id"], name=op.f("fk_deliveries_subscription_id")),
        sa.ForeignKeyConstraint(["update_id"], ["updates.id"], name=op.f("fk_deliveries_update_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deliveries_act_id"), ["act_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deliveries_state_due_at"), ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_deliveries_subscription_id"), ["subscription_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_deliveries_team_id_attempted_at"), ["team_id", "attempted_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_deliveries_team_id_channel_id_id"), ["team_id", "channel_id", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_deliveries_update_id"), ["update_id"], unique=False)

    op.create_table(
        "holds",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("placed_id", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=16), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("lifted_id", sa.Integer(), nullable=True),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["lifted_id"], ["updates.id"], name=op.f("fk_holds_lifted_id")),
        sa.ForeignKeyConstraint(["placed_id"], ["updates.id"], name=op.f("fk_holds_placed_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_holds_project_id")),
        sa.PrimaryKeyConstraint("project_id", "placed_id", name=op.f("pk_holds")),
    )
    with op.batch_alter_table("holds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_holds_holder"), ["holder"], unique=False)

    op.create_table(
        "project_sectors",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=5), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_project_sectors_project_id")),
        sa.PrimaryKeyConstraint("project_id", "code", name=op.f("pk_project_sectors")),
    )
    op.create_table(
        "standings",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("headline", sa.String(length=24), nullable=False),
        sa.Column("headline_after_end", sa.String(length=24), nullable=False),
        sa.Column("ends_first", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("valid_until", FieldDateText(), nullable=True),
        sa.Column("since", FieldDateText(), nullable=True),
        sa.Column("response", sa.String(length=16), nullable=False),
        sa.Column("delivery", sa.String(length=16), nullable=False),
        sa.Column("extension_pending", sa.Boolean(), nullable=False),
        sa.Column("lift_reported", sa.Boolean(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("governing_update_id", sa.Integer(), nullable=True),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["governing_update_id"], ["updates.id"], name=op.f("fk_standings_governing_update_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_standings_project_id")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_standings")),
    )
    with op.batch_alter_table("standings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_standings_ends_on"), ["ends_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_standings_headline"), ["headline"], unique=False)
        batch_op.create_index(batch_op.f("ix_standings_last_day"), ["last_day"], unique=False)

    op.create_table(
        "update_projects",
        sa.Column("update_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("headline_before", sa.String(length=24), nullable=False),
        sa.Column("headline_after", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_update_projects_project_id")),
        sa.ForeignKeyConstraint(["update_id"], ["updates.id"], name=op.f("fk_update_projects_update_id")),
        sa.PrimaryKeyConstraint("update_id", "project_id", name=op.f("pk_update_projects")),
    )
    with op.batch_alter_table("update_projects", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_update_projects_project_id"), ["project_id"], unique=False)

    op.create_table(
        "update_sources",
        sa.Column("update_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("published", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["update_id"], ["updates.id"], name=op.f("fk_update_sources_update_id")),
        sa.PrimaryKeyConstraint("update_id", "position", name=op.f("pk_update_sources")),
    )
    _append_only()


def _append_only() -> None:
    """Refuse to change or delete what was recorded."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the record is append-only'; END $$"
        )
    for table in APPEND_ONLY:
        for action in ("UPDATE", "DELETE", *(["TRUNCATE"] if op.get_bind().dialect.name == "postgresql" else [])):
            op.execute(_trigger(table, action))


def _trigger(table: str, action: str) -> str:
    name = f"{table}_no_{action.lower()}"
    if op.get_bind().dialect.name == "postgresql":
        return f"CREATE TRIGGER {name} BEFORE {action} ON {table} EXECUTE FUNCTION refuse_change()"
    return (
        f"CREATE TRIGGER {name} BEFORE {action} ON {table} BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END"
    )
