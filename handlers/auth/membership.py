"""What somebody is in the workspace now: asked of Slack, remembered for a minute, within the time an answer has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from handlers.auth.permissions import Who
from handlers.context import Person
from handlers.slack.client import quick_client

FRESH = timedelta(seconds=60)
"""How long a deactivation, or becoming a guest, may go unnoticed."""

SILENT = timedelta(seconds=10)
"""For how long Slack is not asked again about somebody after it did not answer."""

NOT_OURS = frozenset({"user_not_found", "user_not_visible"})
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Standing:
    """A member stands for an admin too, which is the record's to say; ``reason`` is why Slack told nothing.

    ``language`` is the one that the person reads Slack in, ``ko`` and the like; empty where Slack did not say.
    """

    who: Who
    until: datetime
    reason: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Standings:
    """Looks people up; ``clock`` gives aware UTC."""

    clock: Callable[[], datetime]
    _known: dict[Person, Standing] = field(default_factory=dict)

    def of(self, client: WebClient, person: Person) -> Standing:
        """What Slack says now, or said within the last minute."""
        known = self._known.get(person)
        if known is None or known.until < self.clock():
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            known = self._known[person] = self._asked(client, person)
        return known

    def language_of(self, person: Person) -> str:
        """The language of a person who was looked up before, however long ago; empty for others."""
        known = self._known.get(person)
        return known.language if known else ""

    def _asked(self, client: WebClient, person: Person) -> Standing:
        try:
            answer = quick_client(client).users_info(user=person.user_id, include_locale=True)
        except SlackApiError as error:
            return self._refused(str(error.response.get("error") or "no answer"))
        except (SlackClientError, OSError, HTTPException) as error:
            return Standing(Who.UNKNOWN, self.clock() + SILENT, type(error).__name__)
        user = answer.get("user") or {}
        language = str(user.get("locale") or "").partition("-")[0]
        return Standing(_who(user, person.team_id), self.clock() + FRESH, language=language)

    def _refused(self, code: str) -> Standing:
        if code in NOT_OURS:
            return Standing(Who.STRANGER, self.clock() + FRESH)
        return Standing(Who.UNKNOWN, self.clock() + SILENT, code)


def _who(user: Mapping[str, Any], team_id: str) -> Who:
    if user.get("deleted"):
        return Who.DEACTIVATED
    if user.get("is_stranger") or user.get("team_id", team_id) != team_id:
        return Who.STRANGER
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Who.GUEST
    return Who.MEMBER
