"""State that others can wait for: one lock, a version, a series of numbers. The clock is injected."""

import itertools
import threading
from collections.abc import Callable

Clock = Callable[[], float]  # seconds since 1970, UTC


class Observable:
    """A lock with a condition that every change notifies."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.version = 0
        self._numbers = itertools.count(1)
        self._condition = threading.Condition(self.lock)

    def changed(self) -> None:
        with self.lock:
            self.version += 1
            self._condition.notify_all()

    def wait_for(self, condition: Callable[[], bool], seconds: float = 10.0) -> bool:
        with self._condition:
            return self._condition.wait_for(condition, timeout=seconds)

    def number(self) -> int:
        with self.lock:
            return next(self._numbers)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}{self.number():08d}"
