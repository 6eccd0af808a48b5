"""A record of the 17 projects and the known exemptions, made once and copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.audit import Editor
from db.database import Database
from db.imports.importer import import_file
from db.maintenance.seed import seed_article
from tests.support.proposals import KNOWN, NOW


def fill(database: Database) -> None:
    with database.writing() as session:
        seed_article(session, now=NOW)
    import_file(database, KNOWN, Editor("T0", "U1", NOW))


@pytest.fixture(scope="session")
def filled_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("filled")))
    database = Database(f"sqlite:///{path}")
    fill(database)
    database.close()
    return path


@pytest.fixture
def filled(filled_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(f"sqlite:///{shutil.copy(filled_template, tmp_path_factory.mktemp('record'))}")
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def filled_anywhere(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Open the filled record, once in SQLite and once in PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("filled")
        return
    database = Database(request.getfixturevalue("postgres_url"))
    fill(database)
    yield database
    database.close()
