"""The cost of answers against the bare acknowledgement of a Bolt app, of waiting for questions, and of a start."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median

import pytest

from bot.installation.manifest import manifest
from bot.slack_emulator import EmulatorServer, Fault, demo_workspace
from bot.slack_emulator.models import User
from tests.benchmarks.conftest import BIG, LINES, Asked, bare_app, bot_on
from tests.support.process import running

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]
WAYS = ("signed HTTP", "Socket Mode")
TIMES = 100
IDLE_SECONDS = 20
ANSWERS = {
    "portfolio, `/aid-status`": "",
    "a card, `/aid-status GG-1`": "GG-1",
    "a list, `/aid-status group:io`": "group:io",
    "a question, `/aid-status who holds GG-1?`": "who holds GG-1?",
    "figures, `/aid-status figures`": "figures",
    "figures, `/aid-status figures water`": "figures water",
}
CARD = ("/aid-status", "GG-1")
AT_ONCE = (100, 500)
DISTANCES = (0, 150)  # milliseconds that Slack takes for a call
COMMANDS = [
    *(("/aid-status", text) for text in (*ANSWERS.values(), "water clinic", "watre pmup", "which are on hold?")),
    *(("/aid-status", text) for text in ("figures group:gyeonggi status:on-hold", "what changed last week?", "#1")),
    *(("/aid-alerts", text) for text in ("list", "on group:io")),
    *(("/aid-admin", text) for text in ("delivery", "audit", "people", "council")),
    ("/aid-update", "PA-1 note seen"),
]


@pytest.fixture(scope="module")
def apps(records: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Asked]]:
    """Yield a bare app and the bot on either record, each over HTTP and Socket Mode."""
    folder = tmp_path_factory.mktemp("apps")
    with ExitStack() as life:
        apps = {f"bare, {way}": life.enter_context(bare_app(way)) for way in WAYS}
        for size, path in records.items():
            for way in WAYS:
                copy = shutil.copy(path, folder / f"{size} {way}.db".replace(" ", "-"))
                apps[f"{size}, {way}"] = life.enter_context(bot_on(copy, way))
        yield apps


def test_answers(apps: dict[str, Asked]) -> None:
    """Ask all in turn, so that what else the machine does counts for all alike."""
    columns = [name for name in apps if not name.startswith("bare")]
    LINES.append(f"| | {' | '.join(columns)} |\n| --- |{' --: |' * len(columns)}")
    floors: dict[str, list[float]] = {way: [] for way in WAYS}
    for name, text in ANSWERS.items():
        times: dict[str, list[float]] = {column: [] for column in columns}
        for _ in range(TIMES):
            for way in WAYS:
                floors[way].append(apps[f"bare, {way}"]("/aid-status"))
            for column in columns:
                times[column].append(apps[column]("/aid-status", text))
        medians = {column: median(times[column]) for column in columns}
        cells = [
            f"{each / median(floors[column.split(', ')[-1]]):.2f} ({each:.1f} ms)" for column, each in medians.items()
        ]
        LINES.append(f"| {name} | {' | '.join(cells)} |")
    floor = ", ".join(f"{median(times):.1f} ms over {way}" for way, times in floors.items())
    LINES.append(f"\nA bare Bolt app acknowledges within {floor}.")


def test_slowest_while_others_are_asked(apps: dict[str, Asked]) -> None:
    asked = apps[f"{BIG:,} projects, signed HTTP"]
    with ThreadPoolExecutor(3) as others:
        times = {}
        for command, text in COMMANDS:
            beside = [others.submit(asked, "/aid-status") for _ in range(6)]
            times[f"{command} {text}".strip()] = asked(command, text)
            [each.result() for each in beside]
    slowest = max(times, key=lambda name: times[name])
    LINES.append(
        f"\nThe slowest of {len(times)} commands while three others ask: `{slowest}`, {times[slowest]:.0f} ms."
    )


def test_many_at_once(apps: dict[str, Asked]) -> None:
    """Ask by many people at once, each count twice; a command that is not answered within three seconds fails."""
    LINES.append("\n| at once | " + " | ".join(f"{way}, Slack {ms} ms away" for way in WAYS for ms in DISTANCES))
    LINES[-1] += " |\n| --- |" + " --: |" * (len(WAYS) * len(DISTANCES))
    cells: dict[int, list[str]] = {count: [] for count in AT_ONCE}
    for way in WAYS:
        asked = apps[f"17 projects, {way}"]
        people = [
            asked.slack.store.add_user(User(f"U0CROWD{each}", f"c{each}", f"C {each}")).id
            for each in range(max(AT_ONCE))
        ]
        for away in DISTANCES:
            asked.slack.faults.add("*", Fault.delay_before(away / 1000), times=10_000)
            for count in AT_ONCE:
                with ThreadPoolExecutor(count) as crowd:
                    rounds = [list(crowd.map(partial(asked, *CARD), people[:count])) for _ in range(2)]
                cells[count].append(f"{max(map(max, rounds)):.0f} ms")
            asked.slack.faults.clear()
    LINES.extend(f"| {count} | {' | '.join(row)} |" for count, row in cells.items())


def test_process(records: dict[str, Path], tmp_path: Path) -> None:
    """Measure a process by its processor time, which others on the machine change less than the clock."""
    shutil.copy(records["17 projects"], tmp_path / "aid.db")
    imports = min(_imports() for _ in range(3))
    slack = demo_workspace()
    slack.install(manifest())
    with EmulatorServer(slack, page=False) as server:
        environment = {
            "SLACK_BOT_TOKEN": "xoxb-emulator",
            "SLACK_APP_TOKEN": "xapp-emulator",
            "SLACK_API_URL": server.base_url,
            "DATABASE_URL": f"sqlite:///{tmp_path / 'aid.db'}",
        }
        with running(tmp_path, "run", **environment) as process:
            process.wait_for("serving Socket Mode")
            started = _cpu(process.popen.pid)
            time.sleep(3)  # for what follows a start
            before = _cpu(process.popen.pid)
            time.sleep(IDLE_SECONDS)
            idle = (_cpu(process.popen.pid) - before) / IDLE_SECONDS
            status = Path(f"/proc/{process.popen.pid}/status").read_text(encoding="utf-8")
            memory = int(status.partition("VmRSS:")[2].split()[0]) / 1024
            process.end()
    LINES.append(
        f"\nThe bot starts within {started:.2f} s of processor time, {started / imports:.1f} times that of importing Bolt "
        f"and SQLAlchemy ({imports:.2f} s). Idle it takes {idle:.2%} of a core and {memory:.0f} MB."
    )


def _imports() -> float:
    before = os.times()
    subprocess.run([sys.executable, "-c", "import slack_bolt, sqlalchemy.orm"], check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
