"""The clock: one thread that looks every few seconds for what is due by its hour, reminders and digests.

What is due is claimed in the database, so that several instances, a restart or a slow tick tell it once.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from db.database import Database
from db.reminders.delivery import queue_reminders
from db.reminders.schedule import reschedule_batch
from db.subscriptions.digests import tell_digests

LOG = logging.getLogger(__name__)

TICK_SECONDS = 20.0


class Scheduler:
    """Queues what is due until it is stopped. ``now`` gives the time (aware, UTC), ``wake`` tells the sender."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        wake: Callable[[], None],
        *,
        seconds: float = TICK_SECONDS,
    ) -> None:
        self._database = database
        self._now = now
        self._wake = wake
        self._seconds = seconds
        self._stopping = threading.Event()
        self._looked = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)

    @property
    def has_looked(self) -> bool:
        """Return True once it has ticked since its start."""
        return self._looked.is_set()

    def start(self) -> None:
        """Begin. A clock is started once."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """End after the tick under way, waiting at most ``timeout`` seconds for it."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def tick(self) -> int:
        """Queue all that is due now; returns how many messages."""
        now, queued = self._now(), 0
        self._plan(now)
        for tell in (queue_reminders, tell_digests):
            with self._database.writing() as session:
                queued += tell(session, now)
        if queued:
            self._wake()
        return queued

    def _plan(self, now: datetime) -> None:
        """Rests after each part for as long as it took, so that whoever records meanwhile soon gets in."""
        more = True
        while more and not self._stopping.is_set():
            began = time.monotonic()
            with self._database.writing() as session:
                more = reschedule_batch(session, now)
            self._stopping.wait(time.monotonic() - began)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.tick()
            except Exception:
                LOG.exception("what is due could not be looked up; the next tick tries again")
            self._looked.set()
            self._stopping.wait(self._seconds)
