"""The exemptions of 2019 to 2026 that ship as a file to import: what every row has to have (docs/field.md, section 4.9)."""

import csv
from datetime import date, timedelta
from importlib.resources import files
from itertools import pairwise

import pytest

from db.domain.code_lists import code_lists
from db.domain.council import MEMBERS, SeatStatus
from db.domain.dates import parse_date
from tests.support.proposals import shipped_council

FILE = files("db") / "data" / "known-exemptions.csv"
HXL, *ROWS = csv.DictReader(FILE.read_text(encoding="utf-8").splitlines())
IDS = [f"{number}-{row['Ref']}" for number, row in enumerate(ROWS, start=3)]  # the line in the file


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_row_names_its_source_and_speaks_both_languages(row: dict[str, str]) -> None:
    assert row["Publisher"]
    assert row["Source kind"] in {"reported-letter", "press"}
    assert all(address.startswith(("https://", "http://")) for address in row["Source"].split())
    assert row["Source"].split()
    assert bool(row["Note"]) == bool(row["Note in Korean"])
    assert "not reported" not in row["Note"]


@pytest.mark.parametrize("row", [row for row in ROWS if row["Title"]], ids=lambda row: row["Ref"])
def test_project_is_described_once_with_known_codes(row: dict[str, str]) -> None:
    assert [other["Ref"] for other in ROWS if other["Title"]].count(row["Ref"]) == 1
    assert row["Title in Korean"]
    assert row["Group"]
    assert (row["Implementer"] == "") == (row["Visibility"] == "withheld")
    assert set(row["Sectors"].split()) <= set(code_lists()["sector"])


def test_differing_report_follows_the_update_that_it_is_about() -> None:
    for above, row in pairwise(ROWS):
        if row["Differs"]:
            assert (row["Differs"], row["Ref"], row["Update"]) == ("above", above["Ref"], above["Update"])


def test_each_heading_has_an_hxl_tag() -> None:
    assert all(tag.startswith("#") for tag in HXL.values())
    assert len(set(HXL.values())) == len(HXL)


# -- members of the Security Council (docs/field.md, section 7.1) ---------------------------------------------

FIRST, LAST_COMPLETE, LAST = date(2018, 1, 1), date(2027, 12, 31), date(2028, 12, 31)
COUNCIL = shipped_council()


def test_each_day_to_2027_has_exactly_15_members() -> None:
    days = [FIRST + timedelta(days=number) for number in range((LAST_COMPLETE - FIRST).days + 1)]
    assert {len(COUNCIL.members(each, each)) for each in days} == {MEMBERS}
    assert COUNCIL.on_record(FIRST, LAST_COMPLETE) == MEMBERS


SEATS = {
    SeatStatus.SEATED: "AT 2027-01-10, NL 2018-07, CN 2018-07, KR 2024-H1",
    SeatStatus.NOT_SEATED: "PH 2027-01-10, DK 2027-01-10, NL 2019-01, KR 2023-12-31, KR 2023",
    SeatStatus.UNCHECKED: "BR 2017-12-31, BR unknown",
}


@pytest.mark.parametrize("status", SEATS)
def test_shipped_seats_equal_the_elections(status: SeatStatus) -> None:
    for code, when in (each.split() for each in SEATS[status].split(", ")):
        assert COUNCIL.seat(code, parse_date(when)) is status, (code, when)


def test_each_state_sits_once_at_a_time_and_has_names() -> None:
    for index, row in enumerate(COUNCIL.rows):
        assert not any(row.shares_a_day(other) for other in COUNCIL.rows[index + 1 :]), row
        assert set(code_lists()["country"][row.code]) == {"en", "ko"}


def test_elected_members_leave_after_two_years_at_most() -> None:
    for row in COUNCIL.rows:
        assert row.until is None or row.until.year - row.since.year <= 1, row
        assert row.until is None or (row.until.month, row.until.day) == (12, 31)
