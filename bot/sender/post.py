"""Posting, editing and pinning of outbox messages: one Slack request each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.slack_errors import outcome_of
from db.chain import Head
from db.epoch import EpochView
from db.models import Delivery
from db.outbox.deliveries import PINNED, PINNED_AGAIN, PINS, UNPINNED, DeliveryKind, DeliveryState, flags_of
from db.outbox.settle import Outcome, OutcomeKind
from handlers.blocks.blockkit import OutgoingMessage

EVENT_TYPE = "aid_update"
_UNKNOWN = frozenset({OutcomeKind.RETRY_LATER, OutcomeKind.UNCERTAIN, OutcomeKind.WORKSPACE_BLOCKED})
_MAY_NOT = frozenset({"missing_scope", "no_permission"})  # the board works unpinned


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """A row of the outbox, the row that it edits or answers, and its project's thread root, read before calling Slack.

    ``head`` is that of the chain up to the act that the message is about.
    """

    row: Delivery
    target: Delivery | None = None
    root: Delivery | None = None
    head: Head | None = None
    epoch: EpochView = field(default_factory=EpochView)

    @property
    def hindrance(self) -> Outcome | None:
        if self.row.state != DeliveryState.SENDING:
            return Outcome(OutcomeKind.CANCELLED, self.row.reason or "")
        needs_target = self.row.kind in {DeliveryKind.EDIT, DeliveryKind.THREAD_NOTE}
        return _hindrance_of(self.target) if needs_target else None

    @property
    def thread(self) -> str | None:
        if flags_of(self.row).get("anew"):
            return None
        if self.row.kind == DeliveryKind.THREAD_NOTE and self.target is not None:
            return self.target.thread_ts or self.target.ts
        return self.row.thread_ts or (self.root.ts if self.root else None)

    @property
    def edited(self) -> Delivery | None:
        if self.row.kind == DeliveryKind.BOARD:
            return self.row if self.row.ts else None
        return self.target if self.row.kind == DeliveryKind.EDIT and not flags_of(self.row).get("anew") else None

    @property
    def metadata(self) -> dict[str, object]:
        """Return the metadata that identifies the message: ids and hashes only, as all members of the channel can read them.

        With the head, Slack is a witness of the record: an edit repeats that with which its message was posted.
        """
        row = self.edited or self.row
        payload = {"delivery": str(row.id)}
        if row.update_id is not None:
            payload["update"] = str(row.update_id)
        if self.head is not None:
            payload["head"] = str(self.head)
        if self.epoch.key:
            payload["epoch"] = self.epoch.key
        return {"event_type": EVENT_TYPE, "event_payload": payload}


def _hindrance_of(target: Delivery | None) -> Outcome | None:
    if target is None:
        return Outcome(OutcomeKind.CANCELLED, "the message that it belongs to is not known")
    match target.state:
        case DeliveryState.SENT:
            return None
        case DeliveryState.CANCELLED | DeliveryState.FAILED:
            return Outcome(OutcomeKind.CANCELLED, f"the message that it belongs to was {target.state}")
        case DeliveryState.BLOCKED:
            return Outcome(OutcomeKind.BLOCKED_WITH_TARGET, target.reason or "")
        case _:
            return Outcome(OutcomeKind.RETRY_LATER, "the message that it belongs to is not sent yet", seconds=1.0)


def post(client: WebClient, delivery: DeliveryContext, message: OutgoingMessage) -> Outcome:
    """Post or edit a message; return the outcome, never raise."""
    if delivery.row.kind == DeliveryKind.BOARD:
        return _show_board(client, delivery, message)
    return _send(client, delivery, message)


def _show_board(client: WebClient, delivery: DeliveryContext, message: OutgoingMessage) -> Outcome:
    """Post or edit the message of a board, if it shows something else by now, and pin it."""
    row, flags, shown = delivery.row, flags_of(delivery.row), message.digest
    if row.ts and flags.get("shown") == shown:
        outcome = Outcome(OutcomeKind.SENT, channel_id=channel_of(row), ts=row.ts)
        if flags.get("pin") in PINS and not flags.get("off"):
            return replace(outcome, shown=shown, pin=flags["pin"])
    else:
        outcome = _send(client, delivery, message)
    if outcome.verdict is not OutcomeKind.SENT:
        return outcome
    pinned = _pin(client, row, outcome.channel_id, outcome.ts)
    return replace(outcome, verdict=pinned.verdict, reason=pinned.reason, shown=shown, pin=pinned.pin)


def _pin(client: WebClient, row: Delivery, channel_id: str, ts: str) -> Outcome:
    """Pin a board's message, or unpin that of one which is off; return SENT with the flag ``pin``, or MESSAGE_GONE.

    No event tells of an unpin: it shows when Slack pins the message once more. That is done once.
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


def _send(client: WebClient, delivery: DeliveryContext, message: OutgoingMessage) -> Outcome:
    try:
        response = (
            _edit(client, delivery.edited, delivery, message)
            if delivery.edited
            else _post_new(client, delivery, message)
        )
        return _outcome(response, delivery)
    except Exception as error:  # noqa: BLE001 - no failure may lose the message
        return outcome_of(error)


def channel_of(row: Delivery) -> str:
    """Return the id of the channel of a row's message: a direct message's differs from the person's."""
    return flags_of(row).get("posted_in", row.channel_id)


def _post_new(client: WebClient, delivery: DeliveryContext, message: OutgoingMessage) -> SlackResponse:
    thread = delivery.thread
    return client.chat_postMessage(
        channel=channel_of(delivery.target or (thread and delivery.root) or delivery.row),
        text=message.text,
        blocks=message.blocks,
        metadata=delivery.metadata,
        thread_ts=thread,
        reply_broadcast=True if thread and message.reply_broadcast else None,
        unfurl_links=False,
        unfurl_media=False,
    )


def _edit(client: WebClient, sent: Delivery, delivery: DeliveryContext, message: OutgoingMessage) -> SlackResponse:
    # Slack keeps the present blocks if none are given; an empty list removes them.
    return client.chat_update(
        channel=channel_of(sent),
        ts=str(sent.ts),
        text=message.text,
        blocks=message.blocks or [],
        metadata=delivery.metadata,
    )


def _outcome(response: SlackResponse, delivery: DeliveryContext) -> Outcome:
    ts, channel_id = response.get("ts"), response.get("channel")
    if not isinstance(ts, str) or not isinstance(channel_id, str):
        return Outcome(OutcomeKind.UNCERTAIN, "an answer without channel and ts")
    return sent(delivery, channel_id, {"ts": ts, **(response.get("message") or {"thread_ts": delivery.thread})})


def sent(delivery: DeliveryContext, channel_id: str, message: Mapping[str, Any]) -> Outcome:
    """Return the outcome of a posted message; Slack may post a reply to what is gone in the channel, without a word."""
    lost = delivery.thread is not None and not message.get("thread_ts")
    thread = None if lost else delivery.thread
    moved = lost or bool(flags_of(delivery.row).get("anew"))
    return Outcome(OutcomeKind.SENT, channel_id=channel_id, ts=message["ts"], thread_ts=thread, moved=moved)
