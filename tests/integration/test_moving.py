"""Moving to PostgreSQL by the commands that docs/export.md names, each in its own process."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from db.database import Database
from db.maintenance.json_snapshot import SQLITE_BEGINS
from tests.integration.test_snapshot import fill

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "export.md"
HEADING = "## Moving to another database"


def steps() -> list[list[str]]:
    """Return the command lines of the page, without the manual steps."""
    part = PAGE.read_text(encoding="utf-8").split(HEADING)[1]
    lines = [line.strip() for line in part.splitlines() if line.startswith("    python -m bot")]
    return [line.split()[3:] for line in lines]


def run(folder: Path, url: str, *arguments: str) -> str:
    process = command(folder, url, *arguments)
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def command(folder: Path, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "AID_", "DATABASE_"))}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT), "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


def test_move_between_databases_loses_nothing(sqlite_url: str, bare_postgres: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    fill(database)
    database.close()
    (tmp_path / "aid-status.db").write_bytes(Path(str(make_url(sqlite_url).database)).read_bytes())
    assert steps() == [["import", "aid-status.db"]]

    output = run(tmp_path, bare_postgres, *steps()[0])

    assert "All is well: every standing was built anew and compared." in output
    proof = run(tmp_path, sqlite_url, "check", "--prove", "heads")
    assert "links was rebuilt and agrees, as do 0 heads kept before." in proof
    proof = run(tmp_path, bare_postgres, "check", "--prove", "heads")
    assert "links was rebuilt and agrees, as do 1 heads kept before." in proof
    run(tmp_path, sqlite_url, "export", "before.json")
    run(tmp_path, bare_postgres, "export", "after.json")
    assert (tmp_path / "after.json").read_bytes() == (tmp_path / "before.json").read_bytes()
    for table in ("deliveries", "subscriptions", "updates", "council_members"):
        assert f'"{table}": [\n{{' in (tmp_path / "after.json").read_text(encoding="utf-8")


NEWER = "revision 9999, which this version of the bot does not know"


@pytest.mark.parametrize("what", ["another program's", "without a revision", "newer", "without its tables", "damaged"])
def test_restore_of_a_foreign_file_is_refused(sqlite_url: str, tmp_path: Path, what: str) -> None:
    path = tmp_path / "other.db"
    if what == "damaged":
        path.write_bytes(SQLITE_BEGINS + b"rubbish" * 500)
    else:
        with closing(sqlite3.connect(path)) as other:
            other.execute("CREATE TABLE mine (id INTEGER)")
            if what != "another program's":
                other.execute("CREATE TABLE alembic_version (version_num TEXT)")
            if what in {"newer", "without its tables"}:
                other.execute("INSERT INTO alembic_version VALUES (?)", ["9999" if what == "newer" else "0002"])
            other.commit()
    before = path.read_bytes()

    process = command(tmp_path, sqlite_url, "import", "other.db")

    assert (process.returncode, process.stdout) == (1, "")
    assert (NEWER if what == "newer" else "The file is not a complete record") in process.stderr
    assert process.stderr.count("\n") == 1
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.glob("other.db*")] == ["other.db"]
