"""One run: updates are recorded while senders die and Slack fails; then the faults end, and everything is counted."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.sender.settings import SenderSettings
from bot.slack_emulator.demo_data import demo_workspace
from bot.slack_emulator.models import Channel
from bot.slack_emulator.users.user import SlackEmulator
from bot.slack_emulator.web.server import EmulatorServer
from db.database import Database
from db.recording.record import retract
from db.subscriptions.subscriptions import subscribe
from tests.chaos.fault_schedule import FaultRates, Killer, RandomFaults
from tests.chaos.figures import Figures, count, unfinished
from tests.chaos.sender_pool import SenderPool
from tests.chaos.sender_process import SenderOptions
from tests.support.proposals import add_project, proposal, record, recorder
from tests.support.waiting import wait_until

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
    board_seconds=3.0,
)
"""The default times are some ten times longer; only their proportions matter."""

BACKLOG = 80
"""Rows that may wait before the writer pauses, so that a long run stays bounded."""

STORM_SECONDS = 8.0
CALM_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Parameters of a run: a writer records ``updates`` on ``projects``; ``senders`` post them to ``channels``.

    ``boards``: each channel has a board too, and the processes run schedulers.
    """

    name: str
    updates: int = 20
    channels: int = 6
    projects: int = 4
    senders: int = 1
    kills: int = 0
    kill_every: float = 0.0
    rates: FaultRates = field(default_factory=FaultRates)
    settings: SenderSettings = HASTY
    ahead: Sequence[float] = ()
    step: float = 0.0
    undo: float = 0.1
    threading: bool = True
    between: float = 0.03
    boards: bool = False


@dataclass
class ChaosRun:
    """A database, an emulator with random faults, and senders between them."""

    plan: Plan
    database: Database
    slack: SlackEmulator
    faults: RandomFaults
    pool: SenderPool
    seed: int
    acts: list[int] = field(default_factory=list)

    def write(self, number: int) -> None:
        """Record one more update, or retract an earlier one."""
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

    def wait_under_faults(self) -> None:
        """Wait under faults until everything is sent, or time is up."""
        deadline = time.monotonic() + STORM_SECONDS
        while unfinished(self.database) and time.monotonic() < deadline:
            time.sleep(0.05)

    def end_faults(self) -> None:
        """End the faults and wait until the outbox is empty."""
        self.faults.rates = FaultRates()
        self.faults.clear()
        wait_until(lambda: unfinished(self.database) == 0, CALM_SECONDS, f"{unfinished(self.database)} rows left")

    def count(self) -> Figures:
        """Return the figures so far."""
        figures = count(self.database, self.slack, late=self.faults.happened["accepted late"])
        figures.kills = self.pool.kills
        figures.happened = dict(self.faults.happened.most_common())
        return figures


@contextmanager
def start_run(plan: Plan, url: str, seed: int) -> Iterator[ChaosRun]:
    """Yield a run without senders."""
    faults = RandomFaults(rates=plan.rates, seed=seed)
    slack = demo_workspace(faults=faults)
    database = Database(url)
    _furnish(plan, database, slack)
    with EmulatorServer(slack, page=False) as server:
        aheads = plan.ahead or [0.0] * plan.senders
        options = [
            SenderOptions(url, server.base_url, slack.app.bot_token, plan.settings, ahead, plan.step, ticks=plan.boards)
            for ahead in aheads
        ]
        pool = SenderPool(options, seed)
        faults.kill_one = pool.kill_one
        try:
            yield ChaosRun(plan, database, slack, faults, pool, seed)
        finally:
            pool.end()
    database.close()


def run_plan(
    plan: Plan,
    url: str,
    seed: int,
    *,
    meanwhile: Callable[[ChaosRun], None] | None = None,
    at_end: Callable[[ChaosRun], None] | None = None,
) -> Figures:
    """Run a plan to its end, and count. ``meanwhile`` is called once, halfway; ``at_end`` once the outbox is empty."""
    with start_run(plan, url, seed) as run:
        run.pool.start()
        with Killer(run.pool.kill_one, plan.kill_every, seed) if plan.kill_every else nullcontext():
            for number in range(plan.updates):
                run.write(number)
                time.sleep(plan.between)
                if meanwhile and number == plan.updates // 2:
                    meanwhile(run)
            number = plan.updates
            while run.pool.kills < plan.kills:
                if unfinished(run.database) < BACKLOG:
                    number += 1
                    run.write(number)
                time.sleep(plan.between)
            run.wait_under_faults()
        run.end_faults()
        if at_end:
            at_end(run)
        codes = run.pool.end()
        assert set(codes) <= {0}, codes
        return run.count()


def _furnish(plan: Plan, database: Database, slack: SlackEmulator) -> None:
    now = datetime.now(UTC)
    with database.writing() as session:
        for number in range(plan.projects):
            add_project(session, f"P-{number}")
        for number in range(plan.channels):
            slack.store.put_channel(Channel(f"C{number}", f"c{number}", members=frozenset({slack.app.bot_user})))
            row, _ = subscribe(session, TEAM, f"C{number}", "U0MEMBER", "", "en", now=now)
            if plan.boards:
                subscribe(session, TEAM, f"C{number}", "U0MEMBER", "", "en", now=now, board=True)
            row.threading = ("flat", "thread", "important")[number % 3] if plan.threading else "flat"
