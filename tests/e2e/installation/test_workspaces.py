"""Several workspaces: each installs the bot by itself, is answered with its own token, and may leave."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from bot.cli import main
from bot.doctor.doctor import examine
from bot.installation.manifest import SCOPES
from bot.slack_emulator import Fault
from db.database import Database
from db.maintenance.seed import seed_article
from db.models import Delivery
from db.subscriptions.subscriptions import subscribe
from tests.support.harness import START, run_bot
from tests.support.two_workspaces import FIRST, SECOND, Both, open_both, several_environment

SOCKETS = {"SLACK_APP_TOKEN": "xapp-emulator"}


@pytest.fixture
def postgres_record(postgres_url: str) -> str:
    """The 17 projects and the first workspace's channel, on PostgreSQL."""
    database = Database(postgres_url)
    with database.writing() as session:
        seed_article(session, now=START - timedelta(days=2))
        subscribe(session, FIRST, "C0ALERTS", "U0ADMIN", "", "en", now=START - timedelta(days=1))
    database.close()
    return postgres_url


@pytest.fixture
def both(seeded_url: str) -> Iterator[Both]:
    with open_both(seeded_url) as running:
        yield running


@pytest.fixture
def installed(both: Both) -> Both:
    for team in (FIRST, SECOND):
        assert both.install(team).status == 200
    return both


def states(both: Both, team: str) -> list[tuple[str, str | None]]:
    found = select(Delivery.state, Delivery.reason).where(Delivery.team_id == team)
    with both.database.reading() as session:
        return [(state, reason) for state, reason in session.execute(found)]


@pytest.mark.parametrize(
    ("record", "more"),
    [("seeded_url", {}), ("seeded_url", SOCKETS), ("postgres_record", {})],
    ids=["HTTP", "Socket Mode", "PostgreSQL"],
)
def test_two_workspaces_from_the_first_install_to_a_second_one(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, record: str, more: dict[str, str]
) -> None:
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")  # in the environment and not in .env, where Bolt looks by itself
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "emulator-client-secret")
    with open_both(request.getfixturevalue(record), **more) as both:
        page = both.install(FIRST)
        assert (page.status, "The bot works in Aid circle now." in page.text) == (200, True)
        assert "이제 워크스페이스 Second circle에서" in both.install(SECOND, "ko-KR,ko;q=0.9").text

        # a command in each, answered with its token
        assert "17" in both.admin.types("/aid-status").text
        assert "17" in both.over_there.types("/aid-status").text
        assert "alerts" in both.over_there.types("/aid-alerts on", channel="#aid-alerts").text

        # one admin's update, told in both
        both.admin.types("/aid-update GG-1 note first")
        both.wait(lambda: not both.queued())
        for slack in (both.slack, both.second_slack):
            assert any("GG-1" in each.text for each in slack.messages("#aid-alerts")), slack.store.team

        # the first workspace leaves; the other one is told, and what the first misses waits
        both.directory.uninstall(FIRST)
        assert both.bot.workspaces.teams() == [SECOND]
        both.over_there.types("/aid-update GG-2 note second")
        both.wait(lambda: not both.queued())
        assert any("GG-2" in each.text for each in both.second_slack.messages("#aid-alerts"))
        assert not any("GG-2" in each.text for each in both.slack.messages("#aid-alerts"))
        assert ("blocked", "not_authed") in states(both, FIRST)
        assert {state for state, _ in states(both, SECOND)} == {"sent"}
        assert "installation of the bot has ended" in both.admin.types("/aid-status").text

        # it comes back, and so does what waited
        both.install(FIRST)
        both.wait(lambda: not both.queued())
        assert any("GG-2" in each.text for each in both.slack.messages("#aid-alerts"))
        assert "17" in both.admin.types("/aid-status").text


def test_two_revocations_late_and_of_somebody_else_change_nothing(installed: Both) -> None:
    """What Slack tells again after a workspace has come back is about the token before."""
    installed.directory.uninstall(FIRST)
    (told, *_) = [each for each in installed.slack.traffic_log.sent("events_api") if each.summary == "app_uninstalled"]
    installed.clock.forward(seconds=2)
    installed.install(FIRST)
    installed.wait(lambda: installed.slack.redeliver(told).acked)  # signed anew in the next second
    assert installed.bot.workspaces.teams() == [FIRST, SECOND]
    installed.slack.event({"type": "tokens_revoked", "tokens": {"oauth": ["U0MEMBER"]}})
    assert installed.bot.workspaces.teams() == [FIRST, SECOND]
    installed.slack.event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0BOT"]}})
    assert installed.bot.workspaces.teams() == [SECOND]


def test_a_failure_is_told_to_the_admins_of_its_own_workspace(installed: Both) -> None:
    """AID_ADMINS lists people of both; nobody is looked for where they are not."""
    installed.over_there.types("/aid-alerts on", channel="#aid-alerts")
    installed.second_slack.faults.add("chat.postMessage", Fault.error("some_new_error"))
    installed.over_there.types("/aid-update GG-1 note hello")
    installed.wait(lambda: not installed.queued())

    told = [call.args["channel"] for call in installed.second_slack.calls("chat.postMessage") if not call.error]
    assert told == ["U1ADMIN"]
    assert {state for state, _ in states(installed, SECOND)} == {"failed", "sent"}
    assert {state for state, _ in states(installed, FIRST)} == {"sent"}


def test_an_admin_of_one_workspace_is_none_in_the_other(installed: Both) -> None:
    installed.second_slack.store.add_user(replace(installed.slack.store.users["U0ADMIN"], id="U0ADMIN"))
    installed.second_slack.invite("#general", "U0ADMIN")
    guest = type(installed.admin)(installed.second_slack, "U0ADMIN")

    assert "Only people of the workspace" in guest.types("/aid-update GG-1 note hello").text


def test_the_doctor_looks_at_each_workspace(seeded_url: str) -> None:
    with open_both(seeded_url) as both:
        environment = several_environment(
            both.server.base_url,
            seeded_url,
            AID_TOKEN_KEY=both.settings.token_keys[0],
            AID_ADMINS="U0ADMIN,U1ADMIN,U9NOBODY",
            AID_WORKSPACES="T0LOOP,T0SECOND",
        )

        def said() -> dict[str, str]:
            found = examine(environment, lambda: datetime.now(UTC))
            return {each.about: str(each) for each in found if each.about not in {"clock", "language data"}}

        assert said()["workspaces"].startswith(
            "note  workspaces: none has installed the bot yet; start it and open /slack/"
        )
        both.install(FIRST)
        both.install(SECOND)
        both.second_slack.site.app = replace(both.second_slack.app, scopes=frozenset(SCOPES) - {"im:write"})
        found = said()
        assert found["workspaces"] == "ok    workspaces: 2 have installed the bot"
        assert found["T0LOOP, bot token"].startswith("ok ")
        assert found["T0LOOP, scopes"].startswith("ok ")
        assert found["T0LOOP, admins"] == "ok    T0LOOP, admins: 1"
        assert found["T0SECOND, scopes"].startswith("wrong T0SECOND, scopes: im:write is missing")
        assert found["T0SECOND, admins"] == "ok    T0SECOND, admins: 1"
        assert found["admins"].startswith("wrong admins: U9NOBODY is in none of the workspaces.")
        both.directory.retire(both.slack)
        assert "account_inactive. Install the bot there again, at /slack/install." in said()["T0LOOP, bot token"]
        assert "invited" not in said()
        environment["AID_WORKSPACES"] = ""
        assert said()["invited"].startswith("note  invited: any workspace that knows the address")
        environment["AID_TOKEN_KEY"] = Fernet.generate_key().decode()
        assert said()["token key"].startswith(
            "wrong token key: The workspaces' tokens cannot be read with AID_TOKEN_KEY."
        )


def test_a_wrong_key_ends_the_start_in_a_sentence(
    seeded_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_both(seeded_url) as both:
        both.install(FIRST)
        environment = several_environment(both.server.base_url, seeded_url)
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(["run"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if "Traceback" in line] == []
    assert said[-1].startswith("The workspaces' tokens cannot be read with AID_TOKEN_KEY. Put the key back")


def test_one_workspace_that_removes_the_bot_is_told_of_in_the_log(
    seeded_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with run_bot(seeded_url) as harness:
        told = harness.slack.event({"type": "app_uninstalled"})
    assert told
    assert told.acked
    assert f"workspace {FIRST} removed the bot at 2026-02-10T15:00:0" in caplog.text
