"""Channel access check: can the bot post there? Asked of Slack within the three seconds that a command or button has."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from db.errors import N_, AidError
from db.outbox.deliveries import WORKSPACE_REASONS
from handlers.slack.client import quick_client
from handlers.slack.errors import decode_error

DIRECT_MESSAGE = "D"  # first letter of the ids of direct messages

# what Slack's names of group direct messages begin with; it may hide everything else about them
GROUP_NAME = "mpdm-"
GROUP = N_(
    "This is a group direct message, which can't be subscribed. Use a channel, or our own direct message (click my "
    "name, then *Messages*). Nothing was changed."
)

# first letters of the ids of direct messages and of people, whose access cannot be checked
ASKED_NOTHING = (DIRECT_MESSAGE, "U", "W")

# errors that say nothing about the channel
TRANSIENT = frozenset({"fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"})


@dataclass(frozen=True, slots=True)
class _Advice:
    """Error messages with the way out, for a command typed in the channel or a button pressed elsewhere."""

    archived: str
    invite: str
    unsure: str


_HERE = _Advice(
    N_("This channel is archived, so nobody can post here. Unarchive it, or run the command in another channel."),
    N_(
        "I'm not in this channel and can't join it myself. Type `/invite @{bot}` here, then run the command "
        "again. Nothing was changed."
    ),
    N_("I couldn't check with Slack whether I can post here (`{reason}`). Nothing was changed. Try again."),
)
_THERE = _Advice(
    N_(
        "<#{channel}> is archived, so nobody can post there. Unarchive it, then press *Resume* again. Waiting "
        "messages are kept until then."
    ),
    N_(
        "I'm not in <#{channel}> and can't join it myself. Type `/invite @{bot}` there, then press *Resume* "
        "again. Waiting messages are kept until then."
    ),
    N_("I couldn't check with Slack whether I can post in <#{channel}> (`{reason}`). Nothing was changed. Try again."),
)


def ensure_can_post(client: WebClient, channel_id: str, user_id: str, bot_name: str) -> bool:
    """Ensure that the bot can post where ``user_id`` typed; return True if it joined. Raises AidError with the way out."""
    quick = quick_client(client)
    if channel_id.startswith(DIRECT_MESSAGE):
        _ensure_own(quick, channel_id, user_id)
        return False
    return _ensure_in(quick, channel_id, bot_name, _HERE)


def ensure_can_post_there(client: WebClient, channel_id: str, bot_name: str) -> None:
    """Ensure that the bot can post where a button leads, but for direct messages. Raises AidError with the way out."""
    if not channel_id.startswith(ASKED_NOTHING):
        _ensure_in(quick_client(client), channel_id, bot_name, _THERE)


def _ensure_in(quick: WebClient, channel_id: str, bot_name: str, advice: _Advice) -> bool:
    """Join the channel if needed. Return True if the bot joined it."""
    invite = AidError(advice.invite, bot=bot_name, channel=channel_id)
    unsure = partial(AidError, advice.unsure, channel=channel_id)
    channel = _channel(lambda: quick.conversations_info(channel=channel_id), invite, unsure)
    if channel.get("is_archived"):
        raise AidError(advice.archived, channel=channel_id)
    if channel.get("is_member"):
        return False
    if channel.get("is_mpim"):
        raise AidError(GROUP)
    if channel.get("is_private"):
        raise invite
    _channel(lambda: quick.conversations_join(channel=channel_id), invite, unsure)
    return True


def _ensure_own(client: WebClient, channel_id: str, user_id: str) -> None:
    others = AidError(
        "I'm not in this direct message. Open mine (click my name, then *Messages*) and type the command "
        "there, or use a channel."
    )
    unsure = partial(AidError, _HERE.unsure)
    if _channel(lambda: client.conversations_open(users=user_id), others, unsure)["id"] != channel_id:
        raise others


def _channel(call: Callable[[], Any], refused: AidError, unsure: Callable[..., AidError]) -> dict[str, Any]:
    """Return the channel in Slack's response. Raises ``refused`` if Slack refuses, ``unsure`` if it fails."""
    try:
        channel: dict[str, Any] = call()["channel"]
    except SlackApiError as error:
        raise _access_error(decode_error(error).label, refused, unsure) from error
    except (SlackClientError, OSError, HTTPException) as error:
        raise unsure(reason=type(error).__name__) from error
    return channel


def _access_error(code: str, refused: AidError, unsure: Callable[..., AidError]) -> AidError:
    if code in WORKSPACE_REASONS:
        return AidError(
            "Slack does not let me see this channel (`{reason}`), so nothing was changed. Tell the person "
            "who runs the bot; the manifest (`python -m bot manifest`) lists the scopes.",
            reason=code,
        )
    return unsure(reason=code) if code in TRANSIENT or not code.islower() else refused
