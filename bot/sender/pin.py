"""Pin of a board's message. No event tells of it: an unpin shows when Slack pins the message once more."""

from slack_sdk import WebClient

from bot.slack_errors import outcome_of
from db.models import Delivery
from db.outbox.deliveries import PINNED, PINNED_AGAIN, PINS, UNPINNED, flags_of
from db.outbox.settle import Outcome, OutcomeKind

_UNKNOWN = frozenset({OutcomeKind.RETRY_LATER, OutcomeKind.UNCERTAIN, OutcomeKind.WORKSPACE_BLOCKED})
_MAY_NOT = frozenset({"missing_scope", "no_permission"})  # the board works unpinned


def pin(client: WebClient, row: Delivery, channel_id: str, ts: str) -> Outcome:
    """Pin a board's message, or unpin that of one which is off; return SENT with the flag ``pin``, or MESSAGE_GONE.

    One that somebody unpinned is pinned again once, and the next time left unpinned.
    """
    flags = flags_of(row)
    before, message = flags.get("pin", ""), {"channel": channel_id, "timestamp": ts}
    if before == UNPINNED:
        return Outcome(OutcomeKind.SENT, pin=UNPINNED)
    try:
        if not flags.get("off"):
            client.pins_add(**message)
        if flags.get("off") or before == PINNED_AGAIN:
            client.pins_remove(**message)
            return Outcome(OutcomeKind.SENT, pin=UNPINNED)
        return Outcome(OutcomeKind.SENT, pin=PINNED_AGAIN if before == PINNED else PINNED)
    except Exception as error:  # noqa: BLE001 - no failure may undo the edit
        return _refused(outcome_of(error), before)


def _refused(refusal: Outcome, before: str) -> Outcome:
    if refusal.verdict is OutcomeKind.MESSAGE_GONE:
        return refusal
    unknown = refusal.verdict in _UNKNOWN and refusal.reason not in _MAY_NOT
    as_wanted = {"already_pinned": before if before in PINS else PINNED, "no_pin": UNPINNED}
    return Outcome(OutcomeKind.SENT, pin="" if unknown else as_wanted.get(refusal.reason, refusal.reason))
