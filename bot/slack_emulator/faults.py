"""Faults to order: what goes wrong with the next calls of a method."""

import threading
from dataclasses import dataclass, field
from typing import Literal, Self

When = Literal[
    "rate_limit", "status", "error", "drop_before", "drop_after",
    "delay_before", "delay_after", "malformed", "malformed_before",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with a call, of Slack's or of the connection's; the methods say which."""

    when: When
    seconds: float = 0.0
    status: int = 200
    code: str = ""

    @property
    def handles(self) -> bool:
        return self.when in ("drop_after", "delay_before", "delay_after", "malformed")

    @classmethod
    def rate_limit(cls, seconds: int = 1) -> Self:
        return cls("rate_limit", seconds=seconds, status=429, code="ratelimited")

    @classmethod
    def http(cls, status: int = 503) -> Self:
        return cls("status", status=status, code=f"http_{status}")

    @classmethod
    def drop_before(cls) -> Self:
        return cls("drop_before", code="dropped_before")

    @classmethod
    def drop_after(cls) -> Self:
        return cls("drop_after", code="dropped_after")

    @classmethod
    def delay(cls, seconds: float) -> Self:
        return cls("delay_after", seconds=seconds, code="delayed")

    @classmethod
    def delay_before(cls, seconds: float) -> Self:
        return cls("delay_before", seconds=seconds, code="delayed")

    @classmethod
    def malformed(cls) -> Self:
        """Carry the call out and answer with something that is no JSON."""
        return cls("malformed", code="malformed")

    @classmethod
    def malformed_before(cls) -> Self:
        return cls("malformed_before", code="malformed")

    @classmethod
    def error(cls, code: str) -> Self:
        return cls("error", code=code)


@dataclass(slots=True)
class _Order:
    method: str
    fault: Fault
    times: int
    channel: str | None

    def fits(self, method: str, channel: str) -> bool:
        return self.method in (method, "*") and self.channel in (None, channel)


@dataclass(slots=True)
class Faults:
    """Orders in the sequence in which they were given; the first that fits a call is used once."""

    _orders: list[_Order] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, method: str, fault: Fault, times: int = 1, channel: str | None = None) -> None:
        """Let the next calls of a method (`*`: of any; `response_url` too) go wrong, perhaps of one `channel` id only."""
        with self._lock:
            self._orders.append(_Order(method, fault, times, channel))

    def take(self, method: str, channel: str = "") -> Fault | None:
        """Return the fault for this call, used up once; None if there is none."""
        with self._lock:
            order = next((order for order in self._orders if order.fits(method, channel)), None)
            if order is not None:
                order.times -= 1
                self._orders = [order for order in self._orders if order.times]
            return order.fault if order else None

    def next_is(self, method: str, channel: str = "") -> Fault | None:
        with self._lock:
            return next((o.fault for o in self._orders if o.fits(method, channel)), None)

    def remaining(self, method: str = "") -> int:
        with self._lock:
            return sum(order.times for order in self._orders if method in ("", order.method))

    def clear(self) -> None:
        with self._lock:
            self._orders.clear()
