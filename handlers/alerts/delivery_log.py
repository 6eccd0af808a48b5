"""/aid-admin delivery: message counts of each channel, the latest messages of one, and *Send again*."""

import re

from slack_bolt import Ack, App, Respond

from db.alerts.resend import may_resend, resend
from db.errors import BadInput, NotFound
from db.outbox.log import channel_log, channels_page
from handlers.alerts import delivery_log_blocks as messages
from handlers.blocks.blockkit import Block
from handlers.blocks.page_buttons import page_action
from handlers.blocks.respond import post_answer, replace_message
from handlers.context import AppContext, Request
from handlers.slack.command_text import mentioned_user, parse_channel
from handlers.slack.payloads import Action, ActionBody, is_number

PAGE = re.compile(r"[0-9]{1,6}")


def register(app: App, app_context: AppContext) -> None:
    """Register the buttons under the log; the command itself is in ``handlers.admin.command``."""

    def replace_with(body: ActionBody, respond: Respond, text: str) -> None:
        with app_context.reading(body) as request:
            blocks = answer(request, text)
        replace_message(app_context, respond, blocks)

    @app.action(page_action(messages.TURN))
    def turn(ack: Ack, body: ActionBody, action: Action, respond: Respond) -> None:
        ack()
        number, _, channel = str(action["value"]).partition(" ")
        replace_with(body, respond, f"{channel} {number}".strip())

    @app.action(messages.SHOW)
    def show(ack: Ack, body: ActionBody, action: Action, respond: Respond) -> None:
        ack()
        replace_with(body, respond, str(action["value"]))

    @app.action(messages.AGAIN)
    def send_again(ack: Ack, body: ActionBody, action: Action, respond: Respond) -> None:
        with app_context.writing(body) as request:
            value = request.own(action.get("value", ""))
            if not is_number(value):
                raise NotFound("There is no message {delivery} in the delivery log.", delivery=value[:20])
            delivery = resend(request.session, int(value), request.editor)
            blocks = messages.confirm_resend(request.translator, delivery)
        app_context.notify_sender()
        ack()
        post_answer(app_context, respond, blocks)


def answer(request: Request, text: str) -> list[Block]:
    """List all channels, or the messages of a channel or person. ``text`` names it and may end in a page number."""
    recipient, _, number = text.strip().rpartition(" ")
    if not PAGE.fullmatch(number):
        recipient, number = text.strip(), "1"
    session, team_id = request.session, request.actor.team_id
    if not recipient.strip():
        return messages.channels(request.translator, channels_page(session, team_id, int(number)), request.epoch)
    log = channel_log(session, team_id, _recipient_id(recipient), int(number))
    resendable = {row.id for row in log.page.rows if may_resend(session, row)}
    return messages.channel(request.translator, log, resendable, request.epoch)


def _recipient_id(text: str) -> str:
    """Return the id of the channel or person. Raises BadInput for anything else."""
    recipient = parse_channel(text) or mentioned_user(text)
    if recipient is None:
        raise BadInput(
            "I can't find the channel “{typed}”. Type # and pick a channel from Slack's list, or @ and a "
            "person: `/aid-admin delivery #channel`.",
            typed=text[:100],
        )
    return recipient
