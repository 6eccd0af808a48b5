"""The schema: migrated once, the same as the models, refused where a newer bot wrote it."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url, text

from db.database import Database
from db.errors import AidError
from db.migrate import migrate, pending
from db.models import Base

HEAD = "0002"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server = request.getfixturevalue("postgres")
    name = f"empty_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def test_migrating_brings_an_empty_database_to_what_the_models_say(empty_url: str) -> None:
    database = Database(empty_url)
    assert pending(database)
    assert migrate(database) == (None, HEAD)
    assert migrate(database) == (HEAD, HEAD)
    assert not pending(database)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    database.close()


def test_several_may_start_at_once(empty_url: str) -> None:
    def start() -> tuple[str | None, str]:
        database = Database(empty_url)
        try:
            return migrate(database)
        finally:
            database.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = [each.result() for each in [pool.submit(start) for _ in range(4)]]
    assert sorted(outcomes, key=str) == [(HEAD, HEAD)] * 3 + [(None, HEAD)]


def test_a_database_of_a_newer_bot_is_left_alone(empty_url: str) -> None:
    database = Database(empty_url)
    migrate(database)
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(AidError, match="revision 9999, which this version of the bot does not know"):
        migrate(database)
    database.close()


def test_an_address_that_cannot_be_used_is_refused_in_words() -> None:
    with pytest.raises(AidError, match="begins with `mysql:`, which is not supported"):
        Database("mysql://localhost/aid")
