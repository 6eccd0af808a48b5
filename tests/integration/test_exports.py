"""Exported files: their content, and importing them again."""

import csv
import io
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event
from matplotlib.text import Text
from openpyxl import load_workbook
from sqlalchemy import func, select

from db.admin.projects import set_visibility
from db.audit import Editor
from db.database import Database
from db.domain.enums import UpdateKind, Visibility
from db.imports.columns import COLUMNS, DERIVED
from db.imports.importer import import_file
from db.maintenance.seed import seed_article
from db.models import Project, UpdateRow
from db.recording.proposal import Proposal
from db.recording.receipts import RecordingContext
from db.recording.record import record, retract
from db.reports.project import project_detail
from db.search.filter import parse_filter
from handlers.charts.canvas import Canvas
from handlers.charts.project_timeline import draw_timeline
from handlers.charts.wording import stated_by
from handlers.exports.result import Written
from handlers.exports.writers import KINDS, write_export
from handlers.i18n.translator import Translator
from tests.support.proposals import NOW, TODAY, add_projects, say
from tests.support.strategies import BEGINNINGS, LINES, REPORTS, STEPS, Step, apply_step

EDITOR = Editor("T0", "U1", NOW)
SOFFICE = shutil.which("soffice")
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


def size(database: Database) -> tuple[int, int]:
    """Return how many projects and updates are on record."""
    with database.reading() as session:
        tables = (Project, UpdateRow)
        projects, updates = (session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
    return projects, updates


def do(database: Database, ref: str, kind: str, *, minutes: int, corrects: int | None = None, **options: str) -> int:
    with database.writing() as session:
        recorder = RecordingContext("T0", "U1", "test", f"{ref} {kind} {minutes}", str(minutes))
        proposal = Proposal((ref,), UpdateKind(kind), options, "", corrects)
        return record(session, proposal, recorder, now=NOW + timedelta(minutes=minutes)).updates[-1].number


# -- tables ---------------------------------------------------------------------------------------------------


def test_csv_holds_projects_then_updates(filled: Database, tmp_path: Path) -> None:
    assert export(filled, tmp_path / "all.csv") == Written(*size(filled))
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
    assert {row[0].split("-")[0] for row in rows} == {"FAO"}


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
def test_reimport_of_an_export_finds_nothing_new(filled: Database, tmp_path: Path, kind: str, language: str) -> None:
    export(filled, tmp_path / f"all{kind}", language=language)
    report = import_file(filled, tmp_path / f"all{kind}", EDITOR)
    assert (report.wrong, report.added, report.changed, report.recorded, report.known) == (0, 0, 0, 0, size(filled)[1])
    assert report.unread == []  # where projects stand is there for reading and nobody misses it


@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
def test_import_of_an_export_rebuilds_the_record(
    filled: Database, sqlite_template: Path, tmp_path: Path, kind: str
) -> None:
    export(filled, tmp_path / f"all{kind}")
    shutil.copy(sqlite_template, tmp_path / "other.db")
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    report = import_file(other, tmp_path / f"all{kind}", EDITOR)
    assert (report.wrong, report.added, report.recorded) == (0, *size(filled))
    export(other, tmp_path / "again.csv")
    export(filled, tmp_path / "first.csv")
    assert _without_numbers(tmp_path / "again.csv") == _without_numbers(tmp_path / "first.csv")
    other.close()


def _without_numbers(path: Path) -> list[list[str]]:
    """Return a table without the numbers of updates: an import records reports after what they are about."""
    headings, *rows = table(path)
    kept = [index for index, heading in enumerate(headings) if heading not in {"Number", "Confirms", "Differs"}]
    return [[row[index] for index in kept] for row in (headings, *rows)]


def test_workbook_has_typed_cells_links_and_frozen_headings(filled: Database, tmp_path: Path) -> None:
    export(filled, tmp_path / "all.xlsx")
    book = load_workbook(tmp_path / "all.xlsx")
    projects, updates = book["Projects"], book["Updates"]
    assert (projects.freeze_panes, updates.freeze_panes) == ("B2", "B2")
    headings = {cell.value: cell.column for cell in updates[1]}
    row = next(row for row in updates.iter_rows(min_row=2) if row[0].value == "UNICEF-3" and row[2].value == "approved")
    cell = {name: row[place - 1] for name, place in headings.items()}
    assert cell["Date"].value == datetime(2019, 12, 9)  # noqa: DTZ001  a workbook's days have no zone
    assert (cell["Items"].value, cell["Value"].value) == (56, 3000000)
    assert cell["Source"].hyperlink.target.startswith("https://en.yna.co.kr/")
    half = next(row for row in updates.iter_rows(min_row=2) if row[2].value == "hold")
    assert half[headings["Date"] - 1].value == "2025-H1"


@contextmanager
def copied(template: Path) -> Iterator[tuple[Database, Path]]:
    """Yield an empty record in a folder of its own, which goes with it."""
    with TemporaryDirectory() as folder:
        path = Path(shutil.copy(template, Path(folder) / "record.db"))
        with closing(Database(f"sqlite:///{path}")) as database:
            yield database, path.parent


def rebuilt(database: Database, template: Path, kind: str) -> tuple[list[list[str]], list[list[str]]]:
    """Return the record as a table, and that of a new record into which its export was imported; numbers may change."""
    with copied(template) as (other, folder):
        export(database, folder / f"all{kind}")
        for reader in (database, other):  # the record itself has it all
            before = size(reader)
            report = import_file(reader, folder / f"all{kind}", EDITOR)
            assert [(str(each.place), str(each.error)) for each in report.errors] == []
            assert (report.changed, size(reader) == before) == (0, reader is database)
        export(database, folder / "before.csv")
        export(other, folder / "after.csv")
        return renumbered(table(folder / "before.csv")), renumbered(table(folder / "after.csv"))


def renumbered(rows: list[list[str]]) -> list[list[str]]:
    """Number the updates as they stand, in their own column and where others name them."""
    headings = rows[0]
    columns = [headings.index(name) for name in ("Number", "Confirms", "Differs")]
    order = {number: str(at) for at, number in enumerate(dict.fromkeys(row[columns[0]] for row in rows[1:]))}
    return [[order.get(cell, cell) if at in columns else cell for at, cell in enumerate(row)] for row in rows]


RECORDED = st.builds(
    lambda beginning, rest: [*beginning, *rest], BEGINNINGS, st.lists(st.one_of(LINES, LINES, REPORTS), max_size=10)
)


@settings(deadline=None, max_examples=60)
@given(steps=RECORDED)
@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
def test_import_of_any_export_records_the_same(sqlite_template: Path, kind: str, steps: list[Step]) -> None:
    with copied(sqlite_template) as (database, _):
        add_projects(database, "GG-1", "GG-2")
        for at, step in enumerate(steps):
            apply_step(database, ("GG-1", "GG-2") if at % 3 == 0 else ("GG-1",), step)
        before, after = rebuilt(database, sqlite_template, kind)
    assert before == after


@settings(deadline=None, max_examples=30)
@given(steps=STEPS)
@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
def test_record_knows_its_own_export(sqlite_template: Path, kind: str, steps: list[Step]) -> None:
    """Also where updates were corrected and retracted, and in the export from before."""
    with copied(sqlite_template) as (database, folder):
        add_projects(database, "GG-1", "GG-2")
        for at, step in enumerate(steps):
            if at == len(steps) // 2:
                export(database, folder / f"before{kind}")
            apply_step(database, ("GG-1", "GG-2") if at % 3 == 0 else ("GG-1",), step)
        export(database, folder / f"after{kind}")
        before = size(database)
        for path in folder.glob(f"*{kind}"):
            report = import_file(database, path, EDITOR)
            assert [(str(each.place), str(each.error)) for each in report.errors] == []
            assert (report.changed, size(database)) == (0, before)


@pytest.mark.skipif(not SOFFICE, reason="LibreOffice (soffice) is not installed")
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (".xlsx", ["--convert-to", "xlsx"]),
        (".csv", ["--infilter=CSV:44,34,76,1", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1"]),
    ],
)
def test_export_saved_again_by_libreoffice_finds_nothing_new(
    filled: Database, tmp_path: Path, kind: str, options: list[str]
) -> None:
    (tmp_path / "typed.csv").write_text(ROLES, encoding="utf-8")
    assert import_file(filled, tmp_path / "typed.csv", EDITOR).wrong == 0
    export(filled, tmp_path / f"all{kind}")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [str(SOFFICE), profile, "--headless", *options, "--outdir", str(tmp_path / "again"), f"all{kind}"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    report = import_file(filled, tmp_path / "again" / f"all{kind}", EDITOR)
    assert [str(each.error) for each in (*report.errors, *report.warnings)] == []
    assert (report.added, report.changed, report.recorded, report.known) == (0, 0, 0, size(filled)[1])


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
    (event,) = events(filled, tmp_path / "x.ics", "FAO-5").values()
    assert event.decoded("DTSTART") == date(2025, 10, 1)
    assert "The source gives 2025-10; this is the first day that it may mean." in str(event["DESCRIPTION"])


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
    by_ref = activities(filled, tmp_path / "all.xml", "UNICEF-9")
    (activity,) = by_ref.values()
    assert [(each.get("type"), each.get("iso-date")) for each in activity.iter("activity-date")] == [
        ("1", "2026-02-06")
    ]
    assert not list(activity.iter("budget"))


# -- one record in every file ---------------------------------------------------------------------------------

LIVELY = (
    ("GG-1 approved on:2026-02-06 until:2026-08-06 shipments:3 as:letter", {}),
    ("GG-1 approved until:2026-08-05 as:government reported:2026-02-09", {"differs": 1}),
    ("GG-1 approved as:applicant reported:2026-02-20", {"confirms": 1}),
    ("GG-1 extension-requested on:2026-02-20 as:applicant", {}),
    ("GG-1 circulated on:2026-02-25 deadline:2026-03-12T15:00 as:government", {}),
    ("GG-1 position by:US stance:supports on:2026-03-01 as:press reported:2026-03-02", {}),
    ("GG-1 clearance authority:Customs outcome:granted until:2026-06-30 on:2026-02-15 as:government", {}),
    ("GG-1 shipped consignment:1/3 contents:pumps from:Incheon to:Nampo on:2026-02-20 as:applicant", {}),
    ("GG-1 delivered consignment:1/3 on:2026-03-01 as:applicant", {}),
    ("GG-2 circulated on:2026-02-25 deadline:2026-03-04 as:government", {}),
    ("GG-2 hold by:FR length:6m on:2026-03-01 as:press", {}),
    ("GG-3 approved on:2026-01-10 until:2026-07-10 as:letter", {}),
    ("GG-3 shipped on:2026-01-20 as:press reported:2026-01-25", {}),
    ("GG-3 amendment-requested on:2026-02-10 as:applicant reported:2026-02-12", {}),
)


@pytest.fixture
def lively(sqlite_database: Database) -> Database:
    add_projects(sqlite_database, "GG-1", "GG-2", "GG-3")
    for line, target in LIVELY:
        say(sqlite_database, line, **target)
    return sqlite_database


def project_row(database: Database, path: Path, ref: str) -> dict[str, str]:
    headings, *rows = table_of(database, path)
    return next(row for row in (dict(zip(headings, row, strict=True)) for row in rows) if row["Ref"] == ref)


def table_of(database: Database, path: Path) -> list[list[str]]:
    export(database, path)
    return table(path)


def test_csv_states_every_axis_of_a_project(lively: Database, tmp_path: Path) -> None:
    row = project_row(lively, tmp_path / "all.csv", "GG-1")
    assert (row["Standing"], row["Delivery"], row["Response of the DPRK"]) == (
        "Approved",
        "1 of 3 delivered",
        "not known",
    )
    assert row["Positions"] == "United States: supports (Press)"
    assert row["Clearances"] == "Customs: granted · until 2026-06-30 (Government or Committee notice)"
    assert row["Sources differ"] == "Valid until: 2026-08-06 (Letter) / 2026-08-05 (Government or Committee notice)"
    assert (row["In force until"], row["Days left"]) == ("2026-08-06", "149")  # the letter is stronger


@pytest.mark.parametrize("ref", ["GG-1", "GG-2", "GG-3"])
def test_every_file_states_the_same_day_and_source(lively: Database, tmp_path: Path, ref: str) -> None:
    translator = Translator("en")
    with lively.reading() as session:
        case = project_detail(session, ref, TODAY)
    statement = case.standing.statement(TODAY)
    as_of, named = str(statement.as_of), ", ".join(stated_by(translator, statement))

    row = project_row(lively, tmp_path / "all.csv", ref)
    assert (row["As of"], row["Source of the standing"]) == (as_of, named)

    export(lively, tmp_path / "all.xlsx")
    headings, *rows = load_workbook(tmp_path / "all.xlsx")["Projects"].iter_rows(values_only=True)
    cells = next(cells for cells in (dict(zip(headings, row, strict=True)) for row in rows) if cells["Ref"] == ref)
    assert (str(cells["As of"].date()), cells["Source of the standing"]) == (as_of, named)

    for event in events(lively, tmp_path / "all.ics", ref).values():
        assert str(event["DESCRIPTION"]).endswith(f"As of {as_of}\nSource: {named}")

    sheet = Canvas()
    draw_timeline(sheet, translator, case)
    drawn = {each.get_text() for each in sheet.figure.findobj(Text)}
    assert {f"As of {as_of} · drawn on {TODAY}", f"Source: {named}"} <= drawn


def test_calendar_names_the_hour_of_a_round(lively: Database, tmp_path: Path) -> None:
    by_day = {str(each["SUMMARY"]): each for each in events(lively, tmp_path / "a.ics", "GG-1").values()}
    deadline = by_day["GG-1: no-objection deadline of the extension · Project GG-1"]
    assert deadline.decoded("DTSTART") == datetime(2026, 3, 12, 19, tzinfo=UTC)  # 15:00 in New York in summer
    assert "DTEND" not in deadline
    assert deadline["STATUS"] == "CONFIRMED"
    assert "The hour is that of New York: 15:00." in str(deadline["DESCRIPTION"])


def test_calendar_keeps_an_end_until_the_project_is_closed(lively: Database, tmp_path: Path) -> None:
    def end() -> tuple[str, str]:
        (event,) = [each for uid, each in events(lively, tmp_path / "a.ics", "GG-3").items() if uid.startswith("end")]
        return str(event.decoded("DTSTART")), str(event["STATUS"])

    say(lively, "GG-3 delivered all:yes on:2026-02-20 as:applicant")
    assert end() == ("2026-07-10", "CONFIRMED")
    say(lively, "GG-3 closed on:2026-03-01 as:applicant")
    assert end() == ("2026-07-10", "CANCELLED")


def test_report_of_a_corrected_update_names_the_correction(
    lively: Database, tmp_path: Path, sqlite_template: Path
) -> None:
    say(lively, "GG-1 approved on:2026-02-06 until:2026-08-06 shipments:3 as:letter seen", corrects=1)
    headings, *rows = table_of(lively, tmp_path / "all.csv")
    by_number = {row["Number"]: row for row in (dict(zip(headings, each, strict=True)) for each in rows)}
    corrected = next(number for number, row in by_number.items() if row["Note"] == "seen")
    assert (by_number["2"]["Differs"], by_number["3"]["Confirms"]) == (corrected, corrected)
    before, after = rebuilt(lively, sqlite_template, ".csv")
    assert before == after


def test_export_carries_roles_and_the_leading_record(
    sqlite_database: Database, tmp_path: Path, sqlite_template: Path
) -> None:
    (tmp_path / "typed.csv").write_text(ROLES, encoding="utf-8")
    assert import_file(sqlite_database, tmp_path / "typed.csv", EDITOR).wrong == 0
    row = project_row(sqlite_database, tmp_path / "all.csv", "A-1")
    assert (row["Implementer"], row["Partner"], row["Partner in Korean"]) == ("Medair", "Alpha; Beta", "; 베타")
    assert (row["Implementer country"], row["Same as"], row["Project notes in Korean"]) == ("CH", "B-1", "비고")
    before, after = rebuilt(sqlite_database, sqlite_template, ".xlsx")
    assert before == after


ROLES = (
    "Ref,Group,Implementer,Implementer country,Partner,Partner in Korean,Funder,Same as,Project notes in Korean,"
    "Amount to,Amount currency\n"
    "A-1,ngo,Medair,CH,Alpha; Beta,; 베타,KfW,B-1,비고,250000.50,EUR\n"
    "B-1,ngo,Medair,,,,,,,0250000.00,EUR\n"
)
