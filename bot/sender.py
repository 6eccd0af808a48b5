"""The sender of alerts: one thread that takes rows from the outbox, and a pool of workers that post them."""

import logging
import os
import socket
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from bot.courier import Courier, Desk
from db.outbox_claim import Claim, Lease, anything_due, claim_to_resolve, claim_to_send

LOG = logging.getLogger(__name__)


class Sender:
    """Posts what the outbox holds until it is stopped. Several may share a database, each in its process."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._courier = Courier(desk)
        self._name = f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
        self._news = threading.Condition()
        self._woken = False
        self._stopping = False
        self._working = 0
        self._alarms: list[float] = []
        self._last_round: datetime | None = None
        self._pool = ThreadPoolExecutor(desk.settings.workers, thread_name_prefix="alert-worker")
        self._thread = threading.Thread(target=self._run, name="alert-dispatcher", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the dispatcher runs."""
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
        with self._news:
            self._woken = True
            self._news.notify_all()

    def stop(self, timeout: float) -> bool:
        """Take nothing new and wait for what is under way, at most ``timeout`` seconds.

        Returns whether all of it ended; what did not is left to its lease, for another sender or start.
        """
        deadline = time.monotonic() + timeout
        with self._news:
            self._stopping = True
            self._news.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        with self._news:
            drained = self._news.wait_for(lambda: self._working == 0, max(0.0, deadline - time.monotonic()))
        ended = drained and not self._thread.is_alive()
        if ended:  # a dispatcher that hangs in the database may still hand over what it took
            self._pool.shutdown()
        return ended

    def _run(self) -> None:
        while not self._stopping:
            with self._news:
                self._woken = False
                free = self._desk.settings.workers - self._working
                started = time.monotonic()
            for claim in self._round(free) if free else []:
                self._hand_over(claim)
            with self._news:
                self._alarms = [each for each in self._alarms if each > started]
                self._news.wait_for(lambda: self._woken or self._stopping, self._pause())

    def _pause(self) -> float:
        """How long to rest in seconds: until the next round, or until a channel may have its next message."""
        next_alarm = min(self._alarms, default=float("inf")) - time.monotonic()
        return max(0.0, min(self._desk.settings.poll_seconds, next_alarm))

    def _round(self, free: int) -> list[Claim]:
        try:
            claims = self._claim(free)
        except Exception:
            LOG.exception("the outbox could not be read; the next round tries again")
            return []
        self._last_round = self._desk.clock()
        return claims

    def _claim(self, free: int) -> list[Claim]:
        desk, settings = self._desk, self._desk.settings
        with desk.database.reading() as session:
            if not anything_due(session, desk.clock(), settings.settle):
                return []
        with desk.database.writing() as session:
            lease = Lease(self._name, desk.clock(), settings.lease)
            claims = claim_to_resolve(session, lease, settings.settle, free)
            if len(claims) < free:
                claims += claim_to_send(session, lease, settings.pace, free - len(claims))
            return claims

    def _hand_over(self, claim: Claim) -> None:
        with self._news:
            self._working += 1
        self._pool.submit(self._work, claim)

    def _work(self, claim: Claim) -> None:
        try:
            self._courier.handle(claim)
        finally:
            with self._news:
                self._working -= 1
                self._alarms.append(time.monotonic() + self._desk.settings.channel_seconds)
                self._woken = True
                self._news.notify_all()
