"""Membership lookup: member, guest or external person, from ``users.info``, cached for a minute."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from handlers.auth.permissions import AccessLevel
from handlers.context import Actor
from handlers.slack.client import quick_client
from handlers.slack.errors import decode_error

# longest time that a deactivation, or becoming a guest, may go unnoticed
TTL = timedelta(seconds=60)

# pause before Slack is asked again about a person after it did not answer
ERROR_TTL = timedelta(seconds=10)

NOT_OURS = frozenset({"user_not_found", "user_not_visible"})
SLACKBOT = "USLACKBOT"  # whom Slack does not call a bot
MAX_CACHED = 10_000


@dataclass(frozen=True, slots=True)
class Member:
    """A person's membership until it expires. Admins are members here: that role is in the database.

    ``reason`` is Slack's error if the membership is unknown. ``language`` is that of their Slack, such as ``ko``,
    empty if unknown.
    """

    access_level: AccessLevel
    until: datetime
    reason: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class MemberCache:
    """Cache of memberships; ``clock`` returns aware UTC."""

    clock: Callable[[], datetime]
    _members: dict[Actor, Member] = field(default_factory=dict)

    def of(self, client: WebClient, actor: Actor) -> Member:
        """Return the actor's membership, at most a minute old."""
        member = self._members.get(actor)
        if member is None or not timedelta() <= member.until - self.clock() <= TTL:  # also false of a clock set back
            if len(self._members) >= MAX_CACHED:
                self._members.clear()
            member = self._members[actor] = self._fetch(client, actor)
        return member

    def language_of(self, actor: Actor) -> str:
        """Return the actor's language from the cache, expired or not, empty if they are not in it."""
        member = self._members.get(actor)
        return member.language if member else ""

    def is_member(self, actor: Actor) -> bool:
        """Return True if the actor's last lookup, which their request began with, said that they are a full member."""
        member = self._members.get(actor)
        return member is not None and member.access_level is AccessLevel.MEMBER

    def forget(self, actor: Actor) -> None:
        """Drop what is kept of somebody who changed."""
        self._members.pop(actor, None)

    def _fetch(self, client: WebClient, actor: Actor) -> Member:
        try:
            answer = quick_client(client).users_info(user=actor.user_id, include_locale=True)
        except SlackApiError as error:
            return self._without_user(decode_error(error).code or "no answer")
        except (SlackClientError, OSError, HTTPException) as error:
            return Member(AccessLevel.UNKNOWN, self.clock() + ERROR_TTL, type(error).__name__)
        user = answer.get("user") or {}
        language = str(user.get("locale") or "").partition("-")[0]
        return Member(_access_level(user, actor.team_id), self.clock() + TTL, language=language)

    def _without_user(self, code: str) -> Member:
        if code in NOT_OURS:
            return Member(AccessLevel.STRANGER, self.clock() + TTL)
        return Member(AccessLevel.UNKNOWN, self.clock() + ERROR_TTL, code)


def _access_level(user: Mapping[str, object], team_id: str) -> AccessLevel:
    if user.get("deleted"):
        return AccessLevel.DEACTIVATED
    if user.get("is_bot") or user.get("id") == SLACKBOT:
        return AccessLevel.BOT
    if user.get("is_stranger") or user.get("team_id", team_id) != team_id:
        return AccessLevel.STRANGER
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return AccessLevel.GUEST
    return AccessLevel.MEMBER
