"""Members of the Security Council that ship with the record (docs/field.md, section 7.1)."""

from datetime import date, timedelta

import pytest

from db.domain.code_lists import code_lists
from db.domain.council import MEMBERS, SeatStatus
from db.domain.dates import day, parse_date
from tests.support.proposals import shipped_council

FIRST, LAST_COMPLETE, LAST = date(2018, 1, 1), date(2027, 12, 31), date(2028, 12, 31)
COUNCIL = shipped_council()


def test_each_day_to_2027_has_exactly_15_members() -> None:
    days = [FIRST + timedelta(days=number) for number in range((LAST_COMPLETE - FIRST).days + 1)]
    assert {len(COUNCIL.members(each, each)) for each in days} == {MEMBERS}
    assert COUNCIL.on_record(FIRST, LAST_COMPLETE) == MEMBERS


def test_day_of_2028_is_unchecked_until_its_other_five_are_known() -> None:
    assert COUNCIL.on_record(date(2028, 1, 1), LAST) == 10
    assert COUNCIL.seat("SE", day(LAST)) is SeatStatus.UNCHECKED
    assert COUNCIL.seat("KG", day(LAST)) is SeatStatus.SEATED
    assert COUNCIL.seat("US", day(LAST)) is SeatStatus.SEATED


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
