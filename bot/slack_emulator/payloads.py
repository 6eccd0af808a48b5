"""Events, interaction payloads and records as the JSON that Slack's methods and payloads carry."""

from collections.abc import Sequence
from urllib.parse import quote

from bot.slack_emulator.block_kit.state_values import VALUE_KEYS, Chosen, Part, entry
from bot.slack_emulator.models import Channel, ChannelKind, Json, Message, Team, User, View
from bot.slack_emulator.state.context import WorkspaceContext
from bot.slack_emulator.state.files import MIMETYPES, File

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
    def __init__(self, site: WorkspaceContext) -> None:
        self._site = site

    def command(self, user: User, channel: Channel, name: str, text: str, response_id: str) -> Json:
        team = self._site.store.team
        return {
            "token": self._site.app.verification,
            "team_id": team.id,
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
            **self.interaction("block_actions", user, message.channel),
            **self._place(message, response_id),
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": message.channel,
                **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
            },
            "state": {"values": {}},
            "actions": [self._action(part, value)],
        }
        return payload if ephemeral else {**payload, "message": message_json(self._site, message, metadata=True)}

    def view_action(self, user: User, view: View, part: Part, value: Chosen) -> Json:
        return {
            **self.interaction("block_actions", user, view.channel),
            "container": {"type": "view", "view_id": view.id},
            "view": view_json(self._site, view),
            "actions": [self._action(part, value)],
        }

    def suggestion(self, user: User, view: View, part: Part, query: str) -> Json:
        payload = {
            **self.interaction("block_suggestion", user),
            "action_id": part.action_id,
            "block_id": part.block_id,
            "value": query,
            "container": {"type": "view", "view_id": view.id},
            "view": view_json(self._site, view),
        }
        del payload["trigger_id"]
        return payload

    def submission(self, user: User, view: View) -> Json:
        kind = self.interaction("view_submission", user, view.channel)
        return {**kind, "view": view_json(self._site, view)}

    def shortcut(self, user: User, callback_id: str, message: Message, response_id: str) -> Json:
        return {
            **self.interaction("message_action", user, message.channel),
            "callback_id": callback_id,
            "action_ts": self._now(),
            **self._place(message, response_id),
            "message_ts": message.ts,
            "message": message_json(self._site, message, metadata=True),
        }

    def event(self, event: Json) -> Json:
        team, app = self._site.store.team, self._site.app
        channel = self._site.store.channels.get(str(event.get("channel", "")))
        owner = {"enterprise_id": None, "team_id": team.id}
        return {
            "token": app.verification,
            "team_id": team.id,
            "api_app_id": app.app_id,
            "event": {**event, "event_ts": event.get("event_ts") or self._now()},
            "type": "event_callback",
            "event_id": self._site.store.new_id("Ev"),
            "event_time": int(self._site.store.clock()),
            "authorizations": [{"user_id": app.bot_user, "is_bot": True, **owner, "is_enterprise_install": False}],
            "is_ext_shared_channel": channel is not None and channel.shared,
        }

    def response_url(self, response_id: str) -> str:
        return f"{self._site.base_url}/response/{response_id}"

    def interaction(self, kind: str, user: User, channel: str = "") -> Json:
        return {
            "type": kind,
            "user": {"id": user.id, "name": user.name, "team_id": user.team_id},
            "api_app_id": self._site.app.app_id,
            "token": self._site.app.verification,
            "team": {"id": self._site.store.team.id, "domain": self._site.store.team.domain},
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": self._site.tickets.trigger(user.id, channel),
        }

    def _place(self, message: Message, response_id: str) -> Json:
        channel = self._site.store.channels[message.channel]
        return {"channel": {"id": channel.id, "name": channel.name}, "response_url": self.response_url(response_id)}

    def _action(self, part: Part, value: Chosen) -> Json:
        told = {key: part.element[key] for key in part.element if key in _TOLD or key.startswith("initial_")}
        held = entry(part.element, value) if part.kind in VALUE_KEYS else {"type": part.kind}
        return {"action_id": part.action_id, "block_id": part.block_id, "action_ts": self._now(), **told, **held}

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
    direct = site.store.channels[message.channel].is_im
    if not direct and f"<@{site.app.bot_user}>" not in message.text:
        return None
    told = message_json(site, message)
    kind = {"type": "message", "channel_type": "im"} if direct else {"type": "app_mention"}
    return {**told, **kind, "channel": message.channel, "event_ts": message.ts}


def user_json(user: User, team: Team, *, met: bool) -> Json:
    """Return a user as `users.info` and the events of people tell: little of who is deactivated or of another workspace.

    `met`: they share a channel with the app; a stranger of another workspace does not.
    """
    shape: Json = {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "is_bot": user.is_bot,
    }
    if user.deleted:
        return shape
    shape |= {"real_name": user.real_name, "tz": user.tz, "locale": user.locale, "is_restricted": user.is_guest}
    return shape | ({"is_admin": user.is_admin} if user.team_id == team.id else {"is_stranger": not met})


def channel_json(channel: Channel, bot_user: str) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "is_archived": channel.archived,
        "is_ext_shared": channel.shared,
        "is_private": channel.kind is not ChannelKind.PUBLIC,
        "is_member": bot_user in channel.members,
    }


def message_json(site: WorkspaceContext, message: Message, *, metadata: bool = False) -> Json:
    shape: Json = {"type": "message", "ts": message.ts, "text": message.text, "user": message.user}
    perhaps = {
        "blocks": list(message.blocks),
        "files": list(message.files),
        "bot_id": message.bot_id,
        "app_id": site.app.app_id if message.bot_id else None,
        "thread_ts": message.thread_ts,
        "subtype": message.subtype,
        "edited": {"user": message.user, "ts": message.edited} if message.edited else None,
        "metadata": message.metadata if metadata else None,
    }
    return {**shape, "team": site.store.team.id, **{name: held for name, held in perhaps.items() if held}}


def view_json(site: WorkspaceContext, view: View) -> Json:
    source = view.source
    return {
        "id": view.id,
        "team_id": site.store.team.id,
        "type": view.type,
        "blocks": list(view.blocks),
        "private_metadata": view.private_metadata,
        "callback_id": view.callback_id,
        "state": {"values": view.state},
        "hash": view.hash,
        **{name: source.get(name) for name in ("title", "submit", "close")},
        **{name: bool(source.get(name)) for name in ("clear_on_close", "notify_on_close")},
        "previous_view_id": view.previous_view_id,
        "root_view_id": view.root_view_id,
        "app_id": site.app.app_id,
        "bot_id": site.app.bot_id,
    }


def file_json(site: WorkspaceContext, file: File) -> Json:
    place = f"{site.base_url}/files-pri/{site.store.team.id}-{file.id}"
    name = quote(file.name.replace("/", "_").replace(" ", "_").lower()) or "file"
    return {
        "id": file.id,
        "created": int(file.created),
        "name": file.name,
        "title": file.title,
        "mimetype": MIMETYPES[file.type],
        "filetype": file.type,
        "user": file.user,
        "size": len(file.data),
        "url_private": f"{place}/{name}",
        "url_private_download": f"{place}/download/{name}",
        **({"alt_txt": file.alt_text} if file.alt_text else {}),
    }


def share_files(site: WorkspaceContext, files: Sequence[File], channel: str, user: str, *, text: str) -> Message:
    with site.store.lock:
        shared = [site.store.files.share(file, channel) for file in files]
        return site.store.post(
            channel,
            user,
            text=text,
            subtype="file_share",
            bot_id=site.app.bot_id if user == site.app.bot_user else "",
            files=tuple(file_json(site, file) for file in shared),
        )
