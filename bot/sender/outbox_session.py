"""The sender's transactions: what came of the last requests is stored and the next rows are taken, at once."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.sender.deliverer import SenderContext
from db.outbox.claim import Claim, Lease, anything_due, claim_to_reconcile, claim_to_send
from db.outbox.settle import AFFECTS_OTHER_ROWS, Outcome, OutcomeKind, Result, SettleOptions, settle

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CompletedDelivery:
    """Outcome of a claim, and when it was known (UTC)."""

    claim: Claim
    outcome: Outcome
    at: datetime


class OutboxSession:
    """Between the sender called ``holder`` and the outbox; used by one thread."""

    def __init__(self, desk: SenderContext, holder: str) -> None:
        self._desk = desk
        self._holder = holder

    def anything_due(self) -> bool:
        """Return True if there may be rows to claim; takes no lock."""
        with self._desk.database.reading() as session:
            return anything_due(session, self._desk.clock(), self._desk.settings.settle)

    def settle_and_claim(self, done: Sequence[CompletedDelivery], limit: int) -> list[Claim]:
        """Store what is ``done`` and take up to ``room`` rows, in one transaction; where that fails, store each alone.

        Raises what the database raises, once all that can be stored is.
        """
        alone = [each for each in done if each.outcome.verdict in AFFECTS_OTHER_ROWS]
        together = [each for each in done if each.outcome.verdict not in AFFECTS_OTHER_ROWS]
        self._store_each(alone)
        try:
            return self._swap(together, limit)
        except Exception:
            self._store_each(together)
            raise

    def _swap(self, done: Sequence[CompletedDelivery], room: int) -> list[Claim]:
        results = self._results(done)
        with self._desk.database.writing() as session:
            lost = settle(session, results) if results else []
            claims = self._claim(session, room) if room > 0 else []
        _log(results, lost)
        return claims

    def _store_each(self, done: Sequence[CompletedDelivery]) -> None:
        for each in done:
            try:
                self._swap([each], 0)
            except Exception:
                LOG.exception("delivery %s: not settled, left to the end of its lease", each.claim.id)

    def _claim(self, session: Session, room: int) -> list[Claim]:
        settings = self._desk.settings
        lease = Lease(self._holder, self._desk.clock(), settings.lease)
        claims = claim_to_reconcile(session, lease, settings.settle, room)
        if len(claims) < room:
            claims += claim_to_send(session, lease, settings.pace, room - len(claims))
        return claims

    def _results(self, done: Sequence[CompletedDelivery]) -> list[Result]:
        settings = self._desk.settings
        failed = {each.claim.team_id for each in done if each.outcome.verdict in _MAY_FAIL}
        admins = {team_id: self._admins(team_id) for team_id in failed}
        return [
            Result(
                each.claim,
                each.outcome,
                SettleOptions(each.at, settings.settle, admins.get(each.claim.team_id, ()), settings.gather),
            )
            for each in done
        ]

    def _admins(self, team_id: str) -> tuple[str, ...]:
        try:
            with self._desk.database.reading() as session:
                return tuple(self._desk.admins(session, team_id))
        except Exception:
            LOG.exception("nobody can be told of a failure in workspace %s", team_id)
            return ()


_MAY_FAIL = frozenset({OutcomeKind.FAILED, OutcomeKind.BAD_BLOCKS})
_LOUD = frozenset({OutcomeKind.WORKSPACE_BLOCKED, OutcomeKind.FAILED})
_NOTABLE = frozenset(
    {OutcomeKind.BLOCKED, OutcomeKind.UNCERTAIN, OutcomeKind.HISTORY_UNREADABLE, OutcomeKind.BAD_BLOCKS}
)


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
