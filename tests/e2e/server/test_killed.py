"""A process that is killed while it answers: nothing that it acknowledged is lost, and what comes twice says so."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from bot.installation.manifest import manifest
from bot.slack_emulator import EmulatorServer, Fault, LocalFile, SignedHttp, SlackEmulator, demo_workspace
from db.errors import AidError
from db.outbox.interrupted import PATIENCE
from handlers.admin import imports
from tests.support.harness import BotHarness
from tests.support.process import running

DYING = """
import os, signal, sys, threading
from slack_sdk import WebClient
from bot.cli import main
from bot.monitoring.request_log import InstrumentedApp

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
    case "before the answer": InstrumentedApp._log_request = dying(InstrumentedApp._log_request)
sys.exit(main(sys.argv[1:]))
"""


def mention(slack: SlackEmulator) -> object:
    return slack.person("U0MEMBER").mention("#general", "GG-1")


def wrong(slack: SlackEmulator) -> object:
    return slack.person("U0MEMBER").mention("#general", "GG-99")


def step(slack: SlackEmulator) -> object:
    return slack.run_step("prepare_update", {"line": "GG-1 note said", "person": "U0ADMIN"})


@pytest.mark.parametrize(
    ("act", "expected", "point", "count"),
    [
        (mention, "GG-1 · Under review", "before the post", 1),
        (mention, "GG-1 · Under review", "after the post", 2),
        (mention, "GG-1 · Under review", "before the answer", 1),
        (wrong, "There is no project", "before the post", 1),
        (step, "said", "after the post", 2),
    ],
)
def test_killed_answer_comes_when_slack_delivers_again(
    seeded_file: Path, tmp_path: Path, act: Callable[[SlackEmulator], object], expected: str, point: str, count: int
) -> None:
    """An answer that may be there already is marked."""
    shutil.copy(seeded_file, tmp_path / "aid-status.db")
    slack = demo_workspace()
    slack.install(manifest(workflow_step=True))

    def do(work: Callable[[], object], point: str) -> None:
        environment = {"SLACK_BOT_TOKEN": "xoxb-emulator", "SLACK_SIGNING_SECRET": "emulator", "AID_ADMINS": "U0ADMIN"}
        environment["SLACK_API_URL"] = server.base_url
        with running(tmp_path, "run", program=("-c", DYING, point), **environment) as process:
            port = process.wait_for(r"on port (\d+)")
            slack.delivery = SignedHttp(f"http://127.0.0.1:{port}/slack/events")
            work()
            assert slack.traffic_log.sent()[-1].acked is not bool(point)

    with EmulatorServer(slack, page=False) as server:
        do(lambda: act(slack), point)
        do(lambda: slack.redeliver(slack.traffic_log.sent()[-1]), "")

    texts = [str(message.blocks) for message in (*slack.messages("#general"), *slack.direct_messages("U0ADMIN"))]
    answers = [text for text in texts if expected in text]
    assert len(answers) == count
    assert all("Possible duplicate" in text for text in answers[1:])


def test_import_of_a_killed_process_says_so(harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page stays as it is; once the work must be over, a message says that its result was not shown."""
    killed, reached = Event(), Event()

    def download(*_: object) -> object:
        reached.set()
        killed.wait(60)
        raise AidError("killed")

    monkeypatch.setattr(imports, "download", download)
    harness.admin.types("/aid-admin import")
    harness.admin.sees_modal("import_file")
    harness.admin.person.submit(values={"File": [LocalFile("table.csv", b"Ref,Title\nGG-1,x\n")]})
    assert reached.wait(10)
    harness.clock.forward(seconds=PATIENCE.total_seconds())
    (message,) = harness.direct_messages("U0ADMIN")
    assert "interrupted before I could show the result of “Import a file”" in message.text
    killed.set()


def test_result_that_is_shown_leaves_no_notice(harness: BotHarness) -> None:
    harness.admin.types("/aid-admin import")
    before = harness.rows()
    assert "1 rows" in harness.admin.submits(File=[LocalFile("table.csv", b"Ref,Title\nGG-1,x\n")])
    assert harness.rows() == before


def test_event_that_comes_again_in_progress_is_not_acknowledged(harness: BotHarness) -> None:
    """The process that answers it may still be killed."""
    harness.slack.faults.add("chat.postMessage", Fault.delay(1.0))
    person = harness.member.person
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(person.mention, "#general", "GG-1")
        harness.wait(lambda: len(harness.slack.messages("#general")) == 2)
        event = {"type": "app_mention", "user": "U0MEMBER", "channel": "C0GENERAL", "text": "GG-1"}
        event["ts"] = harness.slack.messages("#general")[0].ts
        assert harness.slack.event(event).status == 503
        first.result()
    assert harness.slack.event(event).status == 200
    assert len(harness.slack.messages("#general")) == 2
