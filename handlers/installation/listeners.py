"""Events that end an installation: the workspace removed the bot or revoked its token."""

from collections.abc import Callable
from datetime import UTC, datetime

from slack_bolt import App

from handlers.slack.payloads import Body


def register(app: App, forget: Callable[[str, datetime], object]) -> None:
    """Register the listeners. ``forget(team_id, at)`` gets aware UTC; events may arrive twice, or late."""

    def ended(body: Body) -> None:
        forget(str(body.get("team_id")), datetime.fromtimestamp(int(body.get("event_time") or 0), UTC))

    app.event("app_uninstalled")(ended)

    @app.event("tokens_revoked")
    def tokens_revoked(body: Body) -> None:
        if (body["event"].get("tokens") or {}).get("bot"):  # users' tokens do not matter
            ended(body)
