"""Faults to order: what goes wrong with the next calls of a method."""

import threading
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self


class When(StrEnum):
    """Moment at which a fault strikes a call."""

    RATE_LIMIT = "rate_limit"
    STATUS = "status"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    DELAY_BEFORE = "delay_before"
    DELAY_AFTER = "delay_after"
    MALFORMED = "malformed"
    MALFORMED_BEFORE = "malformed_before"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with a call, of Slack's or of the connection's; the methods say which."""

    when: When
    seconds: float = 0.0
    status: int = 200
    code: str = ""

    @property
    def handles(self) -> bool:
        """Return True if the call is still carried out."""
        return self.when in (When.DROP_AFTER, When.DELAY_BEFORE, When.DELAY_AFTER, When.MALFORMED)

    @classmethod
    def rate_limit(cls, seconds: int = 1) -> Self:
        return cls(When.RATE_LIMIT, seconds=seconds, status=429, code="ratelimited")

    @classmethod
    def http(cls, status: int = 503) -> Self:
        return cls(When.STATUS, status=status, code=f"http_{status}")

    @classmethod
    def drop_before(cls) -> Self:
        return cls(When.DROP_BEFORE, code="dropped_before")

    @classmethod
    def drop_after(cls) -> Self:
        return cls(When.DROP_AFTER, code="dropped_after")

    @classmethod
    def delay(cls, seconds: float) -> Self:
        """Carry the call out at once and answer later."""
        return cls(When.DELAY_AFTER, seconds=seconds, code="delayed")

    @classmethod
    def delay_before(cls, seconds: float) -> Self:
        return cls(When.DELAY_BEFORE, seconds=seconds, code="delayed")

    @classmethod
    def malformed(cls) -> Self:
        """Carry the call out and answer with something that is no JSON."""
        return cls(When.MALFORMED, code="malformed")

    @classmethod
    def malformed_before(cls) -> Self:
        return cls(When.MALFORMED_BEFORE, code="malformed")

    @classmethod
    def error(cls, code: str) -> Self:
        return cls(When.ERROR, code=code)


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
        """Let the next `times` calls of a method (`*`: of any; `response_url` too) go wrong.

        With `channel` (an id) only calls with that `channel` argument count.
        """
        with self._lock:
            self._orders.append(_Order(method, fault, times, channel))

    def take(self, method: str, channel: str = "") -> Fault | None:
        """Return the fault for this call, used up once; None if there is none."""
        with self._lock:
            order = next((order for order in self._orders if order.fits(method, channel)), None)
            if order is None:
                return None
            order.times -= 1
            if not order.times:
                self._orders.remove(order)
            return order.fault

    def next_is(self, method: str, channel: str = "") -> Fault | None:
        """Return the fault that `take` would give, not used up."""
        with self._lock:
            return next((o.fault for o in self._orders if o.fits(method, channel)), None)

    def remaining(self, method: str = "") -> int:
        """Count the calls that are still to fail, of one method or of all."""
        with self._lock:
            return sum(order.times for order in self._orders if method in ("", order.method))

    def clear(self) -> None:
        with self._lock:
            self._orders.clear()
