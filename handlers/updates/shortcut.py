"""The message shortcut: opens the form of /aid-update with the message as note, its source and the projects it names."""

import re

from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from db.questions.understand import projects_named
from db.recording.proposal import NOTE_LENGTH
from handlers.context import AppContext
from handlers.slack.client import open_form, quick_client
from handlers.slack.command_text import unescape
from handlers.slack.mrkdwn import clip
from handlers.slack.payloads import ShortcutBody
from handlers.updates import form
from handlers.updates.form_values import NOTE
from handlers.updates.form_view import MOST_PROJECTS

RECORD_MESSAGE = "record_message"
_ADDRESS = re.compile(r"https?://[^\s<>|\"“”]*[^\s<>|\"“”.,;:!?)\]'’]")


def register(app: App, app_context: AppContext) -> None:
    @app.shortcut(RECORD_MESSAGE)
    def record(ack: Ack, body: ShortcutBody, client: WebClient) -> None:
        message = body.get("message") or {}
        text = unescape(str(message.get("text") or "")).strip()
        address = _ADDRESS.search(text)
        source = address[0] if address else _permalink(client, body["channel"]["id"], str(message.get("ts") or ""))
        with app_context.reading(body) as request:
            refs = projects_named(request.session, _ADDRESS.sub(" ", text), request.today)
            values = {"source": source, NOTE: clip(text, NOTE_LENGTH)}
            view = form.empty(request, refs=refs[:MOST_PROJECTS], values=values)
        open_form(client, body["trigger_id"], view)
        ack()


def _permalink(client: WebClient, channel: str, ts: str) -> str:
    """Return the message's permalink, empty if Slack does not answer in time: the form works without it."""
    try:
        return str(quick_client(client).chat_getPermalink(channel=channel, message_ts=ts)["permalink"])
    except (SlackApiError, SlackClientError, OSError):
        return ""
