"""A bot started from a backup: answers from it and repeats no message."""

from pathlib import Path

from bot.app import build
from bot.slack_emulator import InProcess, dispatcher
from db.database import Database
from db.maintenance.backup import backup
from tests.support.harness import QUICK, BotHarness, settings_for


def test_bot_started_from_a_backup_repeats_no_message(harness: BotHarness, tmp_path: Path) -> None:
    harness.record("GG-1 note before")
    harness.alerts()
    harness.bot.sender.stop(10)  # the machine is busy: this one is in the copy before it is sent
    harness.record("GG-2 note waiting")
    assert backup(harness.database, tmp_path / "copy.db").findings == ()
    again = build(harness.settings, harness.database, clock=harness.clock, pace=QUICK)
    again.start()
    harness.alerts()
    again.stop()
    message_count = len(harness.slack.messages("#aid-alerts"))
    assert message_count == 2

    database = Database(f"sqlite:///{tmp_path / 'copy.db'}")
    restored = build(
        settings_for(harness.server.base_url, str(database.engine.url)), database, clock=harness.clock, pace=QUICK
    )
    harness.slack.delivery.close()
    harness.slack.delivery = delivery = InProcess(dispatcher(restored.app))
    harness.database = database
    restored.start()

    assert len(harness.alerts()) == message_count
    assert "waiting" in harness.member.types("/aid-status GG-2").text
    harness.record("GG-3 note life goes on")
    assert len(harness.alerts()) == message_count + 1
    delivery.close()
    restored.stop()
    database.close()
