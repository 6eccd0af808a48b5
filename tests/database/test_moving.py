"""Moving to PostgreSQL as docs/export.md writes it, command by command, each a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from test_snapshot import fill

from db.database import Database

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "export.md"
HEADING = "## Moving to another database"


def steps() -> list[list[str]]:
    """What the page says to type, without what is said to do by hand."""
    part = PAGE.read_text(encoding="utf-8").split(HEADING)[1]
    lines = [line.strip() for line in part.splitlines() if line.startswith("    python -m bot")]
    return [line.split()[3:] for line in lines]


def run(folder: Path, url: str, *arguments: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "AID_", "DATABASE_"))}
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT), "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def empty_database(postgres: str, name: str) -> str:
    """A database as an administrator makes it: nothing in it, no table either."""
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(postgres).set(database=name).render_as_string(hide_password=False)


def test_the_move_loses_nothing(sqlite_url: str, postgres: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    fill(database)
    database.close()
    new = empty_database(postgres, "moved")
    assert [step[0] for step in steps()] == ["export", "import", "check"]

    for step in steps():
        said = run(tmp_path, sqlite_url if step[0] == "export" else new, *step)

    assert said.startswith("All is well: ")
    assert said == run(tmp_path, sqlite_url, "check")
    run(tmp_path, new, "export", "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "record.json").read_bytes()
    for table in ("deliveries", "subscriptions", "updates", "council_members"):
        assert f'"{table}": [\n{{' in (tmp_path / "again.json").read_text(encoding="utf-8")
