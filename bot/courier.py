"""What a worker of the sender does with one claimed row: word it, post it, store what came of it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from slack_sdk import WebClient
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.posting import Parcel, post
from bot.resolve import resolve
from bot.sender_settings import SenderSettings
from bot.slack_errors import reason_of
from db.database import Database
from db.models import Delivery
from db.outbox import AGAIN, MAYBE_POSTED
from db.outbox_claim import Claim
from db.outbox_settle import Outcome, Settling, Verdict, settle
from db.outbox_threads import thread_root
from handlers.composing import NothingToSay
from handlers.messages.outgoing import Outgoing

LOG = logging.getLogger(__name__)

Clock = Callable[[], datetime]
"""The time now, aware, in UTC."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the sender is given.

    ``client_for(team_id)``: a client with a timeout and without retry handlers; raises LookupError for a
    workspace that it has no token for. ``compose(session, delivery)``: what a row says; it may raise, then
    the row fails. ``admins(session, team_id)``: the user ids of those who are told of a failure.
    """

    database: Database
    clock: Clock
    settings: SenderSettings
    client_for: Callable[[str], WebClient]
    compose: Callable[[Session, Delivery], Outgoing]
    admins: Callable[[Session, str], list[str]]


class Courier:
    """Handles claimed rows, from several threads too. No transaction is open while Slack is called."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def handle(self, claim: Claim) -> None:
        """Deal with one row. What goes wrong here is logged and leaves the row to the end of its lease."""
        try:
            self._store(claim, self._resolve(claim) if claim.resolving else self._post(claim))
        except Exception:
            LOG.exception("delivery %s: not settled, left to the end of its lease", claim.id)

    def _post(self, claim: Claim) -> Outcome:
        with self._desk.database.reading() as session:
            parcel = _parcel(session, claim)
            found = parcel.hindrance or self._words(session, parcel.row)
        if isinstance(found, Outcome):
            return found
        client = self._client(claim)
        if client is None:
            return Outcome(Verdict.WORKSPACE_BLOCKED, "not_authed")
        if not self._in_time(claim):
            return Outcome(Verdict.LATER, "the lease would have ended before the request")
        return post(client, parcel, found)

    def _words(self, session: Session, row: Delivery) -> Outgoing | Outcome:
        try:
            return self._desk.compose(session, row)
        except SQLAlchemyError:
            raise  # the database's trouble, not the message's
        except NothingToSay as nothing:
            return Outcome(Verdict.CANCELLED, str(nothing))
        except Exception as error:
            LOG.exception("delivery %s: cannot be worded", row.id)
            return Outcome(Verdict.FAILED, reason_of(error))

    def _resolve(self, claim: Claim) -> Outcome:
        with self._desk.database.reading() as session:
            parcel = _parcel(session, claim)
        client = self._client(claim)
        if client is None:
            return Outcome(Verdict.WORKSPACE_BLOCKED, "not_authed")
        outcome = resolve(client, parcel, lambda: self._in_time(claim))
        may_repeat = self._desk.settings.repeat_when_unreadable or AGAIN in parcel.row.about
        if outcome.verdict is Verdict.UNREADABLE and not may_repeat:
            return Outcome(Verdict.FAILED, f"{MAYBE_POSTED}; {outcome.reason}")
        return outcome

    def _client(self, claim: Claim) -> WebClient | None:
        try:
            return self._desk.client_for(claim.team_id)
        except LookupError:
            LOG.exception("no token for workspace %s", claim.team_id)
            return None

    def _in_time(self, claim: Claim) -> bool:
        return self._desk.clock() + self._desk.settings.timeout <= claim.until

    def _store(self, claim: Claim, outcome: Outcome) -> None:
        may_fail = outcome.verdict in {Verdict.FAILED, Verdict.BAD_BLOCKS}
        admins = self._admins(claim.team_id) if may_fail else ()
        settings = self._desk.settings
        terms = Settling(self._desk.clock(), settings.settle, admins, settings.gather)
        with self._desk.database.writing() as session:
            held = settle(session, claim, outcome, terms)
        if not held:
            LOG.warning("delivery %s: outcome %s came after its lease was over", claim.id, outcome.verdict)
        _log(claim, outcome)

    def _admins(self, team_id: str) -> tuple[str, ...]:
        try:
            with self._desk.database.reading() as session:
                return tuple(self._desk.admins(session, team_id))
        except Exception:
            LOG.exception("nobody can be told of a failure in workspace %s", team_id)
            return ()


def _parcel(session: Session, claim: Claim) -> Parcel:
    row = session.get_one(Delivery, claim.id)
    target = session.get(Delivery, row.changes_id) if row.changes_id is not None else None
    return Parcel(row, target, thread_root(session, row))


_LOUD = frozenset({Verdict.WORKSPACE_BLOCKED, Verdict.FAILED})
_NOTABLE = frozenset({Verdict.BLOCKED, Verdict.UNCERTAIN, Verdict.UNREADABLE, Verdict.BAD_BLOCKS})


def _log(claim: Claim, outcome: Outcome) -> None:
    quiet = logging.WARNING if outcome.verdict in _NOTABLE else logging.INFO
    LOG.log(
        logging.ERROR if outcome.verdict in _LOUD else quiet,
        "delivery %s in workspace %s: %s %s",
        claim.id,
        claim.team_id,
        outcome.verdict,
        outcome.reason,
    )
