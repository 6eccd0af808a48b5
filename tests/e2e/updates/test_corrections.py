"""Corrections and retractions, late letters, gaps and extensions, as answers and alerts show them."""

from tests.support.harness import BotHarness

LETTER = "as:letter source:https://example.org/letter"
FIRST = "IO-1 approved as:reported-letter on:2025-02-13 until:2026-02-13 source:https://example.org/rfa"
SECOND = "/aid-update IO-1 extended as:reported-letter on:2026-02-13 until:2027-02-13 source:https://example.org/voa"
"""One letter reported twice: WHO's of 13 February, in March 2025 and again in February 2026 as new."""


def test_undo_of_a_corrected_update_retracts_both(harness: BotHarness) -> None:
    first = harness.admin.types("/aid-update GG-1 hold by:FR on:2026-02-01 as:press")
    correct_holder(harness)
    assert "held by United Kingdom" in harness.member.types("/aid-status group:gyeonggi").text

    assert "Retracted: #6, #7" in harness.admin.presses(first, "Undo").text
    assert "Under review" in harness.member.types("/aid-status GG-1").text.splitlines()[0]


def test_thread_names_the_retracted_update(harness: BotHarness) -> None:
    harness.record("GG-1 hold by:FR on:2026-02-01 as:press")
    harness.alerts()
    correct_holder(harness)
    harness.alerts()

    harness.admin.types("/aid-update #7 retract the first was right")

    assert "retracted #7 (#8)" in harness.read_alerts()
    assert "held by France" in harness.member.types("/aid-status group:gyeonggi").text


def correct_holder(harness: BotHarness) -> None:
    """Correct #6 to a hold by the United Kingdom."""
    harness.admin.types("/aid-update #6 correct")
    harness.admin.person.submit(values={"by": "GB"})
    harness.admin.person.submit()


def test_correction_of_a_deleted_message_is_sent_whole_with_its_project(harness: BotHarness) -> None:
    harness.record("GG-1 hold by:FR on:2026-02-01 as:press")
    (alert,) = harness.alerts()
    harness.slack.store.remove(alert)
    correct_holder(harness)

    message, reply = harness.alerts()
    assert "GG-1" in message.text
    assert "France" in str(message.blocks)
    assert reply.thread_ts == message.ts
    assert "corrected" in reply.text
    assert "United Kingdom" in reply.text


def test_retraction_of_several_projects_is_previewed(harness: BotHarness) -> None:
    preview = harness.admin.types("/aid-update #2 retract wrong")
    assert preview.text.startswith("Retract #2 for 17 projects?")
    assert "Nothing is recorded yet." in preview.text
    assert "still" not in preview.text

    assert harness.admin.presses(preview, "Record").text.startswith("Retracted: #2")
    assert "already" in harness.admin.types("/aid-update #2 retract wrong").text.lower()


def test_retraction_of_one_project_keeps_the_others(harness: BotHarness) -> None:
    harness.record("GG-1,GG-2 hold by:FR on:2026-02-01 as:press")

    answer = harness.admin.types("/aid-update GG-2 #6 retract it was GG-1 alone")

    assert "GG-2  On hold → Under review" in answer.text
    assert "GG-1" not in answer.text
    assert harness.member.types("/aid-status GG-1").text.startswith("GG-1 · On hold")


def test_letter_dated_before_an_open_hold_warns(harness: BotHarness) -> None:
    harness.admin.types("/aid-update NGO-1 hold by:FR on:2026-02-09 as:press")

    preview = harness.admin.types(f"/aid-update NGO-1 approved {LETTER} on:2026-02-06 until:2027-02-06")
    receipt = harness.admin.presses(preview, "Record")

    for answer in (preview, receipt):
        assert "With this update, #6 (hold, 2026-02-09) no longer fits the record" in answer.text
    card = harness.member.types("/aid-status NGO-1").text
    assert "France · from 2026-02-09 (#6) · reported, not confirmed · no lift recorded, but decided since" in card
    assert "No longer fits the rest of the record" in card


def test_lift_alert_names_only_held_projects(harness: BotHarness) -> None:
    harness.admin.types("/aid-update GG-3 hold by:FR on:2026-02-01 as:press")
    harness.member.types("/aid-alerts on kind:hold-lifted GG-2", channel="#general")
    preview = harness.admin.types(f"/aid-update GG-2,GG-3 approved {LETTER} on:2026-02-06 until:2027-02-06 lift:all")
    harness.admin.presses(preview, "Record")

    alerts = harness.read_alerts()

    assert "Hold lifted by all holders" in alerts
    assert "Projects: GG-3" in alerts
    assert "Exemption approved" not in harness.member.person.screen("#general")


def test_letter_a_year_after_another_is_previewed(harness: BotHarness) -> None:
    """The first comes before the hold that the bot ships with, which its preview says."""
    harness.clock.forward(days=20)
    harness.record(FIRST)
    assert "#7" in harness.admin.types("/aid-update IO-2 approved as:letter on:2026-02-13 until:2027-02-13").text
    before = harness.rows()

    preview = harness.admin.types(SECOND)

    assert harness.rows()["updates"] == before["updates"]
    assert "This may be a letter reported twice: #6 of IO-1 is dated a year apart to the day" in preview.text
    assert "2025-02-13" in preview.text
    assert "#8" in harness.admin.presses(preview, "Record").text
    assert harness.member.types("/aid-status IO-1").text.startswith("IO-1 · Approved · until 2027-02-13")
