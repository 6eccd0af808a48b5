"""A command asked over HTTP and Socket Mode of the bot and of a bare Bolt app, and the printing of the table."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.app.app import SlackAppDevelopmentServer
from slack_sdk import WebClient

from bot.installation.manifest import manifest
from bot.slack_emulator import EmulatorServer, SignedHttp, SlackEmulator, demo_workspace
from db.database import Database
from tests.benchmarks.big_record import ADMIN, fill
from tests.benchmarks.report import CHAIN, YEARS
from tests.support.harness import run_bot, seed_copy

BIG = 10_000
LINES: list[str] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in (*LINES, *(f"\n{table}" for table in (CHAIN, YEARS) if table.cells)):
        terminalreporter.write_line(line)


@dataclass(frozen=True)
class Asked:
    """A Slack whose commands an app answers."""

    slack: SlackEmulator

    def __call__(self, command: str, text: str = "", user: str = ADMIN) -> float:
        """Deliver a command; return the milliseconds until its ack."""
        place, response_id = self.slack.channel("general"), self.slack.tickets.response(user, "C0GENERAL")
        payload = self.slack.payloads.command(self.slack.store.users[user], place, command, text, response_id)
        begin = time.perf_counter()
        ack = self.slack.deliver("slash_commands", payload)
        assert ack.acked, ack
        return (time.perf_counter() - begin) * 1000


@contextmanager
def bare_app(way: str) -> Iterator[Asked]:
    """Run a Bolt app with its own servers and defaults, which acknowledges a command and does nothing else."""
    slack = demo_workspace()
    slack.install(manifest())
    with EmulatorServer(slack, page=False) as server:
        app = App(client=WebClient("xoxb-emulator", base_url=server.base_url), signing_secret="emulator")
        app.command("/aid-status")(lambda ack: ack())
        if way == "Socket Mode":
            handler: Any = SocketModeHandler(app, "xapp-emulator")
            handler.connect()
            server.socket.wait_until_connected()
            yield Asked(slack)
            handler.close()
            return
        site = SlackAppDevelopmentServer(0, "/slack/events", app, http_server_logger_enabled=False)._server
        Thread(target=site.serve_forever, args=(0.05,), daemon=True).start()
        slack.delivery = SignedHttp(f"http://127.0.0.1:{site.server_port}/slack/events")
        yield Asked(slack)
        site.shutdown()
        site.server_close()


@contextmanager
def bot_on(path: Path, way: str) -> Iterator[Asked]:
    """Run the bot on a record; nothing is sent and no reminder is due meanwhile."""
    with run_bot(f"sqlite:///{path}", way) as harness:
        harness.bot.sender.stop(5)
        yield Asked(harness.slack)


@pytest.fixture(scope="session")
def records(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a file with the shipped record, and one with so many projects."""
    folder = tmp_path_factory.mktemp("records")
    shipped, big = folder / "shipped.db", folder / "big.db"
    seed_copy(sqlite_template, shipped)
    shutil.copy(sqlite_template, big)
    database = Database(f"sqlite:///{big}")
    fill(database, BIG)
    database.close()
    return {"17 projects": shipped, f"{BIG:,} projects": big}
