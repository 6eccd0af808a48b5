"""Senders as child processes: started, killed, started again, ended; none is left behind."""

import multiprocessing
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event

from tests.chaos.sender_process import Orders, run

SPAWN = multiprocessing.get_context("forkserver")
SPAWN.set_forkserver_preload(["tests.chaos.sender_process"])


@dataclass(frozen=True, slots=True)
class Child:
    """A process, and whether it got as far as to end in an orderly way."""

    process: BaseProcess
    ready: Event


@dataclass
class Fleet:
    """So many senders at once, each with its orders. ``reborn`` starts another in the place of one that was killed."""

    orders: list[Orders]
    seed: int = 0
    reborn: bool = True
    kills: int = 0
    _running: list["Child"] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._closed = False

    def start(self) -> None:
        with self._lock:
            self._running = [_start(each) for each in self.orders]

    def strike(self) -> bool:
        """SIGKILL to one of them; False where none runs."""
        with self._lock:
            alive = [place for place, each in enumerate(self._running) if each.process.is_alive()]
            if not alive or self._closed:
                return False
            place = self._random.choice(alive)
            self._running[place].process.kill()
            self._running[place].process.join()
            self.kills += 1
            if self.reborn:
                self._running[place] = _start(self.orders[place])
            return True

    def end(self) -> list[int | None]:
        """SIGTERM to all that live; the exit codes of those."""
        with self._lock:
            self._closed = True
            living = [each for each in self._running if each.process.is_alive()]
            for each in living:
                each.ready.wait(20)
                each.process.terminate()
            for each in living:
                each.process.join(20)
                if each.process.is_alive():
                    each.process.kill()
            return [each.process.exitcode for each in living]

    @contextmanager
    def running(self) -> Iterator["Fleet"]:
        """Run them until the block ends, whatever happens in it."""
        self.start()
        try:
            yield self
        finally:
            self.end()


def _start(orders: Orders) -> Child:
    ready = SPAWN.Event()
    process = SPAWN.Process(target=run, args=(orders, ready), daemon=True)
    process.start()
    return Child(process, ready)
