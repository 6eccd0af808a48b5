"""Check that the bot can post in a channel, within the three seconds that a command or button has."""

from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from db.errors import N_, AidError
from db.outbox.deliveries import WORKSPACE_REASONS
from handlers.slack.client import quick_client
from handlers.slack.errors import decode_error

DIRECT_MESSAGE = "D"
"""What the ids of direct messages begin with."""

ASKED_NOTHING = (DIRECT_MESSAGE, "U", "W")
"""What the ids of direct messages and of the people told by one begin with."""

PASSING = frozenset({"fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"})
"""Errors that say nothing about the channel."""


@dataclass(frozen=True, slots=True)
class _Way:
    """The ways out, worded for where the person stands: where the command was typed, or before a button elsewhere."""

    archived: str
    invite: str
    unsure: str


_HERE = _Way(
    N_("This channel is archived, so nobody can post here. Unarchive it, or type the command in another channel."),
    N_(
        "I am not in this channel and cannot join it by myself. Type `/invite @{bot}` here, then "
        "the command again. Nothing was changed."
    ),
    N_("Slack did not tell me whether I can post here (`{reason}`), so nothing was changed. Type it once more."),
)
_THERE = _Way(
    N_(
        "<#{channel}> is archived, so nobody can post there. Unarchive it, then press *Resume* again; "
        "what waits is kept until then."
    ),
    N_(
        "I am not in <#{channel}> and cannot join it by myself. Type `/invite @{bot}` there, then press "
        "*Resume* again; what waits is kept until then."
    ),
    N_(
        "Slack did not tell me whether I can post in <#{channel}> (`{reason}`), so nothing was changed. Press it once more."
    ),
)


def ensure_can_post(client: WebClient, channel_id: str, user_id: str, bot_name: str) -> bool:
    """Make sure that the bot can post where ``user_id`` typed a command; True where it had to join the channel.

    ``bot_name`` is what people write to invite it. Raises AidError with the way out: an archived channel, one that
    it has to be invited to, a direct message of other people, a Slack that does not answer in time.
    """
    quick = quick_client(client)
    if channel_id.startswith(DIRECT_MESSAGE):
        _ensure_own(quick, channel_id, user_id)
        return False
    return _ensure_in(quick, channel_id, bot_name, _HERE)


def ensure_can_post_there(client: WebClient, channel_id: str, bot_name: str) -> None:
    """Make sure of the same for a button that was pressed elsewhere. Raises AidError with the way out.

    Of a direct message nothing is asked: only posting shows whether it arrives.
    """
    if not channel_id.startswith(ASKED_NOTHING):
        _ensure_in(quick_client(client), channel_id, bot_name, _THERE)


def _ensure_in(quick: WebClient, channel_id: str, bot_name: str, way: _Way) -> bool:
    """Join the channel if that is needed and possible; True where it was."""
    invite = AidError(way.invite, bot=bot_name, channel=channel_id)

    def unsure(reason: str) -> AidError:
        return AidError(way.unsure, reason=reason, channel=channel_id)

    channel = _asked(lambda: quick.conversations_info(channel=channel_id), invite, unsure)
    if channel.get("is_archived"):
        raise AidError(way.archived, channel=channel_id)
    if channel.get("is_member"):
        return False
    if channel.get("is_private") or channel.get("is_mpim"):
        raise invite
    _asked(lambda: quick.conversations_join(channel=channel_id), invite, unsure)
    return True


def _ensure_own(client: WebClient, channel_id: str, user_id: str) -> None:
    """Make sure that a direct message is the one between the bot and this person."""
    others = AidError(
        N_(
            "I am not part of this direct message. Open mine (click my name, then *Messages*) and "
            "type the command there; or use a channel."
        )
    )

    def unsure(reason: str) -> AidError:
        return AidError(_HERE.unsure, reason=reason)

    if _asked(lambda: client.conversations_open(users=user_id), others, unsure)["id"] != channel_id:
        raise others


def _asked(call: Callable[[], Any], refused: AidError, unsure: Callable[[str], AidError]) -> dict[str, Any]:
    """Return the channel that Slack's answer tells of; ``refused`` is raised where Slack says no."""
    try:
        found: dict[str, Any] = call()["channel"]
    except SlackApiError as error:
        raise _meaning(decode_error(error).label, refused, unsure) from error
    except (SlackClientError, OSError, HTTPException) as error:
        raise unsure(type(error).__name__) from error
    return found


def _meaning(code: str, refused: AidError, unsure: Callable[[str], AidError]) -> AidError:
    if code in WORKSPACE_REASONS:
        return AidError(
            N_(
                "Slack does not let me look at this channel (`{reason}`), so nothing was changed. "
                "Tell the person who runs the bot; the manifest (`python -m bot manifest`) lists the scopes."
            ),
            reason=code,
        )
    return unsure(code) if code in PASSING or not code.islower() else refused
