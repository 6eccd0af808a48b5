"""Two processes with the same settings on PostgreSQL: either answers, and each channel gets one message."""

from contextlib import ExitStack
from pathlib import Path

from bot.slack_emulator import EmulatorServer, Message, demo_workspace
from tests.e2e.server.test_serving import start
from tests.support.harness import seed
from tests.support.http import call
from tests.support.process import PATIENCE_SECONDS

RECORDED = 6


def test_two_processes_share_the_record_and_send_once(postgres_url: str, tmp_path: Path) -> None:
    seed(postgres_url)
    slack = demo_workspace()

    def notes() -> list[Message]:
        """Return the alerts; reminders of the day on which the test runs come too."""
        return [message for message in slack.messages("#aid-alerts") if message.text == "Note: GG-1"]

    with EmulatorServer(slack, page=False) as server, ExitStack() as stack:
        secrets = {"SLACK_APP_TOKEN": "xapp-emulator", "DATABASE_URL": postgres_url}
        folders = [tmp_path / name for name in ("one", "two")]
        for folder in folders:
            folder.mkdir()
        both = [stack.enter_context(start(server, folder, **secrets)) for folder in folders]
        ports = [each.wait_for(r"health on port (\d+)") for each in both]
        server.socket.wait_until_connected(2)
        for port, process in zip(ports, both, strict=True):
            process.wait_until(lambda port=port: call(f"http://127.0.0.1:{port}/readyz").status == 200)

        admin = slack.person("U0ADMIN")
        answers = [
            admin.command("/aid-update", f"GG-1 note on:2026-02-09 number {number}", channel="#general").text
            for number in range(RECORDED)
        ]
        assert all(each.startswith("Recorded as #") for each in answers), answers
        slack.wait_for(lambda: len(notes()) >= RECORDED, PATIENCE_SECONDS)
        assert both[0].end() == 0
        slack.wait_for(lambda: server.socket.connected == 1, PATIENCE_SECONDS)
        assert admin.command("/aid-status", "GG-1", channel="#general").text.startswith("GG-1 · Under review")
    assert len(notes()) == RECORDED
