"""Exported files: their content, and importing them again."""

import csv
import io
import shutil
from datetime import date, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event
from openpyxl import load_workbook

from db.admin.projects import set_visibility
from db.audit import Editor
from db.database import Database
from db.domain.enums import UpdateKind, Visibility
from db.imports.columns import COLUMNS, DERIVED
from db.imports.importer import import_file
from db.maintenance.seed import seed_article
from db.recording.proposal import Proposal
from db.recording.receipts import RecordingContext
from db.recording.record import record, retract
from db.search.filter import parse_filter
from handlers.exports.result import Written
from handlers.exports.writers import KINDS, write_export
from handlers.i18n.translator import Translator
from tests.support.proposals import NOW, TODAY

EDITOR = Editor("T0", "U1", NOW)
KNOWN = Path(str(files("db") / "data" / "known-exemptions.csv"))


@pytest.fixture
def filled(database: Database) -> Database:
    with database.writing() as session:
        seed_article(session, now=NOW)
    import_file(database, KNOWN, EDITOR)
    return database


def export(
    database: Database, path: Path, filter_text: str = "", *, language: str = "en", hxl: bool = False
) -> Written:
    with database.reading() as session:
        return write_export(
            session, path, path.suffix, parse_filter(filter_text), TODAY, NOW, Translator(language), hxl=hxl
        )


def table(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def do(database: Database, ref: str, kind: str, *, minutes: int, corrects: int | None = None, **options: str) -> int:
    with database.writing() as session:
        recorder = RecordingContext("T0", "U1", "test", f"{ref} {kind} {minutes}", str(minutes))
        proposal = Proposal((ref,), UpdateKind(kind), options, "", corrects)
        return record(session, proposal, recorder, now=NOW + timedelta(minutes=minutes)).updates[-1].number


# -- tables ---------------------------------------------------------------------------------------------------


def test_csv_holds_projects_then_updates(filled: Database, tmp_path: Path) -> None:
    assert export(filled, tmp_path / "all.csv") == Written(56, 52)
    headings, *rows = table(tmp_path / "all.csv")
    assert set(headings) == {column.english for column in (*COLUMNS, *DERIVED)}
    by_heading = [dict(zip(headings, row, strict=True)) for row in rows]
    first, last = by_heading[0], by_heading[-1]
    assert (first["Ref"], first["Standing"], first["Amount from"], first["As of"]) == (
        "GG-1",
        "Under review",
        "200000000",
        "2026-02-07",
    )
    assert (last["Update"], last["Date"], last["Valid until"], last["Publisher"]) == (
        "approved",
        "2026-02-06",
        "unknown",
        "VOA Korean",
    )
    assert {row["Days left"] for row in by_heading if row["Standing"] == "Expired"} == {""}  # none are left, not 0
    shared = [row for row in by_heading if row["Update"] == "hold"]
    assert [len(row["Ref"].split()) for row in shared] == [17]  # one act stays one act


def test_export_filter_equals_that_of_aid_status(filled: Database, tmp_path: Path) -> None:
    export(filled, tmp_path / "some.csv", "set:known-exemptions org:FAO", language="ko", hxl=True)
    headings, tags, *rows = table(tmp_path / "some.csv")
    assert headings[:3] == ["사업번호", "사업명(영문)", "사업명"]
    assert all(tag.startswith("#") for tag in tags)
    assert {row[0] for row in rows} == {"FAO-1", "FAO-2", "FAO-3", "FAO-4"}


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
def test_reimport_of_an_export_finds_nothing_new(filled: Database, tmp_path: Path, kind: str, language: str) -> None:
    export(filled, tmp_path / f"all{kind}", language=language)
    report = import_file(filled, tmp_path / f"all{kind}", EDITOR)
    assert (report.wrong, report.added, report.changed, report.recorded, report.known) == (0, 0, 0, 0, 52)
    assert report.unread == []  # where projects stand is there for reading and nobody misses it


@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
def test_import_of_an_export_rebuilds_the_record(
    filled: Database, sqlite_template: Path, tmp_path: Path, kind: str
) -> None:
    export(filled, tmp_path / f"all{kind}")
    shutil.copy(sqlite_template, tmp_path / "other.db")
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    report = import_file(other, tmp_path / f"all{kind}", EDITOR)
    assert (report.wrong, report.added, report.recorded) == (0, 56, 52)
    export(other, tmp_path / "again.csv")
    export(filled, tmp_path / "first.csv")
    assert table(tmp_path / "again.csv") == table(tmp_path / "first.csv")
    other.close()


def test_workbook_has_typed_cells_links_and_frozen_headings(filled: Database, tmp_path: Path) -> None:
    export(filled, tmp_path / "all.xlsx")
    book = load_workbook(tmp_path / "all.xlsx")
    projects, updates = book["Projects"], book["Updates"]
    assert (projects.freeze_panes, updates.freeze_panes) == ("B2", "B2")
    headings = {cell.value: cell.column for cell in updates[1]}
    row = next(row for row in updates.iter_rows(min_row=2) if row[0].value == "GGX-1" and row[2].value == "approved")
    cell = {name: row[place - 1] for name, place in headings.items()}
    assert cell["Date"].value == datetime(2020, 8, 4)  # noqa: DTZ001  a workbook's days have no zone
    assert (cell["Items"].value, cell["Value"].value) == (298, 367883.80)
    assert cell["Source"].hyperlink.target.startswith("https://en.yna.co.kr/")
    half = next(row for row in updates.iter_rows(min_row=2) if row[2].value == "hold")
    assert half[headings["Date"] - 1].value == "2025-H1"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40))
@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
def test_export_of_any_note_is_harmless_and_round_trips(
    sqlite_database: Database, tmp_path: Path, kind: str, text: str
) -> None:
    if not text.strip():
        return
    note = f"={text}".strip()
    with sqlite_database.writing() as session:
        seed_article(session, now=NOW)
        recorder = RecordingContext("T0", "U1", "test", f"n {text}", text[:60])
        record(session, Proposal(("GG-1",), UpdateKind.NOTE, {}, note), recorder, now=NOW + timedelta(hours=1))
    path = tmp_path / f"notes{kind}"
    export(sqlite_database, path)
    report = import_file(sqlite_database, path, EDITOR)
    assert (report.wrong, report.recorded) == (0, 0)
    if kind == ".csv":
        assert not [cell for row in table(path) for cell in row if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("kind", [each for each in KINDS if each != ".png"])  # test_pictures.py reads what is drawn
def test_exports_contain_no_withheld_name(filled: Database, tmp_path: Path, kind: str) -> None:
    with filled.writing() as session:
        set_visibility(session, "KSM-1", Visibility.WITHHELD, EDITOR)
    export(filled, tmp_path / f"all{kind}")
    if kind == ".xlsx":
        book = load_workbook(tmp_path / "all.xlsx")
        text = str([[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()])
    else:
        text = (tmp_path / f"all{kind}").read_text(encoding="utf-8")
    assert "KSM-1" in text
    for name in ("Kaepung", "개풍", "Korean Sharing Movement", "우리민족서로돕기운동"):
        assert name not in text


# -- the calendar ---------------------------------------------------------------------------------------------


def events(database: Database, path: Path, filter_text: str = "") -> dict[str, Event]:
    path.unlink(missing_ok=True)
    export(database, path, filter_text)
    entries = [each for each in Calendar.from_ical(path.read_bytes()).walk("VEVENT") if isinstance(each, Event)]
    assert len({each["UID"] for each in entries}) == len(entries)
    return {str(each["UID"]): each for each in entries}


def test_calendar_end_is_an_all_day_event(filled: Database, tmp_path: Path) -> None:
    (event,) = events(filled, tmp_path / "x.ics", "set:known-exemptions FAO-2").values()
    assert event.decoded("DTSTART") == date(2025, 12, 20)
    assert event.decoded("DTEND") == date(2025, 12, 21)
    assert (event["STATUS"], event["SEQUENCE"]) == ("CONFIRMED", 0)
    assert str(event["SUMMARY"]) == "FAO-2: exemption ends · Tractors and other machines"


def test_calendar_omits_an_unknown_end(filled: Database, tmp_path: Path) -> None:
    assert events(filled, tmp_path / "x.ics", "FAO-3") == {}


def test_calendar_marks_an_inexact_end(filled: Database, tmp_path: Path) -> None:
    (event,) = events(filled, tmp_path / "x.ics", "UNICEF-7").values()
    assert event.decoded("DTSTART") == date(2025, 9, 1)
    assert "The source gives 2025-09; this is the first day that it may mean." in str(event["DESCRIPTION"])


def test_calendar_cancels_superseded_events_and_raises_sequence(filled: Database, tmp_path: Path) -> None:
    path, sequences = tmp_path / "x.ics", []

    def now() -> list[tuple[str, str, int]]:
        by_uid = events(filled, path, "FAO-2")
        return [(str(each.decoded("DTSTART")), str(each["STATUS"]), int(each["SEQUENCE"])) for each in by_uid.values()]

    sequences.append(now())
    first = do(filled, "FAO-2", "extended", minutes=1, on="2025-12-18", until="2026-06-20", **{"as": "letter"})
    sequences.append(now())
    second = do(
        filled, "FAO-2", "extended", minutes=2, on="2025-12-18", until="2026-07-20", corrects=first, **{"as": "letter"}
    )
    sequences.append(now())
    with filled.writing() as session:
        retract(session, [second], RecordingContext("T0", "U1", "test", "r", "r"), now=NOW + timedelta(minutes=3))
        retract(session, [first], RecordingContext("T0", "U1", "test", "r2", "r2"), now=NOW + timedelta(minutes=4))
    sequences.append(now())
    assert sequences[0] == [("2025-12-20", "CONFIRMED", 0)]
    assert [each[:2] for each in sequences[1]] == [("2025-12-20", "CANCELLED"), ("2026-06-20", "CONFIRMED")]
    assert [each[:2] for each in sequences[2]] == [("2025-12-20", "CANCELLED"), ("2026-07-20", "CONFIRMED")]
    assert [each[1] for each in sequences[3]] == ["CONFIRMED", "CANCELLED"]
    for before, after in pairwise(sequences):
        for (_, _, old), (_, _, new) in zip(before, after, strict=False):
            assert new > old


# -- IATI -----------------------------------------------------------------------------------------------------

ORDER = [
    "iati-identifier",
    "reporting-org",
    "title",
    "description",
    "participating-org",
    "activity-status",
    "activity-date",
    "recipient-country",
    "sector",
    "related-activity",
]
"""The order of version 2.03's schema; the first seven are required."""


def activities(database: Database, path: Path, filter_text: str = "") -> dict[str, Element]:
    export(database, path, filter_text)
    root = parse(path).getroot()
    assert (root.tag, root.get("version")) == ("iati-activities", "2.03")
    return {str(each.findtext("iati-identifier")): each for each in root}


def test_iati_activity_has_required_elements_in_order(filled: Database, tmp_path: Path) -> None:
    do(filled, "KSM-1", "shipped", minutes=1, on="2026-01-05", **{"as": "government"})
    by_ref = activities(filled, tmp_path / "all.xml")
    assert len(by_ref) == len({*by_ref}) > 30
    for activity in by_ref.values():
        tags = [child.tag for child in activity]
        assert [ORDER.index(tag) for tag in tags] == sorted(ORDER.index(tag) for tag in tags)
        assert set(ORDER[:7]) <= set(tags)
        for child in activity.iter("activity-date"):
            date.fromisoformat(str(child.get("iso-date")))
        for child in activity.iter("narrative"):
            assert child.text
    shipped = by_ref["aid-status-KSM-1"]
    assert [child.get("code") for child in shipped.iter("activity-status")] == ["2"]


def test_iati_omits_inexact_dates_and_reports_them(filled: Database, tmp_path: Path) -> None:
    export_result = export(filled, tmp_path / "all.xml", "-set:known-exemptions")
    assert (export_result.projects, export_result.left_out) == (0, 17)
    assert export_result.reason == "no day is known that IATI could date"


def test_iati_invents_no_unknown_value(filled: Database, tmp_path: Path) -> None:
    by_ref = activities(filled, tmp_path / "all.xml", "WHO-5")
    (activity,) = by_ref.values()
    assert [(each.get("type"), each.get("iso-date")) for each in activity.iter("activity-date")] == [
        ("1", "2026-02-06")
    ]
    assert not list(activity.iter("sector"))
    assert not list(activity.iter("budget"))
