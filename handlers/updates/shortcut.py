"""The message shortcut: opens the form of /aid-update with the message's text as note and its permalink as source."""

from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from db.recording.proposal import NOTE_LENGTH
from handlers.context import AppContext
from handlers.slack.client import open_form, quick_client
from handlers.slack.command_text import unescape
from handlers.slack.mrkdwn import clip
from handlers.slack.payloads import ShortcutBody
from handlers.updates import form
from handlers.updates.form_values import NOTE

RECORD_MESSAGE = "record_message"


def register(app: App, app_context: AppContext) -> None:
    """Register the shortcut."""

    @app.shortcut(RECORD_MESSAGE)
    def record(ack: Ack, body: ShortcutBody, client: WebClient) -> None:
        message = body.get("message") or {}
        note = clip(unescape(str(message.get("text") or "")).strip(), NOTE_LENGTH)
        source = _permalink(client, body["channel"]["id"], str(message.get("ts") or ""))
        with app_context.reading(body) as request:
            view = form.empty(request, values={"source": source, NOTE: note})
        open_form(client, body["trigger_id"], view)
        ack()


def _permalink(client: WebClient, channel: str, ts: str) -> str:
    """Return the message's permalink, empty if Slack does not answer in time: the form works without it."""
    try:
        return str(quick_client(client).chat_getPermalink(channel=channel, message_ts=ts)["permalink"])
    except (SlackApiError, SlackClientError, OSError):
        return ""
