"""/aid-update: admins record what happened, in one line or in a form (handlers/updates/form.py)."""

from typing import Any

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from db.errors import N_, BadInput
from db.recording.proposal import Proposal
from db.recording.receipts import Receipt
from db.reports.project import update_detail
from handlers.blocks.blockkit import Block, fallback_text
from handlers.context import Actor, AppContext, actor_of
from handlers.i18n.translator import Translator
from handlers.slack.client import open_form
from handlers.slack.payloads import parse_id
from handlers.updates import blocks as messages
from handlers.updates import form
from handlers.updates.line_parser import CORRECT, RETRACT, Line, parse_line
from handlers.updates.service import Preview, Recorded, record_draft, resolve, submit, take_back, undo


def register(app: App, app_context: AppContext) -> None:
    """Register the command, its buttons and its form."""
    form.register(app, app_context)

    @app.command("/aid-update")
    def type_line(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        person, text = actor_of(body), body.get("text", "").strip()
        if text.lower() == "help":
            with app_context.database.reading() as session:
                _say(ack, messages.help_text(app_context.translator_for(session, person)))
            return
        line = parse_line(text) if text else None
        if line is None or line.verb == CORRECT:
            with app_context.database.reading() as session:
                view = _first_view(session, app_context.translator_for(session, person), app_context, line)
            open_form(client, body["trigger_id"], view)
            ack()
            return
        with app_context.database.writing() as session:
            blocks = record_line(
                session,
                app_context,
                person,
                app_context.translator_for(session, person),
                line,
                f"command:{body['trigger_id']}",
            )
        app_context.notify_sender()
        _say(ack, blocks)

    @app.action(messages.RECORD)
    def record(ack: Ack, body: dict[str, Any], action: dict[str, Any], respond: Respond, client: WebClient) -> None:
        _draft(app_context, ack, body, action["value"], respond, client, again=False)

    @app.action(messages.AGAIN)
    def again(ack: Ack, body: dict[str, Any], action: dict[str, Any], respond: Respond, client: WebClient) -> None:
        _draft(app_context, ack, body, action["value"], respond, client, again=True)

    @app.action(messages.CANCEL)
    def cancel(ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        ack()
        with app_context.database.reading() as session:
            blocks = messages.cancelled(app_context.translator_for(session, actor_of(body)))
        app_context.run_after_response(
            lambda: respond(text=fallback_text(blocks), blocks=blocks, replace_original=True)
        )

    @app.action(messages.UNDO)
    def take_it_back(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], respond: Respond, client: WebClient
    ) -> None:
        person = actor_of(body)
        with app_context.database.writing() as session:
            words = app_context.translator_for(session, person)
            blocks = messages.undone(words, undo(session, app_context, person, parse_id(action["value"])))
        app_context.notify_sender()
        ack()
        show(app_context, body, respond, client, blocks)

    @app.action(messages.CORRECT)
    def correct(ack: Ack, body: dict[str, Any], action: dict[str, Any], client: WebClient) -> None:
        person = actor_of(body)
        with app_context.database.reading() as session:
            view = form.correction(
                session, app_context, app_context.translator_for(session, person), parse_id(action["value"])
            )
        open_form(client, body["trigger_id"], view, push="view" in body)
        ack()


def record_line(
    session: Session, app_context: AppContext, person: Actor, words: Translator, line: Line, key: str
) -> list[Block]:
    """Record or preview what a line says; the answer as blocks."""
    if line.verb == RETRACT or line.number is not None:
        return _retract(session, app_context, person, words, line, key)
    refs = resolve(session, app_context, line.refs, line.filters)
    done = submit(
        session, app_context, person, Proposal(refs, line.kind, line.options, line.note), key, origin="command"
    )
    return result(words, done)


def result(words: Translator, done: Preview | Recorded) -> list[Block]:
    """Return a preview or a receipt."""
    if isinstance(done, Preview):
        return messages.preview(words, done.plan, done.draft, done.news)
    return messages.receipt(words, done.receipt, again=done.draft)


def show(
    app_context: AppContext, body: dict[str, Any], respond: Respond, client: WebClient, blocks: list[Block]
) -> None:
    """Put an answer where the button was pressed: in place of the message, or in the open view."""
    if "view" in body:
        view = {
            "type": "modal",
            "callback_id": messages.RECEIPT_FORM,
            "clear_on_close": True,
            "blocks": blocks,
            "title": body["view"]["title"],
            "close": body["view"]["close"],
        }
        app_context.run_after_response(lambda: client.views_update(view_id=body["view"]["id"], view=view))
    else:
        app_context.run_after_response(
            lambda: respond(text=fallback_text(blocks), blocks=blocks, replace_original=True)
        )


def _say(ack: Ack, blocks: list[Block]) -> None:
    ack(text=fallback_text(blocks), blocks=blocks)


def _draft(
    app_context: AppContext,
    ack: Ack,
    body: dict[str, Any],
    draft: str,
    respond: Respond,
    client: WebClient,
    *,
    again: bool,
) -> None:
    person = actor_of(body)
    with app_context.database.writing() as session:
        words = app_context.translator_for(session, person)
        blocks = result(words, record_draft(session, app_context, person, draft, again=again))
    app_context.notify_sender()
    ack()
    show(app_context, body, respond, client, blocks)


def _retract(
    session: Session, app_context: AppContext, person: Actor, words: Translator, line: Line, key: str
) -> list[Block]:
    if line.number is None:
        raise BadInput(N_("Which update? Its number stands in the timeline: `/aid-update #12 retract why`."))
    if line.verb != RETRACT:
        raise BadInput(
            N_(
                "#{number} is recorded already. `/aid-update #{number} correct` opens it in a form; "
                "`/aid-update #{number} retract why` takes it back."
            ),
            number=line.number,
        )
    receipt: Receipt = take_back(session, app_context, person, [line.number], key, refs=line.refs, note=line.note)
    return messages.undone(words, receipt)


def _first_view(session: Session, words: Translator, app_context: AppContext, line: Line | None) -> Block:
    if line is None:
        return form.empty(session, app_context, words)
    if line.number is None:
        raise BadInput(N_("Which update? Its number stands in the timeline: `/aid-update #12 correct`."))
    update_detail(session, line.number)
    return form.correction(session, app_context, words, line.number, only=line.refs)
