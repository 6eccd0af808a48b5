"""A bot started from a backup: answers from it and repeats no message."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.app import build
from bot.slack_emulator import ActionResult, InProcess, dispatcher
from db.database import Database
from db.maintenance.backup import backup
from db.maintenance.json_snapshot import read_record, write_snapshot
from db.maintenance.migrate import migrate
from db.outbox.deliveries import DeliveryKind, DeliveryState
from tests.support.harness import QUICK, START, BotHarness, number_of, settings_for
from tests.support.proposals import problems
from tests.support.sender_rows import add_row


def record(harness: BotHarness, line: str) -> ActionResult:
    answer = harness.admin.types(f"/aid-update {line}")
    assert "#" in answer.text
    return answer


def test_bot_started_from_a_backup_repeats_no_message(harness: BotHarness, tmp_path: Path) -> None:
    record(harness, "GG-1 note before")
    harness.alerts()
    harness.bot.sender.stop(10)  # the machine is busy: this one is in the copy before it is sent
    record(harness, "GG-2 note waiting")
    assert backup(harness.database, tmp_path / "copy.db").findings == ()
    again = build(harness.settings, harness.database, clock=harness.clock, pace=QUICK)
    again.start()
    harness.alerts()
    again.stop()
    message_count = len(harness.slack.messages("#aid-alerts"))
    assert message_count == 2

    with restored(harness, tmp_path / "copy.db"):
        assert len(harness.alerts()) == message_count
        assert "waiting" in harness.member.types("/aid-status GG-2").text
        record(harness, "GG-3 note life goes on")
        assert len(harness.alerts()) == message_count + 1


@pytest.mark.parametrize("way", ["backup", "export"])
def test_nothing_from_before_a_restore_acts_on_the_record(harness: BotHarness, tmp_path: Path, way: str) -> None:
    """What followed the backup is lost, and what is recorded instead must not be mistaken for it."""
    kept = record(harness, "GG-1 note kept")
    harness.alerts()
    blocked = {"channel_id": "U0MEMBER", "state": DeliveryState.BLOCKED, "reason": "user_disabled"}
    for row in ({"state": DeliveryState.FAILED, "reason": "no_text", "attempts": 1}, blocked):
        add_row(harness.database, now=START, **({"kind": DeliveryKind.TEST, "about": {"asked_by": "U0ADMIN"}} | row))
    harness.execute("UPDATE subscriptions SET blocked = 'not_in_channel', blocked_at = created_at")
    copy = tmp_path / ("copy.db" if way == "backup" else "copy.json")
    backup(harness.database, copy) if way == "backup" else write_snapshot(harness.database, copy)
    lost = record(harness, "GG-2 note lost")
    logs = [harness.admin.types(f"/aid-admin delivery {place}") for place in ("#aid-alerts", "", "<@U0MEMBER>")]
    pressed = [(kept, "Undo"), (kept, "Correct entry"), (lost, "Undo"), (logs[0], "Send again")]
    pressed += [(harness.admin.types("/aid-alerts list"), "Resume"), (logs[1], "Resume"), (logs[2], "Resume")]
    bare = harness.admin.types("/aid-update GG-3 note of the version before")
    without_epoch(harness, bare)
    assert "Retracted" in harness.admin.presses(bare, "Undo").text

    with restored(harness, copy):
        instead = record(harness, "IO-1 hold by:US on:2026-02-09 as:government")
        assert int(number_of(instead)[1:]) == int(number_of(kept)[1:]) + 1000
        assert problems(harness.database) == []
        before = harness.rows()
        without_epoch(harness, kept)
        for answer, button in [*pressed, (kept, "Undo")]:
            assert "before the record was restored or moved" in harness.admin.presses(answer, button).text, button
        assert harness.rows() == before
        assert "Retracted" in harness.admin.presses(instead, "Undo").text
    epochs = {message.metadata["event_payload"].get("epoch") for message in harness.slack.messages("#aid-alerts")}
    assert None not in epochs


def without_epoch(harness: BotHarness, answer: ActionResult) -> None:
    """Let the buttons of an answer carry what those of the version before did."""
    blocks = json.dumps(answer.message.blocks)
    assert "@" in blocks
    harness.slack.store.edit(
        answer.message, blocks=tuple(json.loads(re.sub(r'("value": "[^"@]*)@\w+"', r'\1"', blocks)))
    )


@contextmanager
def restored(harness: BotHarness, copy: Path) -> Iterator[None]:
    """Run the bot from a copy of the record instead of its own."""
    harness.bot.stop()
    database = Database(f"sqlite:///{copy if copy.suffix == '.db' else copy.with_suffix('.db')}")
    if copy.suffix == ".json":
        migrate(database)
        read_record(database, copy)
    bot = build(
        settings_for(harness.server.base_url, str(database.engine.url)), database, clock=harness.clock, pace=QUICK
    )
    harness.slack.delivery.close()
    harness.slack.delivery = delivery = InProcess(dispatcher(bot.app))
    harness.database = database
    bot.start()
    yield
    delivery.close()
    bot.stop()
    database.close()
