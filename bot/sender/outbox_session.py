"""Outbox transactions of the sender: settle completed deliveries and claim the next rows."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.sender.deliverer import SenderContext
from db.outbox.claim import Claim, Lease, anything_due, claim_to_reconcile, claim_to_send
from db.outbox.settle import AFFECTS_OTHER_ROWS, Outcome, OutcomeKind, Result, SettleOptions, settle

LOG = logging.getLogger(__name__)

_MAY_FAIL = frozenset({OutcomeKind.FAILED, OutcomeKind.BAD_BLOCKS})
_LOUD = frozenset({OutcomeKind.WORKSPACE_BLOCKED, OutcomeKind.FAILED})
_NOTABLE = frozenset(
    {OutcomeKind.BLOCKED, OutcomeKind.UNCERTAIN, OutcomeKind.HISTORY_UNREADABLE, OutcomeKind.BAD_BLOCKS}
)


@dataclass(frozen=True, slots=True)
class CompletedDelivery:
    """A claim with its outcome and the time of that (UTC)."""

    claim: Claim
    outcome: Outcome
    at: datetime


class OutboxSession:
    """Access to the outbox for the sender named ``holder``; used by one thread."""

    def __init__(self, context: SenderContext, holder: str) -> None:
        self._context = context
        self._holder = holder
        self._settle = timedelta(seconds=context.settings.settle_seconds)  # while a message may still be missing

    def anything_due(self) -> bool:
        """Return True if there may be rows to claim; takes no lock."""
        with self._context.database.reading() as session:
            return anything_due(session, self._context.clock(), self._settle)

    def settle_and_claim(self, completed: Sequence[CompletedDelivery], limit: int) -> list[Claim]:
        """Settle ``completed`` deliveries and claim up to ``limit`` rows in one transaction.

        If it fails, settle each on its own, then raise the database's error.
        """
        self._settle_each([each for each in completed if each.outcome.verdict in AFFECTS_OTHER_ROWS])
        batch = [each for each in completed if each.outcome.verdict not in AFFECTS_OTHER_ROWS]
        try:
            return self._settle_and_claim(batch, limit)
        except Exception:
            self._settle_each(batch)
            raise

    def _settle_and_claim(self, completed: Sequence[CompletedDelivery], limit: int) -> list[Claim]:
        results = self._results(completed)
        with self._context.database.writing() as session:
            lost = settle(session, results) if results else []
            claims = self._claim(session, limit) if limit > 0 else []
        _log(results, lost)
        return claims

    def _settle_each(self, completed: Sequence[CompletedDelivery]) -> None:
        for delivery in completed:
            try:
                self._settle_and_claim([delivery], 0)
            except Exception:
                LOG.exception("delivery %s: not settled, left to the end of its lease", delivery.claim.id)

    def _claim(self, session: Session, limit: int) -> list[Claim]:
        settings = self._context.settings
        lease = Lease(self._holder, self._context.clock(), timedelta(seconds=settings.lease_seconds))
        claims = claim_to_reconcile(session, lease, self._settle, limit)
        if len(claims) < limit:
            claims += claim_to_send(session, lease, settings.pace, limit - len(claims))
        return claims

    def _results(self, completed: Sequence[CompletedDelivery]) -> list[Result]:
        settings = self._context.settings
        failed = {each.claim.team_id for each in completed if each.outcome.verdict in _MAY_FAIL}
        admins = {team_id: self._admins(team_id) for team_id in failed}
        return [
            Result(
                delivery.claim,
                delivery.outcome,
                SettleOptions(
                    delivery.at,
                    self._settle,
                    admins.get(delivery.claim.team_id, ()),
                    timedelta(seconds=settings.gather_seconds),
                    timedelta(seconds=settings.board_seconds),
                ),
            )
            for delivery in completed
        ]

    def _admins(self, team_id: str) -> tuple[str, ...]:
        try:
            with self._context.database.reading() as session:
                return tuple(self._context.admins(session, team_id))
        except Exception:
            LOG.exception("no admins could be read to notify of a failure in workspace %s", team_id)
            return ()


def _log(results: Sequence[Result], lost: Sequence[Claim]) -> None:
    for claim in lost:
        LOG.warning("delivery %s: its outcome came after its lease was over", claim.id)
    for result in results:
        claim, outcome = result.claim, result.outcome
        quiet = logging.WARNING if outcome.verdict in _NOTABLE else logging.INFO
        LOG.log(
            logging.ERROR if outcome.verdict in _LOUD else quiet,
            "delivery %s in workspace %s: %s %s",
            claim.id,
            claim.team_id,
            outcome.verdict,
            outcome.reason,
        )
