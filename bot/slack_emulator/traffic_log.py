"""Log of the traffic: envelopes to the bot, its acks, its API calls. Bounded, newest kept."""

import threading
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any

from bot.slack_emulator.models import Json

KEPT = 2000
_SECRETS = ("xox", "xapp-", "xwfp-")


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A Web API call and its answer; `number` counts calls and deliveries together."""

    at: float
    method: str
    args: dict[str, object]
    status: int
    answer: Json
    error: str = ""
    fault: str = ""
    number: int = 0

    @property
    def ok(self) -> bool:
        return not self.error


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
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
    number: int = 0


@dataclass(slots=True)
class TrafficLog:
    api: deque[ApiCall] = field(default_factory=lambda: deque(maxlen=KEPT))
    deliveries: deque[DeliveryRecord] = field(default_factory=lambda: deque(maxlen=KEPT))
    last: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, entry: "ApiCall | DeliveryRecord") -> None:
        with self._lock:
            self.last += 1
            kept: deque[Any] = self.api if isinstance(entry, ApiCall) else self.deliveries
            kept.append(replace(entry, number=self.last))

    def calls(self, method: str = "") -> list[ApiCall]:
        with self._lock:
            return [call for call in self.api if method in ("", call.method)]

    def sent(self, kind: str = "") -> list[DeliveryRecord]:
        with self._lock:
            return [delivery for delivery in self.deliveries if kind in ("", delivery.kind)]

    def entries(self) -> "list[ApiCall | DeliveryRecord]":
        """Both kinds kept, newest first."""
        with self._lock:
            both: list[ApiCall | DeliveryRecord] = [*self.api, *self.deliveries]
        return sorted(both, key=lambda entry: entry.number, reverse=True)

    def clear(self) -> None:
        with self._lock:
            self.api.clear()
            self.deliveries.clear()


def veiled(value: object, name: str = "") -> Any:
    """Redact secrets in JSON: tokens, the tickets of Socket Mode addresses."""
    if isinstance(value, dict):
        return {key: veiled(inside, key) for key, inside in value.items()}
    if isinstance(value, list | tuple):
        return [veiled(inside) for inside in value]
    if isinstance(value, str) and (value.startswith(_SECRETS) or (name == "token" and value)):
        return f"{value[:5]}…"
    return value.partition("?")[0] if isinstance(value, str) and value.startswith(("ws://", "wss://")) else value
