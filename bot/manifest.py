"""The manifest of the Slack app: what a workspace grants the bot, no wider than its listeners use."""

from typing import Any

from handlers.shortcut import RECORD_MESSAGE

COMMANDS = {
    "/aid-status": ("Where the aid projects stand in the 1718 Committee", "[GG-1 | filter | words | help]"),
    "/aid-update": ("Record what happened (admins)", "[GG-1 approved as:letter on:2026-02-06 until:2027-02-06 | help]"),
    "/aid-alerts": ("Alerts of this channel", "[on [filter] | set digest:daily | off | list | test | help]"),
    "/aid-admin": (
        "People, projects, Council members (admins)",
        "[people | grant @name | project add | council | delivery | help]",
    ),
}
EVENTS = ("app_home_opened", "app_mention")
SCOPES = {
    "commands": "slash commands",
    "users:read": "whether who acts is a guest, of another organisation or deactivated",
    "app_mentions:read": "answering where the bot is mentioned",
    "chat:write": "alerts, and direct messages to who subscribed",
    "channels:read": "whether a public channel can be posted to",
    "channels:join": "joining the public channel that asks for alerts",
    "channels:history": "finding out whether an alert arrived",
    "groups:read": "whether a private channel can be posted to",
    "groups:history": "finding out whether an alert arrived in a private channel",
    "im:write": "finding the direct message in which a notice was sent",
    "im:history": "finding out whether a direct message arrived",
}


def manifest(url: str | None = None) -> dict[str, Any]:
    """The manifest for Socket Mode, or for HTTP at ``url`` (the address that Slack reaches, without a path)."""
    events = f"{url.rstrip('/')}/slack/events" if url else None
    commands = [
        {
            "command": name,
            "description": about,
            "usage_hint": usage,
            "should_escape": True,
            **({"url": events} if events else {}),
        }
        for name, (about, usage) in COMMANDS.items()
    ]
    subscriptions: dict[str, Any] = {"bot_events": list(EVENTS)}
    if events:
        subscriptions |= {"request_url": events}
    interactivity: dict[str, Any] = {"is_enabled": True}
    if events:
        interactivity |= {"request_url": events, "message_menu_options_url": events}
    return {
        "display_information": {
            "name": "Aid status",
            "description": "Where humanitarian aid projects stand in the UN 1718 Committee",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "aid-status", "always_online": True},
            "shortcuts": [
                {
                    "name": "Record as committee update",
                    "type": "message",
                    "callback_id": RECORD_MESSAGE,
                    "description": "Opens the form with this message as note and source (admins)",
                }
            ],
            "slash_commands": commands,
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": subscriptions,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": events is None,
            "token_rotation_enabled": False,
        },
    }
