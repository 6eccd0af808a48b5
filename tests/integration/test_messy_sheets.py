"""Spreadsheets as people keep them: what each holds, and what is recorded of it or told about it."""

# ruff: noqa: E501  a sheet a line

import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from db.audit import Editor
from db.database import Database
from db.domain.updates import Update
from db.imports.confined import decode, encode
from db.imports.importer import import_file
from db.imports.open_file import reading
from db.imports.table import BadFile, TableReader
from db.projects.queries import ids_matching, load_projects
from db.reports.project import project_detail
from db.search.filter import parse_filter
from tests.support.proposals import NOW, TODAY

EDITOR = Editor("T0", "U0ADMIN", NOW)
Rows = Sequence[Sequence[object]]
Build = Callable[[Path], Path]
HEAD = ("Ref", "Group", "Update", "Date", "Note")
LETTER = ("Ref", "Group", "Update", "Date", "Source kind", "Valid until")
DAY = datetime(2026, 2, 5)  # noqa: DTZ001  days of a sheet have no zone
N1 = "A-1 note 2026-02-05"


def csv(text: str, encoding: str = "utf-8", name: str = "given.csv") -> Build:
    def build(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(text.encode(encoding))
        return path

    return build


def one_row(cells: dict[str, str]) -> Build:
    return csv("\n".join(",".join(f'"{each}"' for each in line) for line in (cells.keys(), cells.values())))


def cell(text: str, column: str = "Date", *, group: str = "ngo") -> Build:
    """Build a file of one note in which one cell is as given."""
    cells = {"Ref": "A-1", "Group": group, "Update": "note", "Date": "2026-02-05", "Note": "said", column: text}
    return one_row(cells)


def letter(**cells: str) -> Build:
    row = {"Ref": "A-1", "Group": "ngo", "Update": "approved", "Date": "2026-02-05", "Source kind": "letter"}
    return one_row(row | {"Valid until": "unknown"} | cells)


def xlsx(*rows: Sequence[object], change: Callable[[Worksheet], None] = lambda _: None, **others: Rows) -> Build:
    """Build a workbook whose first sheet is changed as given; ``others`` are further sheets."""

    def build(folder: Path) -> Path:
        book = Workbook()
        sheet = book.active
        assert isinstance(sheet, Worksheet)
        for row in rows:
            sheet.append(row)
        for title, lines in others.items():
            further = book.create_sheet(title)
            for row in lines:
                further.append(row)
            further.sheet_state = "hidden" if title == "hidden" else "visible"
        change(sheet)
        path = folder / "given.xlsx"
        book.save(path)
        return path

    return build


def dated(value: object, number_format: str) -> Build:
    """Build a workbook of one note whose date has a number format."""

    def change(sheet: Worksheet) -> None:
        sheet["D2"].number_format = number_format

    return xlsx(HEAD, ("A-1", "ngo", "note", value, "said"), change=change)


CELL = "<table:table-cell {}>{}</table:table-cell>"
STYLES = """<office:automatic-styles>
<number:date-style style:name="N1"><number:month/><number:text>-</number:text><number:year/></number:date-style>
<style:style style:name="month" style:data-style-name="N1"/>
<style:style style:name="off"><style:table-properties table:display="false"/></style:style></office:automatic-styles>"""
SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)


def text_cell(value: object, attributes: str = "") -> str:
    return CELL.format(attributes, f"<text:p>{escape(str(value))}</text:p>")


def ods(*rows: str, manifest: str = "", tables: str = "") -> Build:
    """Build an OpenDocument spreadsheet of the rows of its first sheet and whole further ones."""

    def build(folder: Path) -> Path:
        path = folder / "given.ods"
        spaces = f'{SPACES} xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
        head = "<table:table-row>" + "".join(map(text_cell, HEAD)) + "</table:table-row>"
        table = f'<table:table table:name="S"><table:table-column table:number-columns-repeated="5"/>{head}{"".join(rows)}</table:table>'
        body = f"<office:body><office:spreadsheet>{table}{tables}</office:spreadsheet></office:body>"
        with zipfile.ZipFile(path, "w") as parts:
            parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            parts.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
            parts.writestr("content.xml", f"<office:document-content {spaces}>{STYLES}{body}</office:document-content>")
        return path

    return build


def ods_row(*cells: object, attributes: str = "") -> str:
    filled = "".join(each if str(each).startswith("<") else text_cell(each) for each in map(str, cells))
    return f"<table:table-row {attributes}>{filled}</table:table-row>"


def ods_date(attributes: str = "") -> str:
    return CELL.format(
        f'office:value-type="date" office:date-value="2026-02-05" {attributes}', "<text:p>shown</text:p>"
    )


def hide(*, rows: Sequence[int] = (), columns: str = "") -> Callable[[Worksheet], None]:
    def change(sheet: Worksheet) -> None:
        for row in rows:
            sheet.row_dimensions[row].hidden = True
        for column in columns:
            sheet.column_dimensions[column].hidden = True

    return change


def link(place: str, address: str) -> Callable[[Worksheet], None]:
    def change(sheet: Worksheet) -> None:
        sheet[place].hyperlink = address

    return change


SCHEMAS = rb"http://schemas\.openxmlformats\.org/(spreadsheetml|officeDocument)/2006"


def strict(build: Build) -> Build:
    """Give the parts of a workbook the names of Strict Open XML."""

    def rebuild(folder: Path) -> Path:
        path = build(folder)
        with zipfile.ZipFile(path) as old:
            parts = {name: old.read(name) for name in old.namelist()}
        with zipfile.ZipFile(path, "w") as new:
            for name, content in parts.items():
                new.writestr(name, re.sub(SCHEMAS, rb"http://purl.oclc.org/ooxml/\1", content))
        return path

    return rebuild


def zipped(folder_of_parts: str, name: str = "given.xlsx") -> Build:
    def build(folder: Path) -> Path:
        with zipfile.ZipFile(folder / name, "w") as parts:
            parts.writestr(f"{folder_of_parts}/document.xml", "<x/>")
        return folder / name

    return build


NOTE = ("A-1", "ngo", "note", "2026-02-05", "said")
APPROVED = "A-1 approved 2026-02-05"
OLE = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What it is; the file; what is recorded; what is told.
SHEETS: list[tuple[str, Build, list[str], list[str]]] = [
    # headings
    ("Korean Excel", xlsx(("사업 현황",), (), ("순번", "사업번호", "구분", "조치", "일자", "내용"), (1, "A-1", "경기도", "메모", "2026. 2. 5.", "말함")), [N1], ["순번"]),
    ("cp949 with semicolons", csv("사업번호;구분;조치;일자;내용\nA-1;경기도;메모;2026-02-05;말함\n", "cp949"), [N1], []),
    ("UTF-16 with tabs", csv("Ref\tGroup\tUpdate\tDate\tNote\nA-1\tngo\tnote\t2026-02-05\tsaid\n", "utf-16"), [N1], []),
    ("headings in two languages", csv("Ref / 사업번호,구분 / Group,Update / 조치,Date / 일자,Note / 내용\nA-1,ngo,note,2026-02-05,x\n"), [N1], []),
    ("headings of two lines", xlsx(("Ref\n(사업번호)", "Group", "Up\ndate", "Date (뉴욕)", "Note."), NOTE), [N1], []),
    ("two rows of headings", xlsx(HEAD, ("사업번호", "구분", "조치", "일자", "비고란"), NOTE), [N1], []),
    ("a second row for some", xlsx(("Ref", "Group", "Update", "Letter", ""), ("", "", "", "Date", "Note"), NOTE), [N1], []),
    ("tags below", csv("Ref,Group,Update,Date,Note\n#activity+code,#activity+type,,,\nA-1,ngo,note,2026-02-05,x\n"), [N1], []),
    ("tags alone", csv("Our list\n\nNo,Name\n#activity+code,#activity+type,#event+type,#date+happened,#event+description\nA-1,ngo,note,2026-02-05,x\n"), [N1], []),
    ("headings once more", xlsx(HEAD, NOTE, HEAD, ("A-2", "ngo", "note", "2026-02", "y")), [N1, "A-2 note 2026-02"], []),
    ("notes above and a legend", xlsx(("As of", "2026-03-01"), ("Source: ministry",), (), HEAD, NOTE), [N1], []),
    ("totals with a ref", xlsx((*HEAD, "Items"), (*NOTE, ""), ("합계", "", "", "", "", "=SUM(F2)")), [], ["line 3, column “Ref”: The row has no project ref"]),
    ("totals without a ref", xlsx((*HEAD, "Items"), (*NOTE, ""), ("", "Total", "", "", "", 35)), [], ["line 3, column “Ref”: The row has no project ref"]),
    ("a heading of two columns", csv("Ref,Group,Source / Publisher\nA-1,ngo,x\n"), [], ["Source / Publisher"]),
    # what is hidden, merged, linked
    ("merged refs", xlsx(HEAD, NOTE, ("", "", "note", "2026-02", "y"), change=lambda sheet: sheet.merge_cells("A2:A3")), [N1, "A-1 note 2026-02"], []),
    ("hidden rows and columns", xlsx(HEAD, NOTE, ("A-2", "ngo", "note", "2026", "y"), ("A-3", "x", "y", "z", ""), change=hide(rows=(3, 4), columns="B")), [], ["hidden and not read: 2 (3–4)", "hidden and not read: 1 (B)", "There is no project “A-1”"]),
    ("a hidden sheet", xlsx(HEAD, NOTE, hidden=(HEAD, ("A-2", "ngo", "note", "2026", "y"))), [N1], ["sheet “hidden”: The sheet is hidden"]),
    ("two tables", xlsx(("Ref", "Group"), ("A-1", "ngo"), second=(LETTER, ("A-1", "", "approved", DAY, "letter", date(2027, 2, 5)))), [f"{APPROVED} until 2027-02-05"], []),
    ("a formula", xlsx(HEAD, ("A-1", "ngo", "note", "=TODAY()", "x")), [], ["column “Date”: The cell contains a formula (=TODAY())"]),
    ("a sheet of remarks", xlsx(HEAD, NOTE, remarks=(("Ask", "Kim"),)), [N1], ["sheet “remarks”: The sheet shows no column “Ref”"]),
    ("a hidden ref", xlsx(HEAD, NOTE, change=hide(columns="A")), [], ["or its column “Ref” is hidden"]),
    ("a link behind text", xlsx((*HEAD, "Source"), (*NOTE, "Yonhap"), change=link("F2", "https://example.org/a")), [f"{N1} https://example.org/a"], []),
    ("a link by formula", xlsx((*HEAD, "Source"), (*NOTE, '=HYPERLINK("https://example.org/a","Yonhap")')), [f"{N1} https://example.org/a"], []),
    ("escaped characters", xlsx((*HEAD, "Contents"), (*NOTE[:4], "a_x000D__x0041_b", "")), [N1], []),
    # dates
    ("a month by its format", dated(date(2026, 2, 1), "mmm-yy"), ["A-1 note 2026-02"], []),
    ("a month in Korean", dated(date(2026, 2, 1), 'yyyy"년" m"월"'), ["A-1 note 2026-02"], []),
    ("a year by its format", dated(date(2026, 1, 1), "yyyy"), ["A-1 note 2026"], []),
    ("a day in Korean", dated(date(2026, 2, 5), '[$-412]yyyy"년" m"월" d"일" dddd'), [N1], []),
    ("a day without its year", dated(date(2026, 2, 5), "d-mmm"), [N1], []),
    ("a day with its hour", dated(datetime.combine(DAY, time(14, 30)), "yyyy-mm-dd h:mm AM/PM"), [N1], []),
    ("a month as a number", dated(2025.1, "0.00"), [], ["may be two dates. Write 2025-01 or 2025-10"]),
    ("a day as a number", dated(46058, "General"), [], ["a spreadsheet serial number"]),
    ("a day of the American way", cell("2/25/2026"), ["A-1 note 2026-02-25"], []),
    ("two readings", cell("05/02/2026"), [], ["may be two dates. Write 2026-02-05 or 2026-05-02"]),
    ("no date yet", cell("미정"), ["A-1 note unknown"], []),
    ("a dash in a column of another kind", cell("-", "Valid until"), [N1], []),
    ("an end to come", letter(**{"Valid until": "TBC"}), [f"{APPROVED} until unknown"], []),
    # numbers
    ("units in cells", letter(Items="20종", Value="$63,000", **{"Value currency": "USD"}, Shipments="3회"), [f"{APPROVED} until unknown 20 items 63000 USD 3 shipments"], []),
    ("units in headings", letter(**{"Items (종)": "1,200", "품목 가액(달러)": "63000"}), [f"{APPROVED} until unknown 1200 items 63000 USD"], []),
    ("a unit that contradicts", letter(**{"Value (KRW)": "$5"}), [], ["column “Value (KRW)”: “$5 KRW” is in USD"]),
    ("all wrong cells", letter(Date="soon", Items="many", Value="about 5", Source="see file", **{"Value currency": "dollars?"}), [], ["column “Date”", "column “Items”", "column “Value”", "column “Value currency”", "is not a valid link. Use “Source” with"]),
    ("wrong cells of project and update", letter(Group="friends", Items="many"), [], ["column “Group”", "column “Items”"]),
    ("no end", letter(**{"Valid until": ""}), [], ["Add “Valid until” with the date"]),
    # words
    ("sectors by their labels", cell("12220.0; Basic nutrition; 14030 - Basic drinking water supply and basic sanitation", "Sectors"), [f"{N1} 12220 12240 14030"], []),
    ("sectors that are none", cell("Health", "Sectors"), [], ["“Health” is not a sector that I know"]),
    ("a code that is none", cell("99999", "Sectors"), [], ["“99999” is not a sector that I know"]),
    ("groups by their labels", cell("국제기구", "Group"), [N1], []),
    ("two sources", cell("https://a.kr/1, https://a.kr/2;https://a.kr/3.", "Source"), [f"{N1} https://a.kr/1 https://a.kr/2 https://a.kr/3"], []),
    ("a long publisher", cell("x" * 104, "Publisher"), [], ["column “Publisher”: Too long: 104 characters"]),
    # other files
    ("strict Open XML", strict(xlsx(HEAD, ("A-1", "ngo", "note", DAY, "said"))), [N1], []),
    ("OpenDocument", ods(ods_row("A-1", "ngo", "note", ods_date(), "said"), ods_row("A-2", "ngo", "note", ods_date('table:style-name="month"'), "x")), [N1, "A-2 note 2026-02"], []),
    ("OpenDocument, hidden and merged", ods(ods_row(text_cell("A-1", 'table:number-rows-spanned="2"'), "ngo", "note", ods_date(), "x"), ods_row("<table:covered-table-cell/>", "ngo", "note", "2026-02", "y"), ods_row(*NOTE, attributes='table:visibility="filter" table:number-rows-repeated="3"'), tables=f'<table:table table:name="T" table:style-name="off">{ods_row(*HEAD)}</table:table>'), [N1, "A-1 note 2026-02"], ["hidden and not read: 3 (4–6)", "sheet “T”: The sheet is hidden"]),
    ("OpenDocument with a formula", ods(ods_row("A-1", "ngo", "note", text_cell(5, 'table:formula="of:=[.A1]"'), "x")), [], ["column “Date”: The cell contains a formula (=[.A1])"]),
    ("OpenDocument with a password", ods(manifest="<manifest:encryption-data/>"), [], ["The file has a password"]),
    ("Excel with a password", csv(OLE + "\0".join("EncryptedPackage") + "\0", "latin-1", "given.xlsx"), [], ["The file has a password"]),
    ("old Excel", csv(OLE, "latin-1", "given.xlsx"), [], ["in Excel's old format"]),
    ("old Excel by its name", csv("x", name="given.xls"), [], ["in Excel's old format"]),
    ("a web page", csv("<html><table>", name="given.xlsx"), [], ["a web page under its name"]),
    ("a document", zipped("word"), [], ["is not a table that I read"]),
    ("a picture under another name", csv("\x89PNG", "latin-1"), [], ["is not a table that I read"]),
    ("a workbook named CSV", lambda folder: xlsx(HEAD, NOTE)(folder).rename(folder / "given.csv"), [N1], []),
]  # fmt: skip


def described(update: Update, sectors: Sequence[str]) -> str:
    """Return the values of an update in one line."""
    sheet = update.letter
    return " ".join(
        str(part)
        for part in (
            update.kind,
            update.happened,
            f"until {sheet.valid_until}" if sheet.valid_until else "",
            f"{sheet.item_count} items" if sheet.item_count else "",
            f"{sheet.value} {sheet.currency}" if sheet.value else "",
            f"{sheet.shipment_limit} shipments" if sheet.shipment_limit else "",
            *(source.url for source in update.sources if source.url),
            *sectors,
        )
        if part
    )


@contextmanager
def through_json(path: Path) -> Iterator[TableReader]:
    """Read a file as the process for files from Slack does, without the process."""
    with reading(path) as table:
        content = json.dumps(replace(table, rows=list(table.rows)), default=encode)
    table = json.loads(content, object_hook=decode)
    yield replace(table, rows=iter(table.rows))


@pytest.mark.parametrize(("build", "recorded", "told"), [row[1:] for row in SHEETS], ids=[row[0] for row in SHEETS])
def test_sheet_is_recorded_or_told(
    sqlite_database: Database, tmp_path: Path, build: Build, recorded: list[str], told: list[str]
) -> None:
    try:
        report = import_file(sqlite_database, build(tmp_path), EDITOR, read=through_json)
    except BadFile as error:
        seen = [str(error)]
    else:
        seen = [f"{each.place}: {each.error}" for each in (*report.errors, *report.warnings)] + report.unread
    with sqlite_database.reading() as session:
        views = load_projects(session, ids_matching(session, parse_filter(""), TODAY)).values()
        found = [
            f"{view.ref} {described(update, view.sectors)}"
            for view in views
            for update in project_detail(session, view.ref, TODAY).standing.updates
        ]
    assert sorted(found) == sorted(recorded), seen
    assert len(seen) == len(told), seen
    assert all(any(part in each for each in seen) for part in told), seen
