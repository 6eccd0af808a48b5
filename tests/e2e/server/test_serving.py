"""Serving over Socket Mode and signed HTTP: health checks, metrics, and an orderly end of the process."""

import http.client
import shutil
import signal
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from bot.cli import wait_for_shutdown
from bot.installation.manifest import manifest
from bot.server import server
from bot.slack_emulator import EmulatorServer, Fault, SignedHttp, demo_workspace
from tests.support.harness import BotHarness, run_bot
from tests.support.http import call, command_body, sign, signed_command
from tests.support.process import BotProcess, Run, running

WAYS = ("Socket Mode", "signed HTTP")
LOST = "moved, replaced or deleted"


@pytest.fixture(params=WAYS)
def served(request: pytest.FixtureRequest, seeded_url: str) -> Iterator[BotHarness]:
    with run_bot(seeded_url, request.param) as running:
        yield running


# -- both ways -------------------------------------------------------------------------------------------------------


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


def test_disconnected_bot_is_not_ready(seeded_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A WebSocket can also stay open without delivering anything."""
    with run_bot(seeded_url, "Socket Mode") as harness:
        assert harness.call("/slack/events", "POST", *signed_command("/aid-status")).status == 404
        ready(harness)
        with monkeypatch.context() as patch:
            patch.setattr("bot.server.server.HEARD_WITHIN", 0.0)
            assert harness.call("/readyz").said == (503, "not connected to Slack\n")
        harness.slack.faults.add("apps.connections.open", Fault.error("internal_error"), times=1000)
        harness.hang_up()

        assert harness.call("/readyz").said == (503, "not connected to Slack\n")
        assert "aid_connected 0.0" in harness.call("/metrics").text
        assert harness.call("/healthz").status == 200


def ready(harness: BotHarness) -> None:
    harness.wait(lambda: harness.call("/readyz").said == (200, "ready\n"))


def test_bot_without_a_sender_is_not_ready(over_http: BotHarness) -> None:
    over_http.bot.sender.stop(5)

    assert over_http.call("/readyz").said == (503, "the sender of alerts does not run\n")


def test_open_connections_keep_no_command_out(over_http: BotHarness) -> None:
    """Whole requests whose connections stay open, and twice as many that do not end."""
    address = ("127.0.0.1", over_http.serving.port)
    with ExitStack() as stack:
        for _ in range(2 * server.CROWD):
            drip = stack.enter_context(socket.create_connection(address, timeout=10))
            drip.sendall(b"POST /slack/events HTTP/1.1\r\nX")
        for number in range(150):
            kept = http.client.HTTPConnection(*address, timeout=10)
            stack.callback(kept.close)
            body = command_body("/aid-status", "GG-1", trigger_id=f"1.{number}")
            kept.request("POST", "/slack/events", body, sign(body))
            assert kept.getresponse().read().startswith(b'{"text": "GG-1')
        assert over_http.call("/healthz").status == 200


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.unlink(),
        lambda file: Path(f"{file}-wal").unlink(),
        lambda file: Path(shutil.copy(file, f"{file}.copy")).replace(file),
    ],
    ids=["deleted", "log deleted", "replaced"],
)
def test_lost_database_records_nothing(over_http: BotHarness, damage: Callable[[Path], object]) -> None:
    over_http.note("before")
    over_http.alerts()
    damage(Path(str(over_http.database.engine.url.database)))

    assert LOST in over_http.admin.types("/aid-update GG-1 note after").text
    over_http.wait(lambda: LOST in over_http.call("/readyz").text)
    over_http.wait(over_http.serving.watch.lost.is_set)
    assert over_http.call("/healthz").status == 200


def test_command_that_waits_is_answered_and_its_outcome_told(over_http: BotHarness) -> None:
    over_http.bot.app._late._seconds = 0.2
    with closing(sqlite3.connect(over_http.database.engine.url.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "This takes longer than usual" in over_http.admin.types("/aid-update GG-1 note on:2026-02-09 x").text
        assert over_http.call("/healthz").status == 200
        other.execute("ROLLBACK")

    over_http.wait(lambda: "Recorded as #6" in over_http.admin.person.screen("#general"))


def test_stop_waits_for_no_hanging_work(over_http: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.app.DRAIN_SECONDS", 0.5)
    never = threading.Event()
    for _ in range(20):
        over_http.bot.app_context.run_after_response(never.wait)
    assert "GG-1" in over_http.member.types("/aid-status GG-1").text
    over_http.bot.stop()
    never.set()


@pytest.mark.parametrize(
    ("pragma", "sentence"), [("query_only = ON", "The database is read-only"), ("max_page_count = 1", "disk is full")]
)
def test_database_that_cannot_be_written_is_said(over_http: BotHarness, pragma: str, sentence: str) -> None:
    event.listen(over_http.database.engine, "begin", lambda connection: connection.exec_driver_sql(f"PRAGMA {pragma}"))

    answers = [over_http.admin.types(f"/aid-update GG-1 note {'x' * 1900}{number}").text for number in range(9)]
    assert sentence in answers[-1]
    assert all("Recorded as" in each or sentence in each for each in answers), answers
    over_http.wait(lambda: sentence in over_http.call("/readyz").text)
    over_http.member.person.mention("#general", "GG-1")
    assert ["GG-1 · Under review" in message.text for message in over_http.slack.messages("#general")][1:] == [True]


# -- who may speak over HTTP -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["wrong secret", "old", "of the future", "no signature", "other body", "no timestamp"])
def test_request_with_an_invalid_signature_is_refused(busy_over_http: BotHarness, how: str) -> None:
    before = busy_over_http.rows()
    secret = "guess" if how == "wrong secret" else "emulator"
    ago = {"old": 301, "of the future": -301}.get(how, 0)
    body, headers = signed_command("/aid-update", "GG-1 note x", secret=secret, ago=ago)
    if how == "other body":
        body = body.replace(b"GG-1", b"GG-2")
    if how in {"no signature", "no timestamp"}:
        del headers["X-Slack-Signature" if how == "no signature" else "X-Slack-Request-Timestamp"]

    assert busy_over_http.call("/slack/events", "POST", body, headers).status == 401
    assert busy_over_http.rows() == before


def test_oversized_or_malformed_body_is_refused(busy_over_http: BotHarness) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", busy_over_http.serving.port, timeout=10)
    connection.putrequest("POST", "/slack/events")
    connection.putheader("Content-Length", "50000000")
    connection.endheaders()  # it is refused before it is sent
    assert connection.getresponse().status == 413
    connection.close()

    for body in (b"", b"payload=", b"payload=%7B", b"{", b"\xff\xfe", b"a=b", b"payload=" + b"[" * 100_000):
        assert busy_over_http.call("/slack/events", "POST", body, sign(body)).status in range(400, 500)
    assert busy_over_http.call("/healthz").status == 200


# -- a process -------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def migrated(sqlite_template: Path, tmp_path: Path) -> Path:
    """Put a migrated database into the working folder, without which ``run`` refuses."""
    return Path(shutil.copy(sqlite_template, tmp_path / "aid-status.db"))


def empty(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


@pytest.mark.parametrize("damage", [Path.unlink, empty], ids=["mistyped address", "unmounted volume"])
def test_run_without_a_database_ends(migrated: Path, run: Run, damage: Callable[[Path], object]) -> None:
    damage(migrated)
    output = run("run", SLACK_BOT_TOKEN="xoxb-emulator", SLACK_SIGNING_SECRET="emulator", PORT="0")
    assert output.code == 1
    assert "There is no database aid-status.db yet." in output.err


def test_process_ends_without_its_database(migrated: Path) -> None:
    with (
        EmulatorServer(demo_workspace(), page=False) as slack,
        start(slack, migrated.parent, SLACK_SIGNING_SECRET="emulator") as process,
    ):
        process.wait_for(r"health on port (\d+)")
        migrated.unlink()

        assert process.wait() == 1
        assert LOST in process.errors


def start(
    server: EmulatorServer, folder: Path, *program: str, **environment: str
) -> AbstractContextManager[BotProcess]:
    program = ("-W", "error", *(program or ("-m", "bot")))
    usual = {"SLACK_BOT_TOKEN": "xoxb-emulator", "SLACK_API_URL": server.base_url, "AID_ADMINS": "U0ADMIN"}
    return running(folder, "run", program=program, **(usual | environment))


@pytest.mark.parametrize(("way", "ending"), [("Socket Mode", signal.SIGTERM), ("signed HTTP", signal.SIGINT)])
def test_process_answers_and_ends_on_a_signal(tmp_path: Path, way: str, ending: signal.Signals) -> None:
    slack = demo_workspace()
    secrets = {"SLACK_APP_TOKEN": "xapp-emulator"} if way == "Socket Mode" else {"SLACK_SIGNING_SECRET": "emulator"}
    with EmulatorServer(slack, page=False) as server, start(server, tmp_path, **secrets) as process:
        url, health = (
            "http://127.0.0.1:" + process.wait_for(rf"{port} (\d+)") for port in ("on port", "health on port")
        )
        if way == "Socket Mode":
            server.socket.wait_until_connected()
            answer = slack.person("U0MEMBER").command("/aid-status", channel="#general").text
        else:
            body, headers = signed_command("/aid-status")
            answer = call(f"{url}/slack/events", "POST", body, headers).text
        assert "No projects yet." in answer
        process.wait_until(lambda: call(f"{health}/readyz").status == 200)
        process.popen.send_signal(ending)

        assert process.wait() == 0
        assert "Traceback" not in process.errors
        assert process.printed == ""


DYING = """
import os, signal, sys, threading
from slack_sdk import WebClient
from bot.cli import main
from bot.monitoring.metrics import Metrics

def dying(function, *, first=False):
    def call(*args, **kwargs):
        ours = threading.current_thread().name == "request"
        result = None if ours and first else function(*args, **kwargs)
        if ours:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return call

post = WebClient.chat_postMessage
match sys.argv.pop(1):
    case "before the post": WebClient.chat_postMessage = dying(post, first=True)
    case "after the post": WebClient.chat_postMessage = dying(post)
    case "before the answer": Metrics.request = dying(Metrics.request)
sys.exit(main(sys.argv[1:]))
"""


KILLED = (
    ("GG-1", "GG-1 · Under review", "before the post", 1),
    ("GG-2", "GG-2 · Under review", "after the post", 2),
    ("GG-3", "GG-3 · Under review", "before the answer", 1),
    ("GG-99", "There is no project", "before the post", 1),
    ("step", "said", "after the post", 2),
)
"""What is asked, words of its answer, when the process is killed, and how many answers there are in the end."""


def test_killed_answer_comes_when_slack_delivers_again(seeded_file: Path, tmp_path: Path) -> None:
    """An answer that may be there already is marked."""
    shutil.copy(seeded_file, tmp_path / "aid-status.db")
    slack = demo_workspace()
    slack.install(manifest(workflow_step=True))
    with EmulatorServer(slack, page=False) as server:

        @contextmanager
        def reached(dies: str) -> Iterator[None]:
            with start(server, tmp_path, "-c", DYING, dies, SLACK_SIGNING_SECRET="emulator") as process:
                port = process.wait_for(r"on port (\d+)")
                slack.delivery = SignedHttp(f"http://127.0.0.1:{port}/slack/events")
                yield

        for text, _, dies, _ in KILLED:
            with reached(dies):
                if text == "step":
                    slack.run_step("prepare_update", {"line": "GG-1 note said", "person": "U0ADMIN"})
                else:
                    slack.person("U0MEMBER").mention("#general", text)
        killed = slack.traffic_log.sent()
        assert [each.acked for each in killed] == [False] * len(KILLED)
        with reached(""):
            for request in killed:
                slack.redeliver(request)
        assert all(each.acked for each in slack.traffic_log.sent()[len(KILLED) :])

    messages = (*slack.messages("#general"), *slack.direct_messages("U0ADMIN"))
    for text, expected, dies, count in KILLED:
        answers = [str(message.blocks) for message in messages if expected in str(message.blocks)]
        assert len(answers) == count, (text, dies)
        assert all("Possible duplicate" in answer for answer in answers[1:])


def test_process_with_an_invalid_token_ends_in_words(tmp_path: Path) -> None:
    with (
        EmulatorServer(demo_workspace(), page=False) as server,
        start(server, tmp_path, SLACK_BOT_TOKEN="xoxb-wrong", SLACK_SIGNING_SECRET="emulator") as process,
    ):
        assert process.wait() == 1
        assert process.wait_for(r"(Slack did not accept the bot: invalid_auth\. Check SLACK_BOT_TOKEN)")


IMPATIENT = """
import sys
from bot import cli
from bot.cli import main
cli.wait_for_shutdown.__kwdefaults__.update(patience=1.0, every=0.05)
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
        assert process.wait_for(r"(Gave up after two minutes: not connected to Slack)")


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
