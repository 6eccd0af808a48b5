"""One request to Slack that posts a message of the outbox or edits one."""

from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.slack_errors import outcome_of
from db.models import Delivery
from db.outbox.deliveries import DeliveryKind, DeliveryState
from db.outbox.settle import Outcome, OutcomeKind
from handlers.blocks.message import OutgoingMessage

EVENT_TYPE = "aid_update"


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """A row of the outbox, the row that it changes or answers, and the root of its project's thread.

    All are read before Slack is called.
    """

    row: Delivery
    target: Delivery | None = None
    root: Delivery | None = None

    @property
    def hindrance(self) -> Outcome | None:
        """Why the row cannot be posted now, None if it can."""
        if self.row.state != DeliveryState.SENDING:
            return Outcome(OutcomeKind.CANCELLED, self.row.reason or "")
        needs_target = self.row.kind in {DeliveryKind.EDIT, DeliveryKind.THREAD_NOTE}
        return _hindrance_of(self.target) if needs_target else None

    @property
    def thread(self) -> str | None:
        """Return the ts of the message whose thread it belongs in, None outside threads."""
        if self.row.kind == DeliveryKind.THREAD_NOTE and self.target is not None:
            return self.target.thread_ts or self.target.ts
        return self.row.thread_ts or (self.root.ts if self.root else None)

    @property
    def edited(self) -> Delivery | None:
        """Return the row whose message it changes, None for a new message."""
        return self.target if self.row.kind == DeliveryKind.EDIT else None

    @property
    def metadata(self) -> dict[str, Any]:
        """Return the metadata to find the message again: opaque ids only, for every member of the channel can read them."""
        named = self.edited or self.row
        payload = {"delivery": str(named.id)}
        if named.update_id is not None:
            payload["update"] = str(named.update_id)
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


def post(client: WebClient, parcel: DeliveryContext, words: OutgoingMessage) -> Outcome:
    """Post or edit; returns what came of it and raises nothing."""
    try:
        answer = _edit(client, parcel.edited, parcel, words) if parcel.edited else _new(client, parcel, words)
        return _answered(answer, parcel)
    except Exception as error:  # noqa: BLE001 - whatever happens on the way must not lose the message
        return outcome_of(error)


def channel_of(row: Delivery) -> str:
    """Tell the channel that a row's message stands in: a direct message has another id than the person."""
    return str(row.about.get("posted_in", row.channel_id))


def _new(client: WebClient, parcel: DeliveryContext, words: OutgoingMessage) -> SlackResponse:
    thread = parcel.thread
    return client.chat_postMessage(
        channel=channel_of((thread and (parcel.target or parcel.root)) or parcel.row),
        text=words.text,
        blocks=words.blocks,
        metadata=parcel.metadata,
        thread_ts=thread,
        reply_broadcast=True if thread and words.reply_broadcast else None,
        unfurl_links=False,
        unfurl_media=False,
    )


def _edit(client: WebClient, sent: Delivery, parcel: DeliveryContext, words: OutgoingMessage) -> SlackResponse:
    # Without blocks Slack would keep those of the message as it is; an empty list takes them away.
    return client.chat_update(
        channel=channel_of(sent), ts=str(sent.ts), text=words.text, blocks=words.blocks or [], metadata=parcel.metadata
    )


def _answered(answer: SlackResponse, parcel: DeliveryContext) -> Outcome:
    ts, channel_id = answer.get("ts"), answer.get("channel")
    if not isinstance(ts, str) or not isinstance(channel_id, str):
        return Outcome(OutcomeKind.UNCERTAIN, "an answer without channel and ts")
    return Outcome(OutcomeKind.SENT, channel_id=channel_id, ts=ts, thread_ts=parcel.thread)
