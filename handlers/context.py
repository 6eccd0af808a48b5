"""Request context: the services that listeners share, and the person and session behind one request."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from db.audit import Editor
from db.database import Database
from db.domain.dates import new_york_date
from db.epoch import current_epoch
from db.people import ReaderPreferences, is_admin, preferences_of
from handlers.i18n.translator import LANGUAGES, Translator


@dataclass(frozen=True, slots=True)
class Actor:
    """The user behind a request, by workspace and Slack id."""

    team_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class ReportingOrganisation:
    """The organisation that publishes IATI data: its identifier, IATI's organisation type, its name."""

    ref: str = "aid-status"
    type_code: str = "90"
    name: str = "Aid status bot"


NO_REPORTER = ReportingOrganisation()
"""What stands where nobody is set to publish."""


@dataclass(frozen=True, slots=True)
class AppContext:
    """Services and settings, passed once to each listener module when it registers.

    ``clock`` returns aware UTC. ``zone`` is the IANA zone of clock times typed without one. ``notify_sender()``, after
    the commit, tells the sender that deliveries were queued. ``run_after_response(work)`` runs ``work`` once Slack has
    its response and logs its errors. ``slack_language(actor)`` is the language of the actor's Slack, empty if unknown.
    ``reporter`` is who publishes IATI data.
    """

    database: Database
    clock: Callable[[], datetime]
    admins: frozenset[str]
    language: str
    zone: str
    notify_sender: Callable[[], None]
    run_after_response: Callable[[Callable[[], object]], None]
    slack_language: Callable[[Actor], str]
    reporter: ReportingOrganisation

    def today(self) -> date:
        """Return the date in New York."""
        return new_york_date(self.clock())

    @contextmanager
    def reading(self, body: Mapping[str, object]) -> Iterator["Request"]:
        """Yield the request in a session that only reads."""
        with self.database.reading() as session:
            yield self.request(body, session)

    @contextmanager
    def writing(self, body: Mapping[str, object]) -> Iterator["Request"]:
        """Yield the request in a session that commits at the end."""
        with self.database.writing() as session:
            yield self.request(body, session)

    def request(self, body: Mapping[str, object], session: Session) -> "Request":
        """Build the request from a Bolt body."""
        actor, channel = actor_of(body), channel_of(body)
        preferences = preferences_of(session, actor.team_id, actor.user_id, channel)
        return Request(self, session, actor, channel, self._translator(actor, preferences.language), preferences)

    def translator_for(self, session: Session, actor: Actor) -> Translator:
        """Return a translator for the language that the actor chose, else that of their Slack, else AID_LANGUAGE."""
        return self._translator(actor, preferences_of(session, actor.team_id, actor.user_id).language)

    def _translator(self, actor: Actor, chosen: str | None) -> Translator:
        slack_language = self.slack_language(actor)
        return Translator(chosen or (slack_language if slack_language in LANGUAGES else self.language))

    def may_record(self, session: Session, actor: Actor) -> bool:
        return is_admin(session, actor.team_id, actor.user_id, listed=self.admins)


@dataclass(frozen=True, slots=True)
class Request:
    """A request with its database session: the actor, their channel (empty if none) and how they read answers."""

    app_context: AppContext
    session: Session
    actor: Actor
    channel: str
    translator: Translator
    preferences: ReaderPreferences

    @property
    def now(self) -> datetime:
        return self.app_context.clock()

    @property
    def today(self) -> date:
        return self.app_context.today()

    @property
    def editor(self) -> Editor:
        return Editor(self.actor.team_id, self.actor.user_id, self.now)

    def own(self, value: object) -> str:
        """Return the value of a button without its epoch. Raises AidError for one from before the record was restored."""
        text, _, epoch = str(value).partition("@")
        current_epoch(self.session).check(epoch)
        return text

    @property
    def epoch(self) -> str:
        return current_epoch(self.session).key

    def may_record(self) -> bool:
        return self.app_context.may_record(self.session, self.actor)


def actor_of(body: Mapping[str, object]) -> Actor:
    """Return the user who sent a command, an action, a form or an event."""
    user_id = body.get("user_id") or _id(body.get("user")) or _event(body).get("user")
    return Actor(str(body.get("team_id") or _id(body.get("team")) or ""), str(user_id or ""))


def channel_of(body: Mapping[str, object]) -> str:
    """Return the channel of a command, an action or an event, empty if it has none."""
    return str(body.get("channel_id") or _id(body.get("channel") or _event(body).get("channel")) or "")


def _event(body: Mapping[str, object]) -> Mapping[str, object]:
    event = body.get("event")
    return event if isinstance(event, Mapping) else {}


def _id(value: object) -> object:
    return value.get("id") if isinstance(value, Mapping) else value
