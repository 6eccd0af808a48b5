"""Serving over Socket Mode and signed HTTP: health checks, metrics, and an orderly end of the process."""

import hashlib
import hmac
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bot.slack_emulator import EmulatorServer, Fault, SlackEmulator, answers_challenge, demo_workspace
from bot.watchdog import wait_for_shutdown
from tests.support.harness import TEAM, BotHarness, run_bot

ROOT = Path(__file__).parents[3]
WAYS = ("Socket Mode", "signed HTTP")
FORM = "application/x-www-form-urlencoded"
PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class HttpResponse:
    status: int
    text: str


def call(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> HttpResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body or None, named)
        response = connection.getresponse()
        return HttpResponse(response.status, response.read().decode())
    finally:
        connection.close()


@pytest.fixture(params=WAYS)
def served(request: pytest.FixtureRequest, seeded_url: str) -> Iterator[BotHarness]:
    with run_bot(seeded_url, request.param) as running:
        yield running


@pytest.fixture
def over_http(seeded_url: str) -> Iterator[BotHarness]:
    with run_bot(seeded_url, "signed HTTP") as running:
        yield running


def port_of(harness: BotHarness) -> int:
    assert harness.serving is not None
    return harness.serving.port


# -- both ways -------------------------------------------------------------------------------------------------------


def test_http_answers_the_url_challenge(over_http: BotHarness) -> None:
    assert over_http.slack.delivery
    assert answers_challenge(over_http.slack.delivery)


def test_commands_buttons_and_forms_are_answered(served: BotHarness) -> None:
    assert served.member.types("/aid-status").text.startswith("17 projects · 1718 Committee exemptions")
    assert served.admin.types("/aid-update GG-1 note on:2026-02-09 a payload of rice").text.startswith("Recorded, #6")
    preview = served.admin.types("/aid-update GG-1,GG-2 hold by:FR on:2026-02-09")
    assert served.admin.presses(preview, "Record").text.startswith("Recorded, #7")
    view = served.admin.types("/aid-update").view
    assert view is not None
    assert served.admin.person.options(view, "refs", "unicef")
    assert len(served.alerts()) == 2


def test_health_endpoints_answer(served: BotHarness) -> None:
    port = port_of(served)

    assert call(port, "GET", "/healthz") == HttpResponse(200, "ok\n")
    ready(served)
    figures = call(port, "GET", "/metrics")
    assert figures.status == 200
    assert 'aid_deliveries{state="pending"} 0.0' in figures.text
    assert "aid_connected 1.0" in figures.text
    for method, path in (("GET", "/"), ("POST", "/healthz"), ("GET", "/slack/events")):
        assert call(port, method, path).status == 404


def test_metrics_count_blocked_messages(over_http: BotHarness) -> None:
    over_http.execute("UPDATE subscriptions SET blocked = 'not_in_channel'")
    over_http.admin.types("/aid-update GG-1 note on:2026-02-09 x")

    assert 'aid_deliveries{state="blocked"} 1.0' in call(port_of(over_http), "GET", "/metrics").text


def test_socket_mode_serves_no_events_endpoint(seeded_url: str) -> None:
    with run_bot(seeded_url, "Socket Mode") as harness:
        body, headers = signed_command("/aid-status")
        assert call(port_of(harness), "POST", "/slack/events", body, **headers).status == 404


def test_disconnected_bot_is_not_ready(seeded_url: str) -> None:
    with run_bot(seeded_url, "Socket Mode") as harness:
        harness.slack.faults.add("apps.connections.open", Fault.error("internal_error"), times=1000)
        harness.hang_up()

        assert call(port_of(harness), "GET", "/readyz") == HttpResponse(503, "not connected to Slack\n")
        assert "aid_connected 0.0" in call(port_of(harness), "GET", "/metrics").text
        assert call(port_of(harness), "GET", "/healthz").status == 200


def test_bot_with_a_silent_socket_is_not_ready(seeded_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A WebSocket can stay open without delivering anything."""
    with run_bot(seeded_url, "Socket Mode") as harness:
        ready(harness)
        monkeypatch.setattr("bot.server.server.HEARD_WITHIN", 0.0)

        assert call(port_of(harness), "GET", "/readyz") == HttpResponse(503, "not connected to Slack\n")


def ready(harness: BotHarness) -> None:
    harness.wait(lambda: call(port_of(harness), "GET", "/readyz") == HttpResponse(200, "ready\n"))


def test_bot_without_a_sender_is_not_ready(over_http: BotHarness) -> None:
    over_http.bot.sender.stop(5)

    assert call(port_of(over_http), "GET", "/readyz") == HttpResponse(503, "the sender of alerts does not run\n")


# -- who may speak over HTTP -----------------------------------------------------------------------------------------


def signed_command(
    command: str, text: str = "", *, secret: str = "emulator", ago: int = 0
) -> tuple[bytes, dict[str, str]]:
    body = urlencode(
        {
            "command": command,
            "text": text,
            "team_id": TEAM,
            "user_id": "U0ADMIN",
            "channel_id": "C0GENERAL",
            "trigger_id": "1.2.3",
            "response_url": "http://127.0.0.1:9/none",
        }
    ).encode()
    stamp = str(int(time.time()) - ago)
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return body, {"Content_Type": FORM, "X_Slack_Request_Timestamp": stamp, "X_Slack_Signature": f"v0={digest}"}


def test_signed_request_is_answered(over_http: BotHarness) -> None:
    body, headers = signed_command("/aid-status", "GG-1")
    response = call(port_of(over_http), "POST", "/slack/events", body, **headers)

    assert response.status == 200
    assert json.loads(response.text)["text"] == "GG-1 · Under review"


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
        del headers["X_Slack_Signature" if how == "no signature" else "X_Slack_Request_Timestamp"]

    assert call(port_of(over_http), "POST", "/slack/events", body, **headers).status == 401
    assert over_http.rows() == before


def test_oversized_body_is_refused(over_http: BotHarness) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(over_http), timeout=10)
    connection.putrequest("POST", "/slack/events")
    connection.putheader("Content-Length", "50000000")
    connection.endheaders()  # it is refused before it is sent

    assert connection.getresponse().status == 413
    connection.close()
    assert call(port_of(over_http), "GET", "/healthz").status == 200


@pytest.mark.parametrize("body", [b"", b"payload=", b"payload=%7B", b"{", b"\xff\xfe", b"a=b"])
def test_malformed_body_is_refused(over_http: BotHarness, body: bytes) -> None:
    stamp = str(int(time.time()))
    digest = hmac.new(b"emulator", f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    response = call(
        port_of(over_http),
        "POST",
        "/slack/events",
        body,
        Content_Type=FORM,
        X_Slack_Request_Timestamp=stamp,
        X_Slack_Signature=f"v0={digest}",
    )

    assert response.status >= 400
    assert call(port_of(over_http), "GET", "/healthz").status == 200


# -- a process -------------------------------------------------------------------------------------------------------


@dataclass
class Process:
    """``python -m bot run`` in a folder of its own, with its stderr."""

    popen: "subprocess.Popen[str]"
    lines: list[str] = field(default_factory=list)

    def wait_for(self, pattern: str) -> str:
        """Wait for a pattern on stderr; return its first group."""
        self.wait_until(lambda: bool(re.search(pattern, "".join(self.lines))))
        return re.findall(pattern, "".join(self.lines))[0]

    def wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, "".join(self.lines)
            time.sleep(0.02)


@contextmanager
def running(
    server: EmulatorServer, folder: Path, program: tuple[str, ...] = ("-m", "bot", "run"), **environment: str
) -> Iterator[Process]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "AID_", "DATABASE_"))}
    popen = subprocess.Popen(
        [sys.executable, "-W", "error", *program],
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={
            **clean,
            "PYTHONPATH": str(ROOT),
            "SLACK_BOT_TOKEN": "xoxb-emulator",
            "SLACK_API_URL": server.base_url,
            "AID_ADMINS": "U0ADMIN",
            "PORT": "0",
            **environment,
        },
    )
    process = Process(popen)
    assert popen.stderr is not None
    reader = threading.Thread(target=lambda: process.lines.extend(popen.stderr or ()), daemon=True)
    reader.start()
    try:
        yield process
    finally:
        if popen.poll() is None:
            popen.kill()
        popen.wait()
        reader.join(5)
        for pipe in (popen.stdout, popen.stderr):
            if pipe is not None:
                pipe.close()


@pytest.mark.parametrize(
    ("way", "ending"),
    [("Socket Mode", signal.SIGTERM), ("signed HTTP", signal.SIGTERM), ("signed HTTP", signal.SIGINT)],
)
def test_process_answers_and_ends_on_a_signal(tmp_path: Path, way: str, ending: signal.Signals) -> None:
    slack: SlackEmulator = demo_workspace()
    secrets = {"SLACK_APP_TOKEN": "xapp-emulator"} if way == "Socket Mode" else {"SLACK_SIGNING_SECRET": "emulator"}
    with EmulatorServer(slack, page=False) as server, running(server, tmp_path, **secrets) as process:
        port = int(process.wait_for(r"health on port (\d+)"))
        if way == "Socket Mode":
            server.socket.wait_until_connected()
            answer = slack.person("U0MEMBER").command("/aid-status", channel="#general").text
        else:
            body, headers = signed_command("/aid-status")
            answer = call(port, "POST", "/slack/events", body, **headers).text
        assert "Nothing is on record yet." in answer
        process.wait_until(lambda: call(port, "GET", "/readyz").status == 200)
        process.popen.send_signal(ending)

        assert process.popen.wait(PATIENCE_SECONDS) == 0
        assert "Traceback" not in "".join(process.lines)
        assert process.popen.stdout is not None
        assert process.popen.stdout.read() == ""
    assert (tmp_path / "aid-status.db").exists()  # the default, in the working folder


def test_process_with_an_invalid_token_ends_in_words(tmp_path: Path) -> None:
    with (
        EmulatorServer(demo_workspace(), page=False) as server,
        running(server, tmp_path, SLACK_BOT_TOKEN="xoxb-wrong", SLACK_SIGNING_SECRET="emulator") as process,
    ):
        assert process.popen.wait(PATIENCE_SECONDS) == 1
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
        running(server, tmp_path, ("-c", IMPATIENT), SLACK_APP_TOKEN="xapp-emulator") as process,
    ):
        port = int(process.wait_for(r"health on port (\d+)"))
        server.socket.wait_until_connected()
        process.wait_until(lambda: call(port, "GET", "/readyz").status == 200)
        slack.faults.add("apps.connections.open", Fault.error("internal_error"), times=1000)
        server.socket.hang_up()

        assert process.popen.wait(PATIENCE_SECONDS) == 1
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
