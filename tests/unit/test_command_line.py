"""The command line: results on stdout, everything else on stderr, exit code 0 or not."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from bot.__main__ import start
from bot.installation.manifest import manifest
from db.database import Database
from db.maintenance.migrate import migrate
from db.maintenance.seed import seed_article
from handlers.exports.writers import KINDS
from tests.support.process import Output, Run, running

ALL_WELL = "All is well: 17 projects, 5 updates and 0 messages were checked.\n"


@pytest.fixture(scope="session")
def seeded_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("seeded") / "aid-status.db"))
    database = Database(f"sqlite:///{path}")
    with database.writing() as session:
        seed_article(session, now=datetime.now(UTC))
    database.close()
    return path


@pytest.fixture
def seeded(seeded_template: Path, tmp_path: Path) -> Path:
    """Put a record of the 17 projects where the commands look for it."""
    return Path(shutil.copy(seeded_template, tmp_path))


def execute(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement).fetchall()


def test_migrate_creates_the_database_once_and_completes_the_council(run: Run, tmp_path: Path) -> None:
    first = run("migrate")
    execute(tmp_path / "aid-status.db", "DELETE FROM council_members WHERE code = 'AT'")
    second = run("migrate")
    assert (first.code, second.code, first.err, second.err) == (0, 0, "", "")
    assert first.out.startswith("Migrated from nothing to ")
    assert second.out.startswith("The database is at revision ")
    found = execute(tmp_path / "aid-status.db", "SELECT since, until FROM council_members WHERE code = 'AT'")
    assert found == [("2027-01-01", "2028-12-31")]


def test_seed_twice_inserts_once(run: Run) -> None:
    for projects, members in ((17, 60), (0, 0)):
        sentence = f"{projects} projects and {members} Council memberships were new; nobody was alerted.\n"
        assert run("seed") == Output(0, sentence, "")


def test_check_reports_inconsistencies(run: Run, seeded: Path) -> None:
    assert run("check") == Output(0, ALL_WELL, "")
    execute(seeded, "UPDATE standings SET headline = 'approved' WHERE project_id = 1")
    output = run("check")
    assert (output.code, output.err) == (1, "")
    assert output.out.startswith("GG-1: the stored standing differs from its updates\n")


def test_backup_writes_a_valid_copy(run: Run, seeded: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert run("backup", str(copy)) == Output(0, f"Copied to {copy}: 5 acts, 5 updates, 0 messages.\n", "")
    assert run("check", DATABASE_URL=f"sqlite:///{copy}").out == ALL_WELL
    assert run("backup", str(copy)) == Output(1, "", f"{copy} already exists. Choose another name.\n")
    execute(seeded, "DELETE FROM standings WHERE project_id = 1")
    output = run("backup", "damaged.db")
    assert (output.code, output.err) == (1, "")
    assert output.out.splitlines()[1:3] == [
        "The copy is kept, but `check` finds something in it, as it would in the original:",
        "GG-1: the stored standing differs from its updates",
    ]
    assert (tmp_path / "damaged.db").exists()


def unable(command: list[str]) -> int:
    """Return the exit code of a command that could not do its work; that of `check` differs from having found something."""
    return 2 if command == ["check"] else 1


@pytest.mark.parametrize("command", [["check"], ["backup", "copy.db"], ["export", "a.csv"]])
def test_command_without_a_database_names_migrate(run: Run, tmp_path: Path, command: list[str]) -> None:
    sentence = "There is no database aid-status.db yet. Run `python -m bot migrate` first.\n"
    assert run(*command) == Output(unable(command), "", sentence)
    assert not list(tmp_path.glob("*.db"))


@pytest.mark.parametrize("command", [["migrate"], ["seed"], ["check"], ["backup", "copy.db"]])
def test_unusable_database_and_settings_are_told_in_words(run: Run, tmp_path: Path, command: list[str]) -> None:
    unusable = "The database cannot be used: {}. Check DATABASE_URL.\n"
    output = run(*command, DATABASE_URL="sqlite:///no/such/folder/aid.db")
    assert output == Output(unable(command), "", unusable.format("unable to open database file"))
    (tmp_path / "aid-status.db").write_bytes(b"PK" * 4096)
    assert run(*command) == Output(unable(command), "", unusable.format("file is not a database"))
    for each in (command, ["run"], ["demo"]):
        output = run(*each, AID_LANGUAGE="fr", PORT="x")
        assert (output.code, output.out) == (unable(each), "")
        assert output.err.startswith("Invalid configuration:\n- ")
        assert "- AID_LANGUAGE is “fr”; it takes en or ko.\n" in output.err
        assert "- PORT is “x”; it takes a number up to 65535.\n" in output.err


def test_environment_overrides_the_settings_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=sqlite:///from-file.db\n", encoding="utf-8")
    assert "no database from-file.db" in run("check").err
    assert "no database from-environment.db" in run("check", DATABASE_URL="sqlite:///from-environment.db").err


def test_manifest_is_json_and_needs_no_settings(run: Run) -> None:
    output = run("manifest", AID_LANGUAGE="fr")
    assert (output.code, output.err) == (0, "")
    for_sockets = json.loads(output.out)
    for_http = json.loads(run("manifest", "--http", "https://bot.example.org/").out)

    assert for_sockets["settings"]["socket_mode_enabled"] is True
    assert "url" not in json.dumps(for_sockets)
    assert for_http["settings"]["socket_mode_enabled"] is False
    address = "https://bot.example.org/slack/events"
    assert {each["url"] for each in for_http["features"]["slash_commands"]} == {address}
    addresses = {"request_url": address, "message_menu_options_url": address}
    assert for_http["settings"]["interactivity"] == {"is_enabled": True, **addresses}


def test_manifest_of_several_workspaces_has_install_address(run: Run) -> None:
    for line in (("--workspaces", "https://bot.example.org"), ("--http", "https://bot.example.org", "--workspaces")):
        form = json.loads(run("manifest", *line).out)
        assert form["oauth_config"]["redirect_urls"] == ["https://bot.example.org/slack/oauth_redirect"]
        assert form["settings"]["socket_mode_enabled"] is (line[0] == "--workspaces")
    for line in (("--workspaces",), ("--workspaces", "http://bot.example.org"), ("--http", "https://a.example/b")):
        assert "takes the address that Slack reaches" in run("manifest", *line).err
    output = run("manifest", "--workspaces", "https://bot.example.org", "--workflow-step")
    assert (output.code, "Leave one of them out." in output.err) == (1, True)


@pytest.mark.parametrize("arguments", [[], ["fly"], ["backup"]])
def test_unknown_command_prints_usage(run: Run, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        run(*arguments)

    output = capsys.readouterr()
    assert exit_info.value.code == 2
    assert output.out == ""
    assert output.err.startswith("usage: python -m bot")


# -- init -----------------------------------------------------------------------------------------------------

NO_SLACK = {"SLACK_API_URL": "http://127.0.0.1:9/api/"}
TOKENS = ("--bot-token", "xoxb-1", "--app-token", "xapp-2")


def test_init_writes_settings_for_their_owner_alone(run: Run, tmp_path: Path) -> None:
    output = run("init", "--seed", *TOKENS, "--admins", "U1", **NO_SLACK)

    path = tmp_path / ".env"
    assert path.read_text() == "SLACK_BOT_TOKEN=xoxb-1\nSLACK_APP_TOKEN=xapp-2\nAID_ADMINS=U1\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "17 projects" in output.out
    assert output.code == 1  # nobody answers as Slack
    assert output.out.endswith("\nPut that right in .env, then type: python -m bot doctor\n")

    again = run("init", "--no-seed", "--bot-token", "xoxb-3", **NO_SLACK)
    assert again.out.startswith(f"{path} is there and stays as it is.\nThe database is at revision ")
    assert "xoxb-3" not in path.read_text()
    assert "SLACK_CONFIG_TOKEN is not set" in run("doctor", "--manifest").out


def test_init_asks_until_an_answer_can_be_used(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["xapp-2", "xoxb-1", "", "xapp-2", "jihoon", "U1", "fr", "ko", "", "y"])
    monkeypatch.setattr("builtins.input", lambda _question: next(answers))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    output = run("init", **NO_SLACK)

    assert list(answers) == []
    settings = "SLACK_BOT_TOKEN=xoxb-1\nSLACK_APP_TOKEN=xapp-2\nAID_ADMINS=U1\nAID_LANGUAGE=ko\n"
    assert (tmp_path / ".env").read_text() == settings
    link = output.out.splitlines()[1]
    assert link.startswith("https://api.slack.com/apps?new_app=1&manifest_json=%7B")
    assert json.loads(unquote(link.partition("manifest_json=")[2])) == manifest()
    for sentence in ("does not begin with xoxb-", "Neither SLACK_APP_TOKEN", "not jihoon.", "it takes en or ko."):
        assert sentence in output.out


@pytest.mark.parametrize("given", [(), TOKENS[:2], (*TOKENS, "--language", "fr")])
def test_init_without_an_answer_writes_nothing(run: Run, tmp_path: Path, given: tuple[str, ...]) -> None:
    output = run("init", *given)

    assert (output.code, output.err.startswith("Invalid configuration:\n- ")) == (1, True)
    assert list(tmp_path.iterdir()) == []


# -- import ---------------------------------------------------------------------------------------------------

TABLE = """Ref,Group,Update,Date,Source kind,Valid until
A-1,ngo,submitted,2024-05,,
A-1,,approved,2024-06-01,letter,unknown
"""


def test_import_reports_every_row_and_records_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "wrong.csv").write_text(TABLE + "B-1,ngo,approved,2024-06-01,press,unknown\n", encoding="utf-8")
    dry = run("import", "table.csv", "--dry-run")
    assert dry.code == 0
    assert dry.out.splitlines() == [
        "line 2: A-1: new project; records submitted",
        "line 3: A-1: records approved",
        "2 rows: 1 projects would be added and 0 changed, 2 updates would be recorded, 0 were on record already.",
        "Nobody would be alerted. 3 reminders were due before today and will not be sent.",
    ]
    wrong = run("import", "wrong.csv")
    assert wrong.code == 1
    assert "line 4" in wrong.out
    assert "Nothing was recorded: 1 of 3 rows have errors." in wrong.out
    assert "0 projects" in run("check").out
    first, second = run("import", "table.csv"), run("import", "table.csv")
    assert "2 updates were recorded, 0 were on record already" in first.out
    assert first.out.endswith("\nNobody was alerted. 3 reminders were due before today and will not be sent.\n")
    assert "0 updates were recorded, 2 were on record already" in second.out
    assert "1 projects, 2 updates" in run("check").out


@pytest.mark.usefixtures("seeded")
def test_export_reports_a_new_file_and_the_past(run: Run, tmp_path: Path) -> None:
    for name in ("all.csv", "all.json"):
        first, second = run("export", name), run("export", name)
        assert (first.code, first.err) == (0, "")
        assert name in first.out
        assert (tmp_path / name).stat().st_size
        assert second == Output(1, "", f"{name} already exists. Choose another name.\n")
    assert "what stood on 2026-01-01, as it is known now.\n" in run("export", "on.csv", "--on", "2026-01-01").out
    assert "This record begins on " in run("export", "known.csv", "--known", "2020-01-01").err


FAILURES = {
    "import photo.png": "“photo.png” is not a table that I read. Save it from your spreadsheet as XLSX, ODS or CSV.\n",
    "import none.json": "There is no file none.json.\n",
    "export all.pdf": "Unsupported file type. Use one of these extensions: .csv, .xlsx, .ics, .xml, .png, .json.",
    "export no/all.csv": "There is no folder no.\n",
    "export a.json --filter group:io": "JSON is the whole record. Leave out --filter, or",
    **{f"export a{kind} --hxl": "Only CSV has HXL hashtags. Leave out --hxl" for kind in (*KINDS[1:], ".json")},
    **{f"export a{kind} --filter org:zzz": "The filter finds no project" for kind in KINDS},
    "export a.xml": "IATI can hold none of these projects (17), so there is no file",
    "export a.csv --filter colour:red": "There is no filter `colour:`.",
}


def test_failure_prints_one_line_and_leaves_no_file(run: Run, seeded: Path, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    for line, message in FAILURES.items():
        output = run(*line.split())
        assert (output.code, output.out, output.err.count("\n")) == (1, "", 1), line
        assert output.err.startswith(message), line
        names = {each.name for each in tmp_path.iterdir() if seeded.name not in each.name}
        assert names == {"photo.png"}, line


@pytest.mark.parametrize(("command", "code", "niceness"), [("import none.csv", 1, [10]), ("check", 2, [])])
@pytest.mark.usefixtures("run")
def test_import_yields_to_the_running_bot(
    monkeypatch: pytest.MonkeyPatch, command: str, code: int, niceness: list[int]
) -> None:
    asked: list[int] = []
    monkeypatch.setattr("os.nice", asked.append)
    monkeypatch.setattr("sys.argv", ["aid-status", *command.split()])
    assert (start(), asked) == (code, niceness)


def test_files_of_every_command_are_readable_by_their_owner_only(run: Run, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with contextlib.closing(Database("sqlite:///aid-status.db")) as database:
            migrate(database, to="0008")
        (tmp_path / "aid-status.db").chmod(0o600)
        run("seed")
        for name in ("copy.db", *(f"all{kind}" for kind in (*KINDS, ".json"))):
            run("export" if name.startswith("all") else "backup", name)
    finally:
        assert os.umask(before) == 0o022
    modes = {each.name: oct(each.stat().st_mode & 0o777) for each in tmp_path.iterdir()}
    assert {"aid-status.db", "aid-status.db.at-0008", "copy.db", "all.json", "all.csv", "all.png"} <= modes.keys()
    assert set(modes.values()) == {"0o600"}


def test_killed_command_leaves_nothing_after_the_next_start(run: Run, tmp_path: Path) -> None:
    run("seed")
    program = (
        "import sys, time, db.maintenance.backup as backup; from bot.cli import main\n"
        "from db.maintenance.atomic_file import scratch_folder; folder = scratch_folder(); folder.__enter__()\n"
        "backup.find_problems = lambda _: print('begun', flush=True) or time.sleep(60)\n"
        "sys.exit(main(['backup', 'copy.db']))"
    )
    with running(tmp_path, program=("-c", program), TMPDIR=str(tmp_path)) as process:
        process.wait_for("begun")
        run("check", TMPDIR=str(tmp_path))
        assert len(list(tmp_path.glob(".copy.db.*.part"))) == 1
        process.popen.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path))
        assert run("check").code == 0
    assert not list(tmp_path.glob(".copy.db.*")) + list(tmp_path.glob("aid-scratch-*"))


@pytest.mark.parametrize("log", [False, True])
def test_read_only_database_is_checked_and_exported(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: bool
) -> None:
    run("seed")
    if log:
        (tmp_path / "aid-status.db-wal").touch()
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    before = sorted(each.name for each in tmp_path.iterdir())
    checked, exported = run("check"), run("export", "all.json")
    assert (checked.code, exported.code) == ((2, 1) if log else (0, 0))
    if log:
        assert "is read-only here, and its log holds what it does not" in checked.err
    else:
        assert checked.out == ALL_WELL
        assert "the database is read-only here" in checked.err
        assert sorted(each.name for each in tmp_path.iterdir()) == sorted([*before, "all.json"])
