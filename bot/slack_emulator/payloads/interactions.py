"""Payloads that Slack sends to an app: commands, interactions, events."""

from bot.slack_emulator.block_kit.state_values import VALUE_KEYS, Chosen, Part, entry
from bot.slack_emulator.models import Channel, Json, Message, User, View
from bot.slack_emulator.payloads.serializers import actor_json, message_json, team_json, view_json
from bot.slack_emulator.state.context import WorkspaceContext

_TOLD = {"text", "value", "style", "placeholder", "confirm"}
"""What an action repeats of its element, besides its initial value."""
SCOPES = {
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "user_change": "users:read",
    "team_join": "users:read",
    "channel": "channels:read",
    "group": "groups:read",
}
"""The scope that the app needs to get an event, by its name or the first word of it; the others need none."""


class Payloads:
    """Builds payloads for one site."""

    def __init__(self, site: WorkspaceContext) -> None:
        self._site = site

    def command(self, user: User, channel: Channel, name: str, text: str, response_id: str) -> Json:
        """Return the form of a slash command; all values are strings."""
        team = self._site.store.team
        return {
            "token": self._site.app.verification,
            "team_id": team.id,
            "team_domain": team.domain,
            "channel_id": channel.id,
            "channel_name": channel.name,
            "user_id": user.id,
            "user_name": user.name,
            "command": name,
            "text": text,
            "api_app_id": self._site.app.app_id,
            "is_enterprise_install": "false",
            "response_url": self.response_url(response_id),
            "trigger_id": self._site.tickets.trigger(user.id, channel.id),
        }

    def message_action(self, user: User, message: Message, part: Part, value: Chosen, response_id: str) -> Json:
        """`block_actions` from a button or menu of a message; an ephemeral message is not included itself."""
        ephemeral = message.ephemeral_for is not None
        payload = {
            **self._interaction("block_actions", user, message.channel),
            **self._place(message, response_id),
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": message.channel,
                "is_ephemeral": ephemeral,
                **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
            },
            "state": {"values": {}},
            "actions": [self._action(part, value)],
        }
        return payload if ephemeral else {**payload, "message": self.message(message)}

    def view_action(self, user: User, view: View, part: Part, value: Chosen) -> Json:
        """`block_actions` from a modal or home view."""
        return {
            **self._interaction("block_actions", user, view.channel),
            "container": {"type": "view", "view_id": view.id},
            "view": self.view(view),
            "actions": [self._action(part, value)],
        }

    def suggestion(self, user: User, view: View, part: Part, query: str) -> Json:
        """`block_suggestion`: what a person has typed into an external select."""
        payload = {
            **self._interaction("block_suggestion", user),
            "action_id": part.action_id,
            "block_id": part.block_id,
            "value": query,
            "container": {"type": "view", "view_id": view.id},
            "view": self.view(view),
        }
        del payload["trigger_id"]
        return payload

    def submission(self, user: User, view: View) -> Json:
        return {
            **self._interaction("view_submission", user, view.channel),
            "view": self.view(view),
            "response_urls": [],
        }

    def shortcut(self, user: User, callback_id: str, message: Message, response_id: str) -> Json:
        return {
            **self._interaction("message_action", user, message.channel),
            "callback_id": callback_id,
            "action_ts": self._now(),
            **self._place(message, response_id),
            "message_ts": message.ts,
            "message": self.message(message),
        }

    def event(self, event: Json) -> Json:
        team, app = self._site.store.team, self._site.app
        channel = self._site.store.channels.get(str(event.get("channel", "")))
        return {
            "token": app.verification,
            "team_id": team.id,
            "api_app_id": app.app_id,
            "event": {**event, "event_ts": event.get("event_ts") or self._now()},
            "type": "event_callback",
            "event_id": self._site.store.new_id("Ev"),
            "event_time": int(self._site.store.clock()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": team.id,
                    "user_id": app.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                },
            ],
            "is_ext_shared_channel": channel is not None and channel.shared,
        }

    def message(self, message: Message) -> Json:
        return message_json(message, self._site.app, self._site.store.team.id, metadata=True)

    def view(self, view: View) -> Json:
        """Return a view inside a payload, with what is filled in."""
        return view_json(view, self._site.app, self._site.store.team)

    def response_url(self, response_id: str) -> str:
        return f"{self._site.base_url}/response/{response_id}"

    def _interaction(self, kind: str, user: User, channel: str = "") -> Json:
        return {
            "type": kind,
            "user": actor_json(user),
            "api_app_id": self._site.app.app_id,
            "token": self._site.app.verification,
            "team": team_json(self._site.store.team),
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": self._site.tickets.trigger(user.id, channel),
        }

    def _place(self, message: Message, response_id: str) -> Json:
        return {"channel": self._channel(message.channel), "response_url": self.response_url(response_id)}

    def _channel(self, channel_id: str) -> Json:
        return {"id": channel_id, "name": self._site.store.channels[channel_id].name}

    def _action(self, part: Part, value: Chosen) -> Json:
        action: Json = {
            "type": part.kind,
            "action_id": part.action_id,
            "block_id": part.block_id,
            "action_ts": self._now(),
        }
        action |= {key: part.element[key] for key in part.element if key in _TOLD or key.startswith("initial_")}
        if part.kind in VALUE_KEYS:
            action |= entry(part.element, value)
        return action

    def _now(self) -> str:
        return f"{self._site.store.clock():.6f}"


def is_subscribed(site: WorkspaceContext, event: Json) -> bool:
    """Return True if the app gets an event: it subscribes to it, has the scope, and is where a message was written."""
    kind, scopes = ".".join(str(event[key]) for key in ("type", "channel_type") if key in event), site.app.scopes
    needed = SCOPES.get(kind) or SCOPES.get(kind.partition("_")[0])
    if kind not in site.app.events or (needed is not None and scopes is not None and needed not in scopes):
        return False
    return "text" not in event or site.app.bot_user in site.store.channels[event["channel"]].members


def mention_event(site: WorkspaceContext, message: Message) -> Json | None:
    """Return the event of a message that mentions the app or is in its direct message; None for any other."""
    direct = site.store.channels[message.channel].is_im
    if not direct and f"<@{site.app.bot_user}>" not in message.text:
        return None
    told = message_json(message, site.app, site.store.team.id)
    kind = {"type": "message", "channel_type": "im"} if direct else {"type": "app_mention"}
    return {**told, **kind, "channel": message.channel, "event_ts": message.ts}
