"""Several workspaces: each installs the bot, is answered with its own token, and may remove it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from bot.doctor.doctor import examine
from bot.installation.manifest import SCOPES
from bot.slack_emulator import Fault
from db.models import Delivery
from tests.support.harness import run_bot, seed
from tests.support.process import Run
from tests.support.two_workspaces import FIRST, SECOND, TwoWorkspaces, open_both, several_environment

SOCKETS = {"SLACK_APP_TOKEN": "xapp-emulator"}


@pytest.fixture
def postgres_record(postgres_url: str) -> str:
    """Return the 17 projects and the first workspace's channel on PostgreSQL."""
    seed(postgres_url)
    return postgres_url


@pytest.fixture
def both(seeded_url: str) -> Iterator[TwoWorkspaces]:
    with open_both(seeded_url) as running:
        yield running


@pytest.fixture
def installed(both: TwoWorkspaces) -> TwoWorkspaces:
    for team in (FIRST, SECOND):
        assert both.install(team).status == 200
    return both


def states(both: TwoWorkspaces, team: str) -> list[tuple[str, str | None]]:
    query = select(Delivery.state, Delivery.reason).where(Delivery.team_id == team)
    with both.database.reading() as session:
        return [(state, reason) for state, reason in session.execute(query)]


@pytest.mark.parametrize(
    ("record", "more"),
    [("seeded_url", {}), ("seeded_url", SOCKETS), ("postgres_record", {})],
    ids=["HTTP", "Socket Mode", "PostgreSQL"],
)
def test_two_workspaces_install_use_and_remove_the_bot(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, record: str, more: dict[str, str]
) -> None:
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")  # in the environment and not in .env, where Bolt looks on its own
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "emulator-client-secret")
    with open_both(request.getfixturevalue(record), **more) as both:
        page = both.install(FIRST)
        assert (page.status, "The bot is now in Aid circle." in page.text) == (200, True)
        assert "이제 워크스페이스 Second circle에서" in both.install(SECOND, "ko-KR,ko;q=0.9").text

        # a command in each, answered with its token
        assert "17" in both.admin.types("/aid-status").text
        assert "17" in both.second_admin.types("/aid-status").text
        assert "alerts" in both.second_admin.types("/aid-alerts on", channel="#aid-alerts").text

        # one admin's update, told in both
        both.admin.types("/aid-update GG-1 note first")
        both.wait(lambda: not both.queued())
        for slack in (both.slack, both.second_slack):
            assert any("GG-1" in each.text for each in slack.messages("#aid-alerts")), slack.store.team

        # the first workspace removes the bot; the other still gets alerts, and those of the first wait
        both.directory.uninstall(FIRST)
        assert both.bot.workspaces.teams() == [SECOND]
        both.second_admin.types("/aid-update GG-2 note second")
        both.wait(lambda: not both.queued())
        assert any("GG-2" in each.text for each in both.second_slack.messages("#aid-alerts"))
        assert not any("GG-2" in each.text for each in both.slack.messages("#aid-alerts"))
        assert ("blocked", "not_authed") in states(both, FIRST)
        assert {state for state, _ in states(both, SECOND)} == {"sent"}
        assert "the bot is no longer installed" in both.admin.types("/aid-status").text

        # it comes back, and so does what waited
        both.install(FIRST)
        both.wait(lambda: not both.queued())
        assert any("GG-2" in each.text for each in both.slack.messages("#aid-alerts"))
        assert "17" in both.admin.types("/aid-status").text


def test_late_or_foreign_revocations_change_nothing(installed: TwoWorkspaces) -> None:
    """Slack repeats an event of the earlier token after the workspace has installed the bot again."""
    installed.directory.uninstall(FIRST)
    (event, *_) = [each for each in installed.slack.traffic_log.sent("events_api") if each.summary == "app_uninstalled"]
    installed.clock.forward(seconds=2)
    installed.install(FIRST)
    installed.wait(lambda: installed.slack.redeliver(event).acked)  # signed again in the next second
    assert installed.bot.workspaces.teams() == [FIRST, SECOND]
    installed.slack.event({"type": "tokens_revoked", "tokens": {"oauth": ["U0MEMBER"]}})
    assert installed.bot.workspaces.teams() == [FIRST, SECOND]
    installed.slack.event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0BOT"]}})
    assert installed.bot.workspaces.teams() == [SECOND]


def test_failure_notice_goes_to_admins_of_its_workspace(installed: TwoWorkspaces) -> None:
    """AID_ADMINS lists people of both workspaces; each is looked up only in their own."""
    installed.second_admin.types("/aid-alerts on", channel="#aid-alerts")
    installed.second_slack.faults.add("chat.postMessage", Fault.error("some_new_error"))
    installed.second_admin.types("/aid-update GG-1 note hello")
    installed.wait(lambda: not installed.queued())

    notified = [call.args["channel"] for call in installed.second_slack.calls("chat.postMessage") if not call.error]
    assert notified == ["U1ADMIN"]
    assert {state for state, _ in states(installed, SECOND)} == {"failed", "sent"}
    assert {state for state, _ in states(installed, FIRST)} == {"sent"}


def test_each_workspace_sees_what_was_changed_for_all_and_its_own_messages(installed: TwoWorkspaces) -> None:
    installed.second_admin.types("/aid-admin withhold GG-2")
    installed.second_admin.types("/aid-admin reminders hold off")
    installed.second_admin.types("/aid-alerts on", channel="#aid-alerts")
    installed.slack.kick("#aid-alerts")
    installed.admin.types("/aid-update GG-1 note hello")
    installed.wait(lambda: not installed.queued())

    audit = installed.admin.types("/aid-admin audit").text
    assert "U1ADMIN of workspace T0SECOND withheld the name of GG-2" in audit
    assert "U1ADMIN of workspace T0SECOND changed reminder timing" in audit
    assert "turned on alerts" not in audit
    assert "turned on alerts: #aid-alerts" in installed.second_admin.types("/aid-admin audit").text
    installed.second_admin.sees_home("none waiting or failed")


def test_admin_of_one_workspace_is_none_in_the_other(installed: TwoWorkspaces) -> None:
    installed.second_slack.store.add_user(replace(installed.slack.store.users["U0ADMIN"], id="U0ADMIN"))
    installed.second_slack.invite("#general", "U0ADMIN")
    guest = type(installed.admin)(installed.second_slack, "U0ADMIN")

    assert "Only members of this bot's workspace" in guest.types("/aid-update GG-1 note hello").text


def test_doctor_checks_each_workspace(seeded_url: str) -> None:
    with open_both(seeded_url) as both:
        environment = several_environment(
            both.server.base_url,
            seeded_url,
            AID_TOKEN_KEY=both.settings.token_keys[0],
            AID_ADMINS="U0ADMIN,U1ADMIN,U9NOBODY",
            AID_WORKSPACES="T0LOOP,T0SECOND",
        )

        def findings() -> dict[str, str]:
            results = examine(environment, lambda: datetime.now(UTC))
            return {each.about: str(each) for each in results if each.about not in {"clock", "language data"}}

        assert findings()["workspaces"].startswith(
            "note  workspaces: none has installed the bot yet; start it and open /slack/"
        )
        both.install(FIRST)
        both.install(SECOND)
        both.second_slack.app = replace(both.second_slack.app, scopes=frozenset(SCOPES) - {"im:write"})
        results = findings()
        assert results["workspaces"] == "ok    workspaces: 2 have installed the bot"
        assert results["T0LOOP, bot token"].startswith("ok ")
        assert results["T0LOOP, scopes"].startswith("ok ")
        assert results["T0LOOP, admins"] == "ok    T0LOOP, admins: 1"
        assert results["T0SECOND, scopes"].startswith("wrong T0SECOND, scopes: im:write is missing")
        assert results["T0SECOND, admins"] == "ok    T0SECOND, admins: 1"
        assert results["admins"].startswith("wrong admins: U9NOBODY is in none of the workspaces.")
        both.directory.retire(both.slack)
        assert "account_inactive. Install the bot there again, at /slack/install." in findings()["T0LOOP, bot token"]
        assert "invited" not in findings()
        environment["AID_WORKSPACES"] = ""
        assert findings()["invited"].startswith("note  invited: any workspace that knows the address")
        environment["AID_TOKEN_KEY"] = Fernet.generate_key().decode()
        assert findings()["token key"].startswith(
            "wrong token key: The workspaces' tokens cannot be read with AID_TOKEN_KEY."
        )


def test_start_with_a_wrong_key_ends_in_a_sentence(seeded_url: str, run: Run) -> None:
    with open_both(seeded_url) as both:
        both.install(FIRST)
        environment = several_environment(both.server.base_url, seeded_url)
    ran = run("run", **environment)
    output = ran.err.splitlines()
    assert ran.code == 1
    assert [line for line in output if "Traceback" in line] == []
    assert output[-1].startswith("The workspaces' tokens cannot be read with AID_TOKEN_KEY. Put the key back")


def test_removal_by_a_single_workspace_is_logged(seeded_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with run_bot(seeded_url) as harness:
        ack = harness.slack.event({"type": "app_uninstalled"})
    assert ack
    assert ack.acked
    assert f"workspace {FIRST} removed the bot at 2026-02-10T15:00:0" in caplog.text
