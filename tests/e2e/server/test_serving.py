"""Serving over Socket Mode and signed HTTP: health checks, metrics, and an orderly end of the process."""

import http.client
import json
import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from bot.slack_emulator import EmulatorServer, Fault, answers_challenge, demo_workspace
from bot.watchdog import wait_for_shutdown
from tests.support.harness import BotHarness, run_bot
from tests.support.http import call, sign, signed_command
from tests.support.process import BotProcess, running

WAYS = ("Socket Mode", "signed HTTP")


@pytest.fixture(params=WAYS)
def served(request: pytest.FixtureRequest, seeded_url: str) -> Iterator[BotHarness]:
    with run_bot(seeded_url, request.param) as running:
        yield running


# -- both ways -------------------------------------------------------------------------------------------------------


def test_http_answers_the_url_challenge(over_http: BotHarness) -> None:
    assert answers_challenge(over_http.slack.delivery)


def test_commands_buttons_and_forms_are_answered(served: BotHarness) -> None:
    assert served.member.types("/aid-status").text.startswith("17 aid projects · 1718 Committee exemptions")
    assert served.admin.types("/aid-update GG-1 note on:2026-02-09 a payload of rice").text.startswith("Recorded as #6")
    preview = served.admin.types("/aid-update GG-1,GG-2 hold by:FR on:2026-02-09")
    assert served.admin.presses(preview, "Record").text.startswith("Recorded as #7")
    view = served.admin.types("/aid-update").view
    assert served.admin.person.options(view, "refs", "unicef")
    assert len(served.alerts()) == 2


def test_health_endpoints_answer(served: BotHarness) -> None:
    assert served.call("/healthz").said == (200, "ok\n")
    ready(served)
    figures = served.call("/metrics")
    assert figures.status == 200
    assert 'aid_deliveries{state="pending"} 0.0' in figures.text
    assert "aid_connected 1.0" in figures.text
    for method, path in (("GET", "/"), ("POST", "/healthz"), ("GET", "/slack/events")):
        assert served.call(path, method).status == 404


def test_metrics_count_blocked_messages(over_http: BotHarness) -> None:
    over_http.execute("UPDATE subscriptions SET blocked = 'not_in_channel'")
    over_http.admin.types("/aid-update GG-1 note on:2026-02-09 x")

    assert 'aid_deliveries{state="blocked"} 1.0' in over_http.call("/metrics").text


def test_socket_mode_serves_no_events_endpoint(seeded_url: str) -> None:
    with run_bot(seeded_url, "Socket Mode") as harness:
        body, headers = signed_command("/aid-status")
        assert harness.call("/slack/events", "POST", body, headers).status == 404


def test_disconnected_bot_is_not_ready(seeded_url: str) -> None:
    with run_bot(seeded_url, "Socket Mode") as harness:
        harness.slack.faults.add("apps.connections.open", Fault.error("internal_error"), times=1000)
        harness.hang_up()

        assert harness.call("/readyz").said == (503, "not connected to Slack\n")
        assert "aid_connected 0.0" in harness.call("/metrics").text
        assert harness.call("/healthz").status == 200


def test_bot_with_a_silent_socket_is_not_ready(seeded_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A WebSocket can stay open without delivering anything."""
    with run_bot(seeded_url, "Socket Mode") as harness:
        ready(harness)
        monkeypatch.setattr("bot.server.server.HEARD_WITHIN", 0.0)

        assert harness.call("/readyz").said == (503, "not connected to Slack\n")


def ready(harness: BotHarness) -> None:
    harness.wait(lambda: harness.call("/readyz").said == (200, "ready\n"))


def test_bot_without_a_sender_is_not_ready(over_http: BotHarness) -> None:
    over_http.bot.sender.stop(5)

    assert over_http.call("/readyz").said == (503, "the sender of alerts does not run\n")


# -- who may speak over HTTP -----------------------------------------------------------------------------------------


def test_signed_request_is_answered(over_http: BotHarness) -> None:
    body, headers = signed_command("/aid-status", "GG-1")
    response = over_http.call("/slack/events", "POST", body, headers)

    assert response.status == 200
    assert json.loads(response.text)["text"].startswith("GG-1 · Under review")


@pytest.mark.parametrize("how", ["wrong secret", "old", "of the future", "no signature", "other body", "no timestamp"])
def test_request_with_an_invalid_signature_is_refused(over_http: BotHarness, how: str) -> None:
    before = over_http.rows()
    secret = "guess" if how == "wrong secret" else "emulator"
    body, headers = signed_command(
        "/aid-update", "GG-1 note x", secret=secret, ago={"old": 301, "of the future": -301}.get(how, 0)
    )
    if how == "other body":
        body = body.replace(b"GG-1", b"GG-2")
    if how in {"no signature", "no timestamp"}:
        del headers["X-Slack-Signature" if how == "no signature" else "X-Slack-Request-Timestamp"]

    assert over_http.call("/slack/events", "POST", body, headers).status == 401
    assert over_http.rows() == before


def test_oversized_body_is_refused(over_http: BotHarness) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", over_http.serving.port, timeout=10)
    connection.putrequest("POST", "/slack/events")
    connection.putheader("Content-Length", "50000000")
    connection.endheaders()  # it is refused before it is sent

    assert connection.getresponse().status == 413
    connection.close()
    assert over_http.call("/healthz").status == 200


@pytest.mark.parametrize(
    "body", [b"", b"payload=", b"payload=%7B", b"{", b"\xff\xfe", b"a=b", b"payload=" + b"[" * 100_000]
)
def test_malformed_body_is_refused(over_http: BotHarness, body: bytes) -> None:
    assert over_http.call("/slack/events", "POST", body, sign(body)).status in range(400, 500)
    assert over_http.call("/healthz").status == 200


# -- a process -------------------------------------------------------------------------------------------------------


def start(
    server: EmulatorServer, folder: Path, *program: str, **environment: str
) -> AbstractContextManager[BotProcess]:
    program = ("-W", "error", *(program or ("-m", "bot")))
    usual = {"SLACK_BOT_TOKEN": "xoxb-emulator", "SLACK_API_URL": server.base_url, "AID_ADMINS": "U0ADMIN"}
    return running(folder, "run", program=program, **(usual | environment))


@pytest.mark.parametrize(
    ("way", "ending"),
    [("Socket Mode", signal.SIGTERM), ("signed HTTP", signal.SIGTERM), ("signed HTTP", signal.SIGINT)],
)
def test_process_answers_and_ends_on_a_signal(tmp_path: Path, way: str, ending: signal.Signals) -> None:
    slack = demo_workspace()
    secrets = {"SLACK_APP_TOKEN": "xapp-emulator"} if way == "Socket Mode" else {"SLACK_SIGNING_SECRET": "emulator"}
    with EmulatorServer(slack, page=False) as server, start(server, tmp_path, **secrets) as process:
        url = "http://127.0.0.1:" + process.wait_for(r"health on port (\d+)")
        if way == "Socket Mode":
            server.socket.wait_until_connected()
            answer = slack.person("U0MEMBER").command("/aid-status", channel="#general").text
        else:
            body, headers = signed_command("/aid-status")
            answer = call(f"{url}/slack/events", "POST", body, headers).text
        assert "No projects yet." in answer
        process.wait_until(lambda: call(f"{url}/readyz").status == 200)
        process.popen.send_signal(ending)

        assert process.wait() == 0
        assert "Traceback" not in process.errors
        assert process.printed == ""
    assert (tmp_path / "aid-status.db").exists()  # the default, in the working folder


def test_process_with_an_invalid_token_ends_in_words(tmp_path: Path) -> None:
    with (
        EmulatorServer(demo_workspace(), page=False) as server,
        start(server, tmp_path, SLACK_BOT_TOKEN="xoxb-wrong", SLACK_SIGNING_SECRET="emulator") as process,
    ):
        assert process.wait() == 1
        assert process.wait_for(r"(Slack did not accept the bot: invalid_auth\. Check SLACK_BOT_TOKEN)")


IMPATIENT = """
import sys
from bot import watchdog
from bot.cli import main
watchdog.wait_for_shutdown.__kwdefaults__.update(patience=1.0, every=0.05)
sys.exit(main(["run"]))
"""


def test_process_without_contact_to_slack_ends(tmp_path: Path) -> None:
    """End within a second instead of two minutes, so that a supervisor restarts it."""
    slack = demo_workspace()
    with (
        EmulatorServer(slack, page=False) as server,
        start(server, tmp_path, "-c", IMPATIENT, SLACK_APP_TOKEN="xapp-emulator") as process,
    ):
        url = "http://127.0.0.1:" + process.wait_for(r"health on port (\d+)")
        server.socket.wait_until_connected()
        process.wait_until(lambda: call(f"{url}/readyz").status == 200)
        slack.faults.add("apps.connections.open", Fault.error("internal_error"), times=1000)
        server.socket.hang_up()

        assert process.wait() == 1
        assert process.wait_for(r"(Lost contact with Slack for two minutes)")


def test_watchdog_restarts_when_slack_is_heard() -> None:
    answers = iter([True, False, False, True, False, False])
    stopping = threading.Event()

    def is_heard() -> bool:
        answer = next(answers, None)
        if answer is None:
            stopping.set()
        return bool(answer)

    assert wait_for_shutdown(stopping, is_heard, patience=60.0, every=0.001)
    assert not wait_for_shutdown(threading.Event(), lambda: False, patience=0.0, every=0.001)
