"""The command line: results on stdout, logs on stderr, exit code 0 or not."""

import argparse
import errno
import json
import logging
import os
import re
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dotenv import dotenv_values
from sqlalchemy.exc import DatabaseError, OperationalError

from bot.config import BadSettings, Settings, load_settings
from bot.monitoring.log_config import set_up_logs
from db.database import Database
from db.domain.dates import utc_now
from db.errors import AidError, driver_message
from db.maintenance.atomic_file import sweep

COULD_NOT_LOOK = 2  # of `check`, which ends with 1 where it found something


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; what it creates is readable by its owner only."""
    options = command_parser().parse_args(arguments)
    unable = COULD_NOT_LOOK if options.run is _check else 1
    try:
        with _owner_only(), _clean_end():
            code: int = options.run(options)
    except BadSettings as error:
        return _fail("Invalid configuration:", *(f"- {problem}" for problem in error.problems), code=unable)
    except AidError as error:
        return _fail(str(error), code=unable)
    except (DatabaseError, sqlite3.DatabaseError) as error:
        if not _unusable(error):
            return _unexpected(error)
        return _fail(f"The database cannot be used: {driver_message(error)}. Check DATABASE_URL.", code=unable)
    except OSError as error:
        return _fail(f"The system refused: {error}. Check HOST, PORT and the paths that you gave.", code=unable)
    return code


@contextmanager
def _owner_only() -> Iterator[None]:
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def _clean_end() -> Iterator[None]:
    """Let SIGTERM end a command as an error does, so that it leaves nothing half made behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def command_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="The aid status bot.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about, description=about)
        command.set_defaults(run=run)
        return command

    add("run", _run, "run the bot with the settings of .env")
    add("demo", _demo, "try the bot in a browser, with no Slack account").add_argument(
        "--reset",
        action="store_true",
        help="start with an empty workspace, as every start does: nothing is kept on disk",
    )
    add("migrate", _migrate, "migrate the database to this version")
    seed = add("seed", _seed, "load the 17 projects of the article and the Council's members")
    seed.add_argument("--dry-run", action="store_true", help="only show what differs from the record")
    table = add(
        "import",
        _import,
        "record a CSV, XLSX or ODS file, or read a whole record (JSON, backup) into an empty database",
    )
    table.add_argument("file", type=Path)
    table.add_argument("--dry-run", action="store_true", help="only show what each row would do")
    export = add("export", _export, "write the record to a new file: .csv .xlsx .ics .xml .png, or whole: .json")
    export.add_argument("file", type=Path)
    export.add_argument("--filter", default="", metavar="TEXT", help="as after /aid-status: group:io -status:expired")
    export.add_argument("--language", choices=("en", "ko"), help="of headings and words; else AID_LANGUAGE")
    export.add_argument("--hxl", action="store_true", help="CSV: with a row of HXL hashtags")
    add("check", _check, "replay every status and report damage")
    add("backup", _backup, "copy the database into an SQLite file while the bot runs").add_argument("file", type=Path)
    add("doctor", _doctor, "check settings, tokens, scopes, database, channels and clock, and say what to fix")
    manifest = add("manifest", _manifest, "print the Slack app manifest")
    manifest.add_argument("--http", metavar="URL")
    manifest.add_argument("--workflow-step", action="store_true", help="with the step for Workflow Builder")
    manifest.add_argument(
        "--workspaces",
        metavar="URL",
        nargs="?",
        const="",
        help="for several workspaces, which install it at URL (default: that of --http)",
    )
    return parser


def environment() -> dict[str, str]:
    """Return the environment, completed from ``.env`` in the working directory."""
    return {**{key: value for key, value in dotenv_values(".env").items() if value is not None}, **os.environ}


@contextmanager
def _open_database(*, slack: bool = False, reads: bool = False) -> Iterator[tuple[Settings, Database]]:
    settings = load_settings(environment(), slack=slack)
    set_up_logs(settings.log_format)
    database = Database(settings.database_url, may_be_read_only=reads)
    if database.is_read_only:
        logging.getLogger(__name__).warning("the database is read-only here; what others write meanwhile is not seen")
    for path in sweep(*([Path(database.engine.url.database or "").parent] if database.is_sqlite else [])):
        logging.getLogger(__name__).info("removed %s, which an interrupted command left", path)
    try:
        yield settings, database
    finally:
        database.close()


def _run(_options: argparse.Namespace) -> int:
    from slack_sdk.errors import SlackApiError  # noqa: PLC0415  each command imports only what it needs

    from bot.app import build  # noqa: PLC0415
    from bot.server.server import Server  # noqa: PLC0415
    from bot.watchdog import wait_for_shutdown  # noqa: PLC0415
    from db.maintenance.migrate import migrate  # noqa: PLC0415
    from db.maintenance.seed import seed_council  # noqa: PLC0415

    with _open_database(slack=True) as (settings, database):
        migrate(database)
        with database.writing() as session:
            seed_council(session)
        try:
            bot = build(settings, database, clock=utc_now)
        except (SlackApiError, OSError) as error:
            return _fail(f"Slack did not accept the bot: {_reason(error)}. Check SLACK_BOT_TOKEN and the network.")
        if not settings.admins:
            logging.getLogger(__name__).warning("AID_ADMINS is empty: only people granted the role earlier can record")
        stopping = _stop_on_signals()
        bot.start()
        try:
            with Server(settings, bot) as serving:
                asked_to_stop = wait_for_shutdown(stopping, lambda: serving.connected() and bot.sender.alive)
        except SlackApiError as error:
            return _fail(f"Slack did not open Socket Mode: {_reason(error)}. Check SLACK_APP_TOKEN.")
        finally:
            bot.stop()
    if not asked_to_stop:
        return _fail("Lost contact with Slack for two minutes, or the sender stopped. Restart the bot.")
    return 0


def _demo(_options: argparse.Namespace) -> int:
    from bot.demo.demo import demo  # noqa: PLC0415
    from bot.watchdog import wait_for_shutdown  # noqa: PLC0415

    variables = environment()
    settings = load_settings(
        {name: variables.get(name, "") for name in ("AID_LANGUAGE", "LOG_FORMAT", "PORT")}, slack=False
    )
    set_up_logs(settings.log_format)
    logging.getLogger().setLevel(logging.WARNING)
    stopping = _stop_on_signals()
    port = settings.port if variables.get("PORT") else 0
    try:
        with demo(port=port, language=settings.language) as (url, _slack):
            _say(f"The demo runs at {url}", "Type /aid-status there. Ctrl-C ends it.")
            wait_for_shutdown(stopping, lambda: True)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        return _fail(f"Port {port} is taken, perhaps by another demo. Set PORT to a free one, or leave PORT out.")
    return 0


def _migrate(_options: argparse.Namespace) -> int:
    from db.maintenance.migrate import migrate  # noqa: PLC0415
    from db.maintenance.seed import seed_council  # noqa: PLC0415

    with _open_database() as (_, database):
        before, after = migrate(database)
        with database.writing() as session:
            seed_council(session)
    _say(
        f"The database is at revision {after}."
        if before == after
        else f"Migrated from {before or 'nothing'} to {after}."
    )
    return 0


def _seed(options: argparse.Namespace) -> int:
    from bot.commands.editions import seed_from_command_line  # noqa: PLC0415
    from db.maintenance.migrate import migrate  # noqa: PLC0415

    with _open_database() as (_, database):
        migrate(database)
        seed_from_command_line(database, now=utc_now(), dry_run=options.dry_run, say=_say)
    return 0


def _import(options: argparse.Namespace) -> int:
    from bot.commands.editions import import_edition  # noqa: PLC0415
    from bot.commands.import_file import import_from_command_line, read_whole_record  # noqa: PLC0415
    from db.maintenance.json_snapshot import is_database, is_snapshot  # noqa: PLC0415
    from db.maintenance.migrate import migrate  # noqa: PLC0415
    from db.maintenance.seed import seed_council  # noqa: PLC0415

    with _open_database() as (_, database):
        migrate(database)
        if is_snapshot(options.file) or is_database(options.file):
            return read_whole_record(database, options.file, dry_run=options.dry_run, say=_say)
        with database.writing() as session:
            seed_council(session)
        if import_edition(database, options.file, now=utc_now(), dry_run=options.dry_run, say=_say):
            return 0
        return import_from_command_line(database, options.file, now=utc_now(), dry_run=options.dry_run, say=_say)


def _export(options: argparse.Namespace) -> int:
    from bot.commands.export_file import ExportOptions, export_from_command_line  # noqa: PLC0415
    from db.maintenance.migrate import require_current  # noqa: PLC0415

    with _open_database(reads=True) as (settings, database):
        require_current(database)
        export = ExportOptions(options.filter, options.language or settings.language, options.hxl, settings.reporter)
        _say(*export_from_command_line(database, options.file, export, now=utc_now()))
    return 0


def _check(_options: argparse.Namespace) -> int:
    from db.integrity.check import count_checked, find_problems  # noqa: PLC0415
    from db.maintenance.migrate import require_current  # noqa: PLC0415

    with _open_database(reads=True) as (_, database):
        require_current(database)
        with database.reading() as session:
            problems, (projects, updates, messages) = find_problems(session), count_checked(session)
    _say(*problems or [f"All is well: {projects} projects, {updates} updates and {messages} messages were checked."])
    return 1 if problems else 0


def _backup(options: argparse.Namespace) -> int:
    from db.maintenance.backup import backup  # noqa: PLC0415
    from db.maintenance.migrate import require_current  # noqa: PLC0415

    with _open_database() as (_, database):
        require_current(database)
        copied = backup(database, options.file)
    _say(f"Copied to {options.file}: {copied.acts} acts, {copied.updates} updates, {copied.messages} messages.")
    if copied.findings:
        _say("The copy is kept, but `check` finds something in it, as it would in the original:", *copied.findings)
    return 1 if copied.findings else 0


def _doctor(_options: argparse.Namespace) -> int:
    from bot.doctor.doctor import examine  # noqa: PLC0415

    set_up_logs("text")
    failures = 0
    for result in examine(environment(), utc_now):
        _say(str(result))
        failures += result.is_wrong
    _say(f"{failures} to put right." if failures else "All is well.")
    return 1 if failures else 0


def _manifest(options: argparse.Namespace) -> int:
    from bot.installation.manifest import manifest  # noqa: PLC0415

    install_at = options.http or "" if options.workspaces == "" else options.workspaces
    for name, url in (("--http", options.http), ("--workspaces", install_at)):
        if url is not None and not re.fullmatch(r"https://[^\s/]+/?", url):
            return _fail(
                f"{name} takes the address that Slack reaches, such as https://bot.example.org, without a path."
            )
    if install_at and options.workflow_step:
        return _fail(
            "--workflow-step is for an app that is deployed to an organisation, --workspaces for one that each workspace "
            "installs by itself. Leave one of them out."
        )
    form = manifest(options.http, workflow_step=options.workflow_step, install_at=install_at)
    _say(json.dumps(form, indent=2, ensure_ascii=False))
    return 0


def _stop_on_signals() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def _reason(error: Exception) -> str:
    from slack_sdk.errors import SlackApiError  # noqa: PLC0415  only for what talks to Slack

    from handlers.slack.errors import decode_error  # noqa: PLC0415

    if not isinstance(error, SlackApiError):
        return str(error)
    refusal = decode_error(error)
    return refusal.code or refusal.label


def _unusable(error: Exception) -> bool:
    """Return True if the database cannot be reached or is none; False if a statement of ours was wrong."""
    cause = getattr(error, "orig", error)
    return isinstance(error, OperationalError | sqlite3.OperationalError) or type(cause) is sqlite3.DatabaseError


def _unexpected(error: Exception) -> int:
    from handlers.errors import new_reference  # noqa: PLC0415  only for what goes wrong

    reference = new_reference()
    logging.getLogger(__name__).error("unexpected error %s: %s", reference, error)
    return _fail(
        f"The database refused this, and nothing was changed: {driver_message(error)}. The log calls it {reference}."
    )


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _fail(*lines: str, code: int = 1) -> int:
    sys.stderr.write("\n".join(lines) + "\n")
    return code
