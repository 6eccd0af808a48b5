"""``python -m bot doctor``: says what is missing and what to do, and changes nothing."""

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from bot.cli import main
from bot.doctor.doctor import examine
from bot.doctor.result import CheckResult, Level
from bot.installation.manifest import SCOPES, manifest
from bot.slack_emulator import EmulatorServer, Fault, SlackEmulator, demo_workspace
from db.database import Database
from db.maintenance.migrate import migrate
from tests.support.harness import seed_copy


@dataclass
class Ward:
    """A Slack, a record, and the settings that bring them together."""

    slack: SlackEmulator
    environment: dict[str, str]

    def findings(self, *, ahead: timedelta = timedelta()) -> list[CheckResult]:
        return list(examine(self.environment, lambda: datetime.now(UTC) + ahead))

    def wrong(self, **how: timedelta) -> dict[str, str]:
        return {each.about: each.message for each in self.findings(**how) if each.level is Level.WRONG}


@pytest.fixture
def ward(sqlite_template: Path, tmp_path: Path) -> Iterator[Ward]:
    seed_copy(sqlite_template, tmp_path / "aid.db")
    slack = demo_workspace()
    slack.install(manifest())
    with EmulatorServer(slack, page=False) as server:
        yield Ward(
            slack,
            {
                "SLACK_BOT_TOKEN": "xoxb-emulator",
                "SLACK_APP_TOKEN": "xapp-emulator",
                "SLACK_API_URL": server.base_url,
                "DATABASE_URL": f"sqlite:///{tmp_path / 'aid.db'}",
                "AID_ADMINS": "U0ADMIN",
            },
        )


def grant(slack: SlackEmulator, scopes: set[str]) -> None:
    slack.site.app = replace(slack.site.app, scopes=frozenset(scopes))


def test_all_is_well(ward: Ward) -> None:
    findings = ward.findings()

    assert {each.about: str(each.level) for each in findings} == dict.fromkeys(
        (
            "language data",
            "settings",
            "database",
            "write access",
            "migrations",
            "record",
            "bot token",
            "scopes",
            "clock",
            "Socket Mode",
            "admins",
            "channels",
        ),
        "ok",
    )
    assert ward.slack.calls("chat.postMessage") == []
    assert not [
        call
        for call in ward.slack.calls()
        if call.method
        not in {
            "auth.test",
            "apps.connections.open",
            "users.info",
            "conversations.info",
        }
    ]


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_that_is_missing_is_named_with_what_it_is_for(ward: Ward, scope: str) -> None:
    grant(ward.slack, set(SCOPES) - {scope})

    said = ward.wrong()["scopes"]
    assert said.startswith(f"{scope} is missing ({SCOPES[scope]}); paste `python -m bot manifest`")


def test_a_scope_too_many_is_said_and_harms_nothing(ward: Ward) -> None:
    grant(ward.slack, {*SCOPES, "reactions:write"})

    assert ward.wrong() == {}
    assert any(each.message.startswith("more than the bot uses: reactions:write") for each in ward.findings())


def test_a_clock_that_is_off(ward: Ward) -> None:
    assert ward.wrong(ahead=timedelta(minutes=10))["clock"].endswith(
        "s ahead of Slack's. Turn on time synchronisation."
    )
    assert "behind Slack's" in ward.wrong(ahead=-timedelta(minutes=10))["clock"]


def no_app_token(ward: Ward) -> None:
    ward.slack.faults.add("apps.connections.open", Fault.error("not_allowed_token_type"))


def archived(ward: Ward) -> None:
    channels = ward.slack.store.channels
    channels["C0ALERTS"] = replace(channels["C0ALERTS"], archived=True)


def not_in_it(ward: Ward) -> None:
    channels = ward.slack.store.channels
    channels["C0ALERTS"] = replace(channels["C0ALERTS"], members=frozenset({"U0ADMIN"}))


def setting(**given: str) -> Callable[[Ward], None]:
    return lambda ward: ward.environment.update(given)


TROUBLE: dict[str, tuple[Callable[[Ward], None], str, str]] = {
    "a token that is none": (setting(SLACK_BOT_TOKEN="nonsense"), "settings", "does not begin with xoxb-. Copy it"),
    "a token that Slack does not know": (
        setting(SLACK_BOT_TOKEN="xoxb-old"),
        "bot token",
        "Slack says invalid_auth. Copy the token anew from “OAuth & Permissions” into SLACK_BOT_TOKEN.",
    ),
    "a Slack that is not there": (setting(SLACK_API_URL="http://127.0.0.1:9/api/"), "bot token", "Check the network"),
    "an app token of another kind": (no_app_token, "Socket Mode", "not_allowed_token_type. Switch it on for the app"),
    "a channel that was archived": (archived, "channels", "C0ALERTS: it is archived. Unarchive it"),
    "a channel that the bot was put out of": (not_in_it, "channels", "Type `/invite @aid-status` there"),
    "an admin whom nobody knows": (setting(AID_ADMINS="U0NOBODY"), "admins", "U0NOBODY: Slack says user_not_found."),
    "an admin who is a guest": (setting(AID_ADMINS="U0GUEST"), "admins", "U0GUEST is a guest, who may not record."),
    "no admin": (setting(AID_ADMINS=""), "admins", "nobody may record. Put your own Slack user id into AID_ADMINS"),
    "a folder that is not there": (setting(DATABASE_URL="sqlite:////no/such/aid.db"), "folder", "Make it, or put"),
    "no database yet": (setting(DATABASE_URL="sqlite:///none-yet.db"), "migrations", "Run `python -m bot migrate`."),
    "a server that is not there": (
        setting(DATABASE_URL="postgresql+psycopg://aid@127.0.0.1:1/aid"),
        "database",
        "Check DATABASE_URL, and that the server runs.",
    ),
}


@pytest.mark.parametrize("what", TROUBLE)
def test_what_to_do_is_said(ward: Ward, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.chdir(tmp_path)
    bring_about, about, said = TROUBLE[what]
    bring_about(ward)

    assert said in ward.wrong()[about]
    assert not (tmp_path / "none-yet.db").exists()


def test_a_database_that_cannot_be_written_to(ward: Ward, postgres_url: str) -> None:
    owner = Database(postgres_url)
    with owner.writing() as session:
        session.execute(text("DROP ROLE IF EXISTS onlooker"))
        session.execute(text("CREATE ROLE onlooker LOGIN"))
    ward.environment["DATABASE_URL"] = make_url(postgres_url).set(username="onlooker").render_as_string()
    try:
        assert "give it CREATE on the schema (PostgreSQL)" in ward.wrong()["write access"]
        assert "Give the bot's user the tables" in ward.wrong()["migrations"]
    finally:
        with owner.writing() as session:
            session.execute(text("DROP ROLE onlooker"))
        owner.close()


def test_a_database_of_an_older_and_of_a_newer_version(ward: Ward, tmp_path: Path) -> None:
    old = ward.environment["DATABASE_URL"] = f"sqlite:///{tmp_path / 'old.db'}"
    database = Database(old)
    migrate(database, to="0001")
    assert "Run `python -m bot migrate` first." in ward.wrong()["migrations"]

    migrate(database)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert "revision 9999, which this version of the bot does not know" in ward.wrong()["migrations"]


def test_the_command_ends_with_what_is_to_be_put_right(
    ward: Ward, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [each for each in os.environ if each.startswith(("SLACK_", "AID_", "DATABASE_URL"))]:
        monkeypatch.delenv(name)
    for name, value in ward.environment.items():
        monkeypatch.setenv(name, value)
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    try:
        assert main(["doctor"]) == 0
        assert capsys.readouterr().out.endswith("\nAll is well.\n")
        grant(ward.slack, set(SCOPES) - {"users:read"})
        assert main(["doctor"]) == 1
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
    said = capsys.readouterr().out
    assert "\nwrong scopes: users:read is missing" in said
    assert said.endswith("\n1 to put right.\n")
