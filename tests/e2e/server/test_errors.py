"""Errors: answered in words; an unexpected one has a reference in the answer and in the log."""

import ast
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import db
import handlers
from bot.background_tasks import LANES
from bot.slack_emulator import ActionResult, Fault
from tests.support.harness import BotHarness
from tests.support.proposals import add_project

UNEXPECTED = re.compile(
    r"Something went wrong on my side \(reference (R-[0-9a-f]{8})\)\. Nothing was recorded\. Try again; "
    r"if it keeps happening, give the reference to the person who runs the bot\."
)


def reference(text: str, caplog: pytest.LogCaptureFixture) -> str:
    """Return the reference in ``text``, after checking that the log has it with a traceback."""
    match = UNEXPECTED.search(text)
    assert match, text
    (entry,) = [record for record in caplog.records if match[1] in record.getMessage()]
    assert entry.levelname == "ERROR"
    assert entry.exc_info
    return match[1]


def test_unexpected_error_has_a_logged_reference_and_no_typed_text(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    with harness.without_table("updates"):
        for line in ("status", "status GG-1", "status group:io", "status #1", "update #1 retract", "update #1 correct"):
            answer = harness.admin.types(f"/aid-{line}")
            reference(answer.text, caplog)
            assert answer.message.ephemeral_for == "U0ADMIN"
            assert "no such table" not in answer.text
        reference(harness.admin.types("/aid-update GG-1 note a word in confidence").text, caplog)
    assert "/aid-update" in caplog.text
    assert "a word in confidence" not in " ".join(record.getMessage() for record in caplog.records)


def test_failed_alert_queue_records_nothing(harness: BotHarness, caplog: pytest.LogCaptureFixture) -> None:
    """The update and its alerts are one transaction."""
    before = harness.rows()
    with harness.without_table("subscriptions"):
        reference(harness.admin.types("/aid-update GG-1 hold by:FR on:2026-02-09 as:press").text, caplog)

    assert harness.rows() == before
    assert harness.member.types("/aid-status GG-1").text.startswith("GG-1 · Under review")
    assert harness.admin.types("/aid-update GG-1 hold by:FR on:2026-02-09 as:press").text.startswith("Recorded as #6")


def test_failed_button_answers_and_keeps_the_draft(harness: BotHarness, caplog: pytest.LogCaptureFixture) -> None:
    preview = harness.admin.types("/aid-update GG-1,GG-2 hold by:FR on:2026-02-09 as:press")
    before = harness.rows()
    with harness.without_table("subscriptions"):
        reference(harness.admin.presses(preview, "Record").text, caplog)

    assert harness.rows() == before
    assert harness.admin.presses(preview, "Record").text.startswith("Recorded as #6")


def test_failed_form_shows_the_error_in_the_form(harness: BotHarness, caplog: pytest.LogCaptureFixture) -> None:
    harness.admin.fills_in_hold("GG-1")
    with harness.without_table("subscriptions"):
        failed = harness.admin.person.submit()
        assert not failed.problem
        reference(failed.errors["kind"], caplog)

    harness.admin.person.submit()
    assert "Recorded as #6" in harness.admin.person.submit().text(harness.admin.person.reader)


def test_failed_preview_shows_the_error_and_can_be_retried(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    harness.admin.fills_in_hold("GG-1", "GG-2")
    harness.admin.person.submit()
    with harness.without_table("subscriptions"):
        for _ in range(2):
            caplog.clear()
            failed = harness.admin.person.submit().text(harness.admin.person.reader)
            reference(failed, caplog)
            assert failed.count("Something went wrong") == 1
            assert "Record this for 2 projects?" in failed

    assert "Recorded as #6" in harness.admin.person.submit().text(harness.admin.person.reader)


def test_failed_button_in_a_view_shows_the_error_there(harness: BotHarness, caplog: pytest.LogCaptureFixture) -> None:
    harness.admin.fills_in_hold("GG-1")
    harness.admin.person.submit()
    receipt = harness.admin.person.submit().view
    with harness.without_table("updates"):
        harness.admin.person.press(receipt, "Undo")
        harness.slack.wait_for(lambda: "Something went wrong" in harness.admin.person.read())
        reference(harness.admin.person.read(), caplog)

    harness.admin.person.press(receipt, "Undo")
    harness.slack.wait_for(lambda: "Retracted: #6" in harness.admin.person.read())


def test_failed_choice_keeps_the_fields(harness: BotHarness, caplog: pytest.LogCaptureFixture) -> None:
    view = harness.admin.types("/aid-update").view
    harness.admin.person.choose(view, "refs", ["GG-1"])
    with harness.without_table("council_members"):
        harness.admin.person.choose(view, "kind", "hold")
        harness.slack.wait_for(lambda: "Something went wrong" in harness.admin.person.read())
        reference(harness.admin.person.read(), caplog)

        assert "Projects: GG-1 · Gyeonggi Province project 1 (name not given)" in harness.admin.person.read()


def test_failed_typeahead_offers_nothing(harness: BotHarness, caplog: pytest.LogCaptureFixture) -> None:
    view = harness.admin.types("/aid-update").view
    with harness.without_table("organisations"):
        assert harness.admin.person.options(view, "refs", "gg") == []
        assert "unexpected error R-" in caplog.text


def test_refused_batch_fits_one_message(harness: BotHarness) -> None:
    harness.writing(lambda session: [add_project(session, f"ZZ-{n}") for n in range(1, 121)])
    answer = harness.admin.types("/aid-update " + ",".join(f"ZZ-{n}" for n in range(1, 121)) + " hold-lifted by:US")

    assert answer.text.startswith("Nothing was recorded: this update does not fit 120 of the projects.")
    assert answer.text.count("There is no open hold to lift.") == 1


def test_slack_error_is_reported(harness: BotHarness) -> None:
    for code in ("internal_error", "expired_trigger_id", ""):
        harness.slack.faults.add("views.open", Fault.error(code) if code else Fault.http(503))
        answer = harness.admin.types("/aid-update").text

        assert answer.startswith(f"Slack refused that ({code + ')' if code else ''}")
        assert answer.endswith("Nothing was recorded. Try again.")
    assert harness.rows()["acts"] == 5


@pytest.mark.parametrize("fault", [Fault.drop_before(), Fault.delay(6.0)])
def test_silent_slack_is_reported(harness: BotHarness, fault: Fault) -> None:
    harness.slack.faults.add("views.open", fault, times=2)  # a drop on a kept connection counts as one that broke
    assert harness.admin.types("/aid-update").text.startswith("Slack didn't open the form in time.")


def test_lost_answer_to_sharing_posts_once(harness: BotHarness) -> None:
    answer = harness.member.types("/aid-status GG-1")
    harness.slack.faults.add("response_url", Fault.drop_after())
    harness.member.presses(answer, "Share in channel")

    harness.wait(lambda: "before you share this again" in harness.member.person.screen("#general"))
    assert sum(not message.ephemeral_for for message in harness.slack.messages("#general")) == 1


def test_one_file_a_person_at_a_time(harness: BotHarness) -> None:
    harness.slack.faults.add("conversations.open", Fault.delay(1.0))
    assert "I'll send you the file" in harness.member.types("/aid-status export:csv").text
    assert "Your last file is still in progress." in harness.member.types("/aid-status export:csv").text
    assert "I'll send you the file" in harness.admin.types("/aid-status export:csv").text


def test_flood_of_one_person_leaves_room_for_others(harness: BotHarness) -> None:
    most = LANES["request"].each
    with ThreadPoolExecutor(most) as pool:
        with harness.database.writing():  # which all of them wait for
            flood = [pool.submit(harness.admin.types, f"/aid-update GG-1 note {number}") for number in range(most)]
            harness.wait(lambda: harness.bot.background._tasks["request"] == most)
            assert "Too many requests are in progress." in harness.admin.types("/aid-status").text
            assert "17 projects" in harness.member.types("/aid-status").text
        assert all("Recorded as #" in each.result().text for each in flood)


def test_lost_answer_to_a_press_changes_nothing(harness: BotHarness) -> None:
    """The response_url fails; the update is recorded and visible."""
    preview = harness.admin.types("/aid-update GG-1,GG-2 hold by:FR on:2026-02-09 as:press")
    harness.slack.faults.add("response_url", Fault.drop_before(), times=2)  # Slack's own client tries once more
    harness.admin.person.press(preview.message, "Record")
    harness.wait(lambda: not harness.slack.faults.remaining("response_url"))

    assert len(harness.alerts()) == 1
    assert harness.member.types("/aid-status GG-1").text.startswith("GG-1 · On hold")
    as_before: ActionResult = harness.admin.presses(preview, "Record")
    assert as_before.text.startswith("Already recorded as #6")


# -- every error is a sentence ---------------------------------------------------------------------------------------

ERRORS = {"AidError", "BadInput", "NotAllowed", "NotFound", "Refusal", "BatchRefused"}


def error_texts() -> Iterator[tuple[str, str]]:
    """Yield place and text of every error that the record and the handlers raise."""
    for package in (db, handlers):
        for path in sorted(Path(package.__path__[0]).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ERRORS and node.args:
                    for text in ast.walk(node.args[0]):
                        if isinstance(text, ast.Constant) and isinstance(text.value, str):
                            yield f"{path.name}:{node.lineno}", text.value


def test_every_error_is_a_sentence() -> None:
    texts = list(error_texts())
    assert len(texts) > 60

    for place, text in texts:
        assert re.match(r"[A-Z“`{#<*]", text), f"{place}: {text}"
        assert text.endswith((".", "?")), f"{place}: {text}"
