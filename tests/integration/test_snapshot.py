"""JSON snapshot of the record: lossless between all databases."""

import json
import re
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sqlalchemy import func, select

from bot.cli import main
from db.admin.projects import edit_project, fields_of
from db.audit import Editor
from db.database import Database
from db.domain.enums import Role
from db.errors import AidError
from db.imports.importer import import_file
from db.integrity.check import find_problems
from db.maintenance.backup import backup
from db.maintenance.json_snapshot import NOT_EXPORTED, SQLITE_BEGINS, read_record, write_snapshot
from db.maintenance.migrate import last_revision
from db.maintenance.seed import seed_article
from db.models import Base, ChangeSet, CouncilMember, Delivery, Project
from db.people import set_preference
from db.projects.fields import NewOrganisation
from db.subscriptions.subscriptions import subscribe
from tests.support.process import ROOT, Run
from tests.support.proposals import ADMIN, KNOWN, NOW, TEAM, add_projects, problems, say, take_back
from tests.support.strategies import ANYTHING, Step, apply_step
from tests.tools.record_schema import PAGE, SCHEMA, page, schema

Fresh = Callable[[str], Database]


@pytest.fixture
def fresh(
    sqlite_template: Path, postgres_database: str, empty_postgres: Callable[[], None], tmp_path: Path
) -> Iterator[Fresh]:
    """Return a function that opens a migrated database without a record; of PostgreSQL there is one, which it empties."""
    opened: list[Database] = []

    def make(kind: str) -> Database:
        url = postgres_database
        if kind == "sqlite":
            path = shutil.copy(sqlite_template, tmp_path / f"fresh-{secrets.token_hex(6)}.db")
            url = f"sqlite:///{path}"
        else:
            empty_postgres()
        opened.append(Database(url))
        return opened[-1]

    yield make
    for database in opened:
        database.close()


def fill(database: Database) -> None:
    """Fill nearly every table: both data sets, channels, deliveries in several states, a correction, people."""
    with database.writing() as session:
        seed_article(session, now=NOW)
        subscribe(session, "T0", "C1", "U1", "-kind:note", "ko", now=NOW)
        set_preference(session, "T0", "U2", role=Role.ADMIN.value)
    import_file(database, KNOWN, Editor("T0", "U1", NOW))
    for index, note in enumerate(("first “quoted”\nline", "두 번째 — ✅", "third")):
        receipt = say(database, f"GG-1,IO-2 shipped on:2026-02 {note}", now=NOW + timedelta(minutes=index))
    take_back(database, receipt.main.number, now=NOW + timedelta(hours=1))
    with database.writing() as session:
        later, first = session.scalars(select(Delivery).order_by(Delivery.id.desc())).all()[:2]
        first.changes_id, first.state = later.id, "cancelled"
        early, late = session.scalars(select(Project.ref).order_by(Project.id)).all()[::20][:2]
        fields, version = fields_of(session, early)
        edited = replace(fields, predecessor=late)
        edit_project(session, early, version, edited, NewOrganisation(), Editor(TEAM, ADMIN, NOW))


ROUTES = pytest.mark.parametrize(
    "kinds", [("sqlite", "postgresql", "sqlite"), ("postgresql", "sqlite", "postgresql")], ids="-".join
)


def carry(kinds: Sequence[str], fresh: Fresh, record: Callable[[Database], object]) -> None:
    """Record, export, import into the next kind, back that up, import the backup: each exports the same bytes."""
    database = fresh(kinds[0])
    record(database)
    with TemporaryDirectory() as folder:
        carried = Path(folder) / "record.json"
        exported = write_snapshot(database, carried)
        assert problems(database) == []
        content = carried.read_bytes()
        for number, kind in enumerate(kinds[1:]):
            database.close()
            database = fresh(kind)
            assert read_record(database, carried) == exported
            write_snapshot(database, again := Path(folder) / f"again-{number}.json")
            assert again.read_bytes() == content
            backup(database, carried := Path(folder) / f"copy-{number}.db")
    database.close()


@ROUTES
def test_filled_record_carries_to_the_same_bytes(kinds: Sequence[str], fresh: Fresh) -> None:
    carry(kinds, fresh, fill)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_bot_continues_from_a_snapshot(exported: str, fresh: Fresh, tmp_path: Path, kind: str) -> None:
    (tmp_path / "all.json").write_text(exported, encoding="utf-8")
    database = fresh(kind)
    read_record(database, tmp_path / "all.json")
    last = max(row["id"] for row in json.loads(exported)["tables"]["updates"])
    assert say(database, "GG-1 note next", now=NOW + timedelta(days=1)).main.number > last
    with database.reading() as session:
        assert find_problems(session) == []
        assert set(session.scalars(select(Delivery.state))).isdisjoint({"pending", "sending"})
    with pytest.raises(AidError, match="is not empty"):
        read_record(database, tmp_path / "all.json")


# -- any legal record -----------------------------------------------------------------------------------------

REFS = ("GG-1", "IO-2", "KR-1")
REF_SETS = st.lists(st.sampled_from(REFS), min_size=1, unique=True).map(tuple)
RECORDS = st.lists(st.tuples(REF_SETS, ANYTHING), min_size=3, max_size=14)
TWO_UNDOS = [  # rows of one shape that point to rows of another, later one
    (("GG-1",), Step("hold by:FR on:2026-02-09 as:government")),
    (("GG-1",), Step("", 1)),
    (("GG-1",), Step("circulated on:2026-02-09 deadline:2026-02-16 as:government")),
    (("GG-1",), Step("", 1)),
]
TWO_CORRECTIONS = [
    (("GG-1",), Step("shipped on:2026-02-09 as:press")),
    (("GG-1",), Step("shipped on:2026-02-10 as:press", 1, "corrects")),
    (("GG-1",), Step("circulated on:2026-02-09 deadline:2026-02-16 as:government")),
    (("GG-1",), Step("circulated on:2026-02-09 as:government", 1, "corrects")),
]


@ROUTES
@settings(max_examples=5)
@example(TWO_UNDOS)
@example(TWO_CORRECTIONS)
@given(RECORDS)
def test_what_check_passes_carries_to_the_same_bytes(
    kinds: Sequence[str], fresh: Fresh, steps: list[tuple[tuple[str, ...], Step]]
) -> None:
    def record(database: Database) -> None:
        add_projects(database, *REFS)
        for refs, step in steps:
            apply_step(database, refs, step)

    carry(kinds, fresh, record)


# -- the schema that docs/ publishes --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a record, its backup and its export."""
    folder = tmp_path_factory.mktemp("filled")
    shutil.copy(sqlite_template, folder / "aid.db")
    with closing(Database(f"sqlite:///{folder / 'aid.db'}")) as database:
        fill(database)
        write_snapshot(database, folder / "all.json")
        backup(database, folder / "night.db")
    return folder


@pytest.fixture(scope="module")
def exported(filled: Path) -> str:
    """Return the text of an export."""
    return (filled / "all.json").read_text(encoding="utf-8")


def test_docs_describe_the_tables_of_this_revision() -> None:
    for file, text in ((SCHEMA, schema()), (PAGE, page())):
        assert file.read_text(encoding="utf-8") == text, "run: .venv/bin/python -m tests.tools.record_schema"
    assert set(re.findall(r"^\| `(\w+)` \| .", page(), re.MULTILINE)) == set(Base.metadata.tables) - set(NOT_EXPORTED)


@pytest.mark.parametrize(
    ("table", "change"),
    [("updates", {}), ("updates", {"happened": "soon"}), ("updates", {"colour": "red"}), ("acts", {"id": "1"})],
)
def test_export_validates_against_the_schema(exported: str, table: str, change: dict[str, str]) -> None:
    content = json.loads(exported)
    content["tables"][table][0] |= change
    errors = [*Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).iter_errors(content)]
    assert [list(error.path)[:3] for error in errors] == [["tables", table, 0]] * len(change)


# -- files that are no whole record ---------------------------------------------------------------------------


def instead(old: str, new: str) -> Callable[[str], str]:
    """Return an edit of the first ``old``, which must be there."""

    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edit


NO_RECORD = "xport it again"
DEEP = "[" * 20_000 + "]" * 20_000
WRONG = {
    "newer": (
        instead('"revision": "', '"revision": "9'),
        f"revision 9{last_revision()}, which this version of the bot does not know",
    ),
    "no revision": (instead('"revision": "', '"revision": null, "other": "'), NO_RECORD),
    "earlier": (instead(f'"revision": "{last_revision()}"', '"revision": "0003"'), NO_RECORD),
    "half": (lambda text: text[: len(text) // 2], NO_RECORD),
    "cut at a line": (lambda text: text[: text.index("\n", len(text) // 2) + 1], NO_RECORD),
    "without the end": (lambda text: text.removesuffix("}}\n"), NO_RECORD),
    "twice": (lambda text: text * 2, NO_RECORD),
    "no date": (instead('"happened": "2026-02"', '"happened": "soon"'), NO_RECORD),
    "no such date": (instead('"reported": "2026-02-05"', '"reported": "2026-02-30"'), NO_RECORD),
    "a time of no zone": (instead('+00:00"', '"'), NO_RECORD),
    "an unknown column": (instead('"ref": "GG-1", "search', '"ref": "GG-1", "colour": "red", "search'), NO_RECORD),
    "a missing value": (instead('"attempts": 0, ', ""), NO_RECORD),
    "a number in quotes": (instead('"attempts": 0', '"attempts": "0"'), NO_RECORD),
    "a fraction": (instead('"attempts": 0', '"attempts": 0.5'), NO_RECORD),
    "a huge number": (instead('"attempts": 0', f'"attempts": {10**30}'), NO_RECORD),
    "a doubled key": (instead('"ref": "GG-1"', '"ref": "GG-1", "ref": "GG-2"'), NO_RECORD),
    "NaN": (instead('"about": {', '"about": {"a": NaN, '), NO_RECORD),
    "infinity": (instead('"about": {', '"about": {"a": 1e999, '), NO_RECORD),
    "a lone surrogate": (instead('"note": "', '"note": "\\ud800'), NO_RECORD),
    "deep nesting": (instead('"about": {', f'"about": {{"a": {DEEP}, '), NO_RECORD),
    "no object": (instead('"acts": [\n', '"acts": [\n[],\n'), NO_RECORD),
    "another table": (instead('"acts": [', '"facts": ['), NO_RECORD),
    "a missing table": (lambda text: re.sub(r'"notices": \[.*?\n\],\n', "", text, flags=re.DOTALL), NO_RECORD),
    "empty": (lambda _: "", NO_RECORD),
    "an object": (lambda _: "{}", NO_RECORD),
    "a list": (lambda _: "[1, 2]\n", NO_RECORD),
    "somebody's": (lambda _: '{"format": "other", "revision": "0007", "tables": {\n', NO_RECORD),
    "no text": (lambda text: text.encode("utf-16").decode("latin-1"), NO_RECORD),
}


def test_no_whole_record_changes_nothing(fresh: Fresh, tmp_path: Path, exported: str) -> None:
    database, path = fresh("sqlite"), tmp_path / "all.json"
    for spoiled, (spoil, message) in WRONG.items():
        path.write_text(spoil(exported), encoding="utf-8")
        assert path.read_text(encoding="utf-8") != exported
        with pytest.raises(AidError, match=message):
            read_record(database, path)
        with database.reading() as session:
            assert session.scalar(select(func.count()).select_from(ChangeSet)) == 0, spoiled
            assert session.scalar(select(func.count()).select_from(CouncilMember)) > 0, spoiled
    path.write_text(exported, encoding="utf-8")
    assert read_record(database, path).findings == ()


@pytest.mark.parametrize("edit", [('"act_id": 1,', '"act_id": 9999,'), ('"id": 2, "key"', '"id": 1, "key"')])
def test_rows_that_do_not_fit_are_refused_with_a_reference(
    exported: str,
    sqlite_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    edit: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "all.json").write_text(instead(*edit)(exported), encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    assert main(["import", str(tmp_path / "all.json")]) == 1
    errors = capsys.readouterr().err
    reference = re.search(r"nothing was changed: .* constraint failed.*The log calls it (R-\w+)\.", errors)
    assert reference
    assert errors.count(reference[1]) == 2
    assert "Traceback" not in errors


# -- ended on the way -----------------------------------------------------------------------------------------

ENDS = """
import os, signal, sys
from importlib import import_module
from bot.cli import main

def end(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

module, _, name = sys.argv[1].rpartition(".")
setattr(import_module(module), name, end)
main(sys.argv[2:])
"""


@pytest.mark.parametrize(
    ("step", "command"),
    [
        ("db.maintenance.json_snapshot.write_snapshot", ("import", "night.db")),
        ("db.maintenance.json_snapshot.insert_rows", ("import", "all.json")),
        ("db.maintenance.backup.mark_copy", ("backup", "copy.db")),
        ("db.maintenance.atomic_file._sync", ("backup", "copy.db")),
        ("db.maintenance.atomic_file._sync", ("export", "new.json")),
    ],
)
def test_killed_command_runs_again(
    filled: Path,
    exported: str,
    sqlite_template: Path,
    tmp_path: Path,
    step: str,
    command: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    if command[0] == "import":
        shutil.copy(sqlite_template, tmp_path / "aid.db")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///aid.db")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)

    ended = subprocess.run([sys.executable, "-c", ENDS, step, *command], check=False, capture_output=True)

    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert main(list(command)) == 0
    with closing(Database("sqlite:///aid.db")) as database:
        write_snapshot(database, tmp_path / "again.json")
    assert (tmp_path / "again.json").read_text(encoding="utf-8") == exported


# -- moving by the command that docs/export.md names ----------------------------------------------------------


def test_move_between_databases_loses_nothing(sqlite_url: str, bare_postgres: str, tmp_path: Path, run: Run) -> None:
    database = Database(sqlite_url)
    fill(database)
    database.close()
    shutil.copy(tmp_path / "aid.db", tmp_path / "aid-status.db")
    section = (ROOT / "docs" / "export.md").read_text(encoding="utf-8").split("## Moving to another database")[1]
    assert re.findall(r"^    python -m bot (.+)", section, re.MULTILINE) == ["import aid-status.db"]

    moved = run("import", "aid-status.db", DATABASE_URL=bare_postgres)

    assert "All is well: every standing was built anew and compared." in moved.out, moved.err
    for number, (url, name) in enumerate(((sqlite_url, "before.json"), (bare_postgres, "after.json"))):
        proof = run("check", "--prove", "heads", DATABASE_URL=url).out
        assert f"links was rebuilt and agrees, as do {number} heads kept before." in proof
        assert run("export", name, DATABASE_URL=url).code == 0
    content = (tmp_path / "after.json").read_text(encoding="utf-8")
    assert content == (tmp_path / "before.json").read_text(encoding="utf-8")
    for table in ("deliveries", "subscriptions", "updates", "council_members"):
        assert f'"{table}": [\n{{' in content


NEWER = "revision 9999, which this version of the bot does not know"


@pytest.mark.parametrize("what", ["another program's", "without a revision", "newer", "without its tables", "damaged"])
def test_restore_of_a_foreign_file_is_refused(sqlite_url: str, tmp_path: Path, run: Run, what: str) -> None:
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

    refused = run("import", "other.db", DATABASE_URL=sqlite_url)

    assert (refused.code, refused.out) == (1, "")
    assert (NEWER if what == "newer" else "The file is not a complete record") in refused.err
    assert refused.err.count("\n") == 1
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.glob("other.db*")] == ["other.db"]
