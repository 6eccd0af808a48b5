"""One run: people record while senders die and Slack has its bad day; then it grows calm, and everything is counted."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.sender.settings import SenderSettings
from bot.slack_emulator.demo_data import demo_workspace
from bot.slack_emulator.emulator import SlackEmulator
from bot.slack_emulator.models import Channel
from bot.slack_emulator.web.server import EmulatorServer
from db.database import Database
from db.recording.record import record, retract
from db.subscriptions.subscriptions import subscribe
from tests.chaos.fault_schedule import Killer, Storm, Weather, wait
from tests.chaos.figures import Figures, count, total, unfinished
from tests.chaos.sender_pool import Fleet
from tests.chaos.sender_process import Orders
from tests.support.proposals import add_project, proposal, recorder

TEAM = "T0LOOP"
HASTY = SenderSettings(
    channel_seconds=0.01,
    workspace_per_minute=None,
    lease_seconds=1.0,
    settle_seconds=0.25,
    timeout_seconds=0.6,
    poll_seconds=0.05,
    workers=6,
    gather_seconds=0.2,
)
"""The shipped settings are some ten times as patient; what matters is how the times stand to each other."""

BACKLOG = 80
"""How many rows may wait before nothing more is recorded, so that a long run does not grow without end."""

STORM_SECONDS = 8.0
CALM_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done to whom: ``updates`` by a writer over ``projects``, told to ``channels``, by ``senders`` at once."""

    name: str
    updates: int = 20
    channels: int = 6
    projects: int = 4
    senders: int = 1
    kills: int = 0
    kill_every: float = 0.0
    weather: Weather = field(default_factory=Weather)
    settings: SenderSettings = HASTY
    ahead: Sequence[float] = ()
    step: float = 0.0
    undo: float = 0.1
    threading: bool = True
    between: float = 0.03


@dataclass
class ChaosRun:
    """A record, a Slack with a storm over it, and senders between them."""

    plan: Plan
    database: Database
    slack: SlackEmulator
    storm: Storm
    fleet: Fleet
    seed: int
    acts: list[int] = field(default_factory=list)

    def write(self, number: int) -> None:
        """Record one more update, or take an earlier one back."""
        luck = random.Random(f"{self.seed}:{number}")
        now = datetime.now(UTC)
        with self.database.writing() as session:
            if self.acts and luck.random() < self.plan.undo:
                retract(session, [self.acts.pop(luck.randrange(len(self.acts)))], recorder(f"undo {number}"), now=now)
                return
            some = luck.sample(range(self.plan.projects), k=luck.choice([1, 1, 2]))
            refs = ",".join(f"P-{each}" for each in sorted(some))
            line = proposal(f"{refs} note the {number}th word on it")
            self.acts.append(record(session, line, recorder(line.note), now=now).main.number)

    def ride_out(self) -> None:
        """Wait in the storm until what was written is sent, or long enough."""
        deadline = time.monotonic() + STORM_SECONDS
        while unfinished(self.database) and time.monotonic() < deadline:
            time.sleep(0.05)

    def calm(self) -> None:
        """No more faults; wait until the outbox is empty."""
        self.storm.weather = Weather()
        self.storm.clear()
        wait(lambda: unfinished(self.database) == 0, CALM_SECONDS, f"{unfinished(self.database)} rows left")

    def count(self) -> Figures:
        """The figures of the run so far."""
        counted = count(self.database, self.slack, late=self.storm.happened["accepted late"])
        counted.kills = self.fleet.kills
        counted.happened = total(self.storm.happened)
        return counted


@contextmanager
def start_run(plan: Plan, url: str, seed: int) -> Iterator[ChaosRun]:
    """Set it up, with no sender running yet."""
    storm = Storm(weather=plan.weather, seed=seed)
    slack = demo_workspace(faults=storm)
    database = Database(url)
    _furnish(plan, database, slack)
    with EmulatorServer(slack, page=False) as server:
        aheads = plan.ahead or [0.0] * plan.senders
        orders = [
            Orders(url, server.base_url, slack.app.bot_token, plan.settings, ahead, plan.step) for ahead in aheads
        ]
        fleet = Fleet(orders, seed)
        storm.strike = fleet.strike
        try:
            yield ChaosRun(plan, database, slack, storm, fleet, seed)
        finally:
            fleet.end()
    database.close()


def run_plan(plan: Plan, url: str, seed: int, *, meanwhile: Callable[[ChaosRun], None] | None = None) -> Figures:
    """Play a plan to its end, and count. ``meanwhile`` is called once, halfway."""
    with start_run(plan, url, seed) as run:
        run.fleet.start()
        with Killer(run.fleet.strike, plan.kill_every, seed) if plan.kill_every else nullcontext():
            for number in range(plan.updates):
                run.write(number)
                time.sleep(plan.between)
                if meanwhile and number == plan.updates // 2:
                    meanwhile(run)
            number = plan.updates
            while run.fleet.kills < plan.kills:
                if unfinished(run.database) < BACKLOG:
                    number += 1
                    run.write(number)
                time.sleep(plan.between)
            run.ride_out()
        run.calm()
        codes = run.fleet.end()
        assert set(codes) <= {0}, codes
        return run.count()


def reseeded(plan: Plan, **changes: object) -> Plan:
    """The same plan, some of it other."""
    return replace(plan, **changes)  # type: ignore[arg-type]


def _furnish(plan: Plan, database: Database, slack: SlackEmulator) -> None:
    now = datetime.now(UTC)
    with database.writing() as session:
        for number in range(plan.projects):
            add_project(session, f"P-{number}")
        for number in range(plan.channels):
            slack.store.put_channel(Channel(f"C{number}", f"c{number}", members=frozenset({slack.app.bot_user})))
            row, _ = subscribe(session, TEAM, f"C{number}", "U0MEMBER", "", "en", now=now)
            row.threading = ("flat", "thread", "important")[number % 3] if plan.threading else "flat"
