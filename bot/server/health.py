"""Health endpoints for a supervisor and a monitor: alive, ready, metrics."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from bot.app import Bot
from bot.monitoring.metrics import COUNTED
from db.outbox.deliveries import DeliveryState, counts, oldest_pending

LOG = logging.getLogger(__name__)

DELIVERIES, OLDEST, CONNECTED = "aid_deliveries", "aid_oldest_pending_seconds", "aid_connected"
DATABASE = "aid_database"
FIGURES = {
    **COUNTED,
    DELIVERIES: "Outbox messages by state",
    OLDEST: "Seconds since the oldest waiting message became due",
    CONNECTED: "1 if Slack can reach the bot, else 0",
    DATABASE: "1 if the database answers, else 0",
}
# a sender polls the outbox about once a second, less often only while all its workers are busy
NO_ROUND_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Health:
    """Health of a running bot; ``connected`` tells if Slack can reach it."""

    bot: Bot
    connected: Callable[[], bool]

    def problems(self) -> list[str]:
        """Return why the bot is not ready, or nothing. Waiting messages are no reason: Slack may be failing."""
        problems = [] if self.connected() else ["not connected to Slack"]
        sender = self.bot.sender
        last = sender.last_round
        if not sender.alive:
            problems.append("the sender of alerts does not run")
        elif last and time.monotonic() - last > NO_ROUND_SECONDS:
            problems.append("the sender of alerts has not looked at the outbox for a minute")
        if self.waiting() is None:
            problems.append("the database does not answer")
        return problems

    def ready(self) -> str:
        """Return the body of ``/readyz`` when ready, with the age of the oldest message that waits."""
        waiting = self.waiting()
        return f"ready; the oldest message that waits has been due for {waiting:.0f} s" if waiting else "ready"

    def waiting(self) -> float | None:
        """Return for how many seconds the oldest pending message has been due, 0 if none is; None without a database."""
        app_context = self.bot.app_context
        try:
            with app_context.database.reading() as session:
                oldest = oldest_pending(session)
        except SQLAlchemyError:
            LOG.exception("the database does not answer")
            return None
        return max(0.0, (app_context.clock() - oldest).total_seconds()) if oldest else 0.0

    def metrics(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        registry = CollectorRegistry()
        registry.register(self.bot.metrics)
        registry.register(_CurrentValues(self))
        return generate_latest(registry)


class _CurrentValues(Collector):
    """Collector of current values; without the outbox while the database does not answer."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> list[GaugeMetricFamily]:
        waiting = self._health.waiting()
        return [
            *([] if waiting is None else self._outbox(waiting)),
            GaugeMetricFamily(CONNECTED, FIGURES[CONNECTED], value=self._health.connected()),
            GaugeMetricFamily(DATABASE, FIGURES[DATABASE], value=waiting is not None),
        ]

    def _outbox(self, waiting: float) -> list[GaugeMetricFamily]:
        with self._health.bot.app_context.database.reading() as session:
            by_state = counts(session)
        rows = GaugeMetricFamily(DELIVERIES, FIGURES[DELIVERIES], labels=["state"])
        for state in DeliveryState:
            rows.add_metric([state.value], by_state.get(state, 0))
        return [rows, GaugeMetricFamily(OLDEST, FIGURES[OLDEST], value=waiting)]
