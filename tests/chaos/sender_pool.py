"""Senders as child processes: started, killed, restarted and ended; none is left behind."""

import multiprocessing
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event

from tests.chaos.sender_process import SenderOptions, run

SPAWN = multiprocessing.get_context("forkserver")
SPAWN.set_forkserver_preload(["tests.chaos.sender_process"])


@dataclass(frozen=True, slots=True)
class Child:
    """A process, and an event that is set once it can end in an orderly way."""

    process: BaseProcess
    ready: Event


@dataclass
class SenderPool:
    """Concurrent senders, each with its options; a killed one is replaced by another."""

    options: list[SenderOptions]
    seed: int = 0
    kills: int = 0
    _running: list["Child"] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._closed = False

    def start(self) -> None:
        with self._lock:
            self._running = [_start(each) for each in self.options]

    def kill_one(self) -> bool:
        """Send SIGKILL to a random sender; return False if none runs."""
        with self._lock:
            alive = [place for place, each in enumerate(self._running) if each.process.is_alive()]
            if not alive or self._closed:
                return False
            place = self._random.choice(alive)
            self._running[place].process.kill()
            self._running[place].process.join()
            self.kills += 1
            self._running[place] = _start(self.options[place])
            return True

    def end(self) -> list[int | None]:
        """Send SIGTERM to all living senders; return their exit codes."""
        with self._lock:
            self._closed = True
            living = [child for child in self._running if child.process.is_alive()]
            for child in living:
                child.ready.wait(20)
                child.process.terminate()
            for child in living:
                child.process.join(20)
                if child.process.is_alive():
                    child.process.kill()
            return [child.process.exitcode for child in living]

    @contextmanager
    def running(self) -> Iterator["SenderPool"]:
        """Run the senders until the block ends."""
        self.start()
        try:
            yield self
        finally:
            self.end()


def _start(options: SenderOptions) -> Child:
    ready = SPAWN.Event()
    process = SPAWN.Process(target=run, args=(options, ready), daemon=True)
    process.start()
    return Child(process, ready)
