"""Permission table: every entry for every role, through the running bot."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import build
from bot.slack_emulator import Fault, InProcess, User, dispatcher
from db.models import Base
from handlers.auth.authorization import AuthorizedApp
from handlers.auth.permissions import PERMISSIONS, REFUSALS, AccessLevel
from tests.support.harness import QUICK, SECOND, TEAM, BotHarness, UserDriver, run_bot
from tests.support.requests import LISTENERS, send_request
from tests.tools.permissions_page import PAGE, page

PEOPLE = {
    AccessLevel.ADMIN: "U0ADMIN",
    AccessLevel.MEMBER: "U0MEMBER",
    AccessLevel.GUEST: "U0GUEST",
    AccessLevel.STRANGER: "U0OTHER",
    AccessLevel.DEACTIVATED: "U0GONE",
    AccessLevel.BOT: "U0ROBOT",
    AccessLevel.UNKNOWN: "U0SILENT",
}
TEXT = {who: re.sub(r"\W+", " ", text.split("{")[0]) for who, text in REFUSALS.items()}


@pytest.fixture(scope="module")
def peopled(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    """Run one bot for the whole table, with a person of each role in #general."""
    path = shutil.copy(seeded_file, tmp_path_factory.mktemp("peopled") / "aid.db")
    with run_bot(f"sqlite:///{path}", AID_ADMINS="U0ADMIN,U0SECOND,U0GONE") as harness:
        harness.slack.store.add_user(User("U0OTHER", "jo.other", "Jo Other", team_id="T0OTHER"))
        harness.slack.store.add_user(User("U0GONE", "kim.gone", "Kim Gone", deleted=True))
        harness.slack.store.add_user(User("U0SILENT", "lee.silent", "Lee Silent"))
        harness.slack.store.add_user(User("U0ROBOT", "robot", "Robot", is_bot=True))
        for who, person in PEOPLE.items():
            harness.slack.invite("C0GENERAL", person)
            if who is not AccessLevel.UNKNOWN:
                send_request(harness, person, "/aid-admin audit")  # which asks who they are
        yield harness


def plain(text: str) -> str:
    return re.sub(r"\W+", " ", text)


@pytest.mark.parametrize("who", PEOPLE)
def test_permission_table_holds_for_every_role(
    peopled: BotHarness, who: AccessLevel, caplog: pytest.LogCaptureFixture
) -> None:
    for entry, permission in PERMISSIONS.items():
        caplog.clear()
        allowed, updates = who in permission.allowed, len(peopled.slack.calls("views.update"))
        before = {} if allowed else peopled.rows()
        if who is AccessLevel.UNKNOWN:
            peopled.clock.forward(seconds=11)  # Slack is asked again
            peopled.slack.faults.add("users.info", Fault.error("internal_error"))
        result = send_request(peopled, PEOPLE[who], entry)
        peopled.bot.background.close()  # what Slack is asked after the response fails as well
        peopled.slack.faults.clear()
        refused = [record for record in caplog.records if record.getMessage() == "refused"]

        assert result.ack.acked, entry
        if allowed:
            assert not any(TEXT[each] in plain(result.text()) for each in TEXT), entry
            assert not [record for record in refused if hasattr(record, "who")], entry
            continue
        (record,) = refused
        assert (record.what, record.who, record.user, record.team) == (entry, who.value, PEOPLE[who], "T0LOOP")  # type: ignore[attr-defined]
        assert peopled.rows() == before, entry
        if entry.startswith("options "):
            assert result.ack.payload == {"options": []}, entry
        elif not entry.startswith("event "):
            shown = "".join(str(call.args) for call in peopled.slack.calls("views.update")[updates:])
            assert TEXT[who] in plain(result.text() + shown), entry


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


# -- Slack Connect, apps, replays --------------------------------------------------------------------------------------


def test_person_of_another_organisation_is_a_stranger_in_forms(peopled: BotHarness) -> None:
    """Slack names the person's own workspace in ``team``, and the bot's in the view."""
    peopled.slack.edit_user("U0OTHER", team_id="T0OTHER")
    view = {"app_installed_team_id": "T0LOOP", "type": "modal", "id": "V1", "blocks": [], "state": {"values": {}}}
    body = {
        "type": "view_submission",
        "team": {"id": "T0OTHER", "domain": "other"},
        "user": {"id": "U0OTHER", "team_id": "T0OTHER"},
        "view": {**view, "callback_id": "project_form", "title": {"type": "plain_text", "text": "x"}},
        "trigger_id": "1.2.3",
    }
    before = peopled.rows()

    assert TEXT[AccessLevel.STRANGER] in plain(str(peopled.slack.deliver("interactive", body).payload))
    assert peopled.rows() == before


def test_member_is_none_the_less_one_in_a_channel_of_another_organisation(harness: BotHarness) -> None:
    """Slack names the channel's organisation on the outside, and the bot's workspace in ``authorizations``."""
    harness.execute("INSERT INTO people (team_id, user_id, role, language) VALUES ('T0LOOP','U0MEMBER','member','ko')")
    said = harness.slack.store.post("C0GENERAL", "U0MEMBER", text="GG-1?")
    event = {"type": "app_mention", "user": "U0MEMBER", "channel": "C0GENERAL", "text": "<@U0BOT> GG-1"}
    body = harness.slack.payloads.event({**event, "ts": said.ts})
    harness.slack.deliver("events_api", {**body, "team_id": "T0OTHER", "is_ext_shared_channel": True})

    harness.slack.wait_for(lambda: "심사 중" in harness.slack.messages("#general")[-1].text)


@pytest.mark.parametrize("sender", [{"user": "U0ROBOT"}, {"user": "U0ADMIN", "bot_id": "B0ROBOT"}])
def test_apps_and_bots_are_not_answered(peopled: BotHarness, sender: dict[str, str]) -> None:
    posted = peopled.slack.counts["chat.postMessage"]
    said = peopled.slack.store.post("C0GENERAL", "U0MEMBER", text="GG-1?")
    event = {"type": "app_mention", "channel": "C0GENERAL", "text": "<@U0BOT> GG-1", "ts": "1770735600.000888"}
    assert peopled.slack.deliver("events_api", peopled.slack.payloads.event({**event, **sender})).acked
    body = peopled.slack.payloads.event({**event, "user": "U0MEMBER", "channel": "C0GENERAL", "ts": said.ts})
    assert peopled.slack.deliver("events_api", body).acked

    peopled.slack.wait_for(lambda: peopled.slack.counts["chat.postMessage"] > posted)
    assert peopled.slack.counts["chat.postMessage"] == posted + 1


@pytest.mark.parametrize(
    "lines",
    [
        ["/aid-admin grant <@U0MEMBER|mina>", "/aid-admin revoke <@U0MEMBER|mina>"],
        ["/aid-admin withhold GG-1", "/aid-admin show GG-1"],
        ["/aid-admin council add KR from:2034-01-01 to:2035-12-31", "/aid-admin council remove KR from:2034-01-01"],
        ["/aid-admin reminders hold off", "/aid-admin reminders hold 30"],
        ["/aid-alerts on", "/aid-alerts off"],
        ["/aid-alerts set reminders:off", "/aid-alerts set reminders:on"],
    ],
)
def test_request_replayed_to_another_process_does_nothing(seeded_url: str, lines: list[str]) -> None:
    """What was undone since stays undone, also after a restart and at a second process."""
    with run_bot(seeded_url) as harness:
        for line in lines:
            harness.admin.types(line, channel="#aid-alerts" if " set " in line else "#general")
        overheard = harness.slack.traffic_log.sent("slash_commands")[0]
        settled = stored(harness)
        other = build(harness.settings, harness.database, clock=harness.clock, pace=QUICK)
        harness.slack.delivery = InProcess(dispatcher(other.app))

        ack, replies = harness.slack.redeliver(overheard), overheard.payload["response_url"].rpartition("/")[2]
        harness.wait(lambda: "done before" in f"{ack.payload} {harness.slack.replies.made(replies)}")
        assert stored(harness) == settled
        other.connections.close()


def stored(harness: BotHarness) -> dict[str, list[tuple[object, ...]]]:
    """Return every row that an admin or a subscriber can change."""
    names = ("people", "projects", "council_members", "subscriptions", "audit", "preferences", "deliveries")
    with harness.database.reading() as session:
        return {name: [tuple(row) for row in session.execute(Base.metadata.tables[name].select())] for name in names}


# -- user lookups ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [0, 61, -60], ids=["event", "no event", "clock set back"])
def test_deactivated_admin_loses_the_role(harness: BotHarness, minutes: int) -> None:
    """At once where Slack sends the event, else within the hour; reactivating the account restores the role."""

    def becomes(*, deleted: bool) -> None:
        if not minutes:
            harness.slack.edit_user(SECOND.id, deleted=deleted)
        else:
            harness.slack.store.add_user(replace(harness.slack.store.users[SECOND.id], deleted=deleted))
            harness.clock.forward(minutes=minutes)

    assert harness.second.types("/aid-update GG-1 note one").text.startswith("Recorded")
    becomes(deleted=True)
    assert harness.second.types("/aid-update GG-1 note two").text.startswith(
        "Your account in this workspace is deactiv"
    )
    assert harness.second.types("/aid-status").text.startswith("Your account in this workspace is deactivated")
    becomes(deleted=False)
    assert harness.second.types("/aid-update GG-1 note three").text.startswith("Recorded")
    assert bool(harness.slack.calls("users.info")) is bool(minutes)


def test_event_older_than_what_slack_said_since_changes_nothing(harness: BotHarness) -> None:
    user = {"id": SECOND.id, "team_id": TEAM, "deleted": True}
    event = {**harness.slack.payloads.event({"type": "user_change", "user": user}), "event_time": 1_770_000_000}
    assert harness.slack.deliver("events_api", event).acked
    assert harness.second.types("/aid-update GG-1 note one").text.startswith("Recorded")


def test_admin_who_became_a_guest_may_only_read(harness: BotHarness) -> None:
    harness.slack.edit_user(SECOND.id, is_guest=True)

    assert harness.second.types("/aid-update GG-1 note one").text.startswith("Guests can view but not do this")
    assert harness.second.types("/aid-status GG-1").text.startswith("GG-1")


def test_newcomer_reads_at_once_and_in_their_language_next(harness: BotHarness) -> None:
    harness.slack.store.add_user(User("U0NEW", "new.one", "New One", locale="ko-KR"))
    harness.slack.invite("C0GENERAL", "U0NEW")
    newcomer = UserDriver(harness.slack, "U0NEW")
    assert "17" in newcomer.types("/aid-status").text
    harness.wait(lambda: not harness.bot.background.is_busy)
    assert "17건" in newcomer.types("/aid-status").text
    assert len(harness.slack.calls("users.info")) == 1
    harness.clock.forward(minutes=20)
    newcomer.types("/aid-status")
    harness.wait(lambda: len(harness.slack.calls("users.info")) == 2)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.error("missing_scope"), "missing_scope"),
        (Fault.rate_limit(), "ratelimited"),
        (Fault.malformed_before(), ""),
        (Fault.delay(5), "TimeoutError"),
    ],
)
def test_failed_user_lookup_allows_only_reading(harness: BotHarness, fault: Fault, reason: str) -> None:
    """Refuse to record, let everybody read, and trust a lookup of the last hour."""
    harness.execute("DELETE FROM members WHERE user_id = 'U0ADMIN'")
    harness.bot.connections.close()  # on one that was kept the call is made again
    harness.slack.faults.add("users.info", fault)
    refused = harness.admin.types("/aid-update GG-1 note two")

    assert refused.text.startswith("I couldn't check with Slack whether you can do this")
    assert reason in refused.text
    assert not refused.error  # answered within three seconds
    assert harness.admin.types("/aid-status GG-1").text.startswith("GG-1")
    assert harness.second.types("/aid-update GG-2 note three").text.startswith("Recorded")
    harness.alerts()  # what is on its way tells the time of before
    harness.clock.forward(seconds=11)
    assert harness.admin.types("/aid-update GG-1 note two").text.startswith("Recorded")


def test_unknown_user_counts_as_another_organisation(harness: BotHarness) -> None:
    harness.execute("DELETE FROM members")
    harness.slack.faults.add("users.info", Fault.error("user_not_found"))

    assert harness.admin.types("/aid-update GG-1 note x").text.startswith("Only members of this bot's workspace")


def test_permissions_page_equals_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run .venv/bin/python -m tests.tools.permissions_page"
