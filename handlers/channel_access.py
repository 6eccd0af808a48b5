"""Whether the bot can post in a channel: asked of Slack within the three seconds that a command has."""

from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from db.errors import AidError, sentence

TIMEOUT_SECONDS = 1
"""For one call; a command makes two at most."""

DIRECT_MESSAGE = "directmessage"
HIDDEN = frozenset({"channel_not_found", "not_in_channel"})
PASSING = frozenset({"fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"})
"""Errors that say nothing about the channel."""

TRY_AGAIN = sentence("Slack did not tell me whether I can post here (`{reason}`), so nothing was changed. Type it once "
                     "more.")


def ensure_can_post(client: WebClient, channel_id: str, channel_name: str, bot_name: str) -> bool:
    """Make sure that the bot can post in a channel; True where it had to join.

    ``channel_name`` is the command's own (``directmessage`` for one), ``bot_name`` what to invite. Raises AidError
    with the way out: an archived channel, one to be invited to, other people's direct message, a silent Slack.
    """
    quick = WebClient(token=client.token, base_url=client.base_url, timeout=TIMEOUT_SECONDS, ssl=client.ssl,
                      proxy=client.proxy, retry_handlers=[], logger=client.logger)
    channel = _channel(quick, channel_id, channel_name, bot_name)
    if channel.get("is_archived"):
        raise AidError(sentence("This channel is archived, so nobody can post here. Unarchive it, or type the command "
                                "in another channel."))
    if channel.get("is_im") or channel.get("is_member"):
        return False
    if channel.get("is_private") or channel.get("is_mpim"):
        raise _invite(bot_name)
    _join(quick, channel_id, bot_name)
    return True


def _channel(client: WebClient, channel_id: str, channel_name: str, bot_name: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = client.conversations_info(channel=channel_id)["channel"]
    except SlackApiError as error:
        code = _code(error)
        if code not in HIDDEN:
            raise AidError(TRY_AGAIN, reason=code) from error
        if channel_name == DIRECT_MESSAGE:
            raise AidError(sentence("I am not part of this direct message. Open mine (click my name, then *Messages*) "
                                    "and type the command there; or use a channel.")) from error
        raise _invite(bot_name) from error
    except (SlackClientError, OSError, HTTPException) as error:
        raise AidError(TRY_AGAIN, reason=type(error).__name__) from error
    return found


def _join(client: WebClient, channel_id: str, bot_name: str) -> None:
    try:
        client.conversations_join(channel=channel_id)
    except SlackApiError as error:
        if _code(error) in PASSING:
            raise AidError(TRY_AGAIN, reason=_code(error)) from error
        raise _invite(bot_name) from error
    except (SlackClientError, OSError, HTTPException) as error:
        raise AidError(TRY_AGAIN, reason=type(error).__name__) from error


def _invite(bot_name: str) -> AidError:
    return AidError(sentence("I am not in this channel and cannot join it by myself. Type `/invite @{bot}` here, then "
                             "the command again. Nothing was changed."), bot=bot_name)


def _code(error: SlackApiError) -> str:
    data = getattr(error.response, "data", error.response)
    code = data.get("error") if isinstance(data, Mapping) else None
    return code if isinstance(code, str) else f"HTTP {getattr(error.response, 'status_code', 200)}"
