"""Health endpoints for a supervisor and a monitor: alive, ready, metrics."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.app import Bot
from bot.monitoring.database_watch import DatabaseWatch
from bot.monitoring.metrics import COUNTED

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
    watch: DatabaseWatch

    def sends(self) -> bool:
        """Return True if the sender runs and has looked at the outbox within a minute."""
        last = self.bot.sender.last_round
        return self.bot.sender.alive and (last is None or time.monotonic() - last < NO_ROUND_SECONDS)

    def problems(self) -> list[str]:
        """Return why the bot is not ready, or nothing. Waiting messages are no reason: Slack may be failing."""
        problems = [] if self.connected() else ["not connected to Slack"]
        if not self.bot.sender.alive:
            problems.append("the sender of alerts does not run")
        elif not self.sends():
            problems.append("the sender of alerts has not looked at the outbox for a minute")
        if problem := self.watch.figures().problem:
            problems.append(problem)
        return problems

    def ready(self) -> str:
        """Return the body of ``/readyz`` when ready, with the age of the oldest message that waits."""
        waiting = self.watch.figures().waiting
        return f"ready; the oldest message that waits has been due for {waiting:.0f} s" if waiting else "ready"

    def metrics(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        current = CollectorRegistry()
        current.register(_CurrentValues(self))
        return generate_latest(self.bot.metrics.registry) + generate_latest(current)


class _CurrentValues(Collector):
    """Collector of current values; without the outbox while the database does not answer."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> list[GaugeMetricFamily]:
        seen = self._health.watch.figures()
        connected = GaugeMetricFamily(CONNECTED, FIGURES[CONNECTED], value=self._health.connected())
        answers = GaugeMetricFamily(DATABASE, FIGURES[DATABASE], value=not seen.problem)
        if not seen.counts:
            return [connected, answers]
        rows = GaugeMetricFamily(DELIVERIES, FIGURES[DELIVERIES], labels=["state"])
        for state, number in seen.counts.items():
            rows.add_metric([state.value], number)
        return [rows, GaugeMetricFamily(OLDEST, FIGURES[OLDEST], value=seen.waiting), connected, answers]
