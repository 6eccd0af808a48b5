"""Metrics of a running bot: requests and their duration, and what Slack refused."""

from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client import Counter, Histogram
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.slack_errors import outcome_of

REQUESTS, SECONDS, SLACK_ERRORS = "aid_requests_total", "aid_request_seconds", "aid_slack_errors_total"
COUNTED = {
    REQUESTS: "Commands, buttons, forms and events, as docs/permissions.md names them, by what came of them",
    SECONDS: "How long they took; Slack waits for three seconds",
    SLACK_ERRORS: "Calls to Slack that failed, by method and kind of error",
}
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0)

Failed = Callable[[str, Exception], None]
"""Is told the method and the error of a call to Slack that failed."""


class Metrics(Collector):
    """The counters of one process, from its start on; may be used from several threads."""

    def __init__(self) -> None:
        self._requests = Counter(REQUESTS, COUNTED[REQUESTS], ["name", "outcome"], registry=None)
        self._seconds = Histogram(SECONDS, COUNTED[SECONDS], ["name"], registry=None, buckets=BUCKETS)
        self._errors = Counter(SLACK_ERRORS, COUNTED[SLACK_ERRORS], ["method", "error"], registry=None)

    def request(self, name: str, outcome: str, seconds: float) -> None:
        """Count a request that was answered; ``name`` is one of a table's, never anything that came from outside."""
        self._requests.labels(name, outcome).inc()
        self._seconds.labels(name).observe(seconds)

    def slack_failed(self, method: str, error: Exception) -> None:
        """Count a call to Slack that failed."""
        kind = outcome_of(error).reason if isinstance(error, SlackApiError) else type(error).__name__
        self._errors.labels(method, kind).inc()

    def collect(self) -> Iterator[Metric]:
        """Yield the figures, without the time at which each was first counted."""
        for counted in (self._requests, self._seconds, self._errors):
            for family in counted.collect():
                family.samples = [each for each in family.samples if not each.name.endswith("_created")]
                yield family


class InstrumentedClient(WebClient):
    """A client that tells of calls that failed."""

    failed: Failed

    def api_call(self, api_method: str, **how: Any) -> SlackResponse:
        try:
            return super().api_call(api_method, **how)
        except Exception as error:
            self.failed(api_method, error)
            raise


def instrument(client: WebClient, failed: Failed) -> InstrumentedClient:
    """Return a client like ``client`` that tells ``failed`` of what fails."""
    like = InstrumentedClient.__new__(InstrumentedClient)  # made once for every request, from one that is made already
    like.__dict__.update(client.__dict__)
    like.failed = failed
    return like
