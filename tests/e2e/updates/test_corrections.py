"""What follows when a record is put right: corrections, retractions, late letters, gaps, extensions."""

from tests.support.harness import BotHarness

LETTER = "as:letter source:https://example.org/letter"


def test_undoing_what_was_corrected_takes_back_both(harness: BotHarness) -> None:
    first = harness.admin.types("/aid-update GG-1 hold by:FR on:2026-02-01")
    harness.admin.types("/aid-update #3 correct")
    harness.admin.person.submit(values={"by": "GB"})
    assert "held by United Kingdom" in harness.member.types("/aid-status group:gyeonggi").text

    undone = harness.admin.presses(first, "Undo")

    assert "Taken back: #3, #4" in undone.text
    assert "Under review" in harness.member.types("/aid-status GG-1").text.splitlines()[0]


def test_the_thread_names_what_was_taken_back(harness: BotHarness) -> None:
    harness.admin.types("/aid-update GG-1 hold by:FR on:2026-02-01")
    harness.alerts()
    harness.admin.types("/aid-update #3 correct")
    harness.admin.person.submit(values={"by": "GB"})
    harness.alerts()

    harness.admin.types("/aid-update #4 retract the first was right")

    assert "#4 was taken back by" in harness.read_alerts()
    assert "held by France" in harness.member.types("/aid-status group:gyeonggi").text


def test_some_projects_of_a_batch_are_taken_back(harness: BotHarness) -> None:
    harness.admin.presses(harness.admin.types("/aid-update GG-1,GG-2 hold by:FR on:2026-02-01"), "Record")

    said = harness.admin.types("/aid-update GG-2 #3 retract it was GG-1 alone")

    assert "GG-2  On hold → Under review" in said.text
    assert "GG-1" not in said.text
    assert harness.member.types("/aid-status GG-1").text.startswith("GG-1 · On hold")


def test_a_letter_dated_before_an_open_hold_is_recorded_with_a_warning(harness: BotHarness) -> None:
    harness.admin.types("/aid-update NGO-1 hold by:FR on:2026-02-09")

    said = harness.admin.types(f"/aid-update NGO-1 approved {LETTER} on:2026-02-06 until:2027-02-06")

    assert "Beside this, #3 (hold, 2026-02-09) no longer fits the record" in said.text
    card = harness.member.types("/aid-status NGO-1").text
    assert "France · from 2026-02-09 · no lift on record, though it was decided since" in card
    assert "No longer fits the rest of the record" in card


def test_the_gap_between_an_exemption_and_its_late_extension_is_shown(harness: BotHarness) -> None:
    harness.admin.types(f"/aid-update IO-2 approved {LETTER} on:2025-01-20 until:2026-01-20")
    assert harness.member.types("/aid-status IO-2").text.startswith("IO-2 · Expired")
    harness.admin.types("/aid-update IO-2 extension-requested on:2026-01-25")
    assert harness.member.types("/aid-status IO-2").text.startswith("IO-2 · Expired, extension pending")
    harness.admin.types(f"/aid-update IO-2 extended {LETTER} on:2026-02-05 until:2027-02-05")

    card = harness.member.types("/aid-status IO-2").text

    assert card.startswith("IO-2 · Approved · until 2027-02-05")
    assert "Gap: no exemption in force from 2026-01-20 to 2026-02-05" in card


def test_a_held_extension_is_a_second_clause(harness: BotHarness) -> None:
    harness.admin.types(f"/aid-update GG-3 approved {LETTER} on:2026-02-06 until:unknown")
    harness.admin.types("/aid-update GG-3 extension-requested on:2026-02-08")
    harness.admin.types("/aid-update GG-3 hold by:US on:2026-02-09")

    assert harness.member.types("/aid-status GG-3").text.startswith(
        "GG-3 · Approved · end not known · extension held by United States"
    )
    assert "GG-3: Approved → Approved · end not known · extension held by United States" in harness.read_alerts()


def test_a_lift_is_told_only_of_those_that_were_held(harness: BotHarness) -> None:
    harness.admin.types("/aid-update GG-3 hold by:FR on:2026-02-01")
    harness.member.types("/aid-alerts on kind:hold-lifted GG-2", channel="#general")
    asked = harness.admin.types(f"/aid-update GG-2,GG-3 approved {LETTER} on:2026-02-06 until:2027-02-06 lift:all")
    harness.admin.presses(asked, "Record")

    told = harness.read_alerts()

    assert "Hold lifted by all holders" in told
    assert "Projects: GG-3" in told
    assert "Exemption approved" not in harness.member.person.screen("#general")


def test_what_a_headline_rests_on_gives_the_source_and_the_day(harness: BotHarness) -> None:
    for ref in ("GG-1", "GG-2", "GG-3"):
        harness.admin.types(f"/aid-update {ref} note asked the province")

    assert "As of 2026-02-07 · Source: Dong-A Ilbo (2026-02-07)" in harness.member.types("/aid-status").text
    assert "As of 2026-02-07 · Press: Dong-A Ilbo (2026-02-07)" in harness.member.types("/aid-status GG-1").text


def test_a_state_by_its_everyday_name_and_a_code_that_is_none(harness: BotHarness) -> None:
    assert "by United Kingdom" in harness.admin.types("/aid-update NGO-2 hold by:UK on:2026-02-01").text
    assert "“ZZ” is not a state I know" in harness.admin.types("/aid-update NGO-2 hold by:ZZ").text
