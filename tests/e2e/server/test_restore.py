"""A bot that starts from a backup: it answers from it, and tells nobody again what was told."""

from pathlib import Path

from bot.app import build
from bot.slack_emulator import InProcess, dispatcher
from db.database import Database
from db.maintenance.backup import backup
from tests.support.harness import QUICK, BotHarness, settings_for


def record(scene: BotHarness, line: str) -> None:
    assert "#" in scene.admin.types(f"/aid-update {line}").text


def test_it_goes_on_from_the_copy(scene: BotHarness, tmp_path: Path) -> None:
    record(scene, "GG-1 note before")
    scene.alerts()
    scene.bot.sender.stop(10)  # the machine is busy: this one is in the copy before it is sent
    record(scene, "GG-2 note waiting")
    assert backup(scene.database, tmp_path / "copy.db").findings == ()
    again = build(scene.settings, scene.database, clock=scene.clock, pace=QUICK)
    again.start()
    scene.alerts()
    again.stop()
    told = len(scene.slack.messages("#aid-alerts"))
    assert told == 2

    database = Database(f"sqlite:///{tmp_path / 'copy.db'}")
    restored = build(
        settings_for(scene.server.base_url, str(database.engine.url)), database, clock=scene.clock, pace=QUICK
    )
    scene.slack.delivery.close()
    scene.slack.delivery = delivery = InProcess(dispatcher(restored.app))
    scene.database = database
    restored.start()

    assert len(scene.alerts()) == told
    assert "waiting" in scene.member.types("/aid-status GG-2").text
    record(scene, "GG-3 note life goes on")
    assert len(scene.alerts()) == told + 1
    delivery.close()
    restored.stop()
    database.close()
