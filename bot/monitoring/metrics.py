"""Metrics of a running bot: requests and their duration, and failed calls to Slack."""

import logging

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
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


disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped


class Metrics:
    """Counters of one process since its start; thread-safe."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(REQUESTS, COUNTED[REQUESTS], ["name", "outcome"], registry=self.registry)
        self._seconds = Histogram(SECONDS, COUNTED[SECONDS], ["name"], registry=self.registry, buckets=BUCKETS)
        self._errors = Counter(SLACK_ERRORS, COUNTED[SLACK_ERRORS], ["method", "error"], registry=self.registry)
        self._unsigned = Counter(UNSIGNED, COUNTED[UNSIGNED], registry=self.registry)

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
