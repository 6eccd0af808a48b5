"""The bot's app as the workspace has installed it: tokens, commands, events, scopes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

BOT_TOKEN = "xoxb-loopback"  # noqa: S105 - made up, good on loopback only
APP_TOKEN = "xapp-loopback"  # noqa: S105
SIGNING_SECRET = "loopback"  # noqa: S105
EVENTS = frozenset({"app_mention", "app_home_opened"})


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command as the manifest declares it."""

    name: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = True


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut as the manifest declares it; `type` is `message` or `global`."""

    name: str
    callback_id: str
    type: str = "message"


@dataclass(frozen=True, slots=True)
class Installation:
    """Installed app. `commands` None: any command is accepted; `scopes` None: any method."""

    app_id: str = "A0LOOP"
    bot_user: str = "U0BOT"
    bot_id: str = "B0BOT"
    bot_token: str = BOT_TOKEN
    app_token: str = APP_TOKEN
    signing_secret: str = SIGNING_SECRET
    verification: str = "loopback-verification"
    commands: tuple[Command, ...] | None = None
    shortcuts: tuple[Shortcut, ...] = ()
    events: frozenset[str] = EVENTS
    scopes: frozenset[str] | None = None
    functions: Mapping[str, Any] = field(default_factory=dict)

    def with_manifest(self, manifest: Mapping[str, Any]) -> Self:
        """Return the app with the commands, shortcuts, events and scopes of an app manifest."""
        features = manifest.get("features", {})
        settings = manifest.get("settings", {})
        scopes = manifest.get("oauth_config", {}).get("scopes", {}).get("bot")
        events = settings.get("event_subscriptions", {}).get("bot_events", ())
        return replace(
            self,
            commands=tuple(_command(entry) for entry in features.get("slash_commands", ())),
            shortcuts=tuple(
                Shortcut(entry["name"], entry["callback_id"], entry["type"]) for entry in features.get("shortcuts", ())
            ),
            events=frozenset(events),
            scopes=None if scopes is None else frozenset(scopes),
            functions=dict(manifest.get("functions", {})),
        )

    def command(self, name: str) -> Command | None:
        """Return the declaration of a command, None if it is not one of the app's."""
        if self.commands is None:
            return Command(name)
        return next((command for command in self.commands if command.name == name), None)


def _command(entry: Mapping[str, Any]) -> Command:
    return Command(
        entry["command"],
        entry.get("description", ""),
        entry.get("usage_hint", ""),
        bool(entry.get("should_escape", False)),
    )
