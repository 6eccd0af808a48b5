"""/aid-update: admins record what happened, in one line or in a form (handlers/updates/form.py)."""

from typing import Any

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from db.errors import BadInput, sentence
from db.recording.proposal import Proposal
from db.recording.receipts import Receipt
from db.reports.project import recorded
from handlers.blocks.blockkit import Block, fallback
from handlers.context import Person, Services, person_of
from handlers.i18n.translator import Words
from handlers.slack.client import open_form
from handlers.slack.payloads import number
from handlers.updates import blocks as messages
from handlers.updates import form
from handlers.updates.line_parser import CORRECT, RETRACT, Line, parse_line
from handlers.updates.service import Preview, Recorded, record_draft, resolve, submit, take_back, undo


def register(app: App, services: Services) -> None:
    """The command, its buttons and its form."""
    form.register(app, services)

    @app.command("/aid-update")
    def type_line(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        person, text = person_of(body), body.get("text", "").strip()
        if text.lower() == "help":
            with services.database.reading() as session:
                _say(ack, messages.help_text(services.words(session, person)))
            return
        line = parse_line(text) if text else None
        if line is None or line.verb == CORRECT:
            with services.database.reading() as session:
                view = _first_view(session, services.words(session, person), services, line)
            open_form(client, body["trigger_id"], view)
            ack()
            return
        with services.database.writing() as session:
            blocks = record_line(
                session, services, person, services.words(session, person), line, f"command:{body['trigger_id']}"
            )
        services.wake()
        _say(ack, blocks)

    @app.action(messages.RECORD)
    def record(ack: Ack, body: dict[str, Any], action: dict[str, Any], respond: Respond, client: WebClient) -> None:
        _draft(services, ack, body, action["value"], respond, client, again=False)

    @app.action(messages.AGAIN)
    def again(ack: Ack, body: dict[str, Any], action: dict[str, Any], respond: Respond, client: WebClient) -> None:
        _draft(services, ack, body, action["value"], respond, client, again=True)

    @app.action(messages.CANCEL)
    def cancel(ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        ack()
        with services.database.reading() as session:
            blocks = messages.cancelled(services.words(session, person_of(body)))
        services.later(lambda: respond(text=fallback(blocks), blocks=blocks, replace_original=True))

    @app.action(messages.UNDO)
    def take_it_back(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], respond: Respond, client: WebClient
    ) -> None:
        person = person_of(body)
        with services.database.writing() as session:
            words = services.words(session, person)
            blocks = messages.undone(words, undo(session, services, person, number(action["value"])))
        services.wake()
        ack()
        show(services, body, respond, client, blocks)

    @app.action(messages.CORRECT)
    def correct(ack: Ack, body: dict[str, Any], action: dict[str, Any], client: WebClient) -> None:
        person = person_of(body)
        with services.database.reading() as session:
            view = form.correction(session, services, services.words(session, person), number(action["value"]))
        open_form(client, body["trigger_id"], view, push="view" in body)
        ack()


def record_line(
    session: Session, services: Services, person: Person, words: Words, line: Line, key: str
) -> list[Block]:
    """Record or preview what a line says; the answer as blocks."""
    if line.verb == RETRACT or line.number is not None:
        return _retract(session, services, person, words, line, key)
    refs = resolve(session, services, line.refs, line.filters)
    done = submit(session, services, person, Proposal(refs, line.kind, line.options, line.note), key, origin="command")
    return result(words, done)


def result(words: Words, done: Preview | Recorded) -> list[Block]:
    """A preview or a receipt."""
    if isinstance(done, Preview):
        return messages.preview(words, done.plan, done.draft, done.news)
    return messages.receipt(words, done.receipt, again=done.draft)


def show(services: Services, body: dict[str, Any], respond: Respond, client: WebClient, blocks: list[Block]) -> None:
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
        services.later(lambda: client.views_update(view_id=body["view"]["id"], view=view))
    else:
        services.later(lambda: respond(text=fallback(blocks), blocks=blocks, replace_original=True))


def _say(ack: Ack, blocks: list[Block]) -> None:
    ack(text=fallback(blocks), blocks=blocks)


def _draft(
    services: Services, ack: Ack, body: dict[str, Any], draft: str, respond: Respond, client: WebClient, *, again: bool
) -> None:
    person = person_of(body)
    with services.database.writing() as session:
        words = services.words(session, person)
        blocks = result(words, record_draft(session, services, person, draft, again=again))
    services.wake()
    ack()
    show(services, body, respond, client, blocks)


def _retract(session: Session, services: Services, person: Person, words: Words, line: Line, key: str) -> list[Block]:
    if line.number is None:
        raise BadInput(sentence("Which update? Its number stands in the timeline: `/aid-update #12 retract why`."))
    if line.verb != RETRACT:
        raise BadInput(
            sentence(
                "#{number} is recorded already. `/aid-update #{number} correct` opens it in a form; "
                "`/aid-update #{number} retract why` takes it back."
            ),
            number=line.number,
        )
    receipt: Receipt = take_back(session, services, person, [line.number], key, refs=line.refs, note=line.note)
    return messages.undone(words, receipt)


def _first_view(session: Session, words: Words, services: Services, line: Line | None) -> Block:
    if line is None:
        return form.empty(session, services, words)
    if line.number is None:
        raise BadInput(sentence("Which update? Its number stands in the timeline: `/aid-update #12 correct`."))
    recorded(session, line.number)
    return form.correction(session, services, words, line.number, only=line.refs)
