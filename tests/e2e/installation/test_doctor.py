"""``python -m bot doctor``: reports what is missing and what to do, and changes nothing."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from bot.doctor.doctor import examine
from bot.doctor.slack_checks import CheckResult, Level
from bot.doctor.validation import validate
from bot.installation.manifest import OPTIONAL, SCOPES, manifest
from bot.slack_emulator import EmulatorServer, Fault, SlackEmulator, demo_workspace
from bot.slack_emulator.state.installation import CONFIG_TOKEN
from db.database import Database
from db.maintenance.migrate import migrate
from tests.support.process import Run

CHECKS = (
    "language data", "settings", "files", "database", "write access", "migrations", "record", "bot token", "scopes", "clock",
    "Socket Mode", "admins", "channels",
)  # fmt: skip


@dataclass
class DoctorSetup:
    """An emulator, a record, and the settings that connect them."""

    slack: SlackEmulator
    environment: dict[str, str]

    def findings(self, *, ahead: timedelta = timedelta()) -> list[CheckResult]:
        return list(examine(self.environment, lambda: datetime.now(UTC) + ahead))

    def wrong(self, **how: timedelta) -> dict[str, str]:
        return {each.about: each.message for each in self.findings(**how) if each.level is Level.WRONG}


@pytest.fixture
def setup(seeded_file: Path, tmp_path: Path) -> Iterator[DoctorSetup]:
    shutil.copy(seeded_file, tmp_path / "aid.db")
    (tmp_path / "aid.db").chmod(0o600)
    slack = demo_workspace()
    slack.install(manifest())
    with EmulatorServer(slack, page=False) as server:
        yield DoctorSetup(
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
    slack.app = replace(slack.app, scopes=frozenset(scopes))


def test_file_that_others_can_read_is_wrong(
    setup: DoctorSetup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = ("aid.db", "aid.db-wal", "aid.db.at-0002", ".env")
    for name in names:
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o640)
    files = setup.wrong()["files"].partition("`chmod 600 ")[2].removesuffix("`.").split()
    assert {Path(each).name for each in files} == set(names)


def test_doctor_of_a_sound_setup_reports_ok(setup: DoctorSetup) -> None:
    findings = setup.findings()

    assert {each.about: str(each.level) for each in findings} == dict.fromkeys(CHECKS, "ok")
    reading = {"auth.test", "apps.connections.open", "users.info", "conversations.info"}
    assert {call.method for call in setup.slack.calls()} <= reading


def test_doctor_explains_a_missing_scope_and_notes_an_unneeded_one(setup: DoctorSetup) -> None:
    for scope in SCOPES:
        grant(setup.slack, set(SCOPES) - {scope})
        explained = f"{scope} is missing ({SCOPES[scope]}); paste `python -m bot manifest`"
        level = Level.NOTE if scope in OPTIONAL else Level.WRONG
        assert any(each.level is level and each.message.startswith(explained) for each in setup.findings())
    grant(setup.slack, {*SCOPES, "reactions:write"})

    assert setup.wrong() == {}
    assert any(each.message.startswith("more than the bot uses: reactions:write") for each in setup.findings())


def test_doctor_reports_a_wrong_clock(setup: DoctorSetup) -> None:
    assert setup.wrong(ahead=timedelta(minutes=10))["clock"].endswith(
        "s ahead of Slack's. Turn on time synchronisation."
    )
    assert "behind Slack's" in setup.wrong(ahead=-timedelta(minutes=10))["clock"]


def no_app_token(setup: DoctorSetup) -> None:
    setup.slack.faults.add("apps.connections.open", Fault.error("not_allowed_token_type"))


def channel(**values: object) -> Callable[[DoctorSetup], None]:
    def change(setup: DoctorSetup) -> None:
        setup.slack.store.put_channel(replace(setup.slack.store.channels["C0ALERTS"], **values))

    return change


def setting(**values: str) -> Callable[[DoctorSetup], None]:
    return lambda setup: setup.environment.update(values)


TROUBLE: dict[str, tuple[Callable[[DoctorSetup], None], str, str]] = {
    "a token that is none": (setting(SLACK_BOT_TOKEN="nonsense"), "settings", "does not begin with xoxb-. Copy it"),
    "a token that Slack does not know": (
        setting(SLACK_BOT_TOKEN="xoxb-old"),
        "bot token",
        "Slack says invalid_auth. Copy the token anew from “OAuth & Permissions” into SLACK_BOT_TOKEN.",
    ),
    "a Slack that is not there": (setting(SLACK_API_URL="http://127.0.0.1:9/api/"), "bot token", "Check the network"),
    "an app token of another kind": (no_app_token, "Socket Mode", "not_allowed_token_type. Switch it on for the app"),
    "a channel that was archived": (
        channel(archived=True),
        "channels",
        "If the app does not get channel_archive, paste",
    ),
    "a channel that the bot was put out of": (
        channel(members=frozenset({"U0ADMIN"})),
        "channels",
        "Type `/invite @aid-status` there",
    ),
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
def test_doctor_says_what_to_do(setup: DoctorSetup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.chdir(tmp_path)
    cause, about, sentence = TROUBLE[what]
    cause(setup)

    assert sentence in setup.wrong()[about]
    assert not (tmp_path / "none-yet.db").exists()


def test_doctor_reports_a_read_only_database(setup: DoctorSetup, postgres_url: str) -> None:
    owner = Database(postgres_url)
    with owner.writing() as session:
        session.execute(text("DROP ROLE IF EXISTS onlooker"))
        session.execute(text("CREATE ROLE onlooker LOGIN"))
    setup.environment["DATABASE_URL"] = make_url(postgres_url).set(username="onlooker").render_as_string()
    try:
        assert "give it CREATE on the schema (PostgreSQL)" in setup.wrong()["write access"]
        assert "Give the bot's user the tables" in setup.wrong()["migrations"]
    finally:
        with owner.writing() as session:
            session.execute(text("DROP ROLE onlooker"))
        owner.close()


def test_doctor_reports_another_schema_version(setup: DoctorSetup, tmp_path: Path) -> None:
    old = setup.environment["DATABASE_URL"] = f"sqlite:///{tmp_path / 'old.db'}"
    database = Database(old)
    migrate(database, to="0001")
    assert "Run `python -m bot migrate` first." in setup.wrong()["migrations"]

    migrate(database)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert "revision 9999, which this version of the bot does not know" in setup.wrong()["migrations"]


def test_doctor_has_slack_validate_manifests_and_screens(setup: DoctorSetup, monkeypatch: pytest.MonkeyPatch) -> None:
    def results(token: str, *, screens: bool = False) -> list[CheckResult]:
        return list(validate({**setup.environment, "SLACK_CONFIG_TOKEN": token}, manifests=True, screens=screens))

    setup.slack.faults.add("blocks.validate", Fault.rate_limit(0))
    found = results(CONFIG_TOKEN, screens=True)
    assert [(str(each.level), each.about) for each in found[:4]] == [
        ("ok", f"manifest {name}") for name in ("for Socket Mode", "--http", "--workspaces", "--workflow-step")
    ]
    assert [str(each)[:27] for each in found[4:]] == ["ok    screens: Slack looked"] * 2
    kinds = {
        json.loads(call.args["view"])["type"] if "view" in call.args else "message"
        for call in setup.slack.calls("blocks.validate")
    }
    assert kinds == {"message", "modal", "home"}
    assert setup.slack.calls("chat.postMessage") == []

    assert "is not set" in results("")[0].message
    assert results("xoxb-emulator")[0].message == "Slack says not_allowed_token_type."
    broken = {**manifest(), "settings": {**manifest()["settings"], "socket_mode_enabled": False}}
    monkeypatch.setattr("bot.doctor.validation.manifest", lambda *_, **__: broken)
    assert results(CONFIG_TOKEN)[0].message.startswith("Slack says invalid_manifest; /settings/event_subscriptions: ")
    monkeypatch.setattr("bot.doctor.validation._screens", lambda _language: [("blocks", '[{"type": "none"}]')])
    assert "invalid_blocks; /: " in results(CONFIG_TOKEN, screens=True)[4].message


def test_doctor_command_ends_with_the_problems(setup: DoctorSetup, run: Run) -> None:
    well = run("doctor", **setup.environment)
    assert (well.code, well.out.endswith("\nAll is well.\n")) == (0, True)
    grant(setup.slack, set(SCOPES) - {"users:read"})
    wrong = run("doctor", **setup.environment)
    assert wrong.code == 1
    assert "\nwrong scopes: users:read is missing" in wrong.out
    assert wrong.out.endswith("\n1 to put right.\n")
