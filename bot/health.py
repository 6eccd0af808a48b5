"""What a supervisor and a monitor ask: alive, ready, and figures."""

from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import text

from bot.wiring import Bot
from db.outbox import DeliveryState, counts, oldest_pending

DELIVERIES, OLDEST, CONNECTED = "aid_deliveries", "aid_oldest_pending_seconds", "aid_connected"
FIGURES = {
    DELIVERIES: "Messages in the outbox by state",
    OLDEST: "Age of the oldest message that waits",
    CONNECTED: "Whether Slack reaches the bot",
}


@dataclass(frozen=True, slots=True)
class Health:
    """``connected`` tells whether Slack reaches the bot."""

    bot: Bot
    connected: Callable[[], bool]

    def problems(self) -> list[str]:
        """Why the bot is not ready; empty when it is."""
        found = []
        if not self.connected():
            found.append("not connected to Slack")
        if not self.bot.sender.alive:
            found.append("the sender of alerts does not run")
        with self.bot.services.database.reading() as session:
            session.execute(text("SELECT 1"))
        return found

    def metrics(self) -> bytes:
        """The figures in Prometheus' text form."""
        registry = CollectorRegistry()
        registry.register(_Outbox(self))
        return generate_latest(registry)


class _Outbox(Collector):
    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> list[GaugeMetricFamily]:
        services = self._health.bot.services
        with services.database.reading() as session:
            by_state, oldest = counts(session), oldest_pending(session)
        rows = GaugeMetricFamily(DELIVERIES, FIGURES[DELIVERIES], labels=["state"])
        for state in DeliveryState:
            rows.add_metric([state.value], by_state.get(state, 0))
        age = (services.clock() - oldest).total_seconds() if oldest else 0
        return [
            rows,
            GaugeMetricFamily(OLDEST, FIGURES[OLDEST], value=age),
            GaugeMetricFamily(CONNECTED, FIGURES[CONNECTED], value=self._health.connected()),
        ]
