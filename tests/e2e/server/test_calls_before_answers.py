"""Calls to Slack before the answer: none for people known, for each entry of the table, but the one that shows it."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from bot.background_tasks import LANES, Lane
from handlers.auth.permissions import PERMISSIONS, AccessLevel
from tests.support.harness import BotHarness
from tests.support.requests import send_request

ADMIN = "U0ADMIN"
LETTER = "GG-1 approved as:letter on:2026-02-06"
SENT: dict[str, Any] = {
    "/aid-admin grant": "<@U0MEMBER>",
    "/aid-admin revoke": "<@U0MEMBER>",
    "/aid-admin project": "add",
    "action alerts_resume": "1",
    "action delivery_resume": "C0ALERTS",
    "action update_open": LETTER,
    "action update_correct": "1",
    "action status_record": "GG-1",
    "view alerts_form": "C0GENERAL",
    "view import_preview": '{"file": "F1", "sha256": "0"}',
    "function prepare_update": LETTER,
}
"""What a request has to carry to get as far as it can; the button's value, the typed text or the form's metadata."""

FILE = {"import_given": {"import_given": {"type": "file_input", "files": [{"id": "F1", "name": "a.csv", "size": 9}]}}}
OPENS = {
    *("/aid-update", "/aid-alerts", "/aid-admin project", "/aid-admin import", "shortcut record_message"),
    *(f"action {name}" for name in ("home_record", "home_import", "home_project", "status_record", "suggest")),
    *(f"action {name}" for name in ("update_open", "update_correct")),
}
"""Entries that open a form."""

SHOWS = dict.fromkeys(OPENS, "views.open") | {
    "action status_share": "response_url",
    "event app_mention": "chat.postMessage",
    "function prepare_update": "functions.completeError",
}
"""The call that shows the answer: it opens the form, or posts what Slack has to deliver again if the bot is killed."""


AGED = "UPDATE members SET checked_at = '2026-02-10 13:59:00.000000'"


@pytest.fixture
def held(harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> Iterator[BotHarness]:
    """Yield the bot of a dialogue, which keeps what it would do after answers."""
    held = {name: lane if name == "request" else Lane(threads=0, waiting=lane.waiting) for name, lane in LANES.items()}
    monkeypatch.setattr("bot.background_tasks.LANES", held)
    yield harness
    harness.bot.background._tasks.clear()  # which a stop would wait for


def calls_before(harness: BotHarness, entry: str) -> list[str]:
    """Send an entry's request; return the methods that were called before it was answered."""
    before = len(harness.slack.calls())
    state = FILE if entry == "view import_file" else {}
    assert send_request(harness, ADMIN, entry, SENT.get(entry, ""), state).ack.acked
    return [call.method for call in harness.slack.calls()[before:]]


def test_no_answer_to_people_known_waits_for_slack(held: BotHarness) -> None:
    made = {entry: calls_before(held, entry) for entry in PERMISSIONS}
    sys.stdout.writelines(f"{len(calls)} {entry} {' '.join(calls)}\n" for entry, calls in made.items())  # shown by -s
    assert made == {entry: [SHOWS[entry]] if entry in SHOWS else [] for entry in PERMISSIONS}


@pytest.mark.parametrize("known", ["nothing", "long ago"])
def test_only_a_role_that_decides_asks_slack_first(held: BotHarness, known: str) -> None:
    """Whoever nothing is known of, or nothing new, reads at once; Slack is asked afterwards."""
    for entry in PERMISSIONS:
        held.execute("DELETE FROM members" if known == "nothing" else AGED)
        asked = AccessLevel.UNKNOWN not in PERMISSIONS[entry].allowed
        assert (calls_before(held, entry).count("users.info") > 0) is asked, entry
