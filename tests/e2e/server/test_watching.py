"""Monitoring: a request id on every log line, metrics of requests, and readiness."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.monitoring.log_config import LineFormatter, RepeatFilter
from bot.slack_emulator import Fault
from handlers.request_id import REQUEST
from tests.support.harness import BotHarness
from tests.support.http import FORM, signed_command

TYPED = "canary-typed"


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.LogCaptureFixture]:
    """Let the captured log be the bot's JSON."""
    monkeypatch.setattr(caplog.handler, "formatter", LineFormatter("json"))
    caplog.set_level(logging.INFO)
    repeats = RepeatFilter()
    caplog.handler.addFilter(repeats)
    yield caplog
    caplog.handler.removeFilter(repeats)


def lines(log: pytest.LogCaptureFixture, request: str | None = None) -> list[dict[str, Any]]:
    each_line = [json.loads(line) for line in log.text.splitlines()]
    return [line for line in each_line if request in {None, line.get("request")}]


def metric(harness: BotHarness, sample: str, **labels: str) -> float | None:
    """Return the value of one sample of /metrics."""
    families = text_string_to_metric_families(harness.call("/metrics").text)
    samples = [each for family in families for each in family.samples if (each.name, each.labels) == (sample, labels)]
    return samples[0].value if samples else None


def request_count(harness: BotHarness, name: str, outcome: str = "answered") -> float | None:
    return metric(harness, "aid_requests_total", name=name, outcome=outcome)


# -- the log ---------------------------------------------------------------------------------------------------------


def test_log_lines_of_a_request_share_the_answers_reference(
    over_http: BotHarness, log: pytest.LogCaptureFixture
) -> None:
    with over_http.without_table("updates"):
        answer = over_http.admin.types(f"/aid-update GG-1 note on:2026-02-09 {TYPED}")

    error, last = lines(log, answer.text.partition("(reference ")[2].partition(")")[0])
    assert "Traceback" in error["exception"]
    assert last["event"] == "/aid-update failed"
    assert (last["user"], last["team"]) == ("U0ADMIN", "T0LOOP")
    assert TYPED not in log.text

    def fail() -> None:
        raise ValueError

    token = REQUEST.set("R-00000001")
    over_http.bot.app_context.run_after_response(fail)
    REQUEST.reset(token)
    over_http.wait(lambda: bool(lines(log, "R-00000001")))
    assert lines(log, "R-00000001")[0]["event"] == "work after an answer failed"


def test_log_has_an_id_per_request_and_no_typed_text(over_http: BotHarness, log: pytest.LogCaptureFixture) -> None:
    over_http.admin.types(f"/aid-update GG-1 note on:2026-02-09 {TYPED}")
    over_http.member.types(f"/aid-status {TYPED}")
    over_http.member.types(f"/aid-admin withhold {TYPED}")
    over_http.alerts()

    ends = [line for line in lines(log) if line["logger"] == "bot.monitoring.request_log"]
    assert [line["event"] for line in ends] == [
        "/aid-update answered",
        "/aid-status answered",
        "/aid-admin withhold not-allowed",
    ]
    assert len({line["request"] for line in ends}) == 3
    refused = lines(log, ends[2]["request"])[0]
    assert (refused["event"], refused["what"]) == ("refused", "/aid-admin withhold")
    assert TYPED not in log.text


# -- the figures -----------------------------------------------------------------------------------------------------


def test_metrics_count_and_time_requests(over_http: BotHarness) -> None:
    over_http.member.types("/aid-status")
    over_http.member.types(f"/aid-status {TYPED}")
    over_http.member.types("/aid-admin withhold GG-1")
    over_http.member.types("/aid-alerts list")
    over_http.admin.types("/aid-update GG-99 note x")
    preview = over_http.admin.types("/aid-update GG-1,GG-2 hold by:FR on:2026-02-09")
    over_http.admin.presses(preview, "Record")

    assert request_count(over_http, "/aid-status") == 2
    assert request_count(over_http, "/aid-admin withhold", "not-allowed") == 1
    assert request_count(over_http, "/aid-update", "refused") == 1
    assert request_count(over_http, "/aid-alerts list") == 1
    assert request_count(over_http, "action update_record") == 1
    assert metric(over_http, "aid_request_seconds_count", name="/aid-update") == 2
    assert metric(over_http, "aid_request_seconds_bucket", name="/aid-status", le="+Inf") == 2
    assert TYPED not in over_http.call("/metrics").text


def test_metrics_count_slack_errors_by_method(over_http: BotHarness) -> None:
    over_http.slack.faults.add("views.open", Fault.error("expired_trigger_id"))
    over_http.admin.types("/aid-update")
    over_http.slack.faults.add("chat.postMessage", Fault.error("is_archived"))
    over_http.admin.types("/aid-update GG-1 note on:2026-02-09 x")
    over_http.wait(lambda: over_http.queued() == 0)

    assert request_count(over_http, "/aid-update", "slack-error") == 1
    assert metric(over_http, "aid_slack_errors_total", method="views.open", error="expired_trigger_id") == 1
    assert metric(over_http, "aid_slack_errors_total", method="chat.postMessage", error="is_archived") == 1
    over_http.wait(lambda: metric(over_http, "aid_deliveries", state="blocked") == 1)


def test_unsigned_requests_are_counted_and_logged_once_a_minute(
    over_http: BotHarness, log: pytest.LogCaptureFixture
) -> None:
    body, signed = signed_command("/aid-status", TYPED)
    forged = {**signed, "X-Slack-Signature": "v0=0"}
    for headers in (forged, {"Content-Type": FORM}, signed, signed):
        over_http.call("/slack/events", "POST", body, headers)
    assert metric(over_http, "aid_unsigned_requests_total") == 3
    said = [line["event"] for line in lines(log) if "without a valid signature" in line["event"]]
    assert said == ["refused a request without a valid signature"]


# -- ready -----------------------------------------------------------------------------------------------------------


def test_readiness_reports_a_missing_database(over_http: BotHarness) -> None:
    over_http.member.types("/aid-status")
    with over_http.without_table("deliveries"):
        over_http.wait(lambda: over_http.call("/readyz").said == (503, "the database does not answer\n"))
        assert metric(over_http, "aid_database") == 0
        assert metric(over_http, "aid_oldest_pending_seconds") is None
        assert request_count(over_http, "/aid-status") == 1
    over_http.wait(lambda: over_http.call("/readyz").said == (200, "ready\n"))
    assert metric(over_http, "aid_database") == 1


def test_readiness_reports_waiting_messages(over_http: BotHarness) -> None:
    over_http.slack.faults.add("chat.postMessage", Fault.delay_before(1.0))
    over_http.admin.types("/aid-update GG-1 note on:2026-02-09 x")
    over_http.admin.types("/aid-update GG-1 note on:2026-02-09 y")

    line = re.compile(r"ready; the oldest message that waits has been due for \d s\n")
    over_http.wait(lambda: bool(line.fullmatch(over_http.call("/readyz").text)))
    over_http.wait(lambda: over_http.call("/readyz").said == (200, "ready\n"))
