"""A sender between a database and the Slack emulator."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.sender.deliverer import SenderContext
from bot.sender.dispatcher import Sender
from bot.sender.settings import SenderSettings
from bot.slack_emulator.demo_data import demo_workspace
from bot.slack_emulator.models import Channel, Message
from bot.slack_emulator.users.user import SlackEmulator
from bot.slack_emulator.web.server import EmulatorServer
from db.database import Database
from db.models import Delivery
from db.outbox.deliveries import DeliveryState, flags_of
from handlers.blocks.blockkit import OutgoingMessage
from tests.support.sender_rows import CHANNEL, add_row, get_row, states
from tests.support.waiting import wait_until

QUICK = SenderSettings(
    channel_seconds=0.02,
    lease_seconds=2.5,
    settle_seconds=0.2,
    timeout_seconds=1.0,
    poll_seconds=0.05,
    workers=4,
    gather_seconds=0.2,
)
PATIENT = replace(QUICK, timeout_seconds=10.0, lease_seconds=20.0)
PATIENCE_SECONDS = 20.0


class SenderHarness:
    """Fixture for tests of the sender: the outbox, the emulator and the messages rendered."""

    def __init__(self, database: Database, slack: SlackEmulator, base_url: str) -> None:
        self.database = database
        self.slack = slack
        self.token = slack.app.bot_token
        self.composed: list[tuple[int, bool, bool]] = []
        self._base_url = base_url

    def context(self, settings: SenderSettings = QUICK) -> SenderContext:
        def client_for(team_id: str) -> WebClient:
            if team_id == "T0UNKNOWN":
                raise LookupError(team_id)
            return WebClient(self.token, base_url=self._base_url, retry_handlers=[], timeout=settings.timeout_seconds)  # type: ignore[arg-type]

        return SenderContext(
            self.database,
            lambda: datetime.now(UTC),
            settings,
            client_for,
            self._render,
            lambda _session, _team: ["U0ADMIN"],
        )

    def _render(self, _session: Session, row: Delivery) -> OutgoingMessage:
        self.composed.append((row.id, row.plain, bool(flags_of(row).get("possible_repeat"))))
        text = row.about.get("text", str(row.about.get("notice")))
        if text == "raise":
            raise ValueError("no words")
        blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
        return OutgoingMessage(text, None if row.plain else blocks, reply_broadcast=bool(row.about.get("broadcast")))

    @contextmanager
    def sending(self, settings: SenderSettings = QUICK, *, senders: int = 1) -> Iterator[Sender]:
        """Run senders until the block ends; yield the first."""
        running = [Sender(self.context(settings)) for _ in range(senders)]
        for sender in running:
            sender.start()
        try:
            yield running[0]
        finally:
            ended = [sender.stop(PATIENCE_SECONDS) for sender in running]
            assert all(ended)

    def add(self, **fields: object) -> int:
        return add_row(self.database, **fields)

    def row(self, row_id: int) -> Delivery:
        return get_row(self.database, row_id)

    def states(self, *ids: int) -> list[str]:
        return states(self.database, *ids)

    wait = staticmethod(wait_until)

    def wait_state(self, state: DeliveryState, *ids: int) -> None:
        self.wait(lambda: set(self.states(*ids)) == {state})

    def deliver(
        self, *ids: int, state: DeliveryState = DeliveryState.SENT, settings: SenderSettings = QUICK, senders: int = 1
    ) -> None:
        """Run senders until these rows are in a state."""
        with self.sending(settings, senders=senders):
            self.wait_state(state, *ids)

    def texts(self, channel: str = CHANNEL) -> list[str]:
        return [message.text for message in self.messages(channel)]

    def messages(self, channel: str = CHANNEL) -> list[Message]:
        return self.slack.messages(channel)


@contextmanager
def open_sender_harness(database: Database) -> Iterator[SenderHarness]:
    """Yield a sender in the demo workspace with twelve more channels, the bot in each."""
    slack = demo_workspace()
    for number in range(12):
        slack.store.put_channel(Channel(f"C{number}", f"c{number}", members=frozenset({slack.app.bot_user})))
    with EmulatorServer(slack, page=False) as server:
        yield SenderHarness(database, slack, server.base_url)
