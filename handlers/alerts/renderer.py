"""Rendering of outbox rows into messages."""

import json
from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.alerts.content import alert_facts, changed_message
from db.epoch import current_epoch
from db.models import Delivery, Subscription, Suggestion
from db.outbox import deliveries as payloads
from db.outbox.deliveries import DeliveryKind, flags_of, payload_of
from db.outbox.notices import failures_in
from db.reminders.delivery import reminder_facts
from db.reports.portfolio import portfolio
from db.search.filter import parse_filter
from db.subscriptions.digests import included_in
from db.subscriptions.recipients import IMPORTANT
from db.updates.history import load_updates, updates_of_act
from db.updates.redaction import redact_text
from handlers.alerts import alert_message as messages
from handlers.alerts import blocks as subscription_blocks
from handlers.alerts import board_message, notice_message
from handlers.alerts import reminder_message as reminders
from handlers.blocks.blockkit import OutgoingMessage, in_words
from handlers.blocks.formatting import with_repeat_mark
from handlers.blocks.suggestion import settled, suggestion
from handlers.i18n.translator import Translator


class MessageObsolete(Exception):
    """A message no longer applies and is not sent."""


class Reader(NamedTuple):
    """The day (New York) on which a message is rendered, and the admins of AID_ADMINS."""

    today: date
    listed: frozenset[str]


def render(
    session: Session, delivery: Delivery, today: date, *, listed: frozenset[str] = frozenset()
) -> OutgoingMessage:
    """Render ``delivery``. Raises MessageObsolete if it no longer applies, ValueError for an unknown kind."""
    translator = Translator(delivery.language)
    rendered = _RENDERERS[DeliveryKind(delivery.kind)](session, delivery, translator, Reader(today, listed))
    outgoing = _with_repeat_mark(session, delivery, translator, rendered)
    broadcast = outgoing.reply_broadcast and flags_of(delivery).get("threading") == IMPORTANT
    return (
        OutgoingMessage(in_words(outgoing.blocks or []) or outgoing.text, reply_broadcast=broadcast)
        if delivery.plain
        else replace(outgoing, reply_broadcast=broadcast)
    )


def render_key(delivery: Delivery) -> Hashable:
    """Return a key under which alerts with equal text share one rendering; other messages are rendered on their own."""
    if delivery.kind != DeliveryKind.ALERT:
        return delivery.id
    return delivery.act_id, delivery.language, delivery.plain, json.dumps(delivery.about, sort_keys=True)


def _with_repeat_mark(
    session: Session, delivery: Delivery, translator: Translator, outgoing: OutgoingMessage
) -> OutgoingMessage:
    """Add a note below the title if the message may have been posted before; an edit keeps it."""
    posted = changed_message(session, delivery) if delivery.kind == DeliveryKind.EDIT else delivery
    if posted is None or not flags_of(posted).get("possible_repeat") or not outgoing.blocks:
        return outgoing
    return replace(outgoing, blocks=with_repeat_mark(translator, outgoing.blocks))


def _alert(session: Session, delivery: Delivery, translator: Translator, reader: Reader) -> OutgoingMessage:
    return messages.alert(translator, alert_facts(session, delivery, *reader), current_epoch(session).key)


def _notice(session: Session, delivery: Delivery, translator: Translator, _reader: Reader) -> OutgoingMessage:
    match delivery.about["notice"]:
        case "blocked":
            blocked = payload_of(delivery, payloads.BlockedPayload)
            rendered = notice_message.render_blocked(
                translator, blocked["channel"], blocked["reason"], blocked["subscription"], current_epoch(session).key
            )
        case "subscription":
            change = payload_of(delivery, payloads.SubscriptionPayload)
            before, after = (session.get_one(Subscription, change[name]) for name in ("before", "after"))
            rendered = subscription_blocks.tell_owner(translator, change, before, after, current_epoch(session).key)
        case "board":
            board = payload_of(delivery, payloads.BoardPayload)
            row = session.get_one(Subscription, board["subscription"])
            rendered = board_message.ask_owner(translator, row, board["reason"], current_epoch(session).key)
        case "edition":
            rendered = notice_message.render_edition(translator, payload_of(delivery, payloads.EditionPayload))
        case "upgrade":
            rendered = notice_message.render_upgrade(translator)
        case "interrupted":
            rendered = notice_message.render_interrupted(
                translator, payload_of(delivery, payloads.InterruptedPayload)["form"]
            )
        case "suggestion" | "settled" | "old-suggestions":
            rendered = _of_suggestions(session, delivery, translator)
        case _:
            rendered = notice_message.render_failures(translator, *failures_in(delivery.about))
    return rendered


def _of_suggestions(session: Session, delivery: Delivery, translator: Translator) -> OutgoingMessage:
    epoch = current_epoch(session).key
    if delivery.about["notice"] == "old-suggestions":
        ids = payload_of(delivery, payloads.OldSuggestionsPayload)["suggestions"]
        rows = session.scalars(select(Suggestion).where(Suggestion.id.in_(ids), Suggestion.settled_by.is_(None)))
        if not (waiting := rows.all()):
            raise MessageObsolete("they are settled")
        return notice_message.render_old_suggestions(translator, waiting, epoch)
    row = session.get_one(Suggestion, payload_of(delivery, payloads.SuggestionPayload)["suggestion"])
    number = updates_of_act(session, row.act_id)[-1].number if row.act_id else None
    hide = partial(redact_text, session, refs=row.refs)
    if delivery.about["notice"] == "settled":
        return OutgoingMessage.of(settled(translator, row, number, hide))
    return OutgoingMessage.of(suggestion(translator, row, epoch, number, hide))


def _reminder(session: Session, delivery: Delivery, translator: Translator, reader: Reader) -> OutgoingMessage:
    due = reminder_facts(session, delivery, reader.today)
    if not due:
        raise MessageObsolete("what it reminds of holds no more")
    return reminders.reminder(translator, due)


def _digest(session: Session, delivery: Delivery, translator: Translator, reader: Reader) -> OutgoingMessage:
    alerts = [alert_facts(session, row, *reader) for row in included_in(session, delivery)]
    return reminders.digest(translator, delivery.about["how"], alerts)


def _change(session: Session, delivery: Delivery, translator: Translator, reader: Reader) -> OutgoingMessage:
    sent = changed_message(session, delivery)
    if sent and sent.kind == DeliveryKind.NOTICE:
        return _notice(session, sent, translator, reader)
    if sent is None or delivery.update_id is None:
        raise ValueError(f"delivery {delivery.id} changes no message")
    if delivery.kind == DeliveryKind.EDIT:
        if sent.kind == DeliveryKind.DIGEST:
            return _digest(session, sent, translator, reader)
        return _alert(session, sent, translator, reader)
    return messages.thread_note(translator, load_updates(session, [delivery.update_id])[delivery.update_id])


def _board(session: Session, delivery: Delivery, translator: Translator, reader: Reader) -> OutgoingMessage:
    board = session.get_one(Subscription, delivery.subscription_id)
    if not flags_of(delivery).get("off"):
        project_filter = parse_filter(board.filter)
        return board_message.board(translator, board, portfolio(session, reader.today, project_filter), project_filter)
    if delivery.ts is None:
        raise MessageObsolete("the board was turned off before it was posted")
    return board_message.ended(translator, board)


_RENDERERS: dict[DeliveryKind, Callable[[Session, Delivery, Translator, Reader], OutgoingMessage]] = {
    DeliveryKind.ALERT: _alert,
    DeliveryKind.DIGEST: _digest,
    DeliveryKind.REMINDER: _reminder,
    DeliveryKind.EDIT: _change,
    DeliveryKind.THREAD_NOTE: _change,
    DeliveryKind.TEST: lambda _, row, words, __: messages.test(words, row.about["asked_by"]),
    DeliveryKind.NOTICE: _notice,
    DeliveryKind.BOARD: _board,
}
