"""Membership of people: member, guest or external person, from ``users.info``, kept in the database.

Answers that only show something take what is kept, however old, and Slack is asked after the response. Where a role decides,
Slack is asked first if nothing is kept or it is too old. Events of Slack's change what is kept at once.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from db.database import Database
from db.errors import AidError
from db.people import membership_of, set_membership
from handlers.auth.permissions import AccessLevel
from handlers.context import Actor
from handlers.slack.client import quick_client
from handlers.slack.errors import decode_error

# longest time that a deactivation, or becoming a guest, may go unnoticed where no event tells of it
TRUSTED = timedelta(hours=1)

# age from which Slack is asked again after a response, so that nobody who is active ever waits for it
REFRESHED = TRUSTED / 4

# pause before Slack is asked again about a person after it did not answer
ERROR_PAUSE = timedelta(seconds=10)

# the time of an event has no fractions
EVENT_PRECISION = timedelta(seconds=1)

MOST_LANGUAGES = 10_000
NOT_OURS = frozenset({"user_not_found", "user_not_visible"})
SLACKBOT = "USLACKBOT"  # whom Slack does not call a bot


@dataclass(frozen=True, slots=True)
class Member:
    """A person's membership at a time. Admins are members here: that role is in the database.

    ``reason`` is Slack's error if the membership is unknown. ``language`` is that of their Slack, such as ``ko``,
    empty if unknown.
    """

    access_level: AccessLevel
    checked_at: datetime
    reason: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class MemberDirectory:
    """Memberships in the database; ``clock`` returns aware UTC.

    ``run_later(work)`` runs ``work`` after the response. It raises AidError if too much waits; the next request asks then.
    """

    database: Database
    clock: Callable[[], datetime]
    run_later: Callable[[Callable[[], object]], None]
    _unanswered: dict[Actor, Member] = field(default_factory=dict)
    _languages: dict[Actor, str] = field(default_factory=dict)

    def of(self, client: WebClient, actor: Actor) -> Member:
        """Return the actor's membership where a role decides: Slack is asked first if what is kept is too old."""
        kept = self._kept(actor)
        if kept and self._age(kept) < TRUSTED:
            self._refresh(client, actor, kept)
            return kept
        return self._ask(client, actor)

    def at_once(self, client: WebClient, actor: Actor) -> Member:
        """Return what is kept of the actor, however old, unknown if nothing is."""
        kept = self._kept(actor)
        self._refresh(client, actor, kept)
        return kept or Member(AccessLevel.UNKNOWN, self.clock())

    def ever(self, client: WebClient, actor: Actor) -> Member:
        """Return the same within a transaction, for what never changes: Slack is asked only if nothing is kept."""
        kept = self._kept(actor)
        if kept is None:
            kept = self._fetch(client, actor)
            with suppress(AidError):
                self.run_later(partial(self._keep, actor, kept))
        return kept

    def follow(self, actor: Actor, user: Mapping[str, object], told_at: datetime) -> None:
        """Change what is kept of somebody as an event of ``told_at`` says, unless Slack was asked since."""
        kept = self._kept(actor)
        if kept is None or told_at + EVENT_PRECISION <= kept.checked_at <= self.clock():
            return
        told = Member(access_level_of(user, actor.team_id), told_at, language=_language(user) or kept.language)
        if replace(told, checked_at=kept.checked_at) != kept:
            self._keep(actor, told)

    def language_of(self, actor: Actor) -> str:
        """Return the language of the actor's Slack as this process read it last, without a look into the database."""
        return self._languages.get(actor, "")

    def _age(self, member: Member) -> timedelta:
        age = self.clock() - member.checked_at
        return age if age >= timedelta() else timedelta.max  # the clock was set back since

    def _kept(self, actor: Actor) -> Member | None:
        with self.database.reading() as session:
            row = membership_of(session, actor.team_id, actor.user_id)
        if row is None:
            return None
        if len(self._languages) >= MOST_LANGUAGES:
            self._languages.clear()
        self._languages[actor] = row.language
        return Member(AccessLevel[row.access.upper()], row.checked_at, language=row.language)

    def _refresh(self, client: WebClient, actor: Actor, kept: Member | None) -> None:
        if kept is None or self._age(kept) > REFRESHED:
            with suppress(AidError):
                self.run_later(partial(self._ask, client, actor))

    def _ask(self, client: WebClient, actor: Actor) -> Member:
        unanswered = self._unanswered.get(actor)
        if unanswered and self._age(unanswered) < ERROR_PAUSE:
            return unanswered
        member = self._fetch(client, actor)
        self._keep(actor, member)
        return member

    def _keep(self, actor: Actor, member: Member) -> None:
        if member.access_level is AccessLevel.UNKNOWN:
            self._unanswered[actor] = member
            return
        self._unanswered.pop(actor, None)
        access, values = member.access_level.name.lower(), (member.language, member.checked_at)
        with self.database.writing() as session:
            set_membership(session, actor.team_id, actor.user_id, access, *values)

    def _fetch(self, client: WebClient, actor: Actor) -> Member:
        now = self.clock()
        try:
            answer = quick_client(client).users_info(user=actor.user_id, include_locale=True)
        except SlackApiError as error:
            code = decode_error(error).code or "no answer"
            return Member(AccessLevel.STRANGER if code in NOT_OURS else AccessLevel.UNKNOWN, now, code)
        except (SlackClientError, OSError, HTTPException) as error:
            return Member(AccessLevel.UNKNOWN, now, type(error).__name__)
        user = answer.get("user") or {}
        return Member(access_level_of(user, actor.team_id), now, language=_language(user))


def _language(user: Mapping[str, object]) -> str:
    return str(user.get("locale") or "").partition("-")[0][:5]


def access_level_of(user: Mapping[str, object], team_id: str) -> AccessLevel:
    """Return the access level of a user as Slack tells of them, in the workspace that the bot is installed in."""
    if user.get("deleted"):
        return AccessLevel.DEACTIVATED
    if user.get("is_bot") or user.get("id") == SLACKBOT:
        return AccessLevel.BOT
    if user.get("is_stranger") or user.get("team_id", team_id) != team_id:
        return AccessLevel.STRANGER
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return AccessLevel.GUEST
    return AccessLevel.MEMBER
