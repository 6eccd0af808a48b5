"""A running bot between its own database and the emulator, for dialogues: a person types, the bot answers."""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bot.app import Bot, build
from bot.config import Settings, load_settings
from bot.installation.manifest import manifest
from bot.monitoring import database_watch
from bot.sender.settings import SenderSettings
from bot.server import server as bot_server
from bot.slack_emulator import (
    ActionResult,
    EmulatorServer,
    InProcess,
    Message,
    SignedHttp,
    SimulatedUser,
    SlackEmulator,
    User,
    demo_workspace,
    dispatcher,
)
from bot.slack_emulator.payloads import user_json
from db.database import Database
from db.maintenance.seed import seed_article
from db.models import Base, Delivery, Subscription
from db.outbox.deliveries import DeliveryState
from db.people import set_membership
from db.reminders.schedule import reschedule_batch
from db.subscriptions.subscriptions import subscription_of
from handlers.auth.membership import access_level_of
from tests.support.http import Answer, call
from tests.support.waiting import wait_until

TEAM = "T0LOOP"
START = datetime(2026, 2, 10, 15, 0, tzinfo=UTC)
"""Start of a dialogue: three days after the article, ten in the morning in New York."""

SECOND = User("U0SECOND", "soyeon.kim", "Soyeon Kim")
HEALTH = ("/healthz", "/readyz", "/metrics")
NEVER = 3600.0
"""Seconds between ticks of the scheduler; a dialogue calls ``tick`` itself."""

WAITING = ("Reading the file", "파일을 읽고", "Asking Slack", "Slack에 확인하고")
"""Words of the pages that forms show until their work is done."""

bot_server.LOOP_SECONDS = 0.02  # each port ends with its next poll
database_watch.LOOK_SECONDS = 0.2
QUICK = SenderSettings(channel_seconds=0.01, workspace_per_minute=None, poll_seconds=0.05, gather_seconds=0.5)
ON_ITS_WAY = [DeliveryState.PENDING.value, DeliveryState.SENDING.value, DeliveryState.UNCERTAIN.value]


def number_of(answer: ActionResult) -> str:
    """Return the number, such as #6, under which an answer says that something was recorded."""
    found = re.search(r"(?<=Recorded as )#\d+", answer.text)
    assert found, answer.text
    return found[0]


class Clock:
    """Clock that runs from START on and can be moved forward."""

    def __init__(self, start: datetime = START) -> None:
        self._ahead = start - datetime.now(UTC)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def seconds(self) -> float:
        return self().timestamp()

    def forward(self, **span: float) -> None:
        self._ahead += timedelta(**span)


class UserDriver:
    """A person who types, presses and reads, in #general unless told otherwise."""

    def __init__(self, slack: SlackEmulator, user_id: str) -> None:
        self.person: SimulatedUser = slack.person(user_id)
        self.slack = slack

    def types(self, line: str, channel: str = "#general") -> ActionResult:
        """Type a command with its slash; return the answer."""
        command, _, rest = line.partition(" ")
        answer = self.person.command(command, rest, channel=channel)
        return answer if answer.messages or answer.view or answer.error else answer.wait()

    def presses(self, answer: ActionResult, button: str, **how: Any) -> ActionResult:
        """Press a button under an answer and wait for its result."""
        return self.person.press(answer.message, button, **how).wait()

    def fills_in_hold(self, *refs: str, **values: str) -> None:
        """Open the update form and fill in a hold by France."""
        view = self.types("/aid-update").view
        self.person.choose(view, "refs", list(refs))
        self.person.choose(view, "kind", "hold")
        self.slack.wait_for(lambda: "Held by" in self.person.read())
        self.person.fill(self.person.modal, {"by": "FR", "on": "2026-02-09", "as": "press", **values})

    def submits(self, **values: Any) -> str:
        """Submit the modal on top; return its text once it is no waiting page, or the errors beside its fields."""
        outcome = self.person.submit(values=values)
        self.slack.wait_for(lambda: not any(each in self.person.read() for each in WAITING))
        return " ".join(outcome.errors.values()) or self.person.read()

    def sees_home(self, shows: str) -> str:
        """Open the App Home; return its text once it contains ``shows``."""
        self.person.open_home()
        self.slack.wait_for(lambda: bool(self.person.home) and shows in self.person.read(self.person.home))
        return self.person.read(self.person.home)

    def sees_modal(self, callback_id: str) -> str:
        """Wait until a modal of this kind is on top; return its text."""
        self.slack.wait_for(lambda: bool(self.person.modal and self.person.modal.callback_id == callback_id))
        return self.person.read()


@dataclass
class BotHarness:
    """A running bot with two admins and a member; ``#aid-alerts`` is subscribed to everything."""

    slack: SlackEmulator
    server: EmulatorServer
    settings: Settings
    database: Database
    clock: Clock
    bot: Bot
    serving: bot_server.Server | None = None

    @property
    def admin(self) -> UserDriver:
        return UserDriver(self.slack, "U0ADMIN")

    @property
    def second(self) -> UserDriver:
        return UserDriver(self.slack, SECOND.id)

    @property
    def member(self) -> UserDriver:
        return UserDriver(self.slack, "U0MEMBER")

    def tick(self, **span: float) -> int:
        """Move the clock and run the scheduler; return the number of messages queued."""
        self.clock.forward(**span)
        return self.bot.scheduler.tick()

    def alerts(self) -> list[Message]:
        """Return the messages in #aid-alerts, with replies, once everything is sent."""
        self.wait(lambda: not self.queued())
        return self.slack.messages("#aid-alerts")

    def read_alerts(self) -> str:
        """Return #aid-alerts as the member reads it."""
        self.alerts()
        return self.member.person.screen("#aid-alerts")

    def direct_messages(self, user_id: str) -> list[Message]:
        """Return what the bot has written to a person, once everything is sent."""
        self.wait(lambda: not self.queued())
        return [message for message in self.slack.direct_messages(user_id) if not message.ephemeral_for]

    def record(self, *lines: str, who: UserDriver | None = None) -> list[str]:
        """Record each line, after its preview where there is one; return the numbers."""
        numbers, who = [], who or self.admin
        for line in lines:
            answer = who.types(f"/aid-update {line}")
            numbers.append(number_of(who.presses(answer, "Record") if "[Record]" in answer.text else answer))
        return numbers

    def note(self, *texts: str) -> None:
        self.record(*(f"GG-1 note {text}" for text in texts))

    def subscription(self, channel: str) -> Subscription | None:
        with self.database.reading() as session:
            return subscription_of(session, TEAM, self.slack.channel(channel).id)

    def states(self, channel_id: str) -> list[str]:
        """Return the states of a channel's messages, in the order of the outbox."""
        query = select(Delivery.state).where(Delivery.channel_id == channel_id).order_by(Delivery.id)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def queued(self) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).where(Delivery.state.in_(ON_ITS_WAY))) or 0

    def rows(self) -> Mapping[str, int]:
        """Return the number of rows of each table, but of what came in and of what Slack said of people."""
        self.wait(lambda: not self.bot.background.is_busy)
        with self.database.reading() as session:
            return {
                name: session.scalar(select(func.count()).select_from(table)) or 0
                for name, table in Base.metadata.tables.items()
                if name not in {"inbox", "members"}
            }

    def execute(self, statement: str) -> None:
        with self.database.writing() as session:
            session.execute(text(statement))

    def writing(self, work: Callable[[Session], Any]) -> None:
        with self.database.writing() as session:
            work(session)

    def forge(self, answer: ActionResult, value: str, *, instead_of: str = "") -> None:
        """Let the buttons of an answer carry another value than the bot gave them."""
        blocks = [dict(block) for block in answer.message.blocks]
        for block in blocks:
            if block.get("accessory") and instead_of in ("", block["accessory"].get("value", "").partition("@")[0]):
                block["accessory"] = {**block["accessory"], "value": value}
        self.slack.store.edit(answer.message, blocks=tuple(blocks))

    @contextmanager
    def without_table(self, name: str) -> Iterator[None]:
        """Rename a table for a while, as a failed restore might."""
        self.execute(f"ALTER TABLE {name} RENAME TO {name}_gone")
        try:
            yield
        finally:
            self.execute(f"ALTER TABLE {name}_gone RENAME TO {name}")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.serving.port}"

    def call(self, path: str, method: str = "GET", body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        """Send a request to the bot's own server."""
        port = self.serving.health_port if path in HEALTH else self.serving.port
        return call(f"http://127.0.0.1:{port}{path}", method, body, headers)

    def hang_up(self) -> None:
        """Close the Socket Mode connection from Slack's side, without reconnecting."""
        client: Any = self.serving._socket.client  # type: ignore[union-attr]
        client.auto_reconnect_enabled = client.default_auto_reconnect_enabled = False
        client.current_session_state.terminated = True  # else it looks again after a second
        self.server.socket.hang_up()
        self.wait(lambda: not client.is_connected())

    wait = staticmethod(wait_until)


def settings_for(base_url: str, database_url: str, **more: str) -> Settings:
    return load_settings(
        {
            "SLACK_BOT_TOKEN": "xoxb-emulator",
            "SLACK_SIGNING_SECRET": "emulator",
            "SLACK_API_URL": base_url,
            "DATABASE_URL": database_url,
            "AID_ADMINS": "U0ADMIN,U0SECOND",
            "PORT": "0",
            **more,
        },
        slack=True,
    )


def seed_copy(source: Path, target: Path) -> None:
    shutil.copy(source, target)
    seed(f"sqlite:///{target}")


def seed(url: str) -> None:
    """Add the 17 projects, their reminders and the subscription of #aid-alerts to a migrated database."""
    database = Database(url)
    with database.writing() as session:
        seed_article(session, now=START - timedelta(days=2))
        made = {"created_by": "U0ADMIN", "created_at": START - timedelta(days=1)}
        slack = demo_workspace()
        for user in (*slack.store.users.values(), SECOND):
            access = access_level_of(user_json(user, slack.store.team, met=True), TEAM).name.lower()
            set_membership(session, TEAM, user.id, access, user.locale[:2], START)
        session.add(Subscription(team_id=TEAM, channel_id="C0ALERTS", filter="", language="en", **made))
        while reschedule_batch(session, START - timedelta(days=1)):
            pass  # so that the first tick has nothing to plan
    database.close()


@contextmanager
def run_bot(database_url: str, way: str = "in process", **environment: str) -> Iterator[BotHarness]:
    """Run the bot; Slack reaches it ``in process``, by ``Socket Mode`` or by ``signed HTTP``."""
    clock = Clock()
    slack = demo_workspace(clock.seconds)
    slack.store.add_user(SECOND)
    for channel in ("C0GENERAL", "C0ALERTS"):
        slack.invite(channel, SECOND.id)
    slack.install(manifest(workflow_step=True))
    slack.limits.ack_seconds = 60  # a busy machine may be slow; tests/slack_emulator covers late acks
    database = Database(database_url)
    with EmulatorServer(slack, page=False) as server:
        if way == "Socket Mode":
            environment["SLACK_APP_TOKEN"] = "xapp-emulator"
        settings = settings_for(server.base_url, database_url, **environment)
        bot = build(settings, database, clock=clock, pace=QUICK, tick_seconds=NEVER, answer_seconds=NEVER)
        harness = BotHarness(slack, server, settings, database, clock, bot)
        harness.bot.start()
        harness.wait(lambda: harness.bot.scheduler.has_looked)  # from here on only a dialogue ticks
        with _reached(harness, way):
            yield harness
        harness.bot.stop()
    database.close()


@contextmanager
def _reached(harness: BotHarness, way: str) -> Iterator[None]:
    if way == "in process":
        delivery = InProcess(dispatcher(harness.bot.app))
        harness.slack.delivery = delivery
        yield
        delivery.close()
        return
    with bot_server.Server(harness.settings, harness.bot) as harness.serving:
        if way == "signed HTTP":
            harness.slack.delivery = SignedHttp(f"http://127.0.0.1:{harness.serving.port}/slack/events")
        else:
            harness.server.socket.wait_until_connected()
        yield
        if way == "Socket Mode":
            harness.hang_up()  # else the client waits three seconds for its socket
