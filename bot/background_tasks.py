"""Background tasks: bounded queues of work on which the answer to a request does not depend, apart from each other."""

import contextvars
import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from db.errors import AidError
from handlers.context import Actor
from handlers.errors import ONE_FILE, TOO_MUCH

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lane:
    """A queue's threads, how many tasks may wait, and how many one person may have there (0: any number)."""

    threads: int
    waiting: int
    each: int = 0


LANES = {
    "answer": Lane(8, 300),
    "export": Lane(2, 20, each=1),
    "import": Lane(1, 5, each=1),
    "member": Lane(2, 100),
    "request": Lane(64, 64, each=16),  # so that one person's flood leaves threads to others
}


IDLE_SECONDS = 5.0  # after which a thread without work ends


class BackgroundTasks:
    """Daemon threads, so that none delays the end; failures are logged with the id of the request."""

    def __init__(self) -> None:
        self._queues = {name: queue.SimpleQueue[Callable[[], None]]() for name in LANES}
        self._threads, self._tasks = Counter[str](), Counter[str]()
        self._owned: Counter[tuple[str, Actor | None]] = Counter()
        self._lock = threading.Lock()

    def submit(self, work: Callable[[], object], lane: str = "answer", owner: Actor | None = None) -> None:
        """Schedule ``work`` and return at once. Raises AidError if too much waits, in all or for its owner."""
        context, key = contextvars.copy_context(), (lane, owner)
        with self._lock:
            if owner and self._owned[key] >= LANES[lane].each > 0:
                raise AidError(ONE_FILE if LANES[lane].each == 1 else TOO_MUCH)
            if self._tasks[lane] >= LANES[lane].threads + LANES[lane].waiting:
                raise AidError(TOO_MUCH)
            self._queues[lane].put(lambda: context.run(self._do, work, key))
            self._owned[key] += 1
            self._tasks[lane] += 1
            if self._threads[lane] < min(self._tasks[lane], LANES[lane].threads):
                self._threads[lane] += 1
                threading.Thread(target=self._run, args=(lane,), name=lane, daemon=True).start()

    @property
    def is_busy(self) -> bool:
        return bool(self._tasks.total())

    def close(self, seconds: float = 10.0) -> None:
        """Wait until the work is done, at most ``seconds``; the rest is dropped with the process."""
        deadline = time.monotonic() + seconds
        while self.is_busy and time.monotonic() < deadline:
            time.sleep(0.02)

    def _run(self, lane: str) -> None:
        waiting = self._queues[lane]
        while True:
            try:
                waiting.get(timeout=IDLE_SECONDS)()
            except queue.Empty:
                with self._lock:
                    if waiting.empty():
                        self._threads[lane] -= 1
                        return

    def _do(self, work: Callable[[], object], key: tuple[str, Actor | None]) -> None:
        try:
            work()
        except Exception:
            LOG.exception("work after an answer failed")
        finally:
            with self._lock:
                self._owned[key] -= 1
                self._tasks[key[0]] -= 1
