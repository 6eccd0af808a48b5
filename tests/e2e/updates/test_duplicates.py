"""The same letter reported twice: WHO's of 13 February, reported in March 2025 and again in February 2026 as new."""

from tests.support.harness import BotHarness

FIRST = "/aid-update IO-1 approved as:reported-letter on:2025-02-13 until:2026-02-13 source:https://example.org/rfa"
SECOND = "/aid-update IO-1 extended as:reported-letter on:2026-02-13 until:2027-02-13 source:https://example.org/voa"


def clock_to_spring(scene: BotHarness) -> None:
    scene.clock.forward(days=20)


def test_a_letter_dated_a_year_after_another_is_shown_before_it_is_recorded(scene: BotHarness) -> None:
    clock_to_spring(scene)
    scene.admin.types(FIRST)
    before = scene.rows()

    preview = scene.admin.types(SECOND)

    assert scene.rows()["updates"] == before["updates"]
    assert "2025-02-13" in preview.text
    assert "#3" in preview.text
    assert "Recorded" not in preview.text
    recorded = scene.admin.presses(preview, "Record")
    assert "#4" in recorded.text
    assert scene.member.types("/aid-status IO-1").text.startswith("IO-1 · Approved · until 2027-02-13")


def test_the_same_value_and_items_of_another_project_of_the_same_organisation(scene: BotHarness) -> None:
    """In the form, which has the fields; WHO has IO-1, and here IO-3 as well."""
    clock_to_spring(scene)
    scene.execute(
        "UPDATE projects SET applicant_id = (SELECT applicant_id FROM projects WHERE ref = 'IO-1') WHERE ref = 'IO-3'"
    )
    letter = {"items": "20", "value": "63000", "currency": "USD", "as": "reported-letter"}
    outcome = form(scene, "IO-1", {**letter, "on": "2025-02-13", "until": "2026-02-13"})
    assert "Recorded" in outcome

    warned = form(scene, "IO-3", {**letter, "on": "2026-02-03", "until": "unknown"})

    assert "Check and record" in warned
    assert "IO-1" in warned
    assert "20 items" in warned
    assert "63,000 USD" in warned


def test_it_is_said_in_korean_too(scene: BotHarness) -> None:
    clock_to_spring(scene)
    scene.slack.edit_user("U0ADMIN", locale="ko-KR")
    scene.admin.types(FIRST)

    assert "2025-02-13" in scene.admin.types(SECOND).text
    assert scene.admin.presses(scene.admin.types(SECOND), "기록").text


def test_other_letters_are_recorded_without_a_question(scene: BotHarness) -> None:
    clock_to_spring(scene)
    scene.admin.types(FIRST)
    said = scene.admin.types("/aid-update IO-2 approved as:letter on:2026-02-13 until:2027-02-13")

    assert "#4" in said.text  # another organisation


def form(scene: BotHarness, ref: str, values: dict[str, str]) -> str:
    """Fill in the form and send it; what is on top then."""
    scene.admin.types("/aid-update")
    scene.admin.person.fill(scene.admin.person.modal, {"refs": [ref], "kind": "approved"})
    scene.slack.wait_for(lambda: "until" in str(scene.admin.person.modal.blocks))
    outcome = scene.admin.person.submit(values=values)
    assert not outcome.errors, outcome.errors
    return scene.admin.person.read()
