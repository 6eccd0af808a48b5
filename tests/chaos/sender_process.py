"""A sender in a process of its own, like that of the running bot, to be killed at any moment."""

import resource
import signal
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event

from slack_sdk import WebClient

from bot.cli import wait_for_shutdown
from bot.scheduler import Scheduler
from bot.sender.deliverer import SenderContext
from bot.sender.dispatcher import Sender
from bot.sender.settings import SenderSettings
from bot.slack_client import Connections, Instruments
from bot.slack_clock import SlackClock, uptime
from db.database import Database
from db.domain.dates import new_york_date
from handlers.alerts.renderer import render


@dataclass(frozen=True, slots=True)
class SenderOptions:
    """Options of a process.

    ``ahead``: seconds by which its clock is ahead; ``step``: seconds by which it jumps after one second;
    ``largest_file``: limit of a file in bytes, as on a full disk.
    """

    database_url: str
    base_url: str
    token: str
    settings: SenderSettings
    ahead: float = 0.0
    step: float = 0.0
    ticks: bool = False
    largest_file: int = 0


def run(options: SenderOptions, ready: Event) -> None:
    """Send until SIGTERM, then finish what is in progress; exit 0 if all of it ended. ``ready``: SIGTERM is handled."""
    if options.largest_file:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (options.largest_file, options.largest_file))
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    ready.set()
    database = Database(options.database_url)
    clock = SlackClock(SteppingClock(options.ahead, options.step), uptime)
    instruments = Instruments(lambda *_: None, clock, Connections(options.base_url))
    client = instruments.on(
        WebClient(
            options.token,
            base_url=options.base_url,
            timeout=options.settings.timeout_seconds,  # type: ignore[arg-type]
            retry_handlers=[],
        )
    )
    client.auth_test()  # as the bot does when it starts
    context = SenderContext(
        database=database,
        clock=clock,
        settings=options.settings,
        client_for=lambda _team: client,
        render=lambda session, delivery: render(session, delivery, new_york_date(clock())),
        admins=lambda _session, _team: ["U0ADMIN"],
    )
    sender = Sender(context)
    ticking = Scheduler(database, clock, sender.wake, seconds=0.2)
    sender.start()
    if options.ticks:
        ticking.start()
    wait_for_shutdown(stopping, lambda: True)
    ticking.stop(5)
    ended = sender.stop(10)
    database.close()
    raise SystemExit(0 if ended else 1)


class SteppingClock:
    """Clock that is ahead, and jumps once."""

    def __init__(self, ahead: float, step: float) -> None:
        self._began = datetime.now(UTC)
        self._ahead = timedelta(seconds=ahead)
        self._step = timedelta(seconds=step)

    def __call__(self) -> datetime:
        now = datetime.now(UTC)
        jumped = self._step if now - self._began > timedelta(seconds=1) else timedelta()
        return now + self._ahead + jumped
