"""Finding out whether a message was posted when Slack's answer never came: by its metadata in the history."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.sender.post import EVENT_TYPE, DeliveryContext, channel_of
from bot.slack_errors import outcome_of, reason_of
from db.models import Delivery
from db.outbox.deliveries import DeliveryKind
from db.outbox.settle import Outcome, OutcomeKind

CLOCK_MARGIN = timedelta(seconds=5)
"""How far this machine's clock may be ahead of Slack's."""

PAGE = 200
MISSING = frozenset({"missing_scope", "no_permission"})
PERSON = ("U", "W")
"""What a person's id begins with."""


def reconcile(client: WebClient, parcel: DeliveryContext, may_ask: Callable[[], bool]) -> Outcome:
    """Find out if the row's message is in its channel or thread; never raises.

    ``may_ask`` is asked before every request; when it says no the search is given up for now. Outcomes: sent,
    absent, later (rate limited), uncertain (Slack does not answer), unreadable, workspace blocked.
    """
    if parcel.row.kind == DeliveryKind.EDIT:  # an edit does the same when it is done twice
        return Outcome(OutcomeKind.NOT_POSTED)
    try:
        for message in _messages(client, parcel, may_ask):
            if _is_ours(message, parcel.row):
                return Outcome(
                    OutcomeKind.SENT, channel_id=message["channel"], ts=message["ts"], thread_ts=parcel.thread
                )
    except Exception as error:  # noqa: BLE001 - outcome_of knows what each error means
        return _unread(error)
    return Outcome(OutcomeKind.NOT_POSTED)


def _messages(client: WebClient, parcel: DeliveryContext, may_ask: Callable[[], bool]) -> Iterator[dict[str, Any]]:
    """Give the messages of the channel or thread since the attempt, each with its channel's id."""
    since = (parcel.row.attempted_at or parcel.row.created_at) - CLOCK_MARGIN
    where: dict[str, Any] = {
        "channel": _readable_channel(client, parcel.row),
        "limit": PAGE,
        "oldest": f"{since.timestamp():.6f}",
        "include_all_metadata": True,
    }
    cursor = None
    while True:
        if not may_ask():
            msg = "the history is too long to be read within one lease"
            raise TimeoutError(msg)
        answer = (
            client.conversations_replies(**where, ts=parcel.thread, cursor=cursor)
            if parcel.thread
            else client.conversations_history(**where, cursor=cursor)
        )
        yield from ({**message, "channel": where["channel"]} for message in answer["messages"])
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return


def _readable_channel(client: WebClient, row: Delivery) -> str:
    channel_id = channel_of(row)
    if not channel_id.startswith(PERSON):
        return channel_id
    return str(client.conversations_open(users=channel_id)["channel"]["id"])


def _is_ours(message: dict[str, Any], row: Delivery) -> bool:
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return metadata.get("event_type") == EVENT_TYPE and payload.get("delivery") == str(row.id)


def _unread(error: Exception) -> Outcome:
    if not isinstance(error, SlackClientError):
        return Outcome(OutcomeKind.UNCERTAIN, reason_of(error))
    found = outcome_of(error)
    if found.verdict in {OutcomeKind.RETRY_LATER, OutcomeKind.UNCERTAIN} or _stops_everything(found):
        return found
    return Outcome(OutcomeKind.HISTORY_UNREADABLE, f"history: {found.reason}")


def _stops_everything(found: Outcome) -> bool:
    # Reading needs scopes that posting does not, so a missing one only makes the history unreadable.
    return found.verdict is OutcomeKind.WORKSPACE_BLOCKED and found.reason not in MISSING
