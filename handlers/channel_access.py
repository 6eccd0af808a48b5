"""Whether the bot can post in a channel: asked of Slack within the three seconds that a command has."""

from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from db.errors import AidError, sentence
from db.outbox import WORKSPACE_REASONS

TIMEOUT_SECONDS = 1
"""For one call; a command makes two at most."""

DIRECT_MESSAGE = "D"
"""What the ids of direct messages begin with."""

PASSING = frozenset({"fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"})
"""Errors that say nothing about the channel."""

SERVER_ERROR = 500


def ensure_can_post(client: WebClient, channel_id: str, user_id: str, bot_name: str) -> bool:
    """Make sure that the bot can post where ``user_id`` typed a command; True where it had to join the channel.

    ``bot_name`` is what people write to invite it. Raises AidError with the way out: an archived channel, one that
    it has to be invited to, a direct message of other people, a Slack that does not answer in time.
    """
    quick = WebClient(
        token=client.token,
        base_url=client.base_url,
        timeout=TIMEOUT_SECONDS,
        ssl=client.ssl,
        proxy=client.proxy,
        retry_handlers=[],
        logger=client.logger,
    )
    if channel_id.startswith(DIRECT_MESSAGE):
        _ensure_own(quick, channel_id, user_id)
        return False
    channel = _asked(lambda: quick.conversations_info(channel=channel_id), _invite(bot_name))
    if channel.get("is_archived"):
        raise AidError(
            sentence(
                "This channel is archived, so nobody can post here. Unarchive it, or type the command "
                "in another channel."
            )
        )
    if channel.get("is_member"):
        return False
    if channel.get("is_private") or channel.get("is_mpim"):
        raise _invite(bot_name)
    _asked(lambda: quick.conversations_join(channel=channel_id), _invite(bot_name))
    return True


def _ensure_own(client: WebClient, channel_id: str, user_id: str) -> None:
    """Make sure that a direct message is the one between the bot and this person."""
    others = AidError(
        sentence(
            "I am not part of this direct message. Open mine (click my name, then *Messages*) and "
            "type the command there; or use a channel."
        )
    )
    if _asked(lambda: client.conversations_open(users=user_id), others)["id"] != channel_id:
        raise others


def _asked(call: Callable[[], Any], refused: AidError) -> dict[str, Any]:
    """The channel that Slack's answer tells of; ``refused`` is raised where Slack says no."""
    try:
        found: dict[str, Any] = call()["channel"]
    except SlackApiError as error:
        raise _meaning(_code(error), refused) from error
    except (SlackClientError, OSError, HTTPException) as error:
        raise _try_again(type(error).__name__) from error
    return found


def _meaning(code: str, refused: AidError) -> AidError:
    if code in WORKSPACE_REASONS:
        return AidError(
            sentence(
                "Slack does not let me look at this channel (`{reason}`), so nothing was changed. "
                "Tell the person who runs the bot; the manifest (`python -m bot manifest`) lists the scopes."
            ),
            reason=code,
        )
    return _try_again(code) if code in PASSING or not code.islower() else refused


def _try_again(reason: str) -> AidError:
    return AidError(
        sentence(
            "Slack did not tell me whether I can post here (`{reason}`), so nothing was changed. Type it once more."
        ),
        reason=reason,
    )


def _invite(bot_name: str) -> AidError:
    return AidError(
        sentence(
            "I am not in this channel and cannot join it by myself. Type `/invite @{bot}` here, then "
            "the command again. Nothing was changed."
        ),
        bot=bot_name,
    )


def _code(error: SlackApiError) -> str:
    """Slack's error code, or the HTTP status where Slack itself is in trouble or says nothing."""
    status: int = getattr(error.response, "status_code", 200)
    data = getattr(error.response, "data", error.response)
    code = data.get("error") if isinstance(data, Mapping) else None
    return code if isinstance(code, str) and status < SERVER_ERROR else f"HTTP {status}"
