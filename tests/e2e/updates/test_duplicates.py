"""One letter reported twice: WHO's of 13 February, in March 2025 and again in February 2026 as new."""

from tests.support.harness import BotHarness

FIRST = "/aid-update IO-1 approved as:reported-letter on:2025-02-13 until:2026-02-13 source:https://example.org/rfa"
SECOND = "/aid-update IO-1 extended as:reported-letter on:2026-02-13 until:2027-02-13 source:https://example.org/voa"


def record_first(harness: BotHarness) -> None:
    """Record the first letter in spring; it comes before the hold that the bot ships with, which the preview says."""
    harness.clock.forward(days=20)
    assert "#6" in harness.admin.presses(harness.admin.types(FIRST), "update_record").text


def test_letter_a_year_after_another_is_previewed(harness: BotHarness) -> None:
    record_first(harness)
    assert "#7" in harness.admin.types("/aid-update IO-2 approved as:letter on:2026-02-13 until:2027-02-13").text
    before = harness.rows()

    preview = harness.admin.types(SECOND)

    assert harness.rows()["updates"] == before["updates"]
    assert "2025-02-13" in preview.text
    assert "This may be a letter reported twice: #6 of IO-1 is dated a year apart to the day" in preview.text
    assert "Recorded" not in preview.text
    recorded = harness.admin.presses(preview, "Record")
    assert "#8" in recorded.text
    assert harness.member.types("/aid-status IO-1").text.startswith("IO-1 · Approved · until 2027-02-13")


def test_duplicate_warning_in_korean(harness: BotHarness) -> None:
    harness.slack.edit_user("U0ADMIN", locale="ko-KR")
    record_first(harness)

    assert "2025-02-13" in harness.admin.types(SECOND).text
    assert harness.admin.presses(harness.admin.types(SECOND), "기록").text
