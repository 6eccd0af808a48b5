"""Buttons of messages from version 1.0 still work: Slack keeps their action ids and values for years."""

from datetime import date

import pytest
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from bot.slack_emulator import ActionResult, Message
from db.models import Draft
from db.updates.history import load_updates
from tests.support.harness import START, TEAM, BotHarness
from tests.support.requests import send_request

DRAFT, SAME_DRAFT = "70847feb4667f951919f8e89", "70847feb4667f951919f8e90"
DRAFT_CONTENT = {
    "refs": ["GG-1", "GG-2"],
    "kind": "approval-reported",
    "options": {"on": "2026-02-09", "source": "https://example.org/a"},
    "note": "",
    "corrects": None,
    "seen": 5,
}

LETTER_DRAFT = "81958feca778fa62a30f9f9a"
LETTER_CONTENT = {
    "refs": ["IO-1"],
    "kind": "approved",
    "options": {"on": "2026-02-09", "as": "letter", "until": "2027-02-06", "letter_date": "2026-02-06"},
    "note": "",
    "corrects": None,
}
LETTER_FORM = {
    "refs": {"refs": {"type": "multi_external_select", "selected_options": [{"value": "IO-1"}]}},
    "kind": {"kind": {"type": "static_select", "selected_option": {"value": "approved"}}},
    "on": {"on": {"type": "plain_text_input", "value": "2026-02-09"}},
    "until": {"until": {"type": "plain_text_input", "value": "2027-02-06"}},
    "as": {"as": {"type": "static_select", "selected_option": {"value": "letter"}}},
    "letter_date": {"letter_date": {"type": "datepicker", "selected_date": "2026-02-06"}},
    "note": {"note": {"type": "plain_text_input", "value": None}},
}

BUTTONS = {
    "portfolio, Share in channel": ("status_share", "portfolio", "17 projects"),
    "card, Share in channel": ("status_share", "one GG-1", "GG-1 · On hold"),
    "card, Follow": ("follow_on", "GG-1", "You're following GG-1"),
    "card, Unfollow": ("follow_off", "GG-1", "You no longer follow"),
    "card, Whole timeline": ("status_timeline", "GG-1", "GG-1 · On hold"),
    "list, Next": ("status_turn:on", "1 status:under-review", "GG-2"),
    "preview, Record": ("update_record", DRAFT, "Recorded as #"),
    "preview of a letter, Record": (
        "update_record",
        LETTER_DRAFT,
        "Exemption approved (until 2027-02-06, letter of 2026-02-06)",
    ),
    "preview, Cancel": ("update_cancel", DRAFT, "Cancelled"),
    "duplicate, Record anyway": ("update_again", SAME_DRAFT, "Recorded as #"),
    "receipt, Undo": ("update_undo", "6", "Retracted: #6"),
    "delivery, Messages": ("delivery_show", "C0ALERTS", "#aid-alerts"),
    "delivery, Next": ("delivery_turn:on", "1 C0ALERTS", "#aid-alerts"),
}


def store_drafts(session: Session) -> None:
    """Store the drafts anew, as version 1.0 did."""
    session.execute(delete(Draft))
    for draft, content in ((DRAFT, DRAFT_CONTENT), (SAME_DRAFT, DRAFT_CONTENT), (LETTER_DRAFT, LETTER_CONTENT)):
        values = {"id": draft, "team_id": TEAM, "user_id": "U0ADMIN", "content": content, "created_at": START}
        session.execute(insert(Draft).values(values))


def post_button(harness: BotHarness, action_id: str, value: str) -> Message:
    """Post a message of the bot with one button, as Slack holds it."""
    text = {"type": "plain_text", "text": "Press", "emoji": True}
    button = {"type": "button", "text": text, "action_id": action_id, "value": value}
    blocks = [{"type": "actions", "elements": [button], "block_id": "b002a"}]
    return harness.slack.store.post("C0GENERAL", harness.slack.store.bot_user, text="1.0", blocks=blocks)


def press(harness: BotHarness, action_id: str, value: str) -> ActionResult:
    return harness.admin.person.press(post_button(harness, action_id, value), action_id).wait()


def test_button_of_previous_version_answers(harness: BotHarness) -> None:
    harness.admin.types("/aid-update GG-1 hold by:FR on:2026-02-09 as:government source:https://example.org/a why")
    harness.admin.person.press(post_button(harness, "update_correct", "6"), "update_correct")
    assert "Correct #6" in harness.admin.sees_modal("update_form")
    harness.admin.person.close(every=True)
    for button, (action_id, value, answer) in BUTTONS.items():
        harness.writing(store_drafts)
        assert answer in press(harness, action_id, value).text, button


@pytest.mark.parametrize("left_out", [(), ("as",)])
def test_form_of_previous_version_keeps_the_letter_date(harness: BotHarness, left_out: tuple[str, ...]) -> None:
    """A form without a kind of source is a letter whose source is not stated, which is no approval."""
    state = {block: value for block, value in LETTER_FORM.items() if block not in left_out}
    answer = send_request(harness, "U0ADMIN", "view update_form", '{"seen": 5}', state)

    if left_out:
        assert "“Exemption approved” needs an official source." in answer.text()
        return
    draft_id = answer.ack.payload["view"]["private_metadata"]
    assert "Recorded as #6" in send_request(harness, "U0ADMIN", "view update_preview", draft_id).text()
    with harness.database.reading() as session:
        assert load_updates(session, [6])[6].letter.letter_date == date(2026, 2, 6)


def test_home_buttons_of_previous_version_open_forms(harness: BotHarness) -> None:
    for action_id, callback_id in {"home_record": "update_form", "home_project": "project_form"}.items():
        harness.admin.person.press(post_button(harness, action_id, ""), action_id)
        assert harness.admin.sees_modal(callback_id)
        harness.admin.person.close(every=True)
