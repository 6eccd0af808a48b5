"""Project card: the exemption that it extends and the one that extends it."""

from tests.support.harness import BotHarness

LETTER = "as:letter source:https://example.org/letter"


def test_card_shows_predecessor_its_end_and_the_gap(harness: BotHarness) -> None:
    harness.admin.types(f"/aid-update IO-1 approved {LETTER} on:2025-01-20 until:2026-01-20")
    harness.execute(
        "UPDATE projects SET predecessor_id = (SELECT id FROM projects WHERE ref = 'IO-1') WHERE ref = 'IO-3'"
    )

    assert "Extends IO-1 · ended 2026-01-20" in harness.member.types("/aid-status IO-3").text
    assert "Extended by IO-3" in harness.member.types("/aid-status IO-1").text

    harness.admin.types(f"/aid-update IO-3 approved {LETTER} on:2026-02-06 until:2027-02-06 lift:all")

    card = harness.member.types("/aid-status IO-3").text
    assert "Extends IO-1 · ended 2026-01-20 · Gap: no exemption in force from 2026-01-20 to 2026-02-06" in card


def test_card_marks_an_unidentified_predecessor(harness: BotHarness) -> None:
    assert "Extends an earlier exemption, not identified" in harness.member.types("/aid-status GG-1").text
