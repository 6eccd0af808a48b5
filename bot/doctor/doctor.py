"""``python -m bot doctor``: checks of everything that a running bot needs, with what to do about each failure.

Read-only: it writes no row, posts no message and opens no connection to which Slack might send a command.
"""

import secrets
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from bot.config import BadSettings, Settings, load_settings
from bot.doctor.slack_checks import CheckResult, examine_slack, failed, info, ok
from db.database import Database
from db.errors import AidError, driver_message
from db.maintenance.migrate import require_current
from db.models import Project
from handlers.i18n.translator import LANGUAGES, Translator

MIN_FREE_BYTES = 200_000_000  # room for a copy of the SQLite file and its write-ahead log
SAMPLE = "date not known"  # a sentence with a translation in every language but English


def examine(environment: Mapping[str, str], clock: Callable[[], datetime]) -> Iterator[CheckResult]:
    yield from _languages()
    try:
        load_settings(environment, slack=True)
        yield ok("settings", "can be used")
        slack = True
    except BadSettings as error:
        yield from (failed("settings", problem) for problem in error.problems)
        slack = False
    try:
        settings = load_settings(environment, slack=False)
    except BadSettings:
        yield info("database, Slack", "not looked at before the settings are right")
        return
    database = Database(settings.database_url)
    try:
        yield _private(_file_of(database))
        results = list(_database(database))
        yield from results
        if slack:
            usable = not any(each.about in {"database", "migrations"} and each.is_wrong for each in results)
            yield from _slack(settings, database if usable else None, clock)
        else:
            yield info("Slack", "not asked before the settings are right")
    finally:
        database.close()


def _slack(settings: Settings, database: Database | None, clock: Callable[[], datetime]) -> Iterator[CheckResult]:
    if settings.several_workspaces:
        from bot.doctor.workspace_checks import examine_workspaces  # noqa: PLC0415  one workspace needs none of it

        return examine_workspaces(settings, database, clock)
    return examine_slack(settings, database, clock)


def _languages() -> Iterator[CheckResult]:
    for language in LANGUAGES[1:]:
        try:
            wrong = "has no sentences" if Translator(language).plain(SAMPLE) == SAMPLE else ""
        except (OSError, ValueError) as error:
            wrong = f"cannot be read ({error})"
        if wrong:
            yield failed("language data", f"{language} {wrong}. Install the bot's files again.")
        else:
            yield ok("language data", f"{language} is there")


def _database(database: Database) -> Iterator[CheckResult]:
    file = _file_of(database)
    if file:
        yield from _disk_space(file)
        if not file.exists():
            yield info("database", f"{file} is not there yet; `python -m bot migrate` or `run` makes it")
            yield failed("migrations", "none ran yet. Run `python -m bot migrate`.")
            return
    try:
        with database.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        advice = "Check DATABASE_URL, and that the server runs."
        yield failed("database", f"cannot be used: {driver_message(error)}. {advice}")
        return
    yield ok("database", "SQLite" if file else "PostgreSQL")
    yield _writable(database)
    yield from _record(database)


def _file_of(database: Database) -> Path | None:
    url = database.engine.url
    return Path(url.database or "").absolute() if database.is_sqlite else None


def _private(database: Path | None) -> CheckResult:
    """Check that nobody else on this machine can read the settings, the database, or the copies beside it."""
    files = [Path(".env"), *(database.parent.glob(f"{database.name}*") if database else ())]
    open_files = [str(each) for each in files if each.is_file() and each.stat().st_mode & 0o077]
    if open_files:
        return failed("files", f"others can read {', '.join(open_files)}. Run `chmod 600 {shlex.join(open_files)}`.")
    return ok("files", "only their owner can read the settings and the record")


def _disk_space(file: Path) -> Iterator[CheckResult]:
    folder = file.parent
    if not folder.is_dir():
        yield failed("folder", f"{folder} is not there. Make it, or put another path into DATABASE_URL.")
        return
    free = shutil.disk_usage(folder).free
    if free < MIN_FREE_BYTES:
        yield failed("folder", f"only {free // 1_000_000} MB are free in {folder}. Make room for the log and a copy.")


def _writable(database: Database) -> CheckResult:
    """Check that a table can be created, as migrations do; it is rolled back."""
    try:
        with database.writing() as session:
            session.execute(text(f"CREATE TABLE doctor_{secrets.token_hex(8)} (x INTEGER)"))
            session.rollback()
    except SQLAlchemyError as error:
        return failed(
            "write access",
            f"{driver_message(error)}. Let the bot's user write to the file and its folder (SQLite), or give it CREATE on "
            "the schema (PostgreSQL).",
        )
    return ok("write access", "the database can be written to")


def _record(database: Database) -> Iterator[CheckResult]:
    try:
        require_current(database)
        with database.reading() as session:
            projects = session.scalar(select(func.count()).select_from(Project)) or 0
    except AidError as error:
        yield failed("migrations", str(error))
        return
    except SQLAlchemyError as error:
        yield failed("migrations", f"{driver_message(error)}. Give the bot's user the tables, or another DATABASE_URL.")
        return
    yield ok("migrations", "all ran")
    if projects:
        yield ok("record", f"{projects} projects; `python -m bot check` looks at all of it")
    else:
        yield info("record", "no project yet; `python -m bot seed` loads the 17, `/aid-admin project add` makes one")
