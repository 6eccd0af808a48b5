"""Reconciliation: search the history, by metadata, for a message whose response from Slack was lost."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.sender.post import EVENT_TYPE, DeliveryContext, channel_of, sent
from bot.slack_errors import GONE, outcome_of, reason_of
from db.models import Delivery
from db.outbox.settle import Outcome, OutcomeKind
from handlers.slack.errors import decode_error

MARGIN = timedelta(minutes=1)  # before the attempt; more than CLOCK_MARGIN and the time that an answer takes
PAGE = 200
MISSING = frozenset({"missing_scope", "no_permission"})
PERSON = ("U", "W")  # first letter of user ids


def reconcile(client: WebClient, delivery: DeliveryContext, now: datetime, may_ask: Callable[[], bool]) -> Outcome:
    """Search the row's channel or thread for its message; return the outcome, never raise.

    The search is given up for now once ``may_ask``, called before each request, returns False. Outcomes: SENT,
    NOT_POSTED, RETRY_LATER (rate limited), UNCERTAIN (no response), HISTORY_UNREADABLE, WORKSPACE_BLOCKED.
    """
    if delivery.edited:  # an edit is idempotent
        return Outcome(OutcomeKind.NOT_POSTED)
    try:
        for message in _posted(client, delivery, now, may_ask):
            if _is_ours(message, delivery):
                return sent(delivery, message["channel"], message)
    except Exception as error:  # noqa: BLE001 - each error is classified
        return _unreadable(error)
    return Outcome(OutcomeKind.NOT_POSTED)


def _posted(
    client: WebClient, delivery: DeliveryContext, now: datetime, may_ask: Callable[[], bool]
) -> Iterator[dict[str, Any]]:
    """Yield the messages of the row's thread, or of its channel if it has none or its first message is gone."""
    if delivery.thread:
        try:
            yield from _messages(client, delivery, now, may_ask, delivery.thread)
        except SlackApiError as error:
            if decode_error(error).code not in GONE:
                raise
        else:
            return
    yield from _messages(client, delivery, now, may_ask, None)


def _messages(
    client: WebClient, delivery: DeliveryContext, now: datetime, may_ask: Callable[[], bool], thread: str | None
) -> Iterator[dict[str, Any]]:
    """Yield the messages of the channel or ``thread`` since the attempt, each with its channel's id."""
    where: dict[str, Any] = {
        "channel": _readable_channel(client, delivery.row),
        "limit": PAGE,
        "oldest": f"{(_attempted(delivery.row, now) - MARGIN).timestamp():.6f}",
        "include_all_metadata": True,
    }
    cursor = None
    while True:
        if not may_ask():
            raise TimeoutError("the history is too long to be read within one lease")
        response = (
            client.conversations_replies(**where, ts=thread, cursor=cursor)
            if thread
            else client.conversations_history(**where, cursor=cursor)
        )
        yield from ({**message, "channel": where["channel"]} for message in response["messages"])
        cursor = (response.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return


def _attempted(row: Delivery, now: datetime) -> datetime:
    """Return when the row was tried, or at the earliest may have been where a wrong clock wrote down a time to come."""
    times = [at for at in (row.attempted_at, row.created_at) if at and at <= now + MARGIN]
    return times[0] if times else now - timedelta(days=1)


def _readable_channel(client: WebClient, row: Delivery) -> str:
    channel_id = channel_of(row)
    if not channel_id.startswith(PERSON):
        return channel_id
    return str(client.conversations_open(users=channel_id)["channel"]["id"])


def _is_ours(message: dict[str, Any], delivery: DeliveryContext) -> bool:
    metadata, row, epoch = message.get("metadata") or {}, delivery.row, delivery.epoch
    payload = metadata.get("event_payload") or {}
    if metadata.get("event_type") != EVENT_TYPE or payload.get("delivery") != str(row.id):
        return False
    # A row from before a restore may have been posted in any epoch; a newer one may share its number with one that was lost.
    newer = epoch.restored and epoch.began_at and row.created_at >= epoch.began_at
    return not newer or payload.get("epoch") == epoch.key


def _unreadable(error: Exception) -> Outcome:
    if not isinstance(error, SlackClientError):
        return Outcome(OutcomeKind.UNCERTAIN, reason_of(error))
    outcome = outcome_of(error)
    # Reading needs scopes that posting does not, so a missing one only makes the history unreadable.
    workspace_blocked = outcome.verdict is OutcomeKind.WORKSPACE_BLOCKED and outcome.reason not in MISSING
    if outcome.verdict in {OutcomeKind.RETRY_LATER, OutcomeKind.UNCERTAIN} or workspace_blocked:
        return outcome
    return Outcome(OutcomeKind.HISTORY_UNREADABLE, f"history: {outcome.reason}")
