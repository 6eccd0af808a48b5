"""The tables about workspaces: those of slack_sdk's stores, with longer, encrypted tokens, and who is a member."""

from typing import Any

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
    for name, types, person in ((BOTS, _OF_BOT, ()), (INSTALLATIONS, _OF_BOT | _OF_INSTALLER, ("user_id",))):
        columns = (Column(each, kind, nullable=each not in _REQUIRED) for each, kind in types.items())
        index = Index(f"{name}_idx", "client_id", "enterprise_id", "team_id", *person, "installed_at")
        Table(name, metadata, Column("id", Integer, primary_key=True), *columns, index)
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


_REQUIRED = frozenset({"client_id", "app_id", "user_id", "is_enterprise_install", "installed_at"})
_OF_BOT: dict[str, Any] = {
    **dict.fromkeys(("client_id", "app_id", "enterprise_id", "team_id", "bot_id", "bot_user_id"), SHORT),
    **dict.fromkeys(("enterprise_name", "team_name"), LONG),
    **dict.fromkeys(("bot_token", "bot_refresh_token"), Text),
    **dict.fromkeys(("bot_token_expires_at", "installed_at"), DateTime),
    "bot_scopes": SCOPES,
    "is_enterprise_install": Boolean,
}
_OF_INSTALLER: dict[str, Any] = {
    **dict.fromkeys(("enterprise_url", "incoming_webhook_channel", "incoming_webhook_channel_id"), LONG),
    "incoming_webhook_configuration_url": LONG,
    **dict.fromkeys(("user_id", "token_type"), SHORT),
    **dict.fromkeys(("user_token", "user_refresh_token", "incoming_webhook_url"), Text),
    "user_scopes": SCOPES,
    "user_token_expires_at": DateTime,
}
