"""Exported files: their content, and importing them again."""

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import hxl.validation
import pytest
import vobject
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event
from openpyxl import load_workbook
from sqlalchemy import func, select

from db.admin.projects import edit_project, fields_of, set_visibility
from db.audit import Editor
from db.database import Database
from db.domain.enums import Visibility
from db.imports.columns import COLUMNS, DERIVED
from db.imports.importer import import_file
from db.maintenance.json_snapshot import read_record, write_snapshot
from db.models import Project, UpdateRow
from db.projects.fields import NewOrganisation
from db.search.filter import parse_filter
from handlers.exports.rows import ExportQuery, Written
from handlers.exports.writers import write_export
from handlers.i18n.translator import Translator
from tests.support.proposals import KNOWN, NOW, TODAY, add_projects, say, take_back
from tests.support.strategies import BEGINNINGS, LINES, REPORTS, STEPS, Step, apply_step

EDITOR = Editor("T0", "U1", NOW)
SOFFICE = shutil.which("soffice")


def export(
    database: Database, path: Path, filter_text: str = "", *, language: str = "en", hxl: bool = False
) -> Written:
    with database.reading() as session:
        query = ExportQuery(session, parse_filter(filter_text), TODAY, NOW, Translator(language))
        return write_export(query, path, path.suffix, hxl=hxl)


def table(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def size(database: Database) -> tuple[int, int]:
    """Return how many projects and updates are on record."""
    with database.reading() as session:
        tables = (Project, UpdateRow)
        projects, updates = (session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
    return projects, updates


# -- tables ---------------------------------------------------------------------------------------------------


def by_heading(rows: list[list[str]]) -> list[dict[str, str]]:
    """Return the rows below the headings, each by heading."""
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_csv_holds_projects_then_updates(filled_anywhere: Database, tmp_path: Path) -> None:
    assert export(filled_anywhere, tmp_path / "all.csv") == Written(*size(filled_anywhere))
    rows = by_heading(table(tmp_path / "all.csv"))
    assert set(rows[0]) == {column.english for column in (*COLUMNS, *DERIVED)}
    first = {"Ref": "GG-1", "Status": "Under review", "Amount from": "200000000", "As of": "2026-02-07"}
    last = {"Update": "approved", "Date": "2026-02-06", "Valid until": "unknown", "Publisher": "VOA Korean"}
    assert rows[0].items() >= first.items()
    assert rows[-1].items() >= last.items()
    assert {row["Days left"] for row in rows if row["Status"] == "Expired"} == {""}  # none are left, not 0
    shared = [row for row in rows if row["Update"] == "hold"]
    assert [len(row["Ref"].split()) for row in shared] == [17]  # one act stays one act


@pytest.mark.parametrize("language", ["en", "ko"])
def test_hashtags_pass_the_schema_of_hxl(filled: Database, tmp_path: Path, language: str) -> None:
    for line in (
        "IO-1 circulated on:2026-02-25 deadline:2026-03-12T15:00 as:government",
        "IO-2 approved on:2026-03 until:2026-H2 period:9m shipments:3 value:63000 currency:USD lift:all as:letter",
        "IO-2 shipped consignment:1/3 on:2026-03-01 as:applicant",
    ):
        say(filled, line)
    export(filled, tmp_path / "all.csv", language=language, hxl=True)
    found: list[hxl.validation.HXLValidationException] = []
    hxl.schema(None, callback=found.append).validate(hxl.data(table(tmp_path / "all.csv")))
    assert [(str(each), each.value) for each in found if each.rule.severity == "error"] == []


def test_hashtags_keep_what_is_no_exact_day_as_text(filled: Database, tmp_path: Path) -> None:
    export(filled, tmp_path / "all.csv", hxl=True)
    cells = by_heading(table(tmp_path / "all.csv")[1:])
    assert not [tag for tag in cells[0] if tag.startswith(("#shipment", "#country+i"))]
    assert {each["#country+code"] for each in cells} == {"KP"}
    pairs = {(each["#event+date"], each["#date+happened+iso"]) for each in cells}
    assert {("2025-H1", ""), ("unknown", ""), ("2026-02-06", "2026-02-06")} <= pairs
    assert {each["#date+letter+end+iso"] for each in cells if each["#event+letter+end"] == "unknown"} == {""}


@pytest.mark.parametrize(
    ("kind", "tags", "language"), [(".csv", False, "ko"), (".csv", True, "en"), (".xlsx", False, "ko")]
)
def test_import_of_an_export_finds_nothing_new_and_rebuilds_the_record(
    filled: Database, sqlite_template: Path, tmp_path: Path, kind: str, tags: bool, language: str
) -> None:
    export(filled, tmp_path / f"all{kind}", language=language, hxl=tags)
    report = import_file(filled, tmp_path / f"all{kind}", EDITOR)
    assert (report.wrong, report.added, report.changed, report.recorded, report.known) == (0, 0, 0, 0, size(filled)[1])
    assert report.unread == []  # where projects stand is there for reading and nobody misses it
    with copied(sqlite_template) as (other, _):
        report = import_file(other, tmp_path / f"all{kind}", EDITOR)
        assert (report.wrong, report.added, report.recorded) == (0, *size(filled))
        export(other, tmp_path / "again.csv")
    export(filled, tmp_path / "first.csv")
    assert _without_numbers(tmp_path / "again.csv") == _without_numbers(tmp_path / "first.csv")


def _without_numbers(path: Path) -> list[list[str]]:
    """Return a table without the numbers of updates: an import records reports after what they are about."""
    headings, *rows = table(path)
    kept = [index for index, heading in enumerate(headings) if heading not in {"Number", "Confirms", "Differs"}]
    return [[row[index] for index in kept] for row in (headings, *rows)]


def test_workbook_has_typed_cells_links_and_frozen_headings(filled_anywhere: Database, tmp_path: Path) -> None:
    export(filled_anywhere, tmp_path / "all.xlsx")
    book = load_workbook(tmp_path / "all.xlsx")
    projects, updates = book["Projects"], book["Updates"]
    assert (projects.freeze_panes, updates.freeze_panes) == ("B2", "B2")
    headings = {cell.value: cell.column for cell in updates[1]}
    row = next(row for row in updates.iter_rows(min_row=2) if row[0].value == "UNICEF-3" and row[2].value == "approved")
    cell = {name: row[place - 1] for name, place in headings.items()}
    assert cell["Date"].value == datetime(2019, 12, 9)  # noqa: DTZ001  a workbook's days have no zone
    assert (cell["Items"].value, cell["Value"].value) == (56, 3000000)
    assert cell["Source"].hyperlink.target.startswith("https://en.yna.co.kr/")
    assert f"Days left\n({TODAY})" in {cell.value for cell in projects[1]}
    half = next(row for row in updates.iter_rows(min_row=2) if row[2].value == "hold")
    assert half[headings["Date"] - 1].value == "2025-H1"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_workbook_is_there_to_read_and_print(filled: Database, tmp_path: Path, language: str) -> None:
    say(filled, "GG-1 note as:press one line\nanother")
    export(filled, tmp_path / "all.xlsx", language=language)
    book = load_workbook(tmp_path / "all.xlsx")
    assert book.properties.creator == "Aid status"
    for sheet in book:
        assert (sheet.page_setup.orientation, sheet.sheet_properties.pageSetUpPr.fitToPage) == ("landscape", True)
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.auto_filter.ref == sheet.dimensions
        cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert {cell.font.name for cell in cells} == {"Calibri"}
        assert all(cell.alignment.wrap_text for cell in cells if isinstance(cell.value, str))
        (sought,) = [cell for cell in sheet[1] if cell.value in {"Note", "메모", "Amount from", "최소 금액"}]
        column = [cell for (cell,) in sheet.iter_rows(min_row=2, min_col=sought.column, max_col=sought.column)]
        if isinstance(column[0].value, int):
            assert {cell.number_format for cell in column if cell.value} == {"#,##0"}
        else:
            (two_lines,) = [cell for cell in column if cell.value and "\n" in cell.value]
            assert sheet.row_dimensions[two_lines.row].height >= 30  # points; a line has 15


KOREAN_WORDS = {
    ("사업", "구분"): {"경기도", "국내 민간단체", "국제기구"},
    ("사업", "금액 근거"): {"언론 추정", None},
    ("변동", "변동"): {"면제 승인", "보류", "보류 해제"},
    ("변동", "출처 종류"): {"언론 보도"},
    ("변동", "보류국"): {"비공개 이사국", "미국"},
    ("변동", "유효기간 종료일"): {"미상", None},
}


def test_korean_workbook_has_korean_words(filled: Database, tmp_path: Path) -> None:
    export(filled, tmp_path / "all.xlsx", language="ko")
    book = load_workbook(tmp_path / "all.xlsx")
    for (sheet, heading), words in KOREAN_WORDS.items():
        headings, *rows = book[sheet].iter_rows(values_only=True)
        cells = {row[headings.index(heading)] for row in rows}
        assert words <= cells
        assert not [cell for cell in cells if isinstance(cell, str) and cell.isascii() and cell.isalpha()]


@contextmanager
def copied(template: Path) -> Iterator[tuple[Database, Path]]:
    """Yield an empty record in a folder of its own, which goes with it."""
    with TemporaryDirectory() as folder:
        path = Path(shutil.copy(template, Path(folder) / "record.db"))
        with closing(Database(f"sqlite:///{path}")) as database:
            yield database, path.parent


KINDS = (".csv", ".xlsx")


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


@settings(max_examples=40)
@given(steps=RECORDED, kind=st.sampled_from(KINDS))
@example(
    steps=[  # another report, recorded last, moves the hold behind its lift
        Step("hold on:2025-07-15 by:CN as:government"),
        Step("hold-lifted on:2025-H2 as:letter by:CN seen"),
        Step("as:letter on:2026-01-20", 2, "differs"),
    ],
    kind=".csv",
)
def test_import_of_any_export_records_the_same(sqlite_template: Path, steps: list[Step], kind: str) -> None:
    with copied(sqlite_template) as (database, _):
        add_projects(database, "GG-1", "GG-2")
        for at, step in enumerate(steps):
            apply_step(database, ("GG-1", "GG-2") if at % 3 == 0 else ("GG-1",), step)
        before, after = rebuilt(database, sqlite_template, kind)
        assert before == after


@settings(max_examples=20)
@given(steps=STEPS)
@example(
    steps=[  # another report of a correction that is taken back after the first export
        Step("delivered on:2025-03-01 as:letter seen"),
        Step("as:letter reported:2026-02-06", 2, "differs"),
        Step("delivered on:2025-03-01 as:letter seen", 4, "corrects"),
        Step("submitted on:2026 as:letter seen", 1, "corrects"),
        Step("submitted on:2025-03-01 as:letter seen", 5, "corrects"),
        Step("", 5),
        Step("hold-lifted on:2025-03-01 as:letter by:US reported:2025-03-01 seen"),
    ]
)
def test_record_knows_its_own_export(sqlite_template: Path, steps: list[Step]) -> None:
    """Also where updates were corrected and retracted, and in the export from before."""
    with copied(sqlite_template) as (database, folder):

        def export_both(name: str) -> None:
            for kind in KINDS:
                export(database, folder / f"{name}{kind}")

        add_projects(database, "GG-1", "GG-2")
        for at, step in enumerate(steps):
            if at == len(steps) // 2:
                export_both("before")
            apply_step(database, ("GG-1", "GG-2") if at % 3 == 0 else ("GG-1",), step)
        export_both("after")
        before = size(database)
        for path in [each for each in folder.iterdir() if each.suffix in KINDS]:
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


@settings(max_examples=40)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)
    | st.text(st.sampled_from("=+-@\uff1d\uff0b';|\n x1"), min_size=1, max_size=12)
)
@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
def test_export_of_any_note_is_harmless_and_round_trips(
    sqlite_database: Database, tmp_path: Path, kind: str, text: str
) -> None:
    if not text.strip():
        return
    note = f"{text[0]}1+1 {text};{text[::-1]}".strip()
    if not size(sqlite_database)[0]:
        add_projects(sqlite_database, "GG-1")
    say(sqlite_database, f"GG-1 note {note}")
    path = tmp_path / f"notes{kind}"
    export(sqlite_database, path)
    report = import_file(sqlite_database, path, EDITOR)
    assert [str(each.error) for each in report.errors] == []
    assert report.recorded == 0
    if kind == ".csv":
        cells = [part for row in table(path) for cell in row for part in re.split("[;|\n]", cell)]
        assert not [cell for cell in cells if re.match(r"[=+@\uff1d\uff0b\uff0d\uff20]|-\S", cell)]


def test_exports_contain_no_withheld_name(filled: Database, tmp_path: Path) -> None:
    """For the other kinds see test_pictures.py and test_iati.py."""
    with filled.writing() as session:
        set_visibility(session, "KSM-1", Visibility.WITHHELD, EDITOR)
    for kind in (".csv", ".ics", ".xlsx"):
        export(filled, tmp_path / f"all{kind}")
    book = load_workbook(tmp_path / "all.xlsx")
    texts = [(tmp_path / f"all{kind}").read_text(encoding="utf-8") for kind in (".csv", ".ics")]
    for text in (*texts, str([[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()])):
        assert "KSM-1" in text
        assert not [name for name in ("Kaepung", "개풍", "Korean Sharing", "우리민족서로돕기운동") if name in text]


# -- the calendar ---------------------------------------------------------------------------------------------


def events(database: Database, path: Path, filter_text: str = "", *, language: str = "en") -> dict[str, Event]:
    path.unlink(missing_ok=True)
    export(database, path, filter_text, language=language)
    entries = [each for each in Calendar.from_ical(path.read_bytes()).walk("VEVENT") if isinstance(each, Event)]
    assert len({each["UID"] for each in entries}) == len(entries)
    return {str(each["UID"]): each for each in entries}


def test_calendar_end_is_an_all_day_event(filled: Database, tmp_path: Path) -> None:
    (event,) = events(filled, tmp_path / "x.ics", "set:known-exemptions FAO-2").values()
    assert event.decoded("DTSTART") == date(2025, 12, 20)
    assert event.decoded("DTEND") == date(2025, 12, 21)
    assert (event["STATUS"], event["SEQUENCE"]) == ("CONFIRMED", 0)
    assert str(event["SUMMARY"]) == "FAO-2: exemption ends · Tractors and other machines"


def test_calendar_marks_an_inexact_end_and_omits_an_unknown_one(filled: Database, tmp_path: Path) -> None:
    assert events(filled, tmp_path / "x.ics", "FAO-3") == {}
    (event,) = events(filled, tmp_path / "x.ics", "FAO-5").values()
    assert event.decoded("DTSTART") == date(2025, 10, 1)
    assert "The source says 2025-10; this is the earliest day that could mean." in str(event["DESCRIPTION"])


TITLES = (
    ("FAO-5", "en", ["FAO-5: exemption ends (October 2025, day not known) · "]),
    ("FAO-5", "ko", ["FAO-5: 면제 만료 (2025년 10월, 날짜 미상) · "]),
    ("GG-2", "en", ["[Cancelled] GG-2: exemption ends (first half of 2027, day not known) · "]),
    ("GG-2", "ko", ["[취소] GG-2: 면제 만료 (2027년 상반기, 날짜 미상) · "]),
    (
        "UNICEF-2",
        "en",
        [f"UNICEF-2: exemption ends ({each}, day not known) · " for each in ("October 2019", "June 2020")],
    ),
    ("GG-3", "en", ["GG-3: exemption ends · "]),
)
ENDED = (
    "GG-2 approved on:2026-02-06 until:2027-H1 lift:all as:letter",
    "GG-2 closed on:2026-02-20 as:applicant",
    "GG-3 approved on:2025-07-06 until:2026-01-06 lift:all as:letter",
    "GG-3 closed on:2026-02-20 as:applicant",
)


def test_calendar_title_says_what_holds(filled: Database, tmp_path: Path) -> None:
    """An end that was reached before a gap or before the project was closed did come, and is not cancelled."""
    for line in ENDED:
        say(filled, line)
    for ref, language, titles in TITLES:
        found = list(events(filled, tmp_path / "x.ics", ref, language=language).values())
        assert [title for title, each in zip(titles, found, strict=True) if not each["SUMMARY"].startswith(title)] == []
        assert {each["STATUS"] == "CANCELLED" for each in found} == {titles[0].startswith("[")}


def test_calendar_event_follows_each_edit_of_its_project(filled: Database, tmp_path: Path) -> None:
    def now() -> tuple[str, int, datetime]:
        (event,) = events(filled, tmp_path / "x.ics", "KSM-1").values()
        return str(event["SUMMARY"]), event["SEQUENCE"], event.decoded("LAST-MODIFIED")

    shown = [now()]
    for at, visibility in enumerate((Visibility.WITHHELD, Visibility.PUBLIC), start=1):
        with filled.writing() as session:
            set_visibility(session, "KSM-1", visibility, Editor("T0", "U1", NOW + timedelta(minutes=at)))
        shown.append(now())
    assert shown[1][0] == "KSM-1: exemption ends · name withheld"
    assert shown[0][0] == shown[2][0]
    assert [after[1] - before[1] for before, after in pairwise(shown)] == [1, 1]
    assert [after[2] - before[2] for before, after in pairwise(shown)] == [timedelta(minutes=1)] * 2


def test_calendar_uids_are_those_of_the_installation(filled: Database, sqlite_template: Path, tmp_path: Path) -> None:
    own = set(events(filled, tmp_path / "x.ics"))
    write_snapshot(filled, tmp_path / "record.json")
    with copied(sqlite_template) as (restored, _), copied(sqlite_template) as (other, _):
        read_record(restored, tmp_path / "record.json")
        import_file(other, KNOWN, Editor("T0", "U1", NOW + timedelta(seconds=1)))
        assert set(events(restored, tmp_path / "x.ics")) == own
        assert set(events(other, tmp_path / "x.ics")).isdisjoint(own)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_calendar_reads_the_same_elsewhere(lively: Database, tmp_path: Path, language: str) -> None:
    """Another library unfolds and unescapes the same titles and descriptions."""
    title = "Pumps, filters; \\ and “tents” / 양수기, 정수기; 천막 " * 4
    with lively.writing() as session:
        fields, version = fields_of(session, "GG-1")
        fields = replace(fields, title_en=title.strip(), title_ko=title.strip())
        edit_project(session, "GG-1", version, fields, NewOrganisation(), EDITOR)
    ours = events(lively, tmp_path / "x.ics", language=language)
    theirs = vobject.readOne((tmp_path / "x.ics").read_text(encoding="utf-8"), validate=True)
    assert theirs.method.value == "PUBLISH"
    read = {each.uid.value: (each.summary.value, each.description.value) for each in theirs.vevent_list}
    assert read == {uid: (str(each["SUMMARY"]), str(each["DESCRIPTION"])) for uid, each in ours.items()}
    assert any(title.strip() in summary for summary, _ in read.values())


def test_calendar_cancels_superseded_events_and_raises_sequence(filled_anywhere: Database, tmp_path: Path) -> None:
    shown: list[list[tuple[str, str, int]]] = []

    def look() -> None:
        found = events(filled_anywhere, tmp_path / "x.ics", "FAO-2").values()
        shown.append([(str(each.decoded("DTSTART")), str(each["STATUS"]), int(each["SEQUENCE"])) for each in found])

    def at(minutes: int) -> datetime:
        return NOW + timedelta(minutes=minutes)

    look()
    extended = "FAO-2 extended on:2025-12-18 as:letter until:"
    first = say(filled_anywhere, f"{extended}2026-06-20", now=at(1)).main.number
    look()
    second = say(filled_anywhere, f"{extended}2026-07-20", now=at(2), corrects=first).main.number
    look()
    take_back(filled_anywhere, second, now=at(3))
    take_back(filled_anywhere, first, now=at(4))
    look()
    assert shown[0] == [("2025-12-20", "CONFIRMED", 0)]
    assert [each[:2] for each in shown[1]] == [("2025-12-20", "CANCELLED"), ("2026-06-20", "CONFIRMED")]
    assert [each[:2] for each in shown[2]] == [("2025-12-20", "CANCELLED"), ("2026-07-20", "CONFIRMED")]
    assert [each[1] for each in shown[3]] == ["CONFIRMED", "CANCELLED"]
    for before, after in pairwise(shown):
        assert all(new[2] > old[2] for old, new in zip(before, after, strict=False))


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
    export(database, path)
    return next(row for row in by_heading(table(path)) if row["Ref"] == ref)


def test_csv_states_every_axis_of_a_project(lively: Database, tmp_path: Path) -> None:
    row = project_row(lively, tmp_path / "all.csv", "GG-1")
    stands = (row["Status"], row["Delivery"], row["DPRK response"])
    assert stands == ("Approved", "1 of 3 delivered", "not known")
    assert row["Positions"] == "United States: supports (Press)"
    assert row["Clearances"] == "Customs: granted · until 2026-06-30 (Government or Committee notice)"
    assert row["Sources differ"] == "Valid until: 2026-08-06 (Letter) / 2026-08-05 (Government or Committee notice)"
    assert (row["In force until"], row["Days left"]) == ("2026-08-06", "149")  # the letter is stronger


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
    export(lively, tmp_path / "all.csv")
    by_number = {row["Number"]: row for row in by_heading(table(tmp_path / "all.csv"))}
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
