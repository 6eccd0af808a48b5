"""Request context: the services that listeners share, and the person and session behind one request."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from http.client import HTTPException

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db.alerts.second_look import KINDS, awaiting_look
from db.audit import Editor
from db.database import Database
from db.domain.dates import new_york_date
from db.domain.updates import Update
from db.epoch import current_epoch
from db.errors import N_, AidError, NotAllowed
from db.models import Subscription
from db.past import AsOf
from db.people import ReaderPreferences, is_admin, preferences_of
from db.recording.drafts import claim_request, is_claimed
from handlers.i18n.translator import LANGUAGES, Translator

LOG = logging.getLogger(__name__)


class InHand(Exception):
    """A request came again before it was answered. It is not acknowledged, so that it comes once more after a kill."""


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
    the commit, tells the sender that deliveries were queued. ``run_after_response(work, lane, owner)`` runs ``work`` in
    the background and logs its errors; it raises AidError if too much waits there, in all or for its owner.
    ``slack_language(actor)`` is the language of the actor's Slack without a look into the database, empty if unknown.
    ``reporter`` is who publishes IATI data.
    """

    database: Database
    clock: Callable[[], datetime]
    admins: frozenset[str]
    language: str
    zone: str
    notify_sender: Callable[[], None]
    run_after_response: Callable[..., None]
    slack_language: Callable[[Actor], str]
    reporter: ReportingOrganisation
    _in_hand: dict[str, object] = field(default_factory=dict, compare=False)

    def today(self) -> date:
        """Return the date in New York."""
        return new_york_date(self.clock())

    @contextmanager
    def reading(self, body: Mapping[str, object]) -> Iterator["Request"]:
        """Yield the request in a session that only reads."""
        with self.database.reading() as session:
            yield self.request(body, session)

    @contextmanager
    def writing(self, body: Mapping[str, object], *, repeatable: bool = False) -> Iterator["Request"]:
        """Yield the request in a session that commits at the end.

        Raises AidError for a request that any process has carried out before. A ``repeatable`` one is told apart by keys
        of its own, and answered again.
        """
        with self.database.writing() as session:
            request = self.request(body, session)
            if body.get("trigger_id") and not repeatable:
                self._claim(request, str(body["trigger_id"]))
            yield request

    def _claim(self, request: "Request", trigger_id: str) -> None:
        key = sha256(f"{request.actor} {trigger_id}".encode()).hexdigest()
        if not claim_request(request.session, f"request:{key}", request.actor.team_id, now=self.clock()):
            raise AidError(N_("This was done before, so nothing was changed now."))

    def request(self, body: Mapping[str, object], session: Session) -> "Request":
        """Build the request from a Bolt body."""
        actor, channel = actor_of(body), channel_of(body)
        preferences = preferences_of(session, actor.team_id, actor.user_id, channel)
        return Request(self, session, actor, channel, self._translator(preferences), preferences)

    def translator_for(self, session: Session, actor: Actor) -> Translator:
        """Return a translator for the language that the actor chose, else that of their Slack, else AID_LANGUAGE."""
        return self._translator(preferences_of(session, actor.team_id, actor.user_id))

    def _translator(self, preferences: ReaderPreferences) -> Translator:
        return Translator(preferences.language or self._spoken(preferences.slack_language))

    def cached_translator(self, actor: Actor) -> Translator:
        """Return a translator for the language of the actor's Slack, without a look into the record."""
        return Translator(self._spoken(self.slack_language(actor)))

    def _spoken(self, slack_language: str) -> str:
        return slack_language if slack_language in LANGUAGES else self.language

    @contextmanager
    def once(self, key: str, team_id: str) -> Iterator[bool]:
        """Yield True for a request that was not handled yet, to post its answer before it is acknowledged.

        The key is stored afterwards: after a kill Slack delivers the request again. Where Slack does not answer, the
        post may be there, and the request counts as handled. Raises InHand while another thread handles it.
        """
        mine = object()
        if self._in_hand.setdefault(key, mine) is not mine:
            raise InHand
        try:
            with self.database.reading() as session:
                new = not is_claimed(session, key)
            try:
                yield new
            except (OSError, HTTPException):
                LOG.warning("Slack did not answer; what was to be posted may be there")
            if new:
                try:
                    with self.database.writing() as session:
                        claim_request(session, key, team_id, now=self.clock())
                except SQLAlchemyError:
                    LOG.exception("a request that was answered could not be stored")
        finally:
            del self._in_hand[key]


@dataclass(frozen=True, slots=True)
class Request:
    """A request with its database session: the actor, their channel (empty if none) and how they read answers.

    ``as_of`` is the point in the past that the session reads the record at, None for now.
    """

    app_context: AppContext
    session: Session
    actor: Actor
    channel: str
    translator: Translator
    preferences: ReaderPreferences
    as_of: AsOf | None = None

    @property
    def now(self) -> datetime:
        return self.app_context.clock()

    @property
    def today(self) -> date:
        """Return the day (New York) from which the answer counts ages and ends."""
        return self.as_of.day if self.as_of else self.app_context.today()

    @property
    def editor(self) -> Editor:
        return Editor(self.actor.team_id, self.actor.user_id, self.now)

    @property
    def is_member(self) -> bool:
        """Return False for guests, people of other organisations, and where Slack did not say."""
        return self.preferences.is_member

    def may_change(self, row: Subscription) -> bool:
        """Return True if the actor made the subscription or is an admin of its workspace."""
        return row.team_id == self.actor.team_id and (row.created_by == self.actor.user_id or self.may_record())

    def require_owner(self, row: Subscription, refusal: str) -> None:
        """Raise NotAllowed with ``refusal``, which may name the owner as ``user``, if the actor may not change it."""
        if not self.may_change(row):
            raise NotAllowed(refusal, user=row.created_by)

    def own(self, value: object) -> str:
        """Return the value of a button without its epoch. Raises AidError for one from before the record was restored."""
        text, _, epoch = str(value).partition("@")
        current_epoch(self.session).check(epoch)
        return text

    @property
    def epoch(self) -> str:
        return current_epoch(self.session).key

    def awaiting_look(self, updates: Iterable[Update]) -> frozenset[int]:
        """Return the numbers of those of the updates, and of the reports of them, that no second admin has seen."""
        parts = (each for update in updates for each in (update.stated or update, *update.reports))
        numbers = {each.number for each in parts if each.kind in KINDS and each.official}
        known = self.as_of.known if self.as_of else None
        return awaiting_look(self.session, numbers, listed=self.app_context.admins, known=known)

    def may_record(self) -> bool:
        """Return True for an admin who is a full member now; guests and strangers have no role, whatever is on record."""
        actor, listed = self.actor, self.app_context.admins
        return self.is_member and is_admin(self.session, actor.team_id, actor.user_id, listed=listed)


def actor_of(body: Mapping[str, object]) -> Actor:
    """Return the user who sent a command, an action, a form or an event, in the workspace that the bot is installed in."""
    user_id = body.get("user_id") or _id(body.get("user")) or _id(_event(body).get("user"))
    return Actor(str(body.get("team_id") or _id(body.get("team")) or ""), str(user_id or ""))


def channel_of(body: Mapping[str, object]) -> str:
    """Return the channel of a command, an action or an event, empty if it has none."""
    return str(body.get("channel_id") or _id(body.get("channel") or _event(body).get("channel")) or "")


def _event(body: Mapping[str, object]) -> Mapping[str, object]:
    event = body.get("event")
    return event if isinstance(event, Mapping) else {}


def _id(value: object) -> object:
    return value.get("id") if isinstance(value, Mapping) else value
