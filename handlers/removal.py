"""A workspace has removed the bot, or taken back its token: told by Slack where several workspaces use it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from slack_bolt import App

EVENTS = ("tokens_revoked", "app_uninstalled")


def register(app: App, forget: Callable[[str, datetime], object]) -> None:
    """``forget`` is given a workspace's id and when it happened (aware UTC); Slack may tell the same twice, or late."""

    def forgotten(body: dict[str, Any]) -> None:
        forget(str(body["team_id"]), datetime.fromtimestamp(int(body["event_time"]), UTC))

    @app.event("app_uninstalled")
    def app_uninstalled(body: dict[str, Any]) -> None:
        forgotten(body)

    @app.event("tokens_revoked")
    def tokens_revoked(body: dict[str, Any]) -> None:
        if body["event"].get("tokens", {}).get("bot"):  # a person's token is none of ours
            forgotten(body)
