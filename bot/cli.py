"""The command line: results on stdout, logs on stderr, exit code 0 or not."""

import argparse
import errno
import json
import logging
import os
import re
import shutil
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dotenv import dotenv_values
from sqlalchemy.exc import DatabaseError, OperationalError

from bot import __version__
from bot.commands.init import QUESTIONS, app_link, complete, write_settings
from bot.config import BadSettings, Settings, load_settings
from bot.monitoring.log_config import set_up_logs
from db.database import Database
from db.domain.dates import utc_now
from db.errors import AidError, driver_message
from db.maintenance.atomic_file import sweep

COULD_NOT_LOOK = 2  # of `check`, which ends with 1 where it found something

MODULE = "python -m bot"
STOP_SECONDS = 9.0  # a supervisor kills later
# seconds; longer than Slack takes to refresh a connection and the client takes to open another
DISCONNECT_TIMEOUT = 120.0
POLL_SECONDS = 2.0


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
        taken = "The port is taken, perhaps by another bot or demo. Set PORT to a free one (demo: --port N)."
        refused = f"The system refused: {error}. Check HOST, PORT and the paths that you gave."
        return _fail(taken if error.errno == errno.EADDRINUSE else refused, code=unable)
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
    parser = argparse.ArgumentParser(prog=_program(), description="The aid status bot.")
    parser.add_argument("--version", action="version", version=f"aid-status {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about, description=about)
        command.set_defaults(run=run)
        return command

    add("run", _run, "run the bot with the settings of .env")
    demo = add("demo", _demo, "try the bot in a browser, with no Slack account")
    demo.add_argument("--port", type=int, metavar="N", help="of the page; else PORT, else a free one")
    init = add("init", _init, "set the bot up: write .env, create the database, check everything")
    for name, about in QUESTIONS.items():
        flag = name.partition("_")[2].lower().replace("_", "-")
        init.add_argument(f"--{flag}", dest=name, metavar="VALUE", help=about)
    init.add_argument("--seed", action=argparse.BooleanOptionalAction, help="load the 17 projects of the article")
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
    for axis, about in (("known", "as this record had it then"), ("on", "what stood on that day")):
        export.add_argument(f"--{axis}", metavar="DAY", help=f"{about}, as {axis}: after /aid-status")
    export.add_argument("--language", choices=("en", "ko"), help="of headings and words; else AID_LANGUAGE")
    export.add_argument("--hxl", action="store_true", help="CSV: with a row of HXL hashtags")
    checks = add("check", _check, "replay every status and report damage")
    checks.add_argument(
        "--prove",
        nargs="?",
        type=Path,
        const=Path(),
        metavar="FILE",
        help="rebuild the chain of hashes, and compare it with the heads kept in FILE",
    )
    add("backup", _backup, "copy the database into an SQLite file while the bot runs").add_argument("file", type=Path)
    doctor = add("doctor", _doctor, "check settings, tokens, scopes, database, channels and clock, and say what to fix")
    doctor.add_argument(
        "--manifest", action="store_true", help="have Slack validate the manifests, by SLACK_CONFIG_TOKEN"
    )
    doctor.add_argument("--blocks", action="store_true", help="have Slack validate the demo's screens; posts nothing")
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
    return {**{key: value for key, value in dotenv_values(".env").items() if value is not None}, **os.environ}


@contextmanager
def _open_database(
    *, slack: bool = False, limits: bool = False, reads: bool = False, current: bool = False
) -> Iterator[tuple[Settings, Database]]:
    """Open the database of the settings; ``current`` requires that all migrations ran."""
    from db.maintenance.migrate import require_current  # noqa: PLC0415  each command imports only what it needs

    settings = load_settings(environment(), slack=slack)
    set_up_logs(settings.log_format)
    database = Database(settings.database_url, limits=limits, may_be_read_only=reads)
    if database.is_read_only:
        logging.getLogger(__name__).warning("the database is read-only here; what others write meanwhile is not seen")
    for path in sweep(*([Path(database.engine.url.database or "").parent] if database.is_sqlite else [])):
        logging.getLogger(__name__).info("removed %s, which an interrupted command left", path)
    try:
        if current:
            require_current(database)
        yield settings, database
    finally:
        database.close()


def _migrate_and_seed(database: Database) -> tuple[str | None, str]:
    """Migrate the database and load the Council's members; return the revisions before and after."""
    from db.maintenance.migrate import migrate  # noqa: PLC0415
    from db.maintenance.seed import seed_council  # noqa: PLC0415

    revisions = migrate(database)
    with database.writing() as session:
        seed_council(session)
    return revisions


def _run(_options: argparse.Namespace) -> int:
    from slack_sdk.errors import SlackApiError  # noqa: PLC0415  each command imports only what it needs

    from bot.app import build  # noqa: PLC0415
    from bot.server.server import Server  # noqa: PLC0415
    from bot.slack_clock import SlackClock, uptime  # noqa: PLC0415
    from db.maintenance.migrate import require_file  # noqa: PLC0415

    with _open_database(slack=True) as (_, database):
        require_file(database)
        _migrate_and_seed(database)
    with _open_database(slack=True, limits=True) as (settings, database):
        try:
            bot = build(settings, database, clock=SlackClock(utc_now, uptime))
        except (SlackApiError, OSError) as error:
            return _fail(f"Slack did not accept the bot: {_reason(error)}. Check SLACK_BOT_TOKEN and the network.")
        if not settings.admins:
            logging.getLogger(__name__).warning("AID_ADMINS is empty: only people granted the role earlier can record")
        stopping = _stop_on_signals()
        bot.start()
        try:
            with Server(settings, bot) as serving:
                asked_to_stop = wait_for_shutdown(stopping, serving.alive, serving.watch.lost)
                problems = "; ".join(serving.problems())
                # ends the process even if a thread hangs in Slack or the database; what it had in hand is in the outbox
                timer = threading.Timer(STOP_SECONDS, os._exit, [0 if asked_to_stop else 1])
                timer.daemon = True
                timer.start()
        except SlackApiError as error:
            return _fail(f"Slack did not open Socket Mode: {_reason(error)}. Check SLACK_APP_TOKEN.")
        finally:
            bot.stop()
    if serving.watch.lost.is_set():
        return _fail(serving.watch.figures().problem, "Put it back, or restore a backup, and start the bot again.")
    if not asked_to_stop:
        return _fail(f"Gave up after two minutes: {problems}. Restart the bot.")
    return 0


def _demo(options: argparse.Namespace) -> int:
    from bot.demo.demo import demo  # noqa: PLC0415

    variables = environment()
    variables = {name: variables.get(name, "") for name in ("AID_LANGUAGE", "LOG_FORMAT", "PORT")}
    if options.port is not None:
        variables["PORT"] = str(options.port)
    settings = load_settings(variables, slack=False)
    set_up_logs(settings.log_format)
    logging.getLogger().setLevel(logging.WARNING)
    stopping = _stop_on_signals()
    with demo(port=settings.port if variables["PORT"] else 0, language=settings.language) as (url, _slack):
        _say(f"The demo runs at {url}", "Type /aid-status there. Ctrl-C ends it.")
        wait_for_shutdown(stopping, lambda: True)
    return 0


def _init(options: argparse.Namespace) -> int:
    path, asking = Path(".env"), sys.stdin.isatty()
    if path.exists():
        _say(f"{path.absolute()} is there and stays as it is.")
    else:
        given = {**os.environ, **{name: value for name in QUESTIONS if (value := getattr(options, name))}}
        if not given.keys() >= {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"}:
            _say("Create the app at this address: Next, Create, then “Install App”.", app_link())
        write_settings(path, complete(given, input if asking else None, _say))
        _say(f"The settings are in {path.absolute()}, which only you can read.")
    _migrate(options)
    if options.seed or (options.seed is None and asking and input("Load the 17 projects? (y/N) ").lower() == "y"):
        _seed(argparse.Namespace(dry_run=False))
    wrong = _doctor(argparse.Namespace(manifest=False, blocks=False))
    _say(f"Put that right in .env, then type: {MODULE} doctor" if wrong else f"Next, type: {MODULE} run")
    return wrong


def wait_for_shutdown(
    stopping: threading.Event,
    is_healthy: Callable[[], bool],
    lost: threading.Event | None = None,
    *,
    patience: float = DISCONNECT_TIMEOUT,
    every: float = POLL_SECONDS,
) -> bool:
    """Return True once ``stopping`` is set, False once ``lost`` is, or not ``is_healthy`` for ``patience`` seconds.

    Polls, because Python may miss a signal that arrives just as a thread begins to wait.
    """
    last_healthy = time.monotonic()
    while not stopping.wait(every):
        if lost and lost.is_set():
            return False
        if is_healthy():
            last_healthy = time.monotonic()
        elif time.monotonic() - last_healthy >= patience:
            return False
    return True


def _migrate(_options: argparse.Namespace) -> int:
    with _open_database() as (_, database):
        before, after = _migrate_and_seed(database)
    _say(
        f"The database is at revision {after}."
        if before == after
        else f"Migrated from {before or 'nothing'} to {after}."
    )
    return 0


def _seed(options: argparse.Namespace) -> int:
    from bot.commands.import_file import seed_from_command_line  # noqa: PLC0415
    from db.maintenance.migrate import migrate  # noqa: PLC0415

    with _open_database() as (_, database):
        migrate(database)
        seed_from_command_line(database, now=utc_now(), dry_run=options.dry_run, say=_say)
    return 0


def _import(options: argparse.Namespace) -> int:
    from bot.commands.import_file import import_edition, import_from_command_line, read_whole_record, with_shipped  # noqa: PLC0415
    from db.maintenance.json_snapshot import is_database, is_snapshot  # noqa: PLC0415
    from db.maintenance.migrate import migrate  # noqa: PLC0415
    from db.maintenance.seed import seed_council  # noqa: PLC0415

    path = with_shipped(options.file)
    with _open_database() as (_, database):
        migrate(database)
        if is_snapshot(path) or is_database(path):
            return read_whole_record(database, path, dry_run=options.dry_run, say=_say)
        with database.writing() as session:
            seed_council(session)
        if import_edition(database, path, now=utc_now(), dry_run=options.dry_run, say=_say):
            return 0
        return import_from_command_line(database, path, now=utc_now(), dry_run=options.dry_run, say=_say)


def _export(options: argparse.Namespace) -> int:
    from bot.commands.export_file import export_from_command_line  # noqa: PLC0415

    with _open_database(reads=True, current=True) as (settings, database):
        points = [f"{axis}:{value}" for axis, value in (("known", options.known), ("on", options.on)) if value]
        text, language = " ".join([options.filter, *points]).strip(), options.language or settings.language
        more = {"hxl": options.hxl, "reporter": settings.reporter}
        _say(*export_from_command_line(database, options.file, text, language, now=utc_now(), **more))
    return 0


def _check(options: argparse.Namespace) -> int:
    from bot.commands.prove import prove_from_command_line  # noqa: PLC0415
    from db.integrity.check import count_checked, find_problems  # noqa: PLC0415

    with _open_database(reads=True, current=True) as (_, database):
        with database.reading() as session:
            problems, (projects, updates, messages) = find_problems(session), count_checked(session)
        _say(
            *problems or [f"All is well: {projects} projects, {updates} updates and {messages} messages were checked."]
        )
        proved = options.prove is None or prove_from_command_line(database, options.prove, say=_say)
    return 1 if problems or not proved else 0


def _backup(options: argparse.Namespace) -> int:
    from db.maintenance.backup import backup  # noqa: PLC0415

    with _open_database(current=True) as (_, database):
        copied = backup(database, options.file)
    _say(f"Copied to {options.file}: {copied.acts} acts, {copied.updates} updates, {copied.messages} messages.")
    if copied.findings:
        _say("The copy is kept, but `check` finds something in it, as it would in the original:", *copied.findings)
    return 1 if copied.findings else 0


def _doctor(options: argparse.Namespace) -> int:
    from bot.doctor.doctor import examine  # noqa: PLC0415

    set_up_logs("text")
    results = examine(environment(), utc_now)
    if options.manifest or options.blocks:
        from bot.doctor.validation import validate  # noqa: PLC0415

        results = validate(environment(), manifests=options.manifest, screens=options.blocks)
    failures = 0
    for result in results:
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
    from handlers.request_id import new_reference  # noqa: PLC0415  only for what goes wrong

    reference = new_reference()
    logging.getLogger(__name__).error("unexpected error %s: %s", reference, error)
    return _fail(
        f"The database refused this, and nothing was changed: {driver_message(error)}. The log calls it {reference}."
    )


def _program() -> str:
    """Return the command so that it can be typed again here."""
    typed, python = Path(sys.argv[0]), Path(sys.executable)
    if typed.stem == "aid-status":
        return typed.stem if shutil.which(typed.stem) else str(typed)
    return f"{python.relative_to(Path.cwd())} -m bot" if python.is_relative_to(Path.cwd()) else MODULE


def _say(*lines: str) -> None:
    try:
        sys.stdout.write("\n".join(lines).replace(MODULE, _program()) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # as in `… | head`: the work goes on, with nobody to read about it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(*lines: str, code: int = 1) -> int:
    sys.stderr.write("\n".join(lines).replace(MODULE, _program()) + "\n")
    return code
