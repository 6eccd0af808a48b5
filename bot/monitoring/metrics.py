"""Metrics of a running bot: requests and their duration, and failed calls to Slack."""

import logging
from collections.abc import Iterator

from prometheus_client import Counter, Histogram
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from slack_sdk.errors import SlackApiError

from bot.slack_errors import outcome_of

LOG = logging.getLogger(__name__)

REQUESTS, SECONDS, SLACK_ERRORS = "aid_requests_total", "aid_request_seconds", "aid_slack_errors_total"
UNSIGNED = "aid_unsigned_requests_total"
COUNTED = {
    REQUESTS: "Requests by outcome, and by name as in docs/permissions.md",
    SECONDS: "Duration of requests; Slack waits three seconds",
    SLACK_ERRORS: "Failed Slack API calls by method and error",
    UNSIGNED: "Refused HTTP requests whose signature is missing, wrong, too old or used before",
}
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0)


class Metrics(Collector):
    """Counters of one process since its start; thread-safe."""

    def __init__(self) -> None:
        self._requests = Counter(REQUESTS, COUNTED[REQUESTS], ["name", "outcome"], registry=None)
        self._seconds = Histogram(SECONDS, COUNTED[SECONDS], ["name"], registry=None, buckets=BUCKETS)
        self._errors = Counter(SLACK_ERRORS, COUNTED[SLACK_ERRORS], ["method", "error"], registry=None)
        self._unsigned = Counter(UNSIGNED, COUNTED[UNSIGNED], registry=None)

    def request(self, name: str, outcome: str, seconds: float) -> None:
        """Count an answered request; ``name`` comes from the permission table, never from the request."""
        self._requests.labels(name, outcome).inc()
        self._seconds.labels(name).observe(seconds)

    def slack_failed(self, method: str, error: Exception) -> None:
        kind = outcome_of(error).reason if isinstance(error, SlackApiError) else type(error).__name__
        self._errors.labels(method, kind).inc()

    def refused_unsigned(self) -> None:
        self._unsigned.inc()
        LOG.warning("refused a request without a valid signature")

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics without their ``_created`` samples."""
        for metric in (self._requests, self._seconds, self._errors, self._unsigned):
            for family in metric.collect():
                family.samples = [each for each in family.samples if not each.name.endswith("_created")]
                yield family
