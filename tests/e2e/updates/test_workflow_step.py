"""Workflow Builder's step: prepares an update that the named admin records."""

from bot.slack_emulator.state.context import COMPLETED, FAILED, RUNNING, StepRun
from tests.support.harness import BotHarness


def run(harness: BotHarness, line: str, person: str = "U0ADMIN") -> StepRun:
    step = harness.slack.run_step("prepare_update", {"line": line, "person": person})
    harness.wait(lambda: step.state != RUNNING)
    return step


def test_step_prepares_a_draft_for_the_named_admin(harness: BotHarness) -> None:
    before = harness.rows()
    step = run(harness, "GG-1 hold by:FR on:2026-02-09 as the form said")

    assert (step.state, step.outputs) == (COMPLETED, {"status": "prepared"})
    assert harness.rows()["updates"] == before["updates"]
    preview = harness.slack.direct_messages("U0ADMIN")[-1]
    harness.admin.person.press(preview, "Record").wait()
    assert harness.member.types("/aid-status GG-1").text.startswith("GG-1 · On hold")


REFUSED = [
    ("GG-1 hold by:FR on:2026-02-09", "U0MEMBER", "is not an admin"),
    ("GG-99 note", "U0ADMIN", "There is no project"),
    ("GG-1 holds", "U0ADMIN", "holds"),
    ("", "U0ADMIN", ""),
    ("#1 retract", "U0ADMIN", "Workflows can only prepare new updates"),
    ("GG-1 approved as:press on:2026-02-09 until:2027-02-09", "U0ADMIN", "is not an approval"),
]


def test_step_fails_with_the_reason(harness: BotHarness) -> None:
    before = {**harness.rows(), "inbox": 0}
    for line, person, why in REFUSED:
        step = run(harness, line, person)

        assert step.state == FAILED, line
        assert step.error
        assert why in step.error
    assert {**harness.rows(), "inbox": 0} == before
