"""Table import: the effect of each row, the errors and their lines, and all or nothing."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import func, select

from db.audit import Editor
from db.database import Database
from db.domain.updates import Update
from db.imports import apply
from db.imports.apply import RowResult
from db.imports.columns import COLUMNS, column_named
from db.imports.importer import ImportReport, import_file
from db.imports.open_file import FILE_BYTES
from db.imports.table import BadFile, Finding, some_of
from db.imports.update_row import proposal_of, typed_key_of
from db.imports.workbook import _MOST, elements
from db.maintenance.seed import seed_article
from db.models import AuditEntry, ChangeSet, Delivery, Organisation, Project, UpdateRow
from db.projects.queries import ids_matching
from db.reports.project import project_detail
from db.search.filter import parse_filter
from db.subscriptions.subscriptions import subscribe
from handlers.exports.rows import ExportQuery
from handlers.exports.writers import write_export
from handlers.i18n.translator import Translator
from tests.support.proposals import KNOWN, NOW, TODAY, add_projects, problems, recorder, say

EDITOR = Editor("T0", "U0ADMIN", NOW)
FIRST = """Ref,Title,Group,Applicant,Applicant country,Update,Date,Source kind,Valid until,Items,Value,Value currency,Source
WHO-1,Tents,io,World Health Organization,CH,approved,2023-07-20,letter,2024-04-20,5,5000,USD,https://un.org/letter.pdf
WHO-1,,,,,shipped,2023-09,,,,,,
WHO-2,Laboratory,io,World Health Organization,,submitted,2025-H1,,,,,,
"""


def write(folder: Path, text: str, encoding: str = "utf-8", name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def workbook(folder: Path, *sheets: list[list[object]]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for index, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Sheet {index + 1}")
        for row in rows:
            sheet.append(row)
    path = folder / "table.xlsx"
    book.save(path)
    return path


def take(database: Database, path: Path, *, dry_run: bool = False) -> ImportReport:
    return import_file(database, path, EDITOR, dry_run=dry_run)


def counts(database: Database) -> tuple[int, ...]:
    with database.reading() as session:
        tables = (Project, Organisation, ChangeSet, UpdateRow, AuditEntry, Delivery)
        return tuple(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def updates(database: Database, ref: str) -> list[Update]:
    with database.reading() as session:
        return list(project_detail(session, ref, TODAY).standing.updates)


# -- what rows do ---------------------------------------------------------------------------------------------


def test_import_adds_projects_and_their_updates_once(database: Database, tmp_path: Path) -> None:
    """A dry run reports the same and writes nothing; the same file once more changes nothing; nobody is alerted."""
    with database.writing() as session:
        subscribe(session, "T0", "C1", "U1", "", "en", now=NOW)
    path, before = write(tmp_path, FIRST), counts(database)
    told: list[RowResult | Finding] = []
    dry = import_file(database, path, EDITOR, dry_run=True, tell=told.append)
    assert [(str(each.row.place), each.added, each.kind) for each in told if isinstance(each, RowResult)] == [
        ("line 2", True, "approved"),
        ("line 3", False, "shipped"),
        ("line 4", True, "submitted"),
    ]
    assert counts(database) == before
    report = take(database, path)
    assert (report.rows, report.added, report.recorded, report.wrong) == (3, 2, 3, 0)
    assert (dry.added, dry.recorded) == (2, 3)
    after = counts(database)
    assert (after[:2], after[-1]) == ((2, 1), 0)

    approved, shipped = updates(database, "WHO-1")
    assert (approved.kind, approved.happened.text, approved.confidence) == ("approved", "2023-07-20", "letter")
    assert (approved.letter.item_count, approved.letter.value, approved.letter.currency) == (5, "5000", "USD")
    assert str(approved.letter.valid_until) == "2024-04-20"
    assert [source.url for source in approved.sources] == ["https://un.org/letter.pdf"]
    assert (shipped.kind, shipped.happened.text) == ("shipped", "2023-09")
    assert updates(database, "WHO-2")[0].happened.text == "2025-H1"
    report = take(database, path)
    assert (report.added, report.changed, report.recorded, report.known) == (0, 0, 0, 3)
    assert counts(database) == after
    assert problems(database) == []


def test_publisher_belongs_to_the_first_address_only(sqlite_database: Database, tmp_path: Path) -> None:
    """Leave the publisher of further addresses open."""
    text = "Ref,Group,Update,Note,Source,Publisher,Published\nA-1,ngo,note,said,https://a.example https://b.example,Yonhap,2024-01-05\n"
    assert take(sqlite_database, write(tmp_path, text)).recorded == 1
    ((first, second),) = [update.sources for update in updates(sqlite_database, "A-1")]
    assert (first.url, first.publisher, first.published) == ("https://a.example", "Yonhap", date(2024, 1, 5))
    assert (second.url, second.publisher, second.published) == ("https://b.example", None, None)


def test_import_reports_a_row_repeated_in_another_sheet(database: Database, tmp_path: Path) -> None:
    """Name the sheet, as both rows have the same line number."""
    rows: list[list[object]] = [["Ref", "Group", "Update", "Date"], ["A-1", "ngo", "submitted", "2024"]]
    report = take(database, workbook(tmp_path, rows, rows))
    assert (report.recorded, report.known) == (1, 0)
    (warning,) = report.warnings
    assert str(warning.place) == "sheet “Sheet 2”, line 2"
    assert str(warning.error) == "Same as line 2 of sheet “Sheet 1”; recorded only once."


def test_import_warns_of_a_letter_reported_twice(sqlite_database: Database, tmp_path: Path) -> None:
    head = "Ref,Group,Applicant,Update,Date,Source kind,Valid until,Items,Value,Value currency\n"
    row = "U-{},io,UNICEF,approved,{}-12-09,letter,{}-06-09,56,3000000,USD\n"
    report = take(sqlite_database, write(tmp_path, head + row.format(1, 2019, 2020) + row.format(2, 2020, 2021)))
    assert report.recorded == 2
    assert ["U-1" in str(each.error) for each in report.warnings] == [True]


OF_THE_SAME_FILE = """Ref,Group,Update,Date,Source kind,Holder,Valid until,Items,Value,Note
A-1,ngo,note,2026-02-01,press,,,,,one
A-1,,hold,2026-02-06,press,undisclosed,,,,two
A-1,,hold,2026-02-06,press,undisclosed,,,,three
A-1,,hold,2026-02-06,press,undisclosed,,,,four
A-2,ngo,approved,2025-02-09,letter,,2026-02-09,12,5000,five
A-2,,approved,2026-02-09,letter,,2027-02-09,12,5000,six
A-3,ngo,hold,2026-02-06,,,,,,seven
A-3,,hold,2026-02-06,,,,,,seven
"""


@pytest.mark.parametrize("at_once", [1, apply.ROWS_AT_ONCE])
def test_rows_of_the_same_file_are_named_by_their_line(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Neither a refusal nor a warning cites a number that nobody has seen; a row like a refused one is not recorded."""
    monkeypatch.setattr(apply, "ROWS_AT_ONCE", at_once)
    effects: list[RowResult | Finding] = []
    report = import_file(database, write(tmp_path, OF_THE_SAME_FILE), EDITOR, dry_run=True, tell=effects.append)
    told = [(each.place.line, each.error) for each in (*report.errors, *report.warnings)]
    english, korean = ({line: Translator(code).error(error) for line, error in told} for code in ("en", "ko"))

    assert [line for line, _ in told] == [7, 8, 4, 5, 5]
    assert english[4].startswith("Line 3 may be the same hold")
    assert [english[4].endswith("“Confirms”: above."), english[5].endswith("“Confirms”: above.")] == [True, True]
    assert any("“Confirms”: the number of line 3." in str(error) for _, error in told)
    assert english[7].startswith("Already approved (line 6, 2025-02-09).")
    assert "3행" in korean[4]
    assert not re.search(r"#\d|\d{5}", " ".join((*english.values(), *korean.values())))
    assert [each.row.place.line for each in effects if isinstance(each, RowResult)] == [2, 3, 4, 5, 6]


# -- reports, roles, consignments -----------------------------------------------------------------------------

REPORTED = """Ref,Group,Number,Update,Date,Valid until,Period as stated,Source kind,Source,Confirms,Differs,Note in Korean
A-1,ngo,7,approved,2026-01-05,2026-07-05,6m,reported-letter,https://a.example,,,승인
A-1,,,approved,,,,government,https://b.example,above,,
A-1,,8,shipped,2026-02-01,,,press,https://a.example,,,
A-1,,,approved,,2026-07-06,,letter,https://c.example,,7,
"""


def test_import_folds_reports_into_the_rows_they_name(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, REPORTED)
    assert (take(database, path).recorded, take(database, path).known) == (4, 4)
    approved, shipped = updates(database, "A-1")
    assert (approved.confidence, approved.note_ko, approved.letter.period) == ("government", "승인", "6m")
    assert [str(each.letter.valid_until) for each in approved.differing] == ["2026-07-05", "2026-07-06"]
    assert str(approved.letter.valid_until) == "2026-07-06"  # the letter is stronger
    assert not shipped.reports
    assert problems(database) == []


def test_import_finds_the_row_of_an_earlier_batch(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply, "ROWS_AT_ONCE", 1)
    assert take(sqlite_database, write(tmp_path, REPORTED)).recorded == 4
    assert len(updates(sqlite_database, "A-1")[0].reports) == 2


def test_import_reports_of_an_update_on_record(database: Database, tmp_path: Path) -> None:
    take(database, write(tmp_path, FIRST))
    number = updates(database, "WHO-1")[0].number
    head = "Ref,Update,Source kind,Source,Attributed to,Confirms\n"
    row = f"WHO-1,approved,press,https://x.example,three diplomats,#{number}\n"
    assert take(database, write(tmp_path, head + row)).recorded == 1
    (report,) = updates(database, "WHO-1")[0].reports
    assert report.sources[0].attributed_to == "three diplomats"


REPORT_HEAD = "Ref,Group,Number,Update,Date,Source kind,Confirms,Differs\n"
WRONG_REPORTS = {
    "A-1,ngo,,submitted,2026,press,above,": ("line 2, column “Confirms”", "No row above"),
    "A-1,ngo,,submitted,2026,press,first,": ("line 2, column “Confirms”", "not the number"),
    "A-1,ngo,,note,2026,press,1,2": ("line 2, column “Differs”", "not both"),
    "A-1,ngo,,submitted,2026,press,,\nA-1,,,shipped,2026,press,above,": ("line 3", "another report of it cannot be"),
}


@pytest.mark.parametrize("rows", WRONG_REPORTS)
def test_report_of_no_row_is_refused(sqlite_database: Database, tmp_path: Path, rows: str) -> None:
    report = take(sqlite_database, write(tmp_path, f"{REPORT_HEAD}{rows}\n"))
    place, says = WRONG_REPORTS[rows]
    assert any(str(each.place).startswith(place) and says in str(each.error) for each in report.errors)
    assert counts(sqlite_database)[0] == 0


def test_import_reads_consignments_clearances_and_an_hour(sqlite_database: Database, tmp_path: Path) -> None:
    moments = [datetime.fromisoformat(each) for each in ("2026-02-01 09:30", "2026-02-06 15:00")]
    head = "Ref,Group,Update,Date,No-objection deadline,Authority,Outcome,Valid until,Consignment"
    rows: list[list[object]] = [
        [*head.split(",")],
        ["A-1", "ngo", "circulated", *moments],
        ["A-1", "", "clearance", "2026-02-02", "", "MOU", "granted", "2026-08-01"],
        ["A-1", "", "shipped", "2026-02-03", "", "", "", "", "1/3"],
    ]
    assert take(sqlite_database, workbook(tmp_path, rows)).wrong == 0
    circulated, clearance, shipped = updates(sqlite_database, "A-1")
    assert (circulated.happened.text, circulated.deadline_hour) == ("2026-02-01", "15:00")
    assert (clearance.outcome, str(clearance.letter.valid_until)) == ("granted", "2026-08-01")
    assert (shipped.consignment.number, shipped.consignment.of, shipped.confidence) == (1, 3, "not-stated")


def test_import_sets_the_roles_that_a_row_names(database: Database, tmp_path: Path) -> None:
    take(database, write(tmp_path, "Ref,Group,Implementer,Partner\nA-1,ngo,Medair,Alpha; Beta\n"))
    take(database, write(tmp_path, "Ref,Applicant,Partner\nA-1,Medair,Gamma\n"))
    with database.reading() as session:
        view = project_detail(session, "A-1", TODAY).project
    named = [(view.role, view.organisation), *view.roles]
    assert sorted((role.value, each.name_en) for role, each in named if each) == [
        ("applicant", "Medair"),
        ("implementer", "Medair"),
        ("partner", "Gamma"),
    ]
    assert view.role == "implementer"


def test_import_links_projects_further_down(database: Database, tmp_path: Path) -> None:
    text = "Ref,Group,Predecessor,Same as\nA-1,ngo,,B-1\nA-2,ngo,B-1,\nB-1,ngo,,\n"
    assert take(database, write(tmp_path, text)).wrong == 0
    with database.reading() as session:
        assert project_detail(session, "A-1", TODAY).project.same_as == "B-1"
        assert project_detail(session, "A-2", TODAY).project.predecessor == "B-1"
    report = take(database, write(tmp_path, "Ref,Same as\nA-2,C-9\n"))
    assert [str(each.place) for each in report.errors] == ["line 2, column “Same as”"]


# -- rows that are on record, or say the same -----------------------------------------------------------------

SHIPPED = "Ref,Group,Update,Date,Source kind,Source,Note\n"
SAME = [
    ("A-1,ngo,shipped,2026.2.5.,press,,first", "A-1,,shipped,2026-02-05,,,first", (1, 1, 0)),
    ("A-1,ngo,shipped,5 Feb 2026,,,first", "a1,,Shipped,2026-02-05,not-stated,, first ", (1, 1, 0)),
    (
        "A-1,ngo,note,2026,,https://a.example https://b.example,x",
        "A-1,,note,2026,,https://a.example  https://b.example,x",
        (1, 1, 0),
    ),
    ("A-1,ngo,shipped,2026-02-05,press,,first", "A-1,,shipped,2026-02-05,letter,,first", (1, 0, 1)),
    ("A-1,ngo,shipped,2026-02-05,press,,first", "A-1,,shipped,2026-02-06,press,,first", (2, 0, 0)),
]


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(("first", "second", "told"), SAME)
def test_row_is_known_by_what_it_means(
    sqlite_database: Database, tmp_path: Path, first: str, second: str, told: tuple[int, int, int], together: bool
) -> None:
    """Within one file and in a second one; which kind of source says so may be left out, not contradicted."""
    parts = [f"{first}\n{second}\n"] if together else [f"{first}\n", f"{second}\n"]
    reports = [take(sqlite_database, write(tmp_path, SHIPPED + part)) for part in parts]
    recorded, known, wrong = (sum(getattr(each, name) for each in reports) for name in ("recorded", "known", "wrong"))
    assert (recorded, known, wrong) == (told[0], 0 if together else told[1], told[2])


def test_row_of_an_earlier_release_is_known(sqlite_database: Database, tmp_path: Path) -> None:
    """Recognise the act of a release that took the words of a file as they were typed."""
    row = {"kind": "shipped", "happened": "5 Feb 2026", "confidence": "press"}
    key = typed_key_of(proposal_of(("A-1",), row))
    add_projects(sqlite_database, "A-1")
    say(sqlite_database, "A-1 shipped on:2026-02-05 as:press", by=recorder(key=f"import:{key}"))
    path = write(tmp_path, "Ref,Update,Date,Source kind\nA-1,shipped,5 Feb 2026,press\nA-1,shipped,2026-02-06,press\n")
    report = take(sqlite_database, path)
    assert (report.known, report.recorded) == (1, 1)


NUMBERED = """Ref,Group,Number,Update,Date,Source kind,Held by,Valid until,Note,Source,Confirms,Lift
A-1,ngo,,hold,2026-01-05,press,CN,,asks for the list,,,
A-1,,,approved,2026-02-06,letter,,2026-08-06,,https://a.example,,all
A-1,,,shipped,2026-03-01,press,,,Dalian to Nampo,,,
A-1,,,shipped,,press,,,,https://b.example,above,
B-1,ngo,,,,,,,,,,
"""
EDITED = [
    ("approved", "Valid until", "2026-12-31", "#3 on record says 2026-08-06 in Valid until, the file says 2026-12-31."),
    ("hold", "Held by", "RU", "#1 on record says CN in Held by, the file says RU."),
    ("hold", "Date", "", "#1 on record says 2026-01-05 in Date, the file says –."),
    ("shipped", "Note", "Busan", "#4 on record says Dalian to Nampo in Note, the file says Busan."),
    ("shipped", "Ref", "B-1", "#4 on record says A-1 in Ref, the file says B-1."),
    ("shipped", "Update", "delivered", "#4 on record says shipped in Update, the file says delivered."),
    ("approved", "Source", "https://c.example", "#3 on record says https://a.example in Source,"),
    ("shipped", "Source kind", "letter", "#4 on record says press in Source kind, the file says letter."),
]


def edited(database: Database, path: Path, row_of: str = "", **cells: str) -> Path:
    """Write the record to a file, with other cells in the row of a kind, or in the first."""
    with database.reading() as session:
        write_export(ExportQuery(session, parse_filter(""), TODAY, NOW, Translator("en")), path, ".csv")
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    changed = next(row for row in rows if not row_of or row["Update"] == row_of)
    changed.update({name.replace("_", " "): value for name, value in cells.items()})
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    return path


@pytest.mark.parametrize(("kind", "column", "value", "says"), EDITED)
def test_edited_row_of_an_export_is_refused(
    sqlite_database: Database, tmp_path: Path, kind: str, column: str, value: str, says: str
) -> None:
    assert take(sqlite_database, write(tmp_path, NUMBERED)).wrong == 0

    report = take(sqlite_database, edited(sqlite_database, tmp_path / "edited.csv", kind, **{column: value}))
    assert [str(each.error)[: len(says)] for each in report.errors] == [says]
    assert report.errors[0].place.heading == column
    assert report.recorded == 0


def test_edited_row_without_its_number_is_another_update(sqlite_database: Database, tmp_path: Path) -> None:
    take(sqlite_database, write(tmp_path, NUMBERED))

    path = edited(sqlite_database, tmp_path / "edited.csv", "shipped", Number="", Date="2026-03-05", Title="Wells")
    report = take(sqlite_database, path)
    assert (report.wrong, report.recorded, report.known, report.changed) == (0, 1, 4, 1)


def test_export_from_before_a_correction_is_known(sqlite_database: Database, tmp_path: Path) -> None:
    take(sqlite_database, write(tmp_path, NUMBERED))
    path = edited(sqlite_database, tmp_path / "before.csv")
    say(sqlite_database, "A-1 approved on:2026-02-06 as:letter until:2026-09-06 source:https://a.example", corrects=3)
    assert (take(sqlite_database, path).wrong, take(sqlite_database, path).recorded) == (0, 0)

    report = take(
        sqlite_database, edited(sqlite_database, tmp_path / "after.csv", "approved", Valid_until="2026-10-06")
    )
    assert str(report.errors[0].error).startswith("#6 on record says 2026-09-06 in Valid until")


def test_derived_cells_that_differ_are_named(sqlite_database: Database, tmp_path: Path) -> None:
    take(sqlite_database, write(tmp_path, NUMBERED))

    path = edited(sqlite_database, tmp_path / "edited.csv", Status="On hold", In_force_until="2027-12-31")
    report = take(sqlite_database, path)
    assert [(each.place.heading, each.error.params["recorded"]) for each in report.warnings] == [
        ("Status", "approved"),
        ("In force until", "2026-08-06"),
    ]
    assert (report.changed, report.recorded, report.unread) == (0, 0, [])


def test_count_of_rows_is_no_number_of_an_update(sqlite_database: Database, tmp_path: Path) -> None:
    take(sqlite_database, write(tmp_path, NUMBERED))
    head, *rows = (
        "번호,사업번호,구분,조치,일자,출처 유형,면제 만료일",
        "1,Z-1,ngo,승인,2019-01-18,서한,2019-12-31",
        "3,Z-1,,선적,2019-02,,",
    )
    report = take(sqlite_database, write(tmp_path, "\n".join([head, *rows])))
    assert (report.wrong, report.added, report.recorded) == (0, 1, 2)


# -- the order of rows ----------------------------------------------------------------------------------------

NEWEST_FIRST = """Ref,Group,Predecessor,Update,Date,Source kind,Held by,Valid until,Extends
A-1,ngo,B-1,approved,2026-02-06,letter,,2026-08-06,
A-1,,,hold-lifted,2026-02-06,letter,US,,
A-1,,,hold,2026-02-01,press,US,,
A-1,,,submitted,2026-01,letter,,,B-1
B-1,ngo,,submitted,2025,letter,,,
"""


@pytest.mark.parametrize("order", [(1, 2, 3, 4, 5), (5, 4, 3, 2, 1), (3, 5, 2, 4, 1), (2, 1, 3, 4, 5)], ids=str)
@pytest.mark.parametrize("at_once", [1, 500])
def test_rows_may_stand_in_any_order(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: Sequence[int], at_once: int
) -> None:
    """With numbers of their own or without."""
    monkeypatch.setattr(apply, "ROWS_AT_ONCE", at_once)
    lines = NEWEST_FIRST.splitlines()
    for project, numbered in (("A-1", True), ("C-1", False)):
        rows = [f"{lines[at]},{number if numbered else ''}" for number, at in enumerate(order, start=1)]
        text = "\n".join([f"{lines[0]},Number", *rows]).replace("A-1", project).replace("B-1", f"B{project}")
        report = take(sqlite_database, write(tmp_path, text))
        assert ([str(each.error) for each in report.errors], report.recorded) == ([], 5)
        kinds = [each.kind.value for each in updates(sqlite_database, project)]
        assert kinds == ["submitted", "hold", "hold-lifted", "approved"]
    assert problems(sqlite_database) == []


def test_report_may_stand_above_its_row(sqlite_database: Database, tmp_path: Path) -> None:
    head, first, confirms, shipped, differs = REPORTED.splitlines()
    rows = [differs, confirms.replace("above", "7"), first, shipped]
    assert take(sqlite_database, write(tmp_path, "\n".join([head, *rows]))).recorded == 4
    assert len(updates(sqlite_database, "A-1")[0].reports) == 2


CONSEQUENCES = {
    "A-1,ngo,,2026-01-05,,; A-1,friends,submitted,2026-01-05,,": "2 Date; 3 Group",
    "A-1,friends,submitted,2026-01-05,,; A-1,,hold,2026-02-01,US,; A-1,,note,soon,,": "2 Group; 4 Date",
    "A-1,ngo,hold,2026-02-01,Atlantis,; A-1,,hold-lifted,2026-02-05,US,; A-1,,hold-lifted,2026-02-05,,above": "2 Held by",
    "A-1,ngo,hold-lifted,2026-02-05,US,; A-1,,hold,2034-02-01,US,": "2 Held by; 3 Date",
    "ZZ-99,,,,,; ZZ-99,,note,,,": "2 Ref",
    "A-1,ngo,hold,2026-02-01,US,; A-1,,hold,,,77": "3 Ref",
}
"""Rows, and the lines and columns that are told."""


@pytest.mark.parametrize("rows", CONSEQUENCES)
def test_row_that_is_wrong_for_another_alone_is_not_told(sqlite_database: Database, tmp_path: Path, rows: str) -> None:
    before, places = counts(sqlite_database), [each.split(" ", 1) for each in CONSEQUENCES[rows].split("; ")]
    text = "\n".join(["Ref,Group,Update,Date,Held by,Confirms", *rows.split("; ")])
    report = take(sqlite_database, write(tmp_path, text))
    assert [str(each.place) for each in report.errors] == [f"line {line}, column “{name}”" for line, name in places]
    assert report.wrong == len(places)
    assert counts(sqlite_database) == before


# -- organisations --------------------------------------------------------------------------------------------

ONE_ON_RECORD = ("Example Relief (ER)", "ER", "example relief", "WHO", "World Health Organization", "세계보건기구")
ASKED_ABOUT = ("W.H.O.", "World Health Organisation (WHO)", "Example Releif", "Caritas")
NEW = ("Korea", "Medair")


def test_organisation_is_one_on_record_or_asked_about(sqlite_database: Database, tmp_path: Path) -> None:
    head = "Ref,Group,Applicant,Applicant in Korean,Applicant type\n"
    known = "A-1,ngo,Example Relief (ER),,21\nA-2,ngo,World Health Organization (WHO),,\nA-3,ngo,Caritas (Korea),,\n"
    assert take(sqlite_database, write(tmp_path, head + known)).warnings == []
    for number, name in enumerate((*ONE_ON_RECORD, *NEW, *ASKED_ABOUT)):
        cells = f",{name}" if name == "WHO" or not name.isascii() else f"{name},"
        before = counts(sqlite_database)[1]
        report = take(sqlite_database, write(tmp_path, f"{head}B-{number},ngo,{cells},\n"))
        assert bool(report.warnings) is (name in ASKED_ABOUT), name
        assert counts(sqlite_database)[1] == before + (name not in ONE_ON_RECORD), name
    report = take(sqlite_database, write(tmp_path, f"{head}C-1,ngo,ER,,40\n"))  # of another type than on record
    assert (len(report.warnings), counts(sqlite_database)[1]) == (1, before + 1)


# -- columns, encodings, separators ---------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["english", "korean", "hxl", "name"])
def test_import_accepts_every_name_of_a_column(way: str) -> None:
    assert [column_named(getattr(column, way)) for column in COLUMNS] == list(COLUMNS)


SEPARATORS = pytest.mark.parametrize("separator", [",", ";", "\t", "|"])


@SEPARATORS
def test_csv_encoding_and_separator_are_detected(sqlite_database: Database, tmp_path: Path, separator: str) -> None:
    titles = {encoding: f"온실 {encoding}" for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp949")}
    for encoding, title in titles.items():
        rows = (["사업번호", "구분", "사업명", "조치", "일자"], ["GG-9", "gyeonggi", title, "submitted", "2020-07-24"])
        take(sqlite_database, write(tmp_path, "\r\n".join([*map(separator.join, rows), ""]), encoding))
        with sqlite_database.reading() as session:
            assert project_detail(session, "GG-9", TODAY).project.title_ko == title


@SEPARATORS
def test_csv_detection_keeps_western_letters(sqlite_database: Database, tmp_path: Path, separator: str) -> None:
    for title in ("Ärzte ohne Grenzen", "Médecins du Monde", "Büro “Ost” – Señal"):
        rows = (["Ref", "Title", "Group"], ["X-1", title, "ngo"])
        take(sqlite_database, write(tmp_path, "\r\n".join([*map(separator.join, rows), ""]), "cp1252"))
        with sqlite_database.reading() as session:
            assert project_detail(session, "X-1", TODAY).project.title_en == title


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        *(
            ("#date+happened", "happened"),
            ("#country+applicant+code", "applicant_country"),
            ("#shipment+num", "shipments"),
        ),
        ("Response of the DPRK", "response"),
    ],
)
def test_heading_of_an_earlier_file_is_known(tag: str, name: str) -> None:
    column = column_named(tag)
    assert column is not None
    assert column.name == name != tag
    assert tag not in {column.hxl, column.english}


@pytest.mark.parametrize("size", ["A1", "A1:XFD1048576"])
def test_workbook_with_a_false_dimension_is_read_whole(sqlite_database: Database, tmp_path: Path, size: str) -> None:
    path = _changed(tmp_path, SHEET, '<dimension ref="[^"]*"', f'<dimension ref="{size}"')
    assert take(sqlite_database, path).added == 1


def test_unknown_headings_are_reported_once() -> None:
    assert some_of(["x"] * 3) == "x, x, x"
    assert len(some_of(["y" * 999] * 999)) < 1000


# -- what is wrong, and where ---------------------------------------------------------------------------------

HEAD = "Ref,Group,Update,Date,Valid until,Source kind,Note\n"
WRONG = [
    ("A-1,ngo,approved,2024-01-05,,letter,\n", "line 3, column “Valid until”"),
    ("A-1,ngo,approved,2024-01-05,2024-07-05,press,\n", "line 3"),
    ("A-1,ngo,aproved,2024-01-05,2024-07-05,letter,\n", "line 3, column “Update”"),
    ("A-1,ngo,submitted,2024-13-05,,,\n", "line 3, column “Date”"),
    ("A-1,ngo,submitted,2034-01-05,,,\n", "line 3, column “Date”"),
    ("A-1,ngo,submitted,2024-01-05,,hearsay,\n", "line 3, column “Source kind”"),
    ("A-1,friends,submitted,2024-01-05,,,\n", "line 3, column “Group”"),
    ("A1x,ngo,,,,,\n", "line 3, column “Ref”"),
    (",ngo,,,,,\n", "line 3, column “Ref”"),
    ("A-1,ngo,,2024-01-05,,,\n", "line 3, column “Date”"),
    ("A-1,ngo,note,,,,=1+1\n", "line 3, column “Note”"),
    ("A-1,ngo,note,,,,x,y\n", "line 3"),
    ('A-1,ngo,note,,,,"two\nlines"\nB-1,foes,,,,,\n', "line 5, column “Group”"),
    ("A-1,ngo,hold,2024-01-05,2024-07-05,,\n", "line 3, column “Valid until”"),
]


@pytest.mark.parametrize(("rows", "place"), WRONG)
def test_invalid_row_is_named_and_nothing_is_recorded(
    sqlite_database: Database, tmp_path: Path, rows: str, place: str
) -> None:
    before = counts(sqlite_database)
    report = take(sqlite_database, write(tmp_path, HEAD + "OK-1,ngo,note,,,,fine\n" + rows))
    assert report.wrong == 1
    assert str(report.errors[0].place).startswith(place)
    assert str(report.errors[0].error)
    assert counts(sqlite_database) == before


def _bomb(folder: Path) -> Path:
    path = folder / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts, parts.open(SHEET, "w", force_zip64=True) as part:
        for _ in range(450):
            part.write(b"\0" * 2**20)
    return path


def _damaged(folder: Path, cut: int | None = None, zeros: int = 0) -> Path:
    path = workbook(folder, [["Ref", "Group"], *([f"A-{n}", "ngo"] for n in range(1, 500))])
    content = bytearray(path.read_bytes())
    place = content.index(SHEET.encode()) + 400
    content[place : place + zeros] = b"\0" * zeros
    path.write_bytes(content[:cut])
    return path


@pytest.mark.parametrize("number", ["9" * 10, "9" * 20, "9" * 4000])
def test_number_that_fits_no_key_is_that_of_no_update(database: Database, tmp_path: Path, number: str) -> None:
    report = take(
        database,
        write(tmp_path, f"Ref,Group,Number,Update,Date,Source kind\nA-1,ngo,{number},submitted,2026-02,press\n"),
    )
    assert [str(each.error) for each in report.errors] == []
    assert report.recorded == 1


@pytest.mark.parametrize(("parent", "child"), [("row", "c"), ("table-row", "table-cell"), ("sst", "si")])
def test_more_cells_than_fit_are_refused_while_they_are_read(
    monkeypatch: pytest.MonkeyPatch, parent: str, child: str
) -> None:
    monkeypatch.setitem(_MOST[parent], child, 10)
    part = f"<x><{parent}>{f'<{child}/>' * 10}</{parent}><{parent}>" + f"<{child}/>" * 11
    read = elements(io.BytesIO(part.encode()))
    assert [element.tag for _, element in islice(read, 21)].count(child) == 20
    with pytest.raises(BadFile, match="too many cells"):
        list(read)


SHEET = "xl/worksheets/sheet1.xml"


def _changed(folder: Path, part: str, what: str, by: str) -> Path:
    """Return a workbook of one project with one part changed."""
    path = workbook(folder, [["Ref", "Group"], ["A-1", "ngo"]])
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name).decode() for name in old.namelist()}
    changed = re.sub(what, by, parts[part], flags=re.DOTALL)
    assert changed != parts[part]
    with zipfile.ZipFile(path, "w") as new:
        for name, content in (parts | {part: changed}).items():
            new.writestr(name, content)
    return path


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'


def _huge(folder: Path) -> Path:
    path = folder / "huge.csv"
    with path.open("wb") as file:
        file.write(b"Ref\n")
        file.truncate(FILE_BYTES + 1)  # takes no room on the disk
    return path


BAD: dict[str, Callable[[Path], Path]] = {
    "missing": lambda folder: folder / "nothing.csv",
    "empty": lambda folder: write(folder, ""),
    "no ref": lambda folder: write(folder, "Name,Group\nx,ngo\n"),
    "two columns": lambda folder: write(folder, "Ref,ref\nA-1,A-1\n"),
    "no text": lambda folder: write(folder, "\x00\xff\x00\xd8\x81" * 999, "latin-1"),
    "an open quote": lambda folder: write(folder, 'Ref,Note\nA-1,"never closed\n'),
    "not a workbook": lambda folder: write(folder, "Ref,Group\n", name="x.xlsx"),
    "truncated": lambda folder: _damaged(folder, cut=-3000),
    "damaged inside": lambda folder: _damaged(folder, zeros=40),
    "entities": lambda folder: _changed(folder, SHEET, r"\A.*", BOMB),
    "zip bomb": _bomb,
    "huge": _huge,
    "a folder": lambda folder: folder,
    "headings alone": lambda folder: write(folder, "Ref,Group\n"),
    "no sheet": lambda folder: _changed(folder, "xl/workbook.xml", r"<sheet .*?/>", ""),
    "a line that no sheet has": lambda folder: _changed(folder, SHEET, '<row r="2"', '<row r="99999999"'),
    "a cell that no sheet has": lambda folder: _changed(folder, SHEET, 'r="A2"', 'r="ZZZZ2"'),
}


@pytest.mark.parametrize("kind", BAD)
def test_invalid_file_is_refused_in_one_sentence(sqlite_database: Database, tmp_path: Path, kind: str) -> None:
    with pytest.raises(BadFile, match=r"\.$"):
        take(sqlite_database, BAD[kind](tmp_path))
    assert counts(sqlite_database) == (0,) * 6


@settings(max_examples=60)
@given(st.text(min_size=1, max_size=60))
def test_import_of_any_text_keeps_or_refuses_it(sqlite_database: Database, tmp_path: Path, text: str) -> None:
    quoted = text.replace('"', '""').encode("utf-8", "surrogatepass")
    path = tmp_path / "any.csv"
    path.write_bytes(b'Ref,Group,Update,Note\nA-1,ngo,note,"' + quoted + b'"\n')
    try:
        report = take(sqlite_database, path)
    except BadFile:
        return
    assert report.wrong or report.recorded or report.known


# -- the known exemptions -------------------------------------------------------------------------------------


def letters_of(database: Database, ref: str) -> list[str]:
    """Return kind, day and end of each letter, and in brackets the days and ends of all reports where sources differ."""
    found = []
    for update in updates(database, ref):
        if update.is_letter:
            found.append(f"{update.kind} {update.happened} {update.letter.valid_until}")
            if update.differing:
                days = sorted({str(each.happened) for each in update.differing})
                ends = sorted({str(each.letter.valid_until) for each in update.differing if each.letter.valid_until})
                found[-1] += f" ({' '.join(days)}; {' '.join(ends)})"
    return found


EXTENDED_TOGETHER = "extended 2022-01 2023-07-17"
LETTERS = {
    "UNICEF-1": ["approved 2019-01-18 2019-07-18"],
    "UNICEF-2": ["approved 2019-04-11 2019-10", "extended 2019-12 2020-06"],  # extended late
    "UNICEF-5": ["approved 2021-08-13 2022-08-13"],
    "IFRC-1": ["approved 2019-01-30 2019-07-30"],
    "GGX-2": ["approved 2021-11-03 2022-11-03"],
    "KSM-1": ["approved 2019-12-02 unknown", "extended 2024-08-22 2025-08-21"],
    "KRX-1": ["approved 2021-01-22 2021-10-21 (2021-01-22; 2021-10-21 2021-10-22)"],
    "WHO-1": ["approved 2023-07-21 2024-04-20 (2023-07-20 2023-07-21; 2024-04-20)"],
    "WHO-4": ["approved 2026-02-06 unknown"],  # one of the eight letters of 2026
    "WHO-6": ["approved 2020-02-27 2021-12-22", EXTENDED_TOGETHER],
    "WHO-7": ["approved 2020-01-29 2020-07", EXTENDED_TOGETHER],
    "WHO-8": ["approved 2019-09-27 2020-03 (2019-09-25 2019-09-27; 2020-03 unknown)", EXTENDED_TOGETHER],
    "WHO-9": ["approved 2019 unknown", EXTENDED_TOGETHER],
}


def test_import_of_known_exemptions_tells_what_the_letters_say(database: Database) -> None:
    with database.writing() as session:
        seed_article(session, now=NOW)
    report = take(database, KNOWN)
    assert (report.added, report.changed, report.wrong) == (54, 0, 0)
    assert problems(database) == []
    with database.reading() as session:
        assert len(ids_matching(session, parse_filter("set:known-exemptions"), TODAY)) == 54
        assert len(ids_matching(session, parse_filter("-set:known-exemptions"), TODAY)) == 17
        extensions = set(session.scalars(select(Project.ref).where(Project.predecessor_id.is_not(None))))
        withheld = project_detail(session, "KRX-1", TODAY).project.without_names()
    assert extensions == {"UNICEF-4", "UNICEF-5", "IKECRC-1"}
    assert (withheld.withheld, withheld.title_en, withheld.organisations) == (True, None, ())
    assert {ref: letters_of(database, ref) for ref in LETTERS} == LETTERS
    (position,) = [each for each in updates(database, "CWW-1") if each.kind == "position"]
    assert (position.holder, position.stance, position.official) == ("US", "asks-time", False)
    assert updates(database, "WHO-6")[-1].letter.period == "18m"


def test_predecessors_in_a_circle_are_refused(sqlite_database: Database, tmp_path: Path) -> None:
    rows = ("A-1,ngo,A-2,submitted,2025-03", "A-2,ngo,A-1,submitted,2025-03")
    report = take(sqlite_database, write(tmp_path, "\n".join(["Ref,Group,Predecessor,Update,Date", *rows])))
    assert [(each.place.line, each.place.heading) for each in report.errors] == [(2, "Predecessor")]
