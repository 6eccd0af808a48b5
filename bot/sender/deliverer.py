"""Render claimed deliveries and post them, or check whether an earlier attempt already got through."""

import logging
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from slack_sdk import WebClient
from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.sender.post import DeliveryContext, post
from bot.sender.reconcile import reconcile
from bot.sender.settings import SenderSettings
from bot.slack_errors import reason_of
from db.database import Database
from db.models import Delivery
from db.outbox.claim import Claim
from db.outbox.deliveries import AGAIN, MAYBE_POSTED
from db.outbox.settle import Outcome, OutcomeKind
from db.outbox.threads import thread_roots
from handlers.alerts.renderer import MessageObsolete, render_key
from handlers.blocks.message import OutgoingMessage

LOG = logging.getLogger(__name__)

Clock = Callable[[], datetime]
"""The time now, aware, in UTC."""


@dataclass(frozen=True, slots=True)
class SenderContext:
    """Dependencies of the sender.

    ``client_for(team_id)``: a client with a timeout and without retry handlers; raises LookupError for a
    workspace that it has no token for. ``compose(session, delivery)``: what a row says; it may raise, then
    the row fails. ``admins(session, team_id)``: the user ids of those who are told of a failure.
    """

    database: Database
    clock: Clock
    settings: SenderSettings
    client_for: Callable[[str], WebClient]
    render: Callable[[Session, Delivery], OutgoingMessage]
    admins: Callable[[Session, str], list[str]]


@dataclass(frozen=True, slots=True)
class PreparedDelivery:
    """A claimed row with all that is needed to post it or to look for it, so that no worker asks the database.

    ``words``: what it says, or what came of it already; None where it is only looked for.
    """

    claim: Claim
    parcel: DeliveryContext
    words: OutgoingMessage | Outcome | None


class Deliverer:
    """Words rows in the sender's thread and delivers them from several. No transaction is open while Slack is called."""

    def __init__(self, desk: SenderContext) -> None:
        self._context = desk

    def prepare(self, claims: Sequence[Claim]) -> Iterator[PreparedDelivery]:
        """Give a letter for each claim, as soon as it is worded; what cannot be read is left to the end of its lease."""
        left = list(claims)
        while left:
            try:
                with self._context.database.reading() as session:
                    parcels = _parcels(session, left)
                    said: dict[Hashable, OutgoingMessage | Outcome] = {}
                    while left:
                        yield self._letter(session, left[0], parcels[left[0].id], said)
                        del left[0]
            except Exception:  # it may have spoilt the session for the others
                LOG.exception("delivery %s: not read, left to the end of its lease", left.pop(0).id)

    def deliver(self, letter: PreparedDelivery) -> Outcome:
        """Post it or look for it; returns what came of it."""
        claim = letter.claim
        if isinstance(letter.words, Outcome):
            return letter.words
        client = self._client(claim)
        if client is None:
            return Outcome(OutcomeKind.WORKSPACE_BLOCKED, "not_authed")
        if letter.words is None:
            return self._reconcile(client, letter)
        if not self._in_time(claim):
            return Outcome(OutcomeKind.RETRY_LATER, "the lease would have ended before the request")
        return post(client, letter.parcel, letter.words)

    def _letter(
        self, session: Session, claim: Claim, parcel: DeliveryContext, said: dict[Hashable, OutgoingMessage | Outcome]
    ) -> PreparedDelivery:
        if claim.reconciling:
            return PreparedDelivery(claim, parcel, None)
        if hindrance := parcel.hindrance:
            return PreparedDelivery(claim, parcel, hindrance)
        alike = render_key(parcel.row)  # an act is told to many channels at once, mostly in the same words
        if alike not in said:
            said[alike] = self._render(session, parcel.row)
        return PreparedDelivery(claim, parcel, said[alike])

    def _render(self, session: Session, row: Delivery) -> OutgoingMessage | Outcome:
        try:
            return self._context.render(session, row)
        except SQLAlchemyError:
            raise  # the database's trouble, not the message's
        except MessageObsolete as nothing:
            return Outcome(OutcomeKind.CANCELLED, str(nothing))
        except Exception as error:
            LOG.exception("delivery %s: cannot be worded", row.id)
            return Outcome(OutcomeKind.FAILED, reason_of(error))

    def _reconcile(self, client: WebClient, letter: PreparedDelivery) -> Outcome:
        outcome = reconcile(client, letter.parcel, lambda: self._in_time(letter.claim))
        may_repeat = self._context.settings.repeat_when_unreadable or AGAIN in letter.parcel.row.about
        if outcome.verdict is OutcomeKind.HISTORY_UNREADABLE and not may_repeat:
            return Outcome(OutcomeKind.FAILED, f"{MAYBE_POSTED}; {outcome.reason}")
        return outcome

    def _client(self, claim: Claim) -> WebClient | None:
        try:
            return self._context.client_for(claim.team_id)
        except LookupError:
            LOG.warning("no token for workspace %s", claim.team_id)
            return None

    def _in_time(self, claim: Claim) -> bool:
        return self._context.clock() + self._context.settings.timeout <= claim.until


def _parcels(session: Session, claims: Sequence[Claim]) -> dict[int, DeliveryContext]:
    """Return the context of each claimed row by its id, with a fixed number of queries."""
    rows = _rows(session, {claim.id for claim in claims})
    targets = _rows(session, {row.changes_id for row in rows.values() if row.changes_id is not None})
    roots = thread_roots(session, rows.values())
    return {
        row_id: DeliveryContext(row, targets.get(row.changes_id or 0), roots.get(row_id))
        for row_id, row in rows.items()
    }


def _rows(session: Session, ids: set[int]) -> dict[int, Delivery]:
    if not ids:
        return {}
    return {row.id: row for row in session.scalars(_BY_ID, {"ids": list(ids)})}


_BY_ID = select(Delivery).where(Delivery.id.in_(bindparam("ids", expanding=True)))
"""Built once: a round reads its rows between the claim and the first request."""
