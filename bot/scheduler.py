"""Scheduler: one thread that queues due reminders, digests, boards and messages to admins every few seconds.

Due rows are claimed in the database, so that several instances, a restart or a slow tick queue each of them once.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from db.database import Database
from db.maintenance.prune import prune
from db.outbox.claim import reconsider_future
from db.reminders.delivery import queue_reminders
from db.reminders.schedule import reschedule_batch
from db.subscriptions.boards import queue_due_boards
from db.subscriptions.digests import queue_due_digests

LOG = logging.getLogger(__name__)

TICK_SECONDS = 10.0  # with a lease, its reconciling and the pause of a board, that is true again within a minute
PRUNE_EVERY = timedelta(hours=1)

Queue = Callable[[Session, datetime], int]  # queues what is due and returns the number of messages


class Scheduler:
    """Thread that queues due messages until stopped; ``others`` queue those that depend on the workspaces."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        wake: Callable[[], None],
        *,
        seconds: float = TICK_SECONDS,
        others: Sequence[Queue] = (),
    ) -> None:
        self._database = database
        self._now = now
        self._wake = wake
        self._seconds = seconds
        self._queues: Sequence[Queue] = (queue_reminders, queue_due_digests, queue_due_boards, *others)
        self._pruned_at = datetime.min.replace(tzinfo=UTC)
        self._stopping = threading.Event()
        self.has_looked = False  # after the first tick True
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> None:
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def tick(self) -> int:
        now, queued = self._now(), 0
        with self._database.writing() as session:
            reconsider_future(session, now)
        self._reschedule(now)
        for queue in self._queues:
            with self._database.writing() as session:
                queued += queue(session, now)
        if queued:
            self._wake()
        self._prune(now)
        return queued

    def _prune(self, now: datetime) -> None:
        if now - self._pruned_at < PRUNE_EVERY:
            return
        with self._database.writing() as session:
            if not prune(session, now):  # else the next tick goes on
                self._pruned_at = now

    def _reschedule(self, now: datetime) -> None:
        more = True
        while more and not self._stopping.is_set():
            began = time.monotonic()
            with self._database.writing() as session:
                more = reschedule_batch(session, now)
            self._stopping.wait(time.monotonic() - began)  # leaves the write lock to people who record

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.tick()
            except Exception:
                LOG.exception("due messages could not be queued; the next tick tries again")
            self.has_looked = True
            self._stopping.wait(self._seconds)
