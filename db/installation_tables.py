"""The tables about workspaces: who has installed the bot, installations under way, and who is what in a workspace.

All but the last are those of slack_sdk's own stores, which ``bot.installation.token_store`` uses. Tokens stand in them
encrypted, which makes them longer than the stores' own columns would take.
"""

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, MetaData, String, Table, Text

from db.column_types import UtcTime

BOTS, INSTALLATIONS, STATES = "slack_bots", "slack_installations", "slack_oauth_states"
MEMBERS = "members"
WORKSPACE_TABLES = (BOTS, INSTALLATIONS, STATES, MEMBERS)
"""They hold keys to workspaces, and what Slack said of people, who may have read only; nothing of the record."""

TOKENS = ("bot_token", "bot_refresh_token", "user_token", "user_refresh_token", "incoming_webhook_url")
"""The columns that are encrypted; whoever knows a webhook's address may post with it."""

SHORT, LONG, SCOPES = String(32), String(200), String(1000)


def add_workspace_tables(metadata: MetaData) -> None:
    Table(
        BOTS, metadata, *_bot_columns(), Index(f"{BOTS}_idx", "client_id", "enterprise_id", "team_id", "installed_at")
    )
    Table(
        INSTALLATIONS,
        metadata,
        *_bot_columns(),
        *_installer_columns(),
        Index(f"{INSTALLATIONS}_idx", "client_id", "enterprise_id", "team_id", "user_id", "installed_at"),
    )
    Table(
        STATES,
        metadata,
        Column("id", Integer, primary_key=True),
        Column("state", LONG, nullable=False),
        Column("expire_at", DateTime, nullable=False),
    )
    Table(
        MEMBERS,
        metadata,
        Column("team_id", SHORT, primary_key=True),
        Column("user_id", SHORT, primary_key=True),
        Column("access", String(12), nullable=False),
        Column("language", String(5), nullable=False),
        Column("checked_at", UtcTime(), nullable=False),
    )


def _bot_columns() -> list[Column[object]]:
    return [
        Column("id", Integer, primary_key=True),
        Column("client_id", SHORT, nullable=False),
        Column("app_id", SHORT, nullable=False),
        Column("enterprise_id", SHORT),
        Column("enterprise_name", LONG),
        Column("team_id", SHORT),
        Column("team_name", LONG),
        Column("bot_token", Text),
        Column("bot_id", SHORT),
        Column("bot_user_id", SHORT),
        Column("bot_scopes", SCOPES),
        Column("bot_refresh_token", Text),
        Column("bot_token_expires_at", DateTime),
        Column("is_enterprise_install", Boolean, nullable=False),
        Column("installed_at", DateTime, nullable=False),
    ]


def _installer_columns() -> list[Column[object]]:
    return [
        Column("enterprise_url", LONG),
        Column("user_id", SHORT, nullable=False),
        Column("user_token", Text),
        Column("user_scopes", SCOPES),
        Column("user_refresh_token", Text),
        Column("user_token_expires_at", DateTime),
        Column("incoming_webhook_url", Text),
        Column("incoming_webhook_channel", LONG),
        Column("incoming_webhook_channel_id", LONG),
        Column("incoming_webhook_configuration_url", LONG),
        Column("token_type", SHORT),
    ]
