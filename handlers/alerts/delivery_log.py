"""/aid-admin delivery: how messages stand in each channel, one channel's last ones, and *Send again*."""

import re
from typing import Any

from slack_bolt import Ack, App, Respond
from sqlalchemy.orm import Session

from db.alerts.resend import resend
from db.audit import Editor
from db.errors import N_, BadInput, NotFound
from db.outbox.log import channels_page, rows_page
from handlers.alerts import delivery_log_blocks as messages
from handlers.blocks.blockkit import Block, fallback_text
from handlers.context import Actor, AppContext, actor_of
from handlers.i18n.translator import Translator
from handlers.slack.command_text import mentioned_user
from handlers.slack.payloads import is_number

CHANNEL = re.compile(r"(?:<#)?([CDG][A-Z0-9]{2,20})(?:\|[^>]*)?>?")
PAGE = re.compile(r"[0-9]{1,6}")


def register(app: App, app_context: AppContext) -> None:
    """Register the buttons under the log; the command itself is in ``handlers.admin.command``."""

    def replacing(body: dict[str, Any], respond: Respond, typed: str) -> None:
        with app_context.database.reading() as session:
            person = actor_of(body)
            blocks = answer(session, person, app_context.translator_for(session, person), typed)
        app_context.run_after_response(
            lambda: respond(text=fallback_text(blocks), blocks=blocks, replace_original=True)
        )

    @app.action(re.compile(f"{messages.TURN}:(back|on)"))
    def turn(ack: Ack, body: dict[str, Any], action: dict[str, Any], respond: Respond) -> None:
        ack()
        number, _, channel = str(action["value"]).partition(" ")
        replacing(body, respond, f"{channel} {number}".strip())

    @app.action(messages.SHOW)
    def show(ack: Ack, body: dict[str, Any], action: dict[str, Any], respond: Respond) -> None:
        ack()
        replacing(body, respond, str(action["value"]))

    @app.action(messages.AGAIN)
    def again(ack: Ack, body: dict[str, Any], action: dict[str, Any], respond: Respond) -> None:
        blocks = _again(app_context, actor_of(body), str(action.get("value", "")))
        ack()
        app_context.run_after_response(
            lambda: respond(
                text=fallback_text(blocks), blocks=blocks, response_type="ephemeral", replace_original=False
            )
        )


def answer(session: Session, person: Actor, words: Translator, typed: str) -> list[Block]:
    """Return all channels, or one of them or a person; a page number may follow. Raises BadInput for anything else."""
    place, _, last = typed.strip().rpartition(" ")
    if not PAGE.fullmatch(last):
        place, last = typed.strip(), "1"
    if not place.strip():
        return messages.channels(words, channels_page(session, person.team_id, int(last)))
    return messages.channel(words, rows_page(session, person.team_id, _queue(place), int(last)))


def _queue(typed: str) -> str:
    """Return the id of the channel or person that was typed."""
    match = CHANNEL.fullmatch(typed.strip())
    found = match[1] if match else mentioned_user(typed)
    if found is None:
        raise BadInput(
            N_(
                "“{typed}” is no channel I can look up. Write # and choose the channel from the list that Slack "
                "offers, or @ and a person: `/aid-admin delivery #channel`."
            ),
            typed=typed[:100],
        )
    return found


def _again(app_context: AppContext, person: Actor, value: str) -> list[Block]:
    if not is_number(value):
        raise NotFound(N_("There is no message {delivery} in the delivery log."), delivery=value[:20])
    with app_context.database.writing() as session:
        row = resend(session, int(value), Editor(person.team_id, person.user_id, app_context.clock()))
        blocks = messages.sent_again(app_context.translator_for(session, person), row)
    app_context.notify_sender()
    return blocks
