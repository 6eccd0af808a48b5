"""Random faults drawn from a seed: errors of Slack, and senders killed at any moment."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from bot.slack_emulator.faults import Fault, Faults

POST = "chat.postMessage"
READING = frozenset({"conversations.history", "conversations.replies"})


@dataclass(frozen=True, slots=True)
class FaultRates:
    """Probabilities from 0 to 1; ``kills`` is the share of requests that cost a sender its life."""

    faults: float = 0.0
    kills: float = 0.0
    late: float = 0.0
    unreadable: float = 0.0


ORDINARY: tuple[tuple[str, Callable[[], Fault]], ...] = (
    ("rate limited", lambda: Fault.rate_limit(1)),
    ("500", lambda: Fault.http(500)),
    ("503", lambda: Fault.http(503)),
    ("dropped unread", Fault.drop_before),
    ("dropped after it was posted", Fault.drop_after),
    ("answered after the timeout", lambda: Fault.delay(0.8)),
    ("malformed answer", Fault.malformed),
    ("malformed, not posted", Fault.malformed_before),
    ("internal_error", lambda: Fault.error("internal_error")),
)


@dataclass
class RandomFaults(Faults):
    """Faults that no test ordered. ``kill_one`` kills a sender; ``late`` requests take effect after the history was read."""

    rates: FaultRates = field(default_factory=FaultRates)
    seed: int = 0
    kill_one: Callable[[], bool] = lambda: False
    happened: Counter[str] = field(default_factory=Counter)
    late_by: float = 3.0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._die = threading.Lock()

    def _luck(self) -> float:
        with self._die:
            return self._random.random()

    def next_is(self, method: str, channel: str = "") -> Fault | None:
        """Return a delay for a late request: Slack accepts it after somebody looked for its message."""
        ordered = super().next_is(method, channel)
        if ordered is None and method == POST and self._luck() < self.rates.late:
            self.happened["accepted late"] += 1
            return Fault.delay_before(self.late_by)
        return ordered

    def take(self, method: str, channel: str = "") -> Fault | None:
        """Return the fault of this call, and perhaps kill a sender before, during or after it."""
        ordered = super().take(method, channel)
        if ordered is not None or method not in {POST, "chat.update", "pins.add", *READING}:
            return ordered
        killed = self._kill_around(method) if self._luck() < self.rates.kills else None
        if killed is not None:
            return killed
        if method in READING and self._luck() < self.rates.unreadable:
            self.happened["history unreadable"] += 1
            return Fault.error("missing_scope")
        return self._fault() if self._luck() < self.rates.faults else None

    def _kill_around(self, method: str) -> Fault | None:
        """Kill the sender when its request arrives, or between Slack's effect and its answer."""
        if self._luck() < 0.5:
            self.happened[f"killed when {method} arrived"] += self.kill_one()
            return None
        self.happened[f"killed before the answer of {method}"] += 1
        threading.Timer(0.02, self.kill_one).start()
        return Fault.delay(0.1)

    def _fault(self) -> Fault:
        with self._die:
            name, make = self._random.choice(ORDINARY)
        self.happened[name] += 1
        return make()


class Killer:
    """Thread that kills at random moments: while rows are claimed, rendered, settled, or nothing happens."""

    def __init__(self, kill_one: Callable[[], bool], every: float, seed: int) -> None:
        self._kill_one = kill_one
        self._every = every
        self._random = random.Random(seed)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stopping.wait(self._random.uniform(0.2, 1.8) * self._every):
            self._kill_one()
