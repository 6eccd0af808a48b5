"""Any request that Slack can send for an entry of the permission table, without a form or button on screen."""

from dataclasses import dataclass
from typing import Any

from bot.slack_emulator.models import Json, Message
from bot.slack_emulator.payloads import user_json
from bot.slack_emulator.state.context import executed
from bot.slack_emulator.transport.delivery import Ack
from handlers.auth.permissions import PERMISSIONS
from tests.support.harness import BotHarness

LISTENERS = sorted(key for key in PERMISSIONS if not key.startswith("/") or " " not in key)
"""What is registered: the table without the verbs of commands."""

NAMES = {
    "status_turn:(back|on)": "status_turn:on",
    r"status_ask:\d+": "status_ask:1",
    r"update_seen:\d": "update_seen:0",
    "audit_turn:(back|on)": "audit_turn:on",
    "delivery_turn:(back|on)": "delivery_turn:on",
    "home_turn:(back|on)": "home_turn:on",
    r"^project_(applicant|role_\w+?)(_\d+)?$": "project_applicant",
}
"""An action id for each pattern that a listener is registered for."""

IN_FORMS = ("kind", "as", "alerts_count")
"""The actions of fields of a form."""


INTERACTIONS = {
    "action": "block_actions",
    "view": "view_submission",
    "options": "block_suggestion",
    "shortcut": "message_action",
}
OF_PEOPLE = ("user_change", "team_join")
"""Events that carry the person, not only an id."""


@dataclass(frozen=True, slots=True)
class RequestResult:
    """The ack of a request; ``answers`` are the messages posted to the person since."""

    ack: Ack
    harness: BotHarness
    response_id: str

    def text(self) -> str:
        payload = str(self.ack.payload or "")
        return payload + "".join(str(each.blocks) for each in self.answers())

    def answers(self) -> list[Message]:
        return self.harness.slack.replies.made(self.response_id)


def has_fields(entry: str) -> bool:
    """Return True if the request of an entry carries the state of a form's fields."""
    kind, _, name = entry.partition(" ")
    return kind == "view" or name in IN_FORMS


def send_request(
    harness: BotHarness, user_id: str, entry: str, value: Any = "", state: Json | None = None
) -> RequestResult:
    """Send the request of a table's ``entry`` as ``user_id``; ``value`` is the button's, or the typed text."""
    kind, _, name = entry.partition(" ")
    name = NAMES.get(name, name)
    if kind.startswith("/"):
        return _command(harness, user_id, kind, f"{name} {value}".strip())
    envelope, payload, response_id = _interaction(harness, user_id, kind, name, value, state or {})
    return RequestResult(harness.slack.deliver(envelope, payload), harness, response_id)


def _command(harness: BotHarness, user_id: str, command: str, text: str) -> RequestResult:
    slack, place = harness.slack, harness.slack.channel("general")
    response_id = slack.tickets.response(user_id, place.id)
    payload = slack.payloads.command(slack.store.users[user_id], place, command, text, response_id)
    return RequestResult(slack.deliver("slash_commands", payload), harness, response_id)


def _interaction(
    harness: BotHarness, user_id: str, kind: str, name: str, value: Any, state: Json
) -> tuple[str, Json, str]:
    slack = harness.slack
    response_id = slack.tickets.response(user_id, "C0GENERAL")
    user = slack.store.users[user_id]
    common = slack.payloads.interaction(INTERACTIONS.get(kind, ""), user)
    in_channel = {"channel": {"id": "C0GENERAL"}, "response_url": slack.payloads.response_url(response_id)}
    if kind == "event":
        person = user_json(user, slack.store.team, met=True) if name in OF_PEOPLE else user_id
        event = {"type": name, "user": person, "channel": "C0GENERAL", "text": str(value)}
        event |= {"old_channel_id": "C0OLD", "new_channel_id": "C0NEW"} if name == "channel_id_changed" else {}
        body: Json = slack.payloads.event({**event, "ts": "1770735600.000100", "tab": "home"})
        return "events_api", body, response_id
    if kind == "function":
        run = harness.slack.steps.begin(name, {"line": str(value), "person": user_id})
        event = executed(run, harness.slack.app.bot_token)
        return "events_api", slack.payloads.event(event), response_id
    message = {"type": "message", "ts": "1770735600.000100", "text": str(value), "user": "U0MEMBER"}
    around = {"view": _view("", state, str(value))} if name in IN_FORMS else in_channel
    more: dict[str, Json] = {
        "action": {"actions": [_action(name, value)], **around},
        "view": {"view": _view(name, state, str(value))},
        "options": {"action_id": name, "block_id": name, "value": value},
        "shortcut": {"callback_id": name, "message": message, **in_channel},
    }
    return "interactive", {**common, **more[kind]}, response_id


def _action(name: str, value: Any) -> Json:
    return {"type": "button", "action_id": name, "block_id": "b", "value": value, "action_ts": "1770735600.000100"}


def _view(callback_id: str, state: Json, metadata: str = "") -> Json:
    text = {"type": "plain_text", "text": "x"}
    blocks = [
        {"type": "input", "block_id": name, "label": text, "element": {"type": "plain_text_input", "action_id": name}}
        for name in ("refs", "kind", "ref")
    ]
    return {
        "id": "V00000001",
        "type": "modal",
        "callback_id": callback_id,
        "title": text,
        "close": text,
        "blocks": blocks,
        "private_metadata": metadata,
        "hash": "1770735600.x",
        "state": {"values": state},
    }
