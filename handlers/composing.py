"""From a row of the outbox to the words of its message."""

from datetime import date

from sqlalchemy.orm import Session

from db.alert_facts import alert_facts, changed_message
from db.history import updates_by_number
from db.models import Delivery
from db.outbox import DeliveryKind
from handlers.messages import alert as messages
from handlers.messages.outgoing import Outgoing
from handlers.words import Words


def compose(session: Session, delivery: Delivery, today: date) -> Outgoing:
    """What ``delivery`` says; without blocks where Slack refused them before. Raises ValueError for an unknown kind."""
    outgoing = _compose(session, delivery, Words(delivery.language), today)
    return Outgoing(text=in_words(outgoing), reply_broadcast=outgoing.reply_broadcast) if delivery.plain else outgoing


def in_words(outgoing: Outgoing) -> str:
    """All that the blocks say, as one text."""
    texts = [block.get("text", {}).get("text", "") for block in outgoing.blocks or []]
    texts += [
        each["text"] for block in outgoing.blocks or [] if block["type"] == "context" for each in block["elements"]
    ]
    return "\n".join(text for text in texts if text) or outgoing.text


def _compose(session: Session, delivery: Delivery, words: Words, today: date) -> Outgoing:
    about = delivery.about
    match delivery.kind:
        case DeliveryKind.ALERT:
            return messages.alert(
                words, alert_facts(session, delivery, today), possible_repeat=bool(about.get("possible_repeat"))
            )
        case DeliveryKind.EDIT | DeliveryKind.THREAD_NOTE:
            return _change(session, delivery, words, today)
        case DeliveryKind.TEST:
            return messages.test(words, about["asked_by"])
        case DeliveryKind.NOTICE if about["notice"] == "blocked":
            return messages.blocked_notice(words, about["channel"], about["reason"], about["subscription"])
        case DeliveryKind.NOTICE:
            return messages.failed_notice(words, about["channel"], about["reason"], about["delivery"])
    raise ValueError(f"no words for a delivery of kind {delivery.kind}")


def _change(session: Session, delivery: Delivery, words: Words, today: date) -> Outgoing:
    sent = changed_message(session, delivery)
    if sent is None or delivery.update_id is None:
        raise ValueError(f"delivery {delivery.id} changes no message")
    if delivery.kind == DeliveryKind.EDIT:
        return messages.alert(words, alert_facts(session, sent, today))
    return messages.thread_note(words, updates_by_number(session, [delivery.update_id])[delivery.update_id])
