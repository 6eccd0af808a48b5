"""Context that listeners are registered with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from db.database import Database
from db.domain.dates import new_york_date
from db.people import is_admin, preferences_of
from handlers.i18n.translator import LANGUAGES, Translator


@dataclass(frozen=True, slots=True)
class Actor:
    """The user who asks: workspace and Slack id."""

    team_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class AppContext:
    """The record, the clock (aware UTC), the settings that words depend on, and two ways out of a listener.

    ``zone`` is the IANA name of the zone for clock times that are given without one. ``wake`` tells the sender that
    alerts were queued, after the commit. ``later(work)`` runs ``work`` after the answer was given; its errors are logged.
    ``slack_language(person)`` is the language of their Slack, empty where it is not known.
    """

    database: Database
    clock: Callable[[], datetime]
    admins: frozenset[str]
    language: str
    zone: str
    notify_sender: Callable[[], None]
    run_after_response: Callable[[Callable[[], Any]], None]
    slack_language: Callable[[Actor], str]

    def today(self) -> date:
        """Return the day in New York."""
        return new_york_date(self.clock())

    def translator_for(self, session: Session, person: Actor) -> Translator:
        """Return the words of the language that the person chose, else of their Slack's, else of AID_LANGUAGE."""
        return self.translator_in(person, preferences_of(session, person.team_id, person.user_id).language)

    def translator_in(self, person: Actor, chosen: str | None) -> Translator:
        """Return a translator for a person whose choice of language is ``chosen``."""
        spoken = self.slack_language(person)
        return Translator(chosen or (spoken if spoken in LANGUAGES else self.language))

    def may_record(self, session: Session, person: Actor) -> bool:
        return is_admin(session, person.team_id, person.user_id, listed=self.admins)


def actor_of(body: dict[str, Any]) -> Actor:
    """Return the sender of a command, an action, a form or an event."""
    user = body.get("user")
    user_id = (
        body.get("user_id")
        or (user.get("id") if isinstance(user, dict) else user)
        or body.get("event", {}).get("user", "")
    )
    team = body.get("team")
    team_id = body.get("team_id") or (team.get("id") if isinstance(team, dict) else team) or ""
    return Actor(str(team_id), str(user_id))


def channel_of(body: dict[str, Any]) -> str:
    """Return the channel that a command, an action or an event came from; empty where it came from none."""
    channel = body.get("channel") or body.get("event", {}).get("channel")
    return str(body.get("channel_id") or (channel.get("id") if isinstance(channel, dict) else channel) or "")
