"""Slack tells that a workspace has removed the bot, or taken back its token."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from slack_bolt import App


def register(app: App, forget: Callable[[str, datetime], object]) -> None:
    """``forget`` is given a workspace's id and when it happened (aware UTC); Slack may tell the same twice, or late."""

    def forgotten(body: dict[str, Any]) -> None:
        forget(str(body.get("team_id")), datetime.fromtimestamp(int(body.get("event_time") or 0), UTC))

    @app.event("app_uninstalled")
    def app_uninstalled(body: dict[str, Any]) -> None:
        forgotten(body)

    @app.event("tokens_revoked")
    def tokens_revoked(body: dict[str, Any]) -> None:
        if (body["event"].get("tokens") or {}).get("bot"):  # a person's token is none of ours
            forgotten(body)
