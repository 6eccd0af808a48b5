"""The message shortcut: the form of /aid-update, or of a suggestion, with the message, its source and its projects."""

from collections.abc import Mapping

from slack_bolt import Ack, App
from slack_sdk import WebClient

from db.questions.understand import projects_named
from db.recording.proposal import NOTE_LENGTH
from handlers.context import AppContext
from handlers.slack.client import open_form
from handlers.slack.command_text import unescape
from handlers.slack.mrkdwn import clip
from handlers.slack.payloads import Body
from handlers.updates import form, suggestions
from handlers.updates.form_values import NOTE
from handlers.updates.form_view import MOST_PROJECTS

RECORD_MESSAGE = "record_message"


def register(app: App, app_context: AppContext) -> None:
    @app.shortcut(RECORD_MESSAGE)
    def record(ack: Ack, body: Body, client: WebClient) -> None:
        message = body.get("message") or {}
        text = unescape(str(message.get("text") or "")).strip()
        team, ts = body["team"], str(message.get("ts") or "").replace(".", "")
        domain = team.get("domain", "") if isinstance(team, Mapping) else ""
        permalink = f"https://{domain}.slack.com/archives/{body['channel']['id']}/p{ts}" if domain else ""
        with app_context.reading(body) as request:
            if request.may_record():
                refs = projects_named(request.session, suggestions.ADDRESS.sub(" ", text), request.today)
                values = {"source": suggestions.first_address(text) or permalink, NOTE: clip(text, NOTE_LENGTH)}
                view = form.empty(request, refs=refs[:MOST_PROJECTS], values=values)
            else:
                view = suggestions.suggest_form(request, text, link=permalink)
        open_form(client, body["trigger_id"], view)
        ack()
