"""The message shortcut: the form of /aid-update, with the message's words as note and its address as source."""

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from db.proposal import NOTE_LENGTH
from handlers import update_form
from handlers.messages.blockkit import clip
from handlers.quick import quick_client
from handlers.services import Services, person_of
from handlers.typed import unescape

RECORD_MESSAGE = "record_message"


def register(app: App, services: Services) -> None:
    """Open the form; what is written in the message is the person's to check before it is recorded."""

    @app.shortcut(RECORD_MESSAGE)
    def record(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        message = body.get("message") or {}
        note = clip(unescape(str(message.get("text") or "")).strip(), NOTE_LENGTH)
        source = _address(client, body["channel"]["id"], str(message.get("ts") or ""))
        with services.database.reading() as session:
            words = services.words(session, person_of(body))
            view = update_form.empty(session, services, words, note=note, values={"source": source} if source else {})
        update_form.open_form(client, body["trigger_id"], view)
        ack()


def _address(client: WebClient, channel: str, ts: str) -> str:
    """The message's address; empty where Slack does not tell it in time, for the form does not depend on it."""
    try:
        return str(quick_client(client).chat_getPermalink(channel=channel, message_ts=ts)["permalink"])
    except (SlackApiError, SlackClientError, OSError):
        return ""
