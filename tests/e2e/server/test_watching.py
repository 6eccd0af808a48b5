"""What whoever watches the bot sees: an id on every line of a request, figures of what was asked, whether it is ready."""

import io
import json
import logging
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.contextvars import bound_contextvars

from bot.monitoring.log_config import formatter
from bot.slack_emulator import Fault
from tests.support.harness import BotHarness, run_bot

TYPED = "canary-typed"


@pytest.fixture
def served(seeded_url: str) -> Iterator[BotHarness]:
    with run_bot(seeded_url, "signed HTTP") as running:
        yield running


class Log:
    """What the bot logs as JSON."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def lines(self, request: str | None = None) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in lines if request in {None, line.get("request")}]


@pytest.fixture
def log() -> Iterator[Log]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter("json"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield Log(stream)
    root.removeHandler(handler)
    root.setLevel(level)


def read(harness: BotHarness, path: str) -> tuple[int, str]:
    assert harness.serving is not None
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{harness.serving.port}{path}") as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def figure(harness: BotHarness, sample: str, **labels: str) -> float | None:
    """The value of one sample as a monitor reads it."""
    families = text_string_to_metric_families(read(harness, "/metrics")[1])
    found = [each for family in families for each in family.samples if (each.name, each.labels) == (sample, labels)]
    return found[0].value if found else None


def asked(harness: BotHarness, name: str, outcome: str = "answered") -> float | None:
    return figure(harness, "aid_requests_total", name=name, outcome=outcome)


# -- the log ---------------------------------------------------------------------------------------------------------


def test_every_line_of_a_request_has_the_id_that_the_person_is_told(served: BotHarness, log: Log) -> None:
    served.execute("ALTER TABLE updates RENAME TO updates_gone")
    answer = served.admin.types(f"/aid-update GG-1 note on:2026-02-09 {TYPED}")
    served.execute("ALTER TABLE updates_gone RENAME TO updates")

    reference = answer.text.partition("wrote it down as ")[2].partition(".")[0]
    error, last = log.lines(reference)
    assert "Traceback" in error["exception"]
    assert last["event"] == "/aid-update failed"
    assert (last["user"], last["team"]) == ("U0ADMIN", "T0LOOP")
    assert TYPED not in log.text


def test_two_requests_have_two_ids_and_what_was_typed_is_not_logged(served: BotHarness, log: Log) -> None:
    served.admin.types(f"/aid-update GG-1 note on:2026-02-09 {TYPED}")
    served.member.types(f"/aid-status {TYPED}")
    served.member.types(f"/aid-update GG-1 note {TYPED}")
    served.alerts()

    ends = [line for line in log.lines() if line["logger"] == "bot.monitoring.request_log"]
    assert [line["event"] for line in ends] == [
        "/aid-update answered",
        "/aid-status answered",
        "/aid-update not-allowed",
    ]
    assert len({line["request"] for line in ends}) == 3
    refused = log.lines(ends[2]["request"])[0]
    assert (refused["event"], refused["what"]) == ("refused", "/aid-update")
    assert TYPED not in log.text


def test_what_goes_wrong_after_the_answer_has_its_id_too(served: BotHarness, log: Log) -> None:
    def fail() -> None:
        raise ValueError

    with bound_contextvars(request="R-00000001"):
        served.bot.app_context.run_after_response(fail)
    served.wait(lambda: bool(log.lines("R-00000001")))

    assert log.lines("R-00000001")[0]["event"] == "work after an answer failed"


# -- the figures -----------------------------------------------------------------------------------------------------


def test_requests_are_counted_by_name_and_outcome_and_timed(served: BotHarness) -> None:
    served.member.types("/aid-status")
    served.member.types(f"/aid-status {TYPED}")
    served.member.types("/aid-update GG-1 note x")
    served.member.types("/aid-alerts list")
    served.admin.types("/aid-update GG-99 note x")
    preview = served.admin.types("/aid-update GG-1,GG-2 hold by:FR on:2026-02-09")
    served.admin.presses(preview, "Record")

    assert asked(served, "/aid-status") == 2
    assert asked(served, "/aid-update", "not-allowed") == 1
    assert asked(served, "/aid-update", "refused") == 1
    assert asked(served, "/aid-alerts list") == 1
    assert asked(served, "action update_record") == 1
    assert figure(served, "aid_request_seconds_count", name="/aid-update") == 3
    assert figure(served, "aid_request_seconds_bucket", name="/aid-status", le="+Inf") == 2
    assert TYPED not in read(served, "/metrics")[1]


def test_what_slack_refuses_is_counted_by_method_and_kind(served: BotHarness) -> None:
    served.slack.faults.add("views.open", Fault.error("expired_trigger_id"))
    served.admin.types("/aid-update")
    served.slack.faults.add("chat.postMessage", Fault.error("is_archived"))
    served.admin.types("/aid-update GG-1 note on:2026-02-09 x")
    served.wait(lambda: served.queued() == 0)

    assert asked(served, "/aid-update", "slack-error") == 1
    assert figure(served, "aid_slack_errors_total", method="views.open", error="expired_trigger_id") == 1
    assert figure(served, "aid_slack_errors_total", method="chat.postMessage", error="is_archived") == 1
    assert figure(served, "aid_deliveries", state="blocked") == 1


# -- ready -----------------------------------------------------------------------------------------------------------


def test_a_database_that_does_not_answer_is_said_and_the_process_goes_on_telling(served: BotHarness) -> None:
    served.member.types("/aid-status")
    served.execute("ALTER TABLE deliveries RENAME TO deliveries_gone")
    try:
        assert read(served, "/readyz") == (503, "the database does not answer\n")
        assert figure(served, "aid_database") == 0
        assert figure(served, "aid_oldest_pending_seconds") is None
        assert asked(served, "/aid-status") == 1
    finally:
        served.execute("ALTER TABLE deliveries_gone RENAME TO deliveries")
    served.wait(lambda: read(served, "/readyz") == (200, "ready\n"))
    assert figure(served, "aid_database") == 1


def test_what_waits_is_said_and_is_no_reason_to_be_taken_out_of_service(served: BotHarness) -> None:
    served.slack.faults.add("chat.postMessage", Fault.delay_before(1.0))
    served.admin.types("/aid-update GG-1 note on:2026-02-09 x")
    served.admin.types("/aid-update GG-1 note on:2026-02-09 y")

    status, said = read(served, "/readyz")
    assert status == 200
    assert re.fullmatch(r"ready; the oldest message that waits has been due for \d s\n", said)
    served.wait(lambda: read(served, "/readyz") == (200, "ready\n"))
