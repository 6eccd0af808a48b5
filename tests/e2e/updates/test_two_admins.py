"""Two admins at one project: the second sees what the first recorded and keeps what was typed; nothing is overwritten."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.slack_emulator.block_kit.state_values import chosen, find_part
from db.integrity.check import find_problems
from tests.support.harness import BotHarness, UserDriver

HOLD = {"by": "FR", "on": "2026-02-09", "as": "government", "note": "as heard"}


def filled_in(somebody: UserDriver, *refs: str) -> None:
    """The form open, with a hold by France filled in."""
    view = somebody.types("/aid-update").view
    assert view is not None
    somebody.person.choose(view, "refs", list(refs))
    somebody.person.choose(view, "kind", "hold")
    somebody.slack.wait_for(lambda: "Held by" in somebody.person.read())
    assert somebody.person.modal is not None
    somebody.person.fill(somebody.person.modal, HOLD)


def held(somebody: UserDriver) -> dict[str, object]:
    view = somebody.person.modal
    assert view is not None
    values = {name: chosen(find_part(view.blocks, name), view.state) for name in HOLD}
    return {name: value["value"] if isinstance(value, dict) else value for name, value in values.items()}


def numbers(harness: BotHarness) -> int:
    return harness.rows()["updates"]


def test_the_form_shows_what_the_other_recorded_and_keeps_what_was_typed(harness: BotHarness) -> None:
    filled_in(harness.admin, "GG-1")
    before = numbers(harness)
    harness.second.types("/aid-update GG-1 hold by:US on:2026-02-08 as:government said in New York")

    first = harness.admin.person.submit()
    seen = harness.admin.person.read()

    assert not first.errors
    assert "Recorded by others since you opened this." in seen
    assert "2026-02-08 — GG-1 Hold by United States (#3, recorded by @Soyeon Kim" in seen
    assert held(harness.admin) == HOLD
    assert numbers(harness) == before + 1

    assert "Recorded, #4" in harness.admin.person.submit().text(harness.admin.person.reader)
    assert numbers(harness) == before + 2
    card = harness.member.types("/aid-status GG-1").text
    assert "France" in card
    assert "United States" in card


def test_what_concerns_another_project_or_is_ones_own_disturbs_nobody(harness: BotHarness) -> None:
    filled_in(harness.admin, "GG-1")
    harness.second.types("/aid-update GG-2 note seen elsewhere")
    harness.admin.types("/aid-update GG-1 note my own")

    assert "Recorded, #5" in harness.admin.person.submit().text(harness.admin.person.reader)


def test_a_preview_is_shown_again_with_what_the_other_recorded(harness: BotHarness) -> None:
    preview = harness.admin.types("/aid-update GG-1,GG-2 note both seen")
    harness.second.types("/aid-update GG-2 hold by:undisclosed on:2026-02-08 as:government")
    before = numbers(harness)

    again = harness.admin.presses(preview, "Record")
    assert "Recorded by others since you opened this." in again.text
    assert "GG-2 Hold by holder not disclosed" in again.text
    assert "On hold → On hold" in again.text
    assert numbers(harness) == before

    assert "Recorded, #4" in harness.admin.presses(again, "Record").text
    assert numbers(harness) == before + 1


def test_the_preview_of_a_form_is_shown_again_too(harness: BotHarness) -> None:
    filled_in(harness.admin, "GG-1", "GG-2")
    harness.admin.person.submit()
    harness.second.types("/aid-update GG-2 note while you read")

    harness.admin.person.submit()
    assert "GG-2 Note" in harness.admin.person.read()
    assert "Recorded, #4" in harness.admin.person.submit().text(harness.admin.person.reader)


def test_an_error_is_said_before_the_news(harness: BotHarness) -> None:
    """What the other recorded makes this one impossible: that is what has to be read first."""
    harness.second.types("/aid-update GG-1 hold by:FR on:2026-02-08 as:government")
    view = harness.admin.types("/aid-update #3 correct").view
    assert view is not None
    harness.second.types("/aid-update #3 retract a mistake")

    assert "changed by #4 in the meantime" in str(harness.admin.person.submit(view).errors)


@pytest.mark.parametrize("first", ["Undo", "Correct"])
def test_a_stale_button_says_what_happened_meanwhile(harness: BotHarness, first: str) -> None:
    """One takes the update back by command; the other presses what still stands on the screen."""
    receipt = harness.admin.types("/aid-update GG-1 hold by:FR on:2026-02-08 as:government")
    harness.second.types("/aid-update #3 retract a mistake")
    before = numbers(harness)

    said = harness.admin.presses(receipt, first).text

    assert ("Already taken back" if first == "Undo" else "does not stand any more") in said
    assert numbers(harness) == before


def test_a_double_click_and_a_second_enter_record_once(harness: BotHarness) -> None:
    line = "/aid-update GG-1 hold by:FR on:2026-02-08 as:government"
    preview = harness.admin.types("/aid-update GG-2,GG-3 note twice")
    shown = preview.message
    before = numbers(harness)

    first, second = harness.admin.types(line), harness.admin.types(line)
    harness.admin.presses(preview, "Record")
    harness.admin.person.press(shown, "Record", stale=True).wait()

    assert "Recorded, #3" in first.text
    assert "Already recorded, #3" in second.text
    assert numbers(harness) == before + 2
    assert len(harness.alerts()) == 2


def test_thirty_two_at_once_are_all_answered_and_all_recorded(harness: BotHarness) -> None:
    """SQLite lets one write at a time; the others wait for it, and nobody reads of a locked database."""
    refs = ["GG-1", "GG-2", "KR-1", "IO-1,IO-2"]
    before = numbers(harness)

    def types(number: int) -> str:
        somebody = harness.admin if number % 2 else harness.second
        return somebody.types(f"/aid-update {refs[number % 4]} note from desk {number}").text

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(types, range(32)))

    recorded = [answer for answer in answers if "Recorded, #" in answer]
    previews = [answer for answer in answers if "Nothing is recorded yet." in answer]
    assert (len(recorded), len(previews)) == (24, 8)
    assert numbers(harness) == before + 24
    assert len(harness.alerts()) == 24
    with harness.database.reading() as session:
        assert find_problems(session) == []
