"""The sender of alerts: one thread that has the outbox in hand, and a pool of workers that post.

The thread goes round: it stores what the workers have done and takes new rows, in one transaction, words these and
hands them over. The workers only talk to Slack.
"""

import logging
import os
import socket
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from bot.sender.deliverer import Deliverer, PreparedDelivery, SenderContext
from bot.sender.outbox_session import CompletedDelivery, OutboxSession
from db.outbox.claim import Claim
from db.outbox.settle import Outcome, OutcomeKind

LOG = logging.getLogger(__name__)

MAX_PREFETCH = 8
"""At most so many rows wait for each worker. They are resolved like those under way when the process is killed."""

SETTLE_BATCH_SECONDS = 0.1
"""What workers have done is stored together so long after the first, or sooner when they run out of rows."""


class Sender:
    """Posts what the outbox holds until it is stopped. Several may share a database, each in its process."""

    def __init__(self, desk: SenderContext) -> None:
        self._context = desk
        self._courier = Deliverer(desk)
        self._exchange = OutboxSession(desk, f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:12]}")
        self._condition = threading.Condition()
        self._woken = False
        self._stopping = False
        self._under_way = 0
        self._prefetch = 0
        self._done: list[CompletedDelivery] = []
        self._wakeups: list[float] = []
        self._last_round: datetime | None = None
        self._pool = ThreadPoolExecutor(desk.settings.workers, thread_name_prefix="alert-worker")
        self._thread = threading.Thread(target=self._run, name="alert-dispatcher", daemon=True)

    @property
    def alive(self) -> bool:
        """Return True while the dispatcher runs."""
        return self._thread.is_alive()

    @property
    def last_round(self) -> datetime | None:
        """When the outbox was last looked through without an error (UTC)."""
        return self._last_round

    def start(self) -> None:
        """Begin. A sender is started once."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the outbox now; for after the commit of a transaction that added rows. Returns at once."""
        with self._condition:
            self._woken = True
            self._condition.notify_all()

    def stop(self, timeout: float) -> bool:
        """Begin no request any more and wait for those under way, at most ``timeout`` seconds.

        Returns whether all of it ended; what did not is left to its lease, for another sender or start.
        """
        self._stopping = True
        self.wake()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        ended = not self._thread.is_alive()
        if ended:  # a dispatcher that hangs in the database may still hand over what it took
            self._pool.shutdown()
        return ended

    def _run(self) -> None:
        while not (self._stopping and self._idle()):
            with self._condition:
                woken, self._woken = self._woken, False
                done, self._done = self._done, []
                started = time.monotonic()
            for letter in self._courier.prepare(self._round(done, woken=woken)):
                self._submit(letter)
            with self._condition:
                self._wakeups = [each for each in self._wakeups if each > started]
                self._wait()

    def _idle(self) -> bool:
        with self._condition:
            return self._under_way == 0 and not self._done

    def _wait(self) -> None:
        """Wait for news or the next round. While the workers have rows ahead, what they have done gathers for a moment."""
        workers = self._context.settings.workers
        self._condition.wait_for(
            lambda: self._woken or self._under_way <= workers, min(SETTLE_BATCH_SECONDS, self._pause())
        )
        self._condition.wait_for(lambda: self._woken or bool(self._done), self._pause())

    def _pause(self) -> float:
        """Return the seconds to wait until the next round or until a channel may get its next message."""
        next_alarm = min(self._wakeups, default=float("inf")) - time.monotonic()
        return max(0.0, min(self._context.settings.poll_seconds, next_alarm))

    def _round(self, done: list[CompletedDelivery], *, woken: bool) -> list[Claim]:
        try:
            room = self._capacity(len(done))
            nothing = not done and (room <= 0 or not (woken or self._exchange.anything_due()))
            claims = [] if nothing else self._exchange.settle_and_claim(done, room)
        except Exception:
            LOG.exception("the outbox could not be read or written; the next round tries again")
            return []
        self._last_round = self._context.clock()
        return claims

    def _capacity(self, done: int) -> int:
        """Return how many rows to claim: one a free worker, and ahead of them twice what was done since the last round.

        So the workers have enough until the next one, and hardly anything waits where Slack is slow.
        """
        workers = self._context.settings.workers
        self._prefetch = min(max(2 * done, self._prefetch // 2), MAX_PREFETCH * workers)
        with self._condition:
            return 0 if self._stopping else workers + self._prefetch - self._under_way

    def _submit(self, letter: PreparedDelivery) -> None:
        with self._condition:
            self._under_way += 1
        self._pool.submit(self._work, letter)

    def _work(self, letter: PreparedDelivery) -> None:
        outcome = self._outcome(letter)
        with self._condition:
            self._under_way -= 1
            if outcome is not None:
                self._done.append(CompletedDelivery(letter.claim, outcome, self._context.clock()))
            if gap := self._context.settings.channel_seconds:
                self._wakeups.append(time.monotonic() + gap)
            if len(self._done) == 1 or self._under_way <= self._context.settings.workers:
                # Waking the dispatcher costs as much as posting a message, so wake it only for the first.
                self._condition.notify_all()

    def _outcome(self, letter: PreparedDelivery) -> Outcome | None:
        if self._stopping:
            return Outcome(OutcomeKind.RETRY_LATER, "the sender is being stopped")
        try:
            return self._courier.deliver(letter)
        except Exception:
            LOG.exception("delivery %s: not settled, left to the end of its lease", letter.claim.id)
            return None
