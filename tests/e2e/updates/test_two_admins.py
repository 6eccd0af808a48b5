"""Two admins update one project: the second sees the first update and keeps typed text; nothing is overwritten."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.slack_emulator.block_kit.state_values import chosen, find_part
from db.integrity.check import find_problems
from tests.support.harness import BotHarness, UserDriver

HOLD = {"by": "FR", "on": "2026-02-09", "as": "government", "note": "as heard"}


def field_values(somebody: UserDriver) -> dict[str, object]:
    view = somebody.person.modal
    assert view is not None
    values = {name: chosen(find_part(view.blocks, name), view.state) for name in HOLD}
    return {name: value["value"] if isinstance(value, dict) else value for name, value in values.items()}


def test_form_shows_the_others_update_and_keeps_fields(harness: BotHarness) -> None:
    harness.admin.fills_in_hold("GG-1", **HOLD)
    before = harness.rows()["updates"]
    harness.second.types("/aid-update GG-1 hold by:US on:2026-02-08 as:government said in New York")

    first = harness.admin.person.submit()
    text = harness.admin.person.read()

    assert not first.errors
    assert "Someone else recorded updates since you opened this." in text
    assert "GG-1 · 2026-02-08 — Hold (United States) (#6, recorded by @Soyeon Kim" in text
    assert harness.rows()["updates"] == before + 1

    harness.admin.person.close()
    assert field_values(harness.admin) == HOLD
    harness.admin.person.submit()
    assert "Recorded as #7" in harness.admin.person.submit().text(harness.admin.person.reader)
    assert harness.rows()["updates"] == before + 2
    card = harness.member.types("/aid-status GG-1").text
    assert "France" in card
    assert "United States" in card


def test_form_ignores_own_and_unrelated_updates(harness: BotHarness) -> None:
    harness.admin.fills_in_hold("GG-1", **HOLD)
    harness.second.types("/aid-update GG-2 note seen elsewhere")
    harness.admin.types("/aid-update GG-1 note my own")

    harness.admin.person.submit()
    assert "Recorded as #8" in harness.admin.person.submit().text(harness.admin.person.reader)


def test_preview_is_repeated_with_the_others_update(harness: BotHarness) -> None:
    preview = harness.admin.types("/aid-update GG-1,GG-2 note both seen")
    harness.second.types("/aid-update GG-2 hold by:undisclosed on:2026-02-08 as:government")
    before = harness.rows()["updates"]

    again = harness.admin.presses(preview, "Record")
    assert "Someone else recorded updates since you opened this." in again.text
    assert "GG-2 · 2026-02-08 — Hold (holder not disclosed)" in again.text
    assert "GG-2  still On hold" in again.text
    assert harness.rows()["updates"] == before

    assert "Recorded as #7" in harness.admin.presses(again, "Record").text
    assert harness.rows()["updates"] == before + 1


@pytest.mark.parametrize("first", ["Undo", "Correct entry"])
def test_stale_button_reports_the_retraction(harness: BotHarness, first: str) -> None:
    """One admin retracts by command; the other presses a button that is still on screen."""
    receipt = harness.admin.types("/aid-update GG-1 hold by:FR on:2026-02-08 as:government")
    harness.second.types("/aid-update #6 retract a mistake")
    before = harness.rows()["updates"]

    answer = harness.admin.presses(receipt, first).text

    assert ("Already retracted" if first == "Undo" else "was retracted or replaced") in answer
    assert harness.rows()["updates"] == before


def test_concurrent_commands_are_all_answered(harness: BotHarness) -> None:
    """SQLite allows one write at a time; the others wait, and no answer mentions a locked database."""
    refs = ["GG-1", "GG-2", "KR-1", "IO-1,IO-2"]
    before = harness.rows()["updates"]

    def types(number: int) -> str:
        somebody = harness.admin if number % 2 else harness.second
        return somebody.types(f"/aid-update {refs[number % 4]} note from desk {number}").text

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(types, range(32)))

    recorded = [answer for answer in answers if "Recorded as #" in answer]
    previews = [answer for answer in answers if "Nothing is recorded yet." in answer]
    assert (len(recorded), len(previews)) == (24, 8)
    assert harness.rows()["updates"] == before + 24
    assert len(harness.alerts()) == 24
    with harness.database.reading() as session:
        assert find_problems(session) == []
