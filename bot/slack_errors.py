"""Meaning of an error of Slack, or on the way to it, for a message to be posted."""

import re
from collections.abc import Mapping
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError

from db.outbox.deliveries import WORKSPACE_REASONS
from db.outbox.settle import Outcome, OutcomeKind

DEFAULT_RETRY_SECONDS = 1.0
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500

RATE_LIMITED = frozenset({"ratelimited", "rate_limited"})
UNSURE = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
CHANNEL_REASONS = frozenset(
    {
        "cannot_dm_bot",
        "channel_not_found",
        "is_archived",
        "messages_tab_disabled",
        "not_in_channel",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "user_disabled",
        "user_not_found",
    }
)
BAD_BLOCKS = frozenset(
    {"invalid_attachments", "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
)

_CODE = re.compile(r"[a-z][a-z0-9_]*")


def outcome_of(error: Exception) -> Outcome:
    """Return the outcome for the message that ``error``, raised by a Web API call, implies.

    Only Slack's own refusal proves that nothing was posted; everything unexpected leaves it uncertain.
    """
    if isinstance(error, SlackApiError):
        return _refused(error)
    if isinstance(error, (SlackClientError, TypeError)):  # raised while the request was put together
        return Outcome(OutcomeKind.FAILED, reason_of(error))
    return Outcome(OutcomeKind.UNCERTAIN, reason_of(error))


def reason_of(error: Exception) -> str:
    """Return an error in a few words for the delivery log."""
    return f"{type(error).__name__}: {error}"[:300]


def _refused(error: SlackApiError) -> Outcome:
    status: int = getattr(error.response, "status_code", 200)
    data: Any = getattr(error.response, "data", error.response)
    code = data.get("error") if isinstance(data, Mapping) else None
    if status == TOO_MANY_REQUESTS or code in RATE_LIMITED:
        return Outcome(OutcomeKind.RETRY_LATER, "ratelimited", seconds=_retry_after(error))
    if status >= SERVER_ERROR:
        return Outcome(OutcomeKind.UNCERTAIN, f"HTTP {status}")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        return Outcome(OutcomeKind.UNCERTAIN, f"HTTP {status} with an answer that cannot be read")
    return Outcome(_verdict(code), code)


def _verdict(code: str) -> OutcomeKind:
    if code in UNSURE:
        return OutcomeKind.UNCERTAIN
    if code in CHANNEL_REASONS:
        return OutcomeKind.BLOCKED
    if code in WORKSPACE_REASONS:
        return OutcomeKind.WORKSPACE_BLOCKED
    return OutcomeKind.BAD_BLOCKS if code in BAD_BLOCKS else OutcomeKind.FAILED


def _retry_after(error: SlackApiError) -> float:
    headers: Mapping[str, Any] = getattr(error.response, "headers", None) or {}
    given = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    try:
        return max(0.0, float(given)) if given is not None else DEFAULT_RETRY_SECONDS
    except (TypeError, ValueError):
        return DEFAULT_RETRY_SECONDS
