"""Calls to Slack before the answer: none for people known, of whatever entry of the table, but the one that opens a form."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

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
    *(f"action {name}" for name in ("home_record", "home_import", "home_project", "status_record")),
    *(f"action {name}" for name in ("update_open", "update_correct")),
}
"""Entries that open a form."""


AGED = "UPDATE members SET checked_at = '2026-02-10 13:59:00.000000'"


class Held(list[Callable[[], object]]):
    """A pool of work after the answer that does it when told."""

    def submit(self, _run: object, _do: object, work: Callable[[], object]) -> None:
        self.append(work)

    def shutdown(self, *, wait: bool) -> None:
        """Nothing runs."""


@pytest.fixture
def held(harness: BotHarness) -> BotHarness:
    """Return the bot of a dialogue, which keeps what it would do after answers."""
    harness.bot.background._pool = Held()  # type: ignore[assignment]
    return harness


def calls_before(harness: BotHarness, entry: str) -> list[str]:
    """Send an entry's request; return the methods that were called before it was answered."""
    before = len(harness.slack.calls())
    state = FILE if entry == "view import_file" else {}
    assert send_request(harness, ADMIN, entry, SENT.get(entry, ""), state).ack.acked
    return [call.method for call in harness.slack.calls()[before:]]


def test_no_answer_to_people_known_waits_for_slack(held: BotHarness) -> None:
    made = {entry: calls_before(held, entry) for entry in PERMISSIONS}
    sys.stdout.writelines(f"{len(calls)} {entry} {' '.join(calls)}\n" for entry, calls in made.items())  # shown by -s
    assert made == {entry: ["views.open"] if entry in OPENS else [] for entry in PERMISSIONS}


@pytest.mark.parametrize("known", ["nothing", "long ago"])
def test_only_a_role_that_decides_asks_slack_first(held: BotHarness, known: str) -> None:
    """Whoever nothing is known of, or nothing new, reads at once; Slack is asked afterwards."""
    for entry in PERMISSIONS:
        held.execute("DELETE FROM members" if known == "nothing" else AGED)
        asked = AccessLevel.UNKNOWN not in PERMISSIONS[entry].allowed
        assert (calls_before(held, entry).count("users.info") > 0) is asked, entry
