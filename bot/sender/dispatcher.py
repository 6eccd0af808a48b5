"""Delivery of outbox messages: one dispatcher thread claims rows, a pool of workers posts them to Slack.

In each round the dispatcher settles completed deliveries and claims new rows in one transaction, renders these and
submits them to the workers, which only call Slack.
"""

import logging
import os
import socket
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from bot.sender.deliverer import Deliverer, PreparedDelivery, SenderContext
from bot.sender.outbox_session import CompletedDelivery, OutboxSession
from db.outbox.claim import Claim
from db.outbox.settle import Outcome, OutcomeKind

LOG = logging.getLogger(__name__)

# Maximum of rows queued for each worker. If the process is killed, they are reconciled like those in progress.
MAX_PREFETCH = 8

# Completed deliveries are settled together this long after the first, or sooner if the workers run out of rows.
SETTLE_BATCH_SECONDS = 0.1


class Sender:
    """Dispatcher and workers that post the outbox until stopped. Several senders may share a database, one per process."""

    def __init__(self, context: SenderContext) -> None:
        self._context = context
        self._deliverer = Deliverer(context)
        self._outbox = OutboxSession(context, f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:12]}")
        self._condition = threading.Condition()
        self._notified = False
        self._stopping = False
        self._in_progress = 0
        self._prefetch = 0
        self._completed: list[CompletedDelivery] = []
        self._wakeups: list[float] = []
        self.last_round: float | None = None  # monotonic, without an error
        self._pool = ThreadPoolExecutor(context.settings.workers, thread_name_prefix="alert-worker")
        self._thread = threading.Thread(target=self._run, name="alert-dispatcher", daemon=True)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Begin a round now, after the commit of a transaction that added rows. Return at once."""
        with self._condition:
            self._notified = True
            self._condition.notify_all()

    def stop(self, timeout: float) -> bool:
        """Begin no more requests and wait up to ``timeout`` seconds for those in progress.

        Return True if all ended; the others are left until their leases end, for another sender or the next start.
        """
        self._stopping = True
        self.wake()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        ended = not self._thread.is_alive()
        if ended:  # a dispatcher that hangs in the database may still submit what it claimed
            self._pool.shutdown()
        return ended

    def _run(self) -> None:
        while not (self._stopping and self._idle()):
            with self._condition:
                notified, self._notified = self._notified, False
                completed, self._completed = self._completed, []
                started = time.monotonic()
            for delivery in self._deliverer.prepare(self._round(completed, notified=notified)):
                with self._condition:
                    self._in_progress += 1
                self._pool.submit(self._work, delivery)
            with self._condition:
                self._wakeups = [wakeup for wakeup in self._wakeups if wakeup > started]
                self._wait()

    def _idle(self) -> bool:
        with self._condition:
            return self._in_progress == 0 and not self._completed

    def _wait(self) -> None:
        """Wait for a wake-up, completed work or the next round; while workers have queued rows, let a batch build up."""
        workers = self._context.settings.workers
        self._condition.wait_for(
            lambda: self._notified or self._in_progress <= workers, min(SETTLE_BATCH_SECONDS, self._pause())
        )
        self._condition.wait_for(lambda: self._notified or bool(self._completed), self._pause())

    def _pause(self) -> float:
        """Return the seconds until the next round, or until a channel may have its next message."""
        next_wakeup = min(self._wakeups, default=float("inf")) - time.monotonic()
        return max(0.0, min(self._context.settings.poll_seconds, next_wakeup))

    def _round(self, completed: list[CompletedDelivery], *, notified: bool) -> list[Claim]:
        try:
            limit = self._capacity(len(completed))
            idle = not completed and (limit <= 0 or not (notified or self._outbox.anything_due()))
            claims = [] if idle else self._outbox.settle_and_claim(completed, limit)
        except Exception:
            LOG.exception("the outbox could not be read or written; the next round tries again")
            return []
        self.last_round = time.monotonic()
        return claims

    def _capacity(self, completed: int) -> int:
        """Return how many rows to claim: one per free worker, plus twice the number completed since the last round.

        This keeps the workers busy until the next round, and the queue short if Slack is slow.
        """
        workers = self._context.settings.workers
        self._prefetch = min(max(2 * completed, self._prefetch // 2), MAX_PREFETCH * workers)
        with self._condition:
            return 0 if self._stopping else workers + self._prefetch - self._in_progress

    def _work(self, delivery: PreparedDelivery) -> None:
        outcome = self._outcome(delivery)
        with self._condition:
            self._in_progress -= 1
            if outcome is not None:
                self._completed.append(CompletedDelivery(delivery.claim, outcome, self._context.clock()))
            if gap := self._context.settings.channel_seconds:
                self._wakeups.append(time.monotonic() + gap)
            if len(self._completed) == 1 or self._in_progress <= self._context.settings.workers:
                # Waking the dispatcher costs as much as posting a message, so only the first completion does.
                self._condition.notify_all()

    def _outcome(self, delivery: PreparedDelivery) -> Outcome | None:
        if self._stopping:
            return Outcome(OutcomeKind.RETRY_LATER, "the sender is being stopped")
        try:
            return self._deliverer.deliver(delivery)
        except Exception:
            LOG.exception("delivery %s: not settled, left to the end of its lease", delivery.claim.id)
            return None
