"""Rendering of outbox rows into messages."""

import json
from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from db.alerts.content import alert_facts, changed_message
from db.epoch import current_epoch
from db.models import Delivery, Subscription
from db.outbox.deliveries import (
    BlockedPayload,
    BoardPayload,
    DeliveryKind,
    DigestPayload,
    EditionPayload,
    SubscriptionPayload,
    TestPayload,
    flags_of,
    payload_of,
)
from db.outbox.failure_notices import failures_in
from db.reminders.delivery import reminder_facts
from db.reports.portfolio import portfolio
from db.search.filter import parse_filter
from db.subscriptions.digests import included_in
from db.subscriptions.recipients import IMPORTANT
from db.updates.history import load_updates
from handlers.alerts import alert_message as messages
from handlers.alerts import blocks as subscription_blocks
from handlers.alerts import board_message, notice_message
from handlers.alerts import reminder_message as reminders
from handlers.blocks.blockkit import fit, in_words
from handlers.blocks.formatting import overflow_note
from handlers.blocks.message import OutgoingMessage
from handlers.i18n.translator import Translator


class MessageObsolete(Exception):
    """A message no longer applies and is not sent."""


def render(session: Session, delivery: Delivery, today: date) -> OutgoingMessage:
    """Render ``delivery``, without blocks if Slack refused them before.

    Raises ValueError for an unknown kind, MessageObsolete if the message no longer applies.
    """
    translator = Translator(delivery.language)
    try:
        renderer = _RENDERERS[DeliveryKind(delivery.kind)]
    except (KeyError, ValueError) as error:
        raise ValueError(f"no words for a delivery of kind {delivery.kind}") from error
    outgoing = _with_repeat_mark(session, delivery, translator, renderer(session, delivery, translator, today))
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
    title, *rest = outgoing.blocks
    return replace(outgoing, blocks=fit([title, messages.repeat(translator), *rest], overflow_note(translator)))


def _alert(session: Session, delivery: Delivery, translator: Translator, today: date) -> OutgoingMessage:
    return messages.alert(translator, alert_facts(session, delivery, today))


def _test(_session: Session, delivery: Delivery, translator: Translator, _today: date) -> OutgoingMessage:
    return messages.test(translator, payload_of(delivery, TestPayload)["asked_by"])


def _notice(session: Session, delivery: Delivery, translator: Translator, _today: date) -> OutgoingMessage:
    match delivery.about["notice"]:
        case "blocked":
            blocked = payload_of(delivery, BlockedPayload)
            return notice_message.render_blocked(
                translator,
                blocked["channel"],
                blocked["reason"],
                blocked["subscription"],
                current_epoch(session).key,
            )
        case "subscription":
            change = payload_of(delivery, SubscriptionPayload)
            before, after = (session.get_one(Subscription, change[name]) for name in ("before", "after"))
            return subscription_blocks.tell_owner(translator, change, before, after, current_epoch(session).key)
        case "board":
            board = payload_of(delivery, BoardPayload)
            row = session.get_one(Subscription, board["subscription"])
            return board_message.ask_owner(translator, row, board["reason"], current_epoch(session).key)
        case "edition":
            return notice_message.render_edition(translator, payload_of(delivery, EditionPayload))
        case "upgrade":
            return notice_message.render_upgrade(translator)
    return notice_message.render_failures(translator, *failures_in(delivery.about))


def _reminder(session: Session, delivery: Delivery, translator: Translator, today: date) -> OutgoingMessage:
    due = reminder_facts(session, delivery, today)
    if not due:
        raise MessageObsolete("what it reminds of holds no more")
    return reminders.reminder(translator, due)


def _digest(session: Session, delivery: Delivery, translator: Translator, today: date) -> OutgoingMessage:
    alerts = [alert_facts(session, row, today) for row in included_in(session, delivery)]
    return reminders.digest(translator, payload_of(delivery, DigestPayload)["how"], alerts)


def _change(session: Session, delivery: Delivery, translator: Translator, today: date) -> OutgoingMessage:
    sent = changed_message(session, delivery)
    if sent is None or delivery.update_id is None:
        raise ValueError(f"delivery {delivery.id} changes no message")
    if delivery.kind == DeliveryKind.EDIT:
        if sent.kind == DeliveryKind.DIGEST:
            return _digest(session, sent, translator, today)
        return messages.alert(translator, alert_facts(session, sent, today))
    return messages.thread_note(translator, load_updates(session, [delivery.update_id])[delivery.update_id])


def _board(session: Session, delivery: Delivery, translator: Translator, today: date) -> OutgoingMessage:
    board = session.get_one(Subscription, delivery.subscription_id)
    if not flags_of(delivery).get("off"):
        project_filter = parse_filter(board.filter)
        return board_message.board(translator, board, portfolio(session, today, project_filter), project_filter)
    if delivery.ts is None:
        raise MessageObsolete("the board was turned off before it was posted")
    return board_message.ended(translator, board)


_RENDERERS: dict[DeliveryKind, Callable[[Session, Delivery, Translator, date], OutgoingMessage]] = {
    DeliveryKind.ALERT: _alert,
    DeliveryKind.DIGEST: _digest,
    DeliveryKind.REMINDER: _reminder,
    DeliveryKind.EDIT: _change,
    DeliveryKind.THREAD_NOTE: _change,
    DeliveryKind.TEST: _test,
    DeliveryKind.NOTICE: _notice,
    DeliveryKind.BOARD: _board,
}
