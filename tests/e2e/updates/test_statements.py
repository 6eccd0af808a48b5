"""What an admin tells in plain words fills the update form; what anybody asks stays a question."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from db.database import Database
from db.questions.statements import stated
from db.questions.understand import spelled_out
from db.questions.words import table
from tests.support.harness import BotHarness, UserDriver
from tests.support.proposals import TODAY
from tests.tools.ask_questions import FILE, RECORDS

TABLE = tomllib.loads(Path(__file__).with_name("statements.toml").read_text(encoding="utf-8"))


def answer_to(harness: BotHarness, somebody: UserDriver, channel: str, text: str) -> Any:
    """Write to the bot, in a mention or in its direct message; return its answer."""
    place = harness.slack.store.direct_message(somebody.person.id).id if channel == "direct" else channel
    before = len(harness.slack.messages(place))
    (somebody.person.say if channel == "direct" else somebody.person.mention)(place, text)
    harness.wait(lambda: len(harness.slack.messages(place)) > before + 1)
    return harness.slack.messages(place)[-1]


def line_of(message: Any) -> str:
    """Return the line that the button of an answer fills the form with."""
    buttons = [each for block in message.blocks for each in block.get("elements", [])]
    return next((each["value"] for each in buttons if each.get("action_id") == "update_open"), "")


def test_what_an_admin_tells_is_read_back_and_nothing_recorded(harness: BotHarness) -> None:
    before = harness.rows()["updates"]
    expected = {**dict(TABLE["told"]), **dict.fromkeys(TABLE["asked"], "")}
    read = {text: line_of(answer_to(harness, harness.admin, "#general", text)) for text in expected}

    assert read == expected
    assert harness.rows()["updates"] == before


@pytest.mark.parametrize("channel", ["#general", "direct"])
def test_button_below_what_was_understood_opens_the_form(harness: BotHarness, channel: str) -> None:
    text = "GG-1 is on hold by France since 9 February, no list as:press"
    answer = answer_to(harness, harness.admin, channel, text)
    fields = "“Date it happened (New York): 2026-02-09” · “Held by: France” · “Kind of source: Press” · “Note: GG-1 is"
    assert "Nothing is recorded yet. I understood:" in answer.text
    assert f"*GG-1*: “Hold” · {fields}" in str(answer.blocks)

    if channel == "#general":
        assert "Only admins" in harness.member.person.press(answer, "Open the form").wait().text
    harness.admin.person.press(answer, "Open the form")
    assert "Held by: France" in harness.admin.sees_modal("update_form")
    harness.admin.person.submit()
    before = harness.rows()["updates"]
    harness.admin.person.submit()
    assert "Recorded as #6" in harness.admin.person.read()
    assert harness.rows()["updates"] == before + 1


@pytest.mark.parametrize("text", ["GG-1 is on hold by France", "경기도 1번 사업 프랑스가 보류"])
def test_command_opens_the_form_for_admins_only(harness: BotHarness, text: str) -> None:
    answered = harness.member.types(f"/aid-status {text}")
    assert "GG-1" in answered.text
    assert (answered.view, line_of(answer_to(harness, harness.member, "#general", text))) == (None, "")

    assert harness.admin.types(f"/aid-status {text}").view is not None
    assert "Held by: France" in harness.admin.sees_modal("update_form")


def test_no_question_is_taken_for_a_statement(sqlite_database: Database) -> None:
    """The questions that people ask, and every phrase of the table before and behind a project."""
    phrases = [phrase for rules in table()["intents"].values() for phrase in rules["phrases"]]
    texts = [text for phrase in phrases for text, _, _ in spelled_out(phrase)]
    asked = [
        row[0]
        for sections in tomllib.loads(FILE.read_text(encoding="utf-8")).values()
        for rows in sections.values()
        for row in rows
    ]
    with sqlite_database.writing() as session:
        RECORDS["known"](session)
        all_texts = [*asked, *(f"GG-1 {text}" for text in texts), *(f"{text} GG-1" for text in texts)]
        assert [text for text in all_texts if stated(session, text, TODAY, {})] == []
