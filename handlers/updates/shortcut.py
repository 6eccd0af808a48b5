"""The message shortcut: the form of /aid-update, with the message's words as note and its address as source."""

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from db.recording.proposal import NOTE_LENGTH
from handlers.context import AppContext, actor_of
from handlers.slack.client import open_form, quick_client
from handlers.slack.command_text import unescape
from handlers.slack.mrkdwn import clip
from handlers.updates import form

RECORD_MESSAGE = "record_message"


def register(app: App, app_context: AppContext) -> None:
    """Open the form; what is written in the message is the person's to check before it is recorded."""

    @app.shortcut(RECORD_MESSAGE)
    def record(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        message = body.get("message") or {}
        note = clip(unescape(str(message.get("text") or "")).strip(), NOTE_LENGTH)
        source = _address(client, body["channel"]["id"], str(message.get("ts") or ""))
        with app_context.database.reading() as session:
            words = app_context.translator_for(session, actor_of(body))
            view = form.empty(session, app_context, words, note=note, values={"source": source} if source else {})
        open_form(client, body["trigger_id"], view)
        ack()


def _address(client: WebClient, channel: str, ts: str) -> str:
    """Return the message's address; empty where Slack does not tell it in time, for the form does not depend on it."""
    try:
        return str(quick_client(client).chat_getPermalink(channel=channel, message_ts=ts)["permalink"])
    except (SlackApiError, SlackClientError, OSError):
        return ""
