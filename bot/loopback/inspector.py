"""What went over the line: envelopes to the bot, its acks, its API calls. Bounded, newest kept."""

import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from bot.loopback.model import Json

KEPT = 2000


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A Web API call: what was asked and what was answered. `at` seconds since 1970; `error` empty if ok."""

    at: float
    method: str
    args: dict[str, Any]
    status: int
    answer: Json
    error: str = ""
    fault: str = ""

    @property
    def ok(self) -> bool:
        """Whether the method was carried out and answered so."""
        return not self.error


@dataclass(frozen=True, slots=True)
class Delivery:
    """A payload sent to the bot and its ack. `problem` is empty, or why there is no good ack."""

    at: float
    kind: str
    summary: str
    payload: Json
    acked: bool
    status: int | None
    answer: Json | None
    seconds: float
    problem: str = ""
    retry: int = 0
    envelope_id: str = ""


@dataclass(slots=True)
class Inspector:
    """Collects both, and counts calls by method."""

    api: deque[ApiCall] = field(default_factory=lambda: deque(maxlen=KEPT))
    deliveries: deque[Delivery] = field(default_factory=lambda: deque(maxlen=KEPT))
    counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def called(self, call: ApiCall) -> None:
        """Note a Web API call."""
        with self._lock:
            self.api.append(call)
            self.counts[call.method] += 1

    def delivered(self, delivery: Delivery) -> None:
        """Note a payload that was sent to the bot."""
        with self._lock:
            self.deliveries.append(delivery)

    def calls(self, method: str = "") -> list[ApiCall]:
        """The calls kept, oldest first; of one method or of all."""
        with self._lock:
            return [call for call in self.api if method in ("", call.method)]

    def sent(self, kind: str = "") -> list[Delivery]:
        """The payloads kept, oldest first; of one kind or of all."""
        with self._lock:
            return [delivery for delivery in self.deliveries if kind in ("", delivery.kind)]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self.api.clear()
            self.deliveries.clear()
            self.counts.clear()
