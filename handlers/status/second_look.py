"""The button *Seen*, under a card and an alert: an admin looks at a decision that another one recorded."""

import re

from slack_bolt import Ack, App, Respond

from db.alerts.second_look import mark_seen
from db.errors import N_
from handlers.blocks.blockkit import paragraph
from handlers.blocks.project_buttons import SEEN
from handlers.blocks.respond import post_answer
from handlers.context import AppContext
from handlers.slack.payloads import Action, ActionBody, parse_id, thread_of


def register(app: App, app_context: AppContext) -> None:
    @app.action(re.compile(rf"{SEEN}:\d"))
    def seen(ack: Ack, body: ActionBody, action: Action, respond: Respond) -> None:
        with app_context.writing(body) as request:
            number = parse_id(request.own(action["value"]))
            new = mark_seen(request.session, number, request.editor, listed=app_context.admins)
            text = N_("You have seen #{number}.") if new else N_("#{number} was seen before.")
            blocks = paragraph(request.translator, text, number=number)
        app_context.notify_sender()
        ack()
        post_answer(app_context, respond, blocks, thread=thread_of(body))
