"""The bot's app as the workspace has installed it: tokens, commands, events, scopes."""

from dataclasses import dataclass, field, replace
from typing import Self

from bot.slack_emulator.models import Json

BOT_TOKEN = "xoxb-emulator"  # noqa: S105 - made up, good for the emulator only
APP_TOKEN = "xapp-emulator"  # noqa: S105
CONFIG_TOKEN = "xoxe.xoxp-emulator"  # noqa: S105
SIGNING_SECRET = "emulator"  # noqa: S105
EVENTS = frozenset({"app_mention", "app_home_opened"})


@dataclass(frozen=True, slots=True)
class Installation:
    """Installed app. `commands` None: any command is accepted; `scopes` None: any method."""

    app_id: str = "A0LOOP"
    bot_user: str = "U0BOT"
    bot_id: str = "B0BOT"
    bot_token: str = BOT_TOKEN
    app_token: str = APP_TOKEN
    signing_secret: str = SIGNING_SECRET
    verification: str = "emulator-verification"
    commands: tuple[Json, ...] | None = None
    shortcuts: tuple[Json, ...] = ()
    events: frozenset[str] = EVENTS
    scopes: frozenset[str] | None = None
    functions: Json = field(default_factory=dict)

    def with_manifest(self, manifest: Json) -> Self:
        features = manifest.get("features", {})
        events = manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events", ())
        return replace(
            self,
            commands=tuple(features.get("slash_commands", ())),
            shortcuts=tuple(features.get("shortcuts", ())),
            events=frozenset(events),
            scopes=frozenset(manifest["oauth_config"]["scopes"]["bot"]),
            functions=dict(manifest.get("functions", {})),
        )

    def command(self, name: str) -> Json | None:
        every = ({"command": name, "should_escape": True},) if self.commands is None else self.commands
        return next((command for command in every if command["command"] == name), None)
