"""Delivery of claimed rows between two transactions: render each, then post it or reconcile it."""

import logging
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slack_sdk import WebClient
from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.sender.post import DeliveryContext, post
from bot.sender.reconcile import reconcile
from bot.sender.settings import SenderSettings
from bot.slack_errors import reason_of
from db.chain import heads_of_acts
from db.database import Database
from db.epoch import current_epoch
from db.models import Delivery
from db.outbox.claim import Claim
from db.outbox.deliveries import MAYBE_POSTED, DeliveryKind, flags_of, thread_roots
from db.outbox.settle import Outcome, OutcomeKind
from handlers.alerts.renderer import MessageObsolete, render_key
from handlers.blocks.blockkit import OutgoingMessage

LOG = logging.getLogger(__name__)

Clock = Callable[[], datetime]  # returns aware UTC

# Built once, because each round reads its rows between the claim and the first request.
_BY_ID = select(Delivery).where(Delivery.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class SenderContext:
    """Dependencies of the sender.

    ``client_for(team_id)``: a client with a timeout and without retry handlers; raises LookupError if the workspace
    has no token. ``render(session, delivery)``: the message of a row, which fails if this raises.
    ``admins(session, team_id)``: user ids to notify of failures.
    """

    database: Database
    clock: Clock
    settings: SenderSettings
    client_for: Callable[[str], WebClient]
    render: Callable[[Session, Delivery], OutgoingMessage]
    admins: Callable[[Session, str], list[str]]


@dataclass(frozen=True, slots=True)
class PreparedDelivery:
    """A claimed row with everything needed to post or reconcile it, so that workers do not use the database.

    ``message``: what to post, or the outcome if it is already known; None for a row to reconcile.
    """

    claim: Claim
    delivery: DeliveryContext
    message: OutgoingMessage | Outcome | None


class Deliverer:
    """Renderer in the dispatcher's thread, poster in the workers'. No transaction is open during a call to Slack."""

    def __init__(self, context: SenderContext) -> None:
        self._context = context

    def prepare(self, claims: Sequence[Claim]) -> Iterator[PreparedDelivery]:
        """Yield each claim's delivery once it is rendered; a row that cannot be read is left until its lease ends."""
        remaining = list(claims)
        while remaining:
            try:
                with self._context.database.reading() as session:
                    contexts = _contexts(session, remaining)
                    rendered: dict[Hashable, OutgoingMessage | Outcome] = {}
                    while remaining:
                        yield self._prepare(session, remaining[0], contexts[remaining[0].id], rendered)
                        del remaining[0]
            except Exception:  # the session may be unusable for the others
                LOG.exception("delivery %s: not read, left to the end of its lease", remaining.pop(0).id)

    def deliver(self, prepared: PreparedDelivery) -> Outcome:
        claim = prepared.claim
        if isinstance(prepared.message, Outcome):
            return prepared.message
        client = self._client(claim)
        if client is None:
            return Outcome(OutcomeKind.WORKSPACE_BLOCKED, "not_authed")
        if prepared.message is None:
            return self._reconcile(client, prepared)
        if not self._in_time(claim):
            return Outcome(OutcomeKind.RETRY_LATER, "the lease would have ended before the request")
        return post(client, prepared.delivery, prepared.message)

    def _prepare(
        self,
        session: Session,
        claim: Claim,
        delivery: DeliveryContext,
        rendered: dict[Hashable, OutgoingMessage | Outcome],
    ) -> PreparedDelivery:
        if claim.reconciling:
            return PreparedDelivery(claim, delivery, None)
        if hindrance := delivery.hindrance:
            return PreparedDelivery(claim, delivery, hindrance)
        key = render_key(delivery.row)  # an act goes to many channels at once, mostly with the same text
        if key not in rendered:
            rendered[key] = self._render(session, delivery.row)
        return PreparedDelivery(claim, delivery, rendered[key])

    def _render(self, session: Session, row: Delivery) -> OutgoingMessage | Outcome:
        try:
            return self._context.render(session, row)
        except SQLAlchemyError:
            raise  # the database failed, not the message
        except MessageObsolete as error:
            return Outcome(OutcomeKind.CANCELLED, str(error))
        except Exception as error:
            LOG.exception("delivery %s: cannot be rendered", row.id)
            return Outcome(OutcomeKind.FAILED, reason_of(error))

    def _reconcile(self, client: WebClient, prepared: PreparedDelivery) -> Outcome:
        outcome = reconcile(client, prepared.delivery, self._context.clock(), lambda: self._in_time(prepared.claim))
        may_repeat = self._context.settings.repeat_when_unreadable or "again" in flags_of(prepared.delivery.row)
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
        return self._context.clock() + timedelta(seconds=self._context.settings.timeout_seconds) <= claim.until


def _contexts(session: Session, claims: Sequence[Claim]) -> dict[int, DeliveryContext]:
    """Return the contexts of claimed rows by row id, in a fixed number of queries."""
    rows = _rows(session, {claim.id for claim in claims})
    targets = _rows(session, {row.changes_id for row in rows.values() if row.changes_id is not None})
    roots, epoch = thread_roots(session, rows.values()), current_epoch(session)
    acts = {
        key: (targets.get(row.changes_id or 0, row) if row.kind == DeliveryKind.EDIT else row).act_id
        for key, row in rows.items()
    }
    heads = heads_of_acts(session, {act for act in acts.values() if act is not None})
    return {
        key: DeliveryContext(row, targets.get(row.changes_id or 0), roots.get(key), heads.get(acts[key] or 0), epoch)
        for key, row in rows.items()
    }


def _rows(session: Session, ids: set[int]) -> dict[int, Delivery]:
    if not ids:
        return {}
    return {row.id: row for row in session.scalars(_BY_ID, {"ids": list(ids)})}
