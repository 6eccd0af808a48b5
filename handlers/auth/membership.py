"""Membership lookup (member, guest, external) through users.info, cached for 60 seconds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from handlers.auth.permissions import AccessLevel
from handlers.context import Actor
from handlers.slack.client import quick_client
from handlers.slack.errors import decode_error

TTL = timedelta(seconds=60)
"""How long a deactivation, or becoming a guest, may go unnoticed."""

ERROR_TTL = timedelta(seconds=10)
"""For how long Slack is not asked again about somebody after it did not answer."""

NOT_OURS = frozenset({"user_not_found", "user_not_visible"})
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Member:
    """A member stands for an admin too, which is the record's to say; ``reason`` is why Slack told nothing.

    ``language`` is the one that the person reads Slack in, ``ko`` and the like; empty where Slack did not say.
    """

    who: AccessLevel
    until: datetime
    reason: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class MemberCache:
    """Looks people up; ``clock`` gives aware UTC."""

    clock: Callable[[], datetime]
    _known: dict[Actor, Member] = field(default_factory=dict)

    def of(self, client: WebClient, person: Actor) -> Member:
        """Return what Slack says now, or said within the last minute."""
        known = self._known.get(person)
        if known is None or known.until < self.clock():
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            known = self._known[person] = self._fetch(client, person)
        return known

    def language_of(self, person: Actor) -> str:
        """Return the language of a person who was looked up before, however long ago; empty for others."""
        known = self._known.get(person)
        return known.language if known else ""

    def _fetch(self, client: WebClient, person: Actor) -> Member:
        try:
            answer = quick_client(client).users_info(user=person.user_id, include_locale=True)
        except SlackApiError as error:
            return self._refused(decode_error(error).code or "no answer")
        except (SlackClientError, OSError, HTTPException) as error:
            return Member(AccessLevel.UNKNOWN, self.clock() + ERROR_TTL, type(error).__name__)
        user = answer.get("user") or {}
        language = str(user.get("locale") or "").partition("-")[0]
        return Member(_who(user, person.team_id), self.clock() + TTL, language=language)

    def _refused(self, code: str) -> Member:
        if code in NOT_OURS:
            return Member(AccessLevel.STRANGER, self.clock() + TTL)
        return Member(AccessLevel.UNKNOWN, self.clock() + ERROR_TTL, code)


def _who(user: Mapping[str, Any], team_id: str) -> AccessLevel:
    if user.get("deleted"):
        return AccessLevel.DEACTIVATED
    if user.get("is_stranger") or user.get("team_id", team_id) != team_id:
        return AccessLevel.STRANGER
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return AccessLevel.GUEST
    return AccessLevel.MEMBER
