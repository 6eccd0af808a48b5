"""Classification of errors from the Slack Web API into delivery outcomes."""

import re

from slack_sdk.errors import SlackApiError, SlackClientError

from db.outbox.deliveries import WORKSPACE_REASONS
from db.outbox.settle import Outcome, OutcomeKind
from handlers.slack.errors import SERVER_ERROR, decode_error

UNSURE = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
CHANNEL_REASONS = frozenset(
    {
        *("cannot_dm_bot", "channel_not_found", "is_archived", "messages_tab_disabled", "not_in_channel"),
        *("restricted_action", "restricted_action_non_threadable_channel", "restricted_action_read_only_channel"),
        *("restricted_action_thread_locked", "restricted_action_thread_only_channel"),
        *("user_disabled", "user_not_found"),
    }
)
GONE = frozenset({"message_not_found", "thread_not_found"})  # somebody deleted what is edited or answered
BAD_BLOCKS = frozenset(
    {"invalid_attachments", "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
)

_CODE = re.compile(r"[a-z][a-z0-9_]*")


def outcome_of(error: Exception) -> Outcome:
    """Classify ``error``, raised by a Web API call.

    Only an explicit refusal by Slack proves that nothing was posted; anything unexpected is uncertain.
    """
    if isinstance(error, SlackApiError):
        return _refusal_outcome(error)
    if isinstance(error, (SlackClientError, TypeError)):  # raised while the request was being built
        return Outcome(OutcomeKind.FAILED, reason_of(error))
    return Outcome(OutcomeKind.UNCERTAIN, reason_of(error))


def reason_of(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]


def _refusal_outcome(error: SlackApiError) -> Outcome:
    decoded = decode_error(error)
    if decoded.rate_limited:
        return Outcome(OutcomeKind.RETRY_LATER, "ratelimited", seconds=decoded.retry_after)
    if decoded.status >= SERVER_ERROR:
        return Outcome(OutcomeKind.UNCERTAIN, f"HTTP {decoded.status}")
    if not _CODE.fullmatch(decoded.code):
        return Outcome(OutcomeKind.UNCERTAIN, f"HTTP {decoded.status} with an answer that cannot be read")
    return Outcome(_verdict(decoded.code), decoded.code)


def _verdict(code: str) -> OutcomeKind:
    if code in UNSURE:
        return OutcomeKind.UNCERTAIN
    if code in CHANNEL_REASONS:
        return OutcomeKind.BLOCKED
    if code in WORKSPACE_REASONS:
        return OutcomeKind.WORKSPACE_BLOCKED
    if code in GONE:
        return OutcomeKind.MESSAGE_GONE
    return OutcomeKind.BAD_BLOCKS if code in BAD_BLOCKS else OutcomeKind.FAILED
