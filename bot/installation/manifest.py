"""Manifest of the Slack app: commands, events and no more scopes than the listeners use."""

from bot.installation.workspaces import REDIRECT
from handlers.updates.shortcut import RECORD_MESSAGE
from handlers.updates.workflow_step import INPUTS, STEP

COMMANDS = {
    "/aid-status": ("Where the aid projects stand in the 1718 Committee", "[GG-1 | filter | words | help]"),
    "/aid-update": ("Record news, or hand it in", "[GG-1 approved as:letter on:2026-02-06 until:2027-02-06 | help]"),
    "/aid-alerts": ("Alerts of this channel", "[on [filter] | board on | set digest:daily | off | list | test | help]"),
    "/aid-admin": (
        "People, projects, Council members (admins)",
        "[people | grant @name | project add | council | delivery | help]",
    ),
}
EVENTS = (
    *("app_home_opened", "app_mention", "app_uninstalled", "channel_id_changed", "message.im", "tokens_revoked"),
    *(f"{kind}_{what}" for kind in ("channel", "group") for what in ("archive", "deleted", "left", "unarchive")),
    *("team_join", "user_change"),
)
SCOPES = {
    "commands": "slash commands",
    "users:read": "checking if a user is a guest, deactivated or of another organisation",
    "app_mentions:read": "answering mentions",
    "chat:write": "alerts, answers and direct messages",
    "channels:read": "checking that the bot can post in a public channel",
    "channels:join": "joining a public channel that subscribes to alerts",
    "channels:history": "checking if an alert arrived in a public channel",
    "groups:read": "checking that the bot can post in a private channel",
    "groups:history": "checking if an alert arrived in a private channel",
    "im:write": "opening a direct message to check if a notice arrived",
    "files:read": "reading a file to import",
    "files:write": "sending an exported file",
    "im:history": "answering direct messages, checking if a notice arrived",
    "pins:write": "pinning the board of a channel; optional: without it, boards are not pinned",
}
OPTIONAL = frozenset({"pins:write"})  # whoever installs the app may leave them out


def manifest(
    url: str | None = None, *, workflow_step: bool = False, install_at: str | None = None
) -> dict[str, object]:
    """Return the manifest for Socket Mode, or for HTTP at ``url`` (the public address, without a path).

    ``workflow_step`` adds the step for Workflow Builder, which needs a paid plan and an app deployed to an organisation.
    ``install_at`` is for several workspaces: the address where they install the bot, without a path.
    """
    events = f"{url.rstrip('/')}/slack/events" if url else None
    return {
        **({"functions": _functions()} if workflow_step else {}),
        "display_information": {
            "name": "Aid status",
            "description": "Where humanitarian aid projects stand in the UN 1718 Committee",
        },
        "features": _features(events),
        "oauth_config": {
            **({"redirect_urls": [f"{install_at.rstrip('/')}{REDIRECT}"]} if install_at else {}),
            "scopes": {"bot": list(SCOPES), "bot_optional": sorted(OPTIONAL)},
        },
        "settings": _settings(events, workflow_step=workflow_step),
    }


def _features(events: str | None) -> dict[str, object]:
    return {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "bot_user": {"display_name": "aid-status", "always_online": True},
        "shortcuts": [
            {
                "name": "Hand in committee news",
                "type": "message",
                "callback_id": RECORD_MESSAGE,
                "description": "Admins record this message as an update, members suggest it",
            }
        ],
        "slash_commands": [
            {
                "command": name,
                "description": about,
                "usage_hint": usage,
                "should_escape": True,
                **({"url": events} if events else {}),
            }
            for name, (about, usage) in COMMANDS.items()
        ],
    }


def _settings(events: str | None, *, workflow_step: bool) -> dict[str, object]:
    wanted = [*EVENTS, *(["function_executed"] if workflow_step else [])]
    return {
        "event_subscriptions": {"bot_events": wanted, **({"request_url": events} if events else {})},
        "interactivity": {
            "is_enabled": True,
            **({"request_url": events, "message_menu_options_url": events} if events else {}),
        },
        "org_deploy_enabled": workflow_step,
        "socket_mode_enabled": events is None,
        "token_rotation_enabled": False,
        **({"function_runtime": "remote"} if workflow_step else {}),
    }


def _functions() -> dict[str, object]:
    inputs = {
        name: {"type": kind, "title": title, "description": about, "is_required": True, "name": name}
        for name, (kind, title, about) in INPUTS.items()
    }
    status = {"type": "string", "title": "Status", "description": "prepared", "is_required": True, "name": "status"}
    return {
        STEP: {
            "title": "Record a committee update",
            "description": "Prepares an update; the person named gets the preview and records it",
            "input_parameters": inputs,
            "output_parameters": {"status": status},
        }
    }
