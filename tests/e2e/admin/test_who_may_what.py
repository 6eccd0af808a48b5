"""Permission table: every entry for every role, through the running bot."""

import re
from collections.abc import Iterator

import pytest

from bot.slack_emulator import Fault, User
from handlers.auth.authorization import AuthorizedApp
from handlers.auth.permissions import PERMISSIONS, REFUSALS, AccessLevel
from tests.support.harness import SECOND, BotHarness, run_bot
from tests.support.requests import LISTENERS, send_request
from tests.tools.permissions_page import PAGE, page

PEOPLE = {
    AccessLevel.ADMIN: "U0ADMIN",
    AccessLevel.MEMBER: "U0MEMBER",
    AccessLevel.GUEST: "U0GUEST",
    AccessLevel.STRANGER: "U0OTHER",
    AccessLevel.DEACTIVATED: "U0GONE",
}
TEXT = {who: re.sub(r"\W+", " ", text.split("{")[0]) for who, text in REFUSALS.items()}


@pytest.fixture(scope="module")
def peopled(seeded_file: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    """Run one bot for the whole table, with a person of each role in #general."""
    path = tmp_path_factory.mktemp("peopled") / "aid.db"
    path.write_bytes(seeded_file.read_bytes())  # type: ignore[attr-defined]
    with run_bot(f"sqlite:///{path}", AID_ADMINS="U0ADMIN,U0SECOND,U0GONE") as harness:
        harness.slack.store.add_user(User("U0OTHER", "jo.other", "Jo Other", team_id="T0OTHER"))
        harness.slack.store.add_user(User("U0GONE", "kim.gone", "Kim Gone", deleted=True))
        for person in PEOPLE.values():
            harness.slack.invite("C0GENERAL", person)
        yield harness


def plain(text: str) -> str:
    return re.sub(r"\W+", " ", text)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("entry", PERMISSIONS)
def test_permission_table_holds_for_every_role(
    peopled: BotHarness, entry: str, who: AccessLevel, caplog: pytest.LogCaptureFixture
) -> None:
    before = peopled.rows()
    result = send_request(peopled, PEOPLE[who], entry)
    refused = [record for record in caplog.records if record.getMessage() == "refused"]

    assert result.ack.acked
    if who in PERMISSIONS[entry].allowed:
        assert not any(TEXT[each] in plain(result.text()) for each in TEXT)
        assert not [record for record in refused if hasattr(record, "who")]
        return
    (record,) = refused
    assert (record.what, record.who, record.user, record.team) == (entry, who.value, PEOPLE[who], "T0LOOP")  # type: ignore[attr-defined]
    assert peopled.rows() == before
    if entry.startswith("options "):
        assert result.ack.payload == {"options": []}
    elif not entry.startswith("event "):
        peopled.slack.wait_for(lambda: TEXT[who] in plain(result.text() + updated_view(peopled)))


def updated_view(harness: BotHarness) -> str:
    """Return the arguments of the last views.update, as no view is open here."""
    calls = harness.slack.calls("views.update")
    return str(calls[-1].args) if calls else ""


def test_permission_table_lists_every_listener(peopled: BotHarness) -> None:
    assert isinstance(peopled.bot.app, AuthorizedApp)
    assert sorted(peopled.bot.app.listed) == LISTENERS


def test_unlisted_listener_keeps_the_bot_from_starting(peopled: BotHarness) -> None:
    app = peopled.bot.app
    with pytest.raises(LookupError, match=r"action brand_new.*handlers/auth/permissions\.py"):
        app.action("brand_new")
    app.message("hello")(lambda ack: ack())
    with pytest.raises(LookupError, match="without the table"):
        app.assert_all_listeners_listed()  # type: ignore[attr-defined]
    app._listeners.pop()
    app.assert_all_listeners_listed()  # type: ignore[attr-defined]


# -- user lookups ---------------------------------------------------------------------------------------------------


def test_deactivated_admin_loses_the_role_within_a_minute(harness: BotHarness) -> None:
    """Reactivating the account restores the role."""
    assert harness.second.types("/aid-update GG-1 note one").text.startswith("Recorded")
    harness.slack.edit_user(SECOND.id, deleted=True)
    harness.clock.forward(seconds=61)

    assert harness.second.types("/aid-update GG-1 note two").text.startswith(
        "Your account in this workspace is deactiv"
    )
    assert harness.second.types("/aid-status").text.startswith("Your account in this workspace is deactivated")
    harness.slack.edit_user(SECOND.id, deleted=False)
    harness.clock.forward(seconds=61)
    assert harness.second.types("/aid-update GG-1 note three").text.startswith("Recorded")


def test_admin_who_became_a_guest_may_only_read(harness: BotHarness) -> None:
    harness.slack.edit_user(SECOND.id, is_guest=True)

    assert harness.second.types("/aid-update GG-1 note one").text.startswith("Guests can view but not do this")
    assert harness.second.types("/aid-status GG-1").text.startswith("GG-1")


def test_user_lookup_is_cached_for_a_minute(harness: BotHarness) -> None:
    for _ in range(3):
        harness.member.types("/aid-status")
    assert len(harness.slack.calls("users.info")) == 1
    harness.clock.forward(seconds=61)
    harness.member.types("/aid-status")
    assert len(harness.slack.calls("users.info")) == 2


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.error("internal_error"), "internal_error"),
        (Fault.error("missing_scope"), "missing_scope"),
        (Fault.rate_limit(), "ratelimited"),
        (Fault.http(503), ""),
        (Fault.drop_before(), "RemoteDisconnected"),
        (Fault.malformed_before(), ""),
        (Fault.delay(5), "TimeoutError"),
    ],
)
def test_failed_user_lookup_allows_only_reading(harness: BotHarness, fault: Fault, reason: str) -> None:
    """Refuse to record, let everybody read, and trust a lookup of the last minute."""
    assert harness.second.types("/aid-update GG-1 note one").text.startswith("Recorded")
    harness.slack.faults.add("users.info", fault)
    refused = harness.admin.types("/aid-update GG-1 note two")

    assert refused.text.startswith("I couldn't check with Slack whether you can do this")
    assert reason in refused.text
    assert not refused.error  # answered within three seconds
    assert harness.admin.types("/aid-status GG-1").text.startswith("GG-1")
    assert harness.second.types("/aid-update GG-2 note three").text.startswith("Recorded")
    harness.clock.forward(seconds=11)
    assert harness.admin.types("/aid-update GG-1 note two").text.startswith("Recorded")


def test_unknown_user_counts_as_another_organisation(harness: BotHarness) -> None:
    harness.slack.faults.add("users.info", Fault.error("user_not_found"))

    assert harness.admin.types("/aid-update GG-1 note x").text.startswith("Only members of this bot's workspace")


def test_permissions_page_equals_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run .venv/bin/python -m tests.tools.permissions_page"
