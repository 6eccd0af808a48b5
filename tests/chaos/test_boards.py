"""Boards under kills, faults and deletions: each shows the record at last, one a channel, and is not edited too often."""

import json
import time
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sqlalchemy import select

from bot.slack_emulator.models import Message
from bot.slack_emulator.traffic_log import KEPT
from db.domain.dates import new_york_date
from db.models import Delivery
from db.outbox.deliveries import DeliveryKind
from handlers.alerts.renderer import render
from tests.chaos.fault_schedule import FaultRates
from tests.chaos.run import CALM_SECONDS, ChaosRun, Plan, run_plan
from tests.chaos.test_chaos import SEED, check
from tests.support.waiting import wait_until

RATES = FaultRates(faults=0.2, kills=0.05)
SHORT = Plan("boards", 12, 4, kill_every=1.5, rates=RATES, boards=True, between=0.7)
LONG = Plan("boards", 40, 6, 30, 2, kills=40, kill_every=2.0, rates=RATES, boards=True, between=1.5)


@dataclass
class BoardFigures:
    """Counts over all boards; ``shortest_pause`` is that between two edits of one, in seconds of the emulator's clock."""

    boards: int = 0
    copies: list[int] = field(default_factory=list)
    deleted: int = 0
    edits: int = 0
    shortest_pause: float = float("inf")
    true_after: float = 0.0


@dataclass
class BoardWatch:
    """Deleter of boards halfway, and what is found at the end."""

    figures: BoardFigures = field(default_factory=BoardFigures)

    def delete_some(self, run: ChaosRun) -> None:
        wait_until(lambda: all(_messages(run, row) for row in _rows(run)), CALM_SECONDS, "a board is not posted")
        for row in _rows(run)[::2]:
            for message in _messages(run, row):
                run.slack.store.remove(message)
                self.figures.deleted += 1

    def count(self, run: ChaosRun) -> None:
        began = time.monotonic()
        wait_until(lambda: all(_is_true(run, row) for row in _rows(run)), CALM_SECONDS, "a board shows something else")
        self.figures.true_after = round(time.monotonic() - began, 2)
        rows = _rows(run)
        self.figures.boards = len(rows)
        self.figures.copies = [len(_messages(run, row)) for row in rows]
        assert len(run.slack.calls()) < KEPT
        edited = defaultdict(list)
        deliveries = {str(row.id): row.channel_id for row in rows}
        for call in run.slack.calls("chat.update"):
            about = call.answer.get("message", {}).get("metadata") or {}
            if channel := deliveries.get(about.get("event_payload", {}).get("delivery", "")):
                edited[channel].append(call.at)
        self.figures.edits = sum(map(len, edited.values()))
        pauses = [after - before for times in edited.values() for before, after in pairwise(sorted(times))]
        self.figures.shortest_pause = round(min(pauses, default=float("inf")), 2)


def _rows(run: ChaosRun) -> list[Delivery]:
    with run.database.reading() as session:
        return list(session.scalars(select(Delivery).where(Delivery.kind == DeliveryKind.BOARD).order_by(Delivery.id)))


def _messages(run: ChaosRun, row: Delivery) -> list[Message]:
    """Return the messages in Slack that are a board."""
    found = [each for each in run.slack.messages(row.channel_id) if each.metadata]
    return [each for each in found if each.metadata["event_payload"]["delivery"] == str(row.id)]  # type: ignore[index]


def _is_true(run: ChaosRun, row: Delivery) -> bool:
    """Return True if a board is pinned and shows what is rendered from the record now."""
    with run.database.reading() as session:
        wanted = render(session, row, new_york_date(datetime.now(UTC))).blocks or []
    return any(
        each.pinned
        and [{**block, "block_id": None} for block in each.blocks] == [{**b, "block_id": None} for b in wanted]
        for each in _messages(run, row)
    )


@pytest.mark.parametrize("plan", [SHORT, pytest.param(LONG, marks=pytest.mark.long)])
def test_boards_show_the_record_at_last(
    plan: Plan, sqlite_url: str, postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = BoardWatch()
    url = postgres_url if plan.senders > 1 else sqlite_url
    figures = run_plan(plan, url, SEED, meanwhile=watch.delete_some, at_end=watch.count)
    with capsys.disabled():
        print(f"\n{figures.line(plan.name)}\n{json.dumps(asdict(watch.figures))}")  # noqa: T201 - the figures are what it is for
    check(figures)
    assert Counter(watch.figures.copies) == {1: plan.channels}
    assert watch.figures.deleted > 0
    assert watch.figures.edits > 0
    assert watch.figures.shortest_pause >= plan.settings.board_seconds
