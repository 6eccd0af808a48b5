"""The same letter reported twice: WHO's of 13 February, reported in March 2025 and again in February 2026 as new."""

from tests.support.harness import BotHarness

FIRST = "/aid-update IO-1 approved as:reported-letter on:2025-02-13 until:2026-02-13 source:https://example.org/rfa"
SECOND = "/aid-update IO-1 extended as:reported-letter on:2026-02-13 until:2027-02-13 source:https://example.org/voa"


def clock_to_spring(harness: BotHarness) -> None:
    harness.clock.forward(days=20)


def test_a_letter_dated_a_year_after_another_is_shown_before_it_is_recorded(harness: BotHarness) -> None:
    clock_to_spring(harness)
    harness.admin.types(FIRST)
    before = harness.rows()

    preview = harness.admin.types(SECOND)

    assert harness.rows()["updates"] == before["updates"]
    assert "2025-02-13" in preview.text
    assert "#3" in preview.text
    assert "Recorded" not in preview.text
    recorded = harness.admin.presses(preview, "Record")
    assert "#4" in recorded.text
    assert harness.member.types("/aid-status IO-1").text.startswith("IO-1 · Approved · until 2027-02-13")


def test_the_same_value_and_items_of_another_project_of_the_same_organisation(harness: BotHarness) -> None:
    """In the form, which has the fields; WHO has IO-1, and here IO-3 as well."""
    clock_to_spring(harness)
    harness.execute(
        "UPDATE projects SET applicant_id = (SELECT applicant_id FROM projects WHERE ref = 'IO-1') WHERE ref = 'IO-3'"
    )
    letter = {"items": "20", "value": "63000", "currency": "USD", "as": "reported-letter"}
    outcome = form(harness, "IO-1", {**letter, "on": "2025-02-13", "until": "2026-02-13"})
    assert "Recorded" in outcome

    warned = form(harness, "IO-3", {**letter, "on": "2026-02-03", "until": "unknown"})

    assert "Check and record" in warned
    assert "IO-1" in warned
    assert "20 items" in warned
    assert "63,000 USD" in warned


def test_it_is_said_in_korean_too(harness: BotHarness) -> None:
    clock_to_spring(harness)
    harness.slack.edit_user("U0ADMIN", locale="ko-KR")
    harness.admin.types(FIRST)

    assert "2025-02-13" in harness.admin.types(SECOND).text
    assert harness.admin.presses(harness.admin.types(SECOND), "기록").text


def test_other_letters_are_recorded_without_a_question(harness: BotHarness) -> None:
    clock_to_spring(harness)
    harness.admin.types(FIRST)
    said = harness.admin.types("/aid-update IO-2 approved as:letter on:2026-02-13 until:2027-02-13")

    assert "#4" in said.text  # another organisation


def form(harness: BotHarness, ref: str, values: dict[str, str]) -> str:
    """Fill in the form and send it; what is on top then."""
    harness.admin.types("/aid-update")
    harness.admin.person.fill(harness.admin.person.modal, {"refs": [ref], "kind": "approved"})
    harness.slack.wait_for(lambda: "until" in str(harness.admin.person.modal.blocks))
    outcome = harness.admin.person.submit(values=values)
    assert not outcome.errors, outcome.errors
    return harness.admin.person.read()
