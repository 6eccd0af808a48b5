"""A record of any size, the same at every run: a table of made-up projects, imported as an admin would do it."""

import csv
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import insert, select

from db.audit import Editor
from db.database import Database
from db.imports.importer import import_file
from db.maintenance.seed import seed_article, seed_council
from db.models import Delivery, UpdateProject
from db.subscriptions.subscriptions import subscribe

TEAM = "T0LOOP"
ADMIN = "U0ADMIN"
SEEDED_AT = datetime(2026, 2, 8, 12, tzinfo=UTC)
MIDDLE = 300
PROJECTS_A_CHANNEL = 10
UPDATES_A_MESSAGE = 10
FIRST_DAY = date(2012, 1, 1)
DAYS = 5_000  # until the last project is submitted, in September 2025

STORIES = tuple(
    story.split()
    for story in (
        "submitted circulated note note",
        "submitted circulated hold note",
        "submitted circulated hold hold-lifted",
        "submitted approved clearance shipped",
        "submitted approved shipped delivered",
        "submitted approved note extension-requested",
    )
)
ROWS_A_PROJECT = 4
HEADINGS = (
    "Ref", "Title", "Title in Korean", "Group", "Applicant", "Applicant country", "Sectors", "Update", "Date",
    "Source kind", "Source", "Held by", "No-objection deadline", "Valid until", "Authority", "Outcome", "Note",
)  # fmt: skip
ENGLISH = (
    *("water", "clean", "hospital", "vaccine", "nutrition", "medical", "kit", "province", "solar", "pump", "clinic"),
    *("school", "tuberculosis", "malaria", "sanitation", "milk", "powder", "surgical", "ambulance", "greenhouse"),
)
KOREAN = ("식수", "병원", "백신", "영양", "의료", "태양광", "펌프", "진료소", "결핵", "어린이", "지원", "사업", "위생")
GROUPS = ("io", "io", "ngo", "ngo", "kr-private", "gyeonggi")
SECTORS = ("12110", "12220", "12250", "12263", "14030", "14032", "31120", "72040")
HOLDERS = ("US", "US", "GB", "FR", "CN", "RU")
FILTERS = (
    "group:io", "group:ngo", "group:kr-private", "status:on-hold", "holder:US", "sector:12", "water", "kind:note",
)  # fmt: skip


def fill(database: Database, projects: int) -> None:
    """Write the 17 projects of the article and so many more into a migrated database that is empty."""
    with database.writing() as session:
        seed_council(session)
        seed_article(session, now=SEEDED_AT)
    with TemporaryDirectory() as folder:
        import_rows(database, write_table(Path(folder) / "table.csv", projects * ROWS_A_PROJECT))
    with database.writing() as session:
        for number in range(projects // PROJECTS_A_CHANNEL):
            wanted = FILTERS[number % len(FILTERS)]
            subscribe(session, TEAM, f"C0BIG{number}", ADMIN, wanted, ("en", "ko")[number % 2], now=SEEDED_AT)
        touches = select(UpdateProject).where(UpdateProject.update_id % UPDATES_A_MESSAGE == 0)
        session.execute(insert(Delivery), [_sent(touch, projects) for touch in session.scalars(touches)])
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")  # as its own housekeeping does sooner or later
            connection.commit()


def import_rows(database: Database, path: Path) -> None:
    """Import a table that ``write_table`` wrote; all of its rows have to be recorded."""
    report = import_file(database, path, Editor(TEAM, ADMIN, SEEDED_AT))
    assert report.recorded == report.rows, report.errors


def write_table(path: Path, rows: int) -> Path:
    """Write a CSV file of so many rows, four a project."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADINGS)
        writer.writeheader()
        for number in range(rows // ROWS_A_PROJECT):
            writer.writerows(_rows(number))
    return path


def _rows(number: int) -> Iterator[dict[str, str]]:
    chance = random.Random(number)
    ref = f"P{'ABCDEFGHIJ'[number // 9999]}-{number % 9999 + 1}"  # a ref has four digits at most
    project = {
        "Title": " ".join(chance.choices(ENGLISH, k=4)).capitalize(),
        "Title in Korean": " ".join(chance.choices(KOREAN, k=4)),
        "Group": chance.choice(GROUPS),
        "Applicant": f"Relief Works {number % 250}",
        "Applicant country": ("CH", "FI", "KR", "US")[number % 250 % 4],
        "Sectors": chance.choice(SECTORS),
    }
    happened = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
    holder = chance.choice(HOLDERS)
    for position, kind in enumerate(chance.choice(STORIES)):
        yield {
            "Ref": ref,
            **(project if position == 0 else {}),
            "Update": kind,
            "Date": happened.isoformat(),
            "Source kind": "letter" if kind == "approved" else "government",
            "Source": f"https://example.org/{ref}/{position}",
            "Note": f"Report {position} on consignments and monitoring visits",
            **_details(kind, happened, holder),
        }
        happened += timedelta(days=chance.randrange(1, 30))


def _details(kind: str, happened: date, holder: str) -> dict[str, str]:
    return {
        "circulated": {"No-objection deadline": (happened + timedelta(days=5)).isoformat()},
        "hold": {"Held by": holder},
        "hold-lifted": {"Held by": holder},
        "approved": {"Valid until": (happened + timedelta(days=365)).isoformat()},
        "clearance": {"Authority": "Customs", "Outcome": "granted"},
    }.get(kind, {})


def _sent(touch: UpdateProject, projects: int) -> dict[str, object]:
    """Build a message about an update that was sent long ago."""
    return {
        "team_id": TEAM,
        "channel_id": f"C0BIG{touch.update_id % (projects // PROJECTS_A_CHANNEL)}",
        "act_id": touch.update_id,
        "update_id": touch.update_id,
        "project_id": touch.project_id,
        "kind": "alert",
        "language": "en",
        "about": {
            "headlines": {str(touch.project_id): [touch.headline_before, touch.headline_after]},
            "projects": [touch.project_id],
        },
        "state": "sent",
        "due_at": SEEDED_AT,
        "attempts": 1,
        "attempted_at": SEEDED_AT,
        "plain": False,
        "ts": f"{int(SEEDED_AT.timestamp())}.{touch.update_id % 1_000_000:06}",
        "created_at": SEEDED_AT,
        "sent_at": SEEDED_AT,
    }
