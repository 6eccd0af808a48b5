"""Dates with the precision that sources give them (docs/field.md, section 6.2; rule 6)."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.column_types import FieldDateText, UtcTime
from db.domain.dates import UNKNOWN, PartialDate, Precision, day, new_york_date, parse_date, parse_day
from db.errors import AidError, BadInput

DAYS = st.dates(date(1990, 1, 1), date(2099, 12, 31))
FIELD_DATES = st.one_of(
    DAYS.map(day),
    DAYS.map(lambda value: parse_date(f"{value:%Y-%m}")),
    DAYS.map(lambda value: parse_date(f"{value:%Y}-H{1 if value.month < 7 else 2}")),
    DAYS.map(lambda value: parse_date(f"{value:%Y}")),
    st.just(UNKNOWN),
)

# what is read, its precision, first and last possible day: and how it is written
READINGS = {
    ("2026-02-05", "day", "2026-02-05", "2026-02-05"): (
        "2026-02-05|2026-2-5|2026.02.05|2026. 2. 5.|2026년 2월 5일|20260205|2026-02-05 00:00:00|2026-02-05T00:00:00"
        "|2026-02-05 0:00:00|2026-02-05 14:30|2026.02.05(목)|2026. 2. 5. 목요일|Thu, 5 Feb 2026|2026-02-05 (Thu)"
        "|２０２６－０２－０５|2026–02–05|5 Feb 2026|5-Feb-2026|Feb. 5, 2026"
    ),
    ("2026-02-25", "day", "2026-02-25", "2026-02-25"): "2/25/2026|25/02/2026|25.02.2026",
    ("2026-05-05", "day", "2026-05-05", "2026-05-05"): "5/5/2026",
    ("2024-02-29", "day", "2024-02-29", "2024-02-29"): "2024-02-29",
    ("2026-02", "month", "2026-02-01", "2026-02-28"): "2026-02|2026년 2월|February 2026",
    ("2024-02", "month", "2024-02-01", "2024-02-29"): "2024/2",
    ("2025-10", "month", "2025-10-01", "2025-10-31"): "2025.10",
    ("2026-09", "month", "2026-09-01", "2026-09-30"): "Sept 2026",
    ("2025-H1", "half", "2025-01-01", "2025-06-30"): "2025-H1|2025년 상반기|H1 2025|1H 2025|2025 1H|상반기 2025",
    ("2025-H2", "half", "2025-07-01", "2025-12-31"): "2025-h2|2025년 하반기",
    ("2025", "year", "2025-01-01", "2025-12-31"): " 2025 |2025년",
    ("unknown", "unknown", "None", "None"): "Unknown|미상|-|–|N/A|TBC|tbd.|미정|?",
}
NO_DATES = (
    "|soon|2026-02-30|2026-13|2026-00|2025-H3|2025-H|26-02-05|1718-01-01|2100|2026-02-05-01|5 Feb 26|5 Fob 2026"
    "|31 Feb 2026|2026년 13월|Q1 2026|early 2025|2026-02-05T09:00:00Z|2026-02-05 2:30 PM|2026-02-05T25:00|2025-11/12"
    "|2025/26|13/13/2026|Feb-26|2026년 2월 초|NA|2026--02|-2026"
)


@pytest.mark.parametrize("read", READINGS, ids=lambda read: read[0])
def test_parse_date_keeps_its_precision(read: tuple[str, ...]) -> None:
    for text in READINGS[read].split("|"):
        value = parse_date(text)
        assert (str(value), value.precision, str(value.first), str(value.last)) == read, text


@pytest.mark.parametrize("text", NO_DATES.split("|"))
def test_parse_date_rejection_lists_the_accepted_forms(text: str) -> None:
    with pytest.raises(BadInput, match="Use 2026-02-05, 2026-02, 2025-H1") as refusal:
        parse_date(text, field="until")
    assert refusal.value.field == "until"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("46058", "a spreadsheet serial number"),
        ("46058.0", "a spreadsheet serial number"),
        ("05/02/2026", "may be two dates. Write 2026-02-05 or 2026-05-02"),
        ("5.2.2026 10:00", "may be two dates. Write 2026-02-05 or 2026-05-02"),
        ("2025.1", "may be two dates. Write 2025-01 or 2025-10"),
        ("2010/11", "may be two dates. Write 2010-11 or 2010"),
        ("2026.02.05(금)", "another day of the week"),
        ("Thu, Feb 2026", "another day of the week"),
    ],
)
def test_parse_date_rejection_names_the_doubt(text: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        parse_date(text)


@pytest.mark.parametrize("text", ["2026-02", "2025-H1", "2025", "unknown"])
def test_deadline_requires_an_exact_day(text: str) -> None:
    with pytest.raises(BadInput, match="`deadline:` needs an exact date"):
        parse_day(text, field="deadline")


def test_partial_dates_sort_by_their_last_day() -> None:
    text = "2025-03-01 2025-H1 2025-06-30 2025-09 2025 2025-H2 2025-12 2025-12-31 2026-02-05 unknown"
    in_order = text.split()
    assert [str(each) for each in sorted(map(parse_date, reversed(in_order)))] == in_order


BEFORE = ("2025-H1 2025-H2", "2025-06 2025-07-01", "2025 2026")
NOT_CERTAINLY = ("2025-06 2025-06-30", "2025-06-29 2025-06", "2025 2025-12-31", "2025 unknown", "unknown 2026")


@pytest.mark.parametrize("pair", [*BEFORE, *NOT_CERTAINLY])
def test_overlapping_dates_are_never_certainly_before(pair: str) -> None:
    first, second = map(parse_date, pair.split())
    assert first.certainly_before(second) is (pair in BEFORE)


def test_days_since_counts_from_the_end_of_the_interval() -> None:
    days = {"2026-02-05": 33, "2026-03-10": 0, "2026-02": 10, "2025-H1": 253, "2025": 69, "2026": 0, "unknown": 0}
    assert {since: parse_date(since).days_until(date(2026, 3, 10)) for since in days} == days


@pytest.mark.parametrize(
    ("moment", "new_york"),
    [
        ("2026-02-06T04:59+00:00", "2026-02-05"),  # midnight in winter is 05:00 UTC
        ("2026-02-06T05:00+00:00", "2026-02-06"),
        ("2026-07-01T03:59+00:00", "2026-06-30"),  # in summer 04:00 UTC
        ("2026-07-01T04:00+00:00", "2026-07-01"),
        ("2026-02-06T09:00+09:00", "2026-02-05"),  # a morning in Seoul
    ],
)
def test_committee_day_is_new_york_date(moment: str, new_york: str) -> None:
    assert new_york_date(datetime.fromisoformat(moment)).isoformat() == new_york


@given(FIELD_DATES)
def test_date_text_round_trips(value: PartialDate) -> None:
    assert parse_date(str(value)) == value
    stored = FieldDateText().process_bind_param(value, None)  # type: ignore[arg-type]
    assert stored is not None
    assert len(stored) <= 10
    assert FieldDateText().process_result_value(stored, None) == value  # type: ignore[arg-type]


@given(FIELD_DATES, FIELD_DATES)
def test_date_order_is_total_and_agrees_with_certainty(first: PartialDate, second: PartialDate) -> None:
    assert (first < second) + (first == second) + (first > second) == 1
    if first.certainly_before(second):
        assert first < second
        assert not second.certainly_before(first)


@given(FIELD_DATES)
def test_date_interval_lies_within_its_text(value: PartialDate) -> None:
    longest = {Precision.DAY: 1, Precision.MONTH: 31, Precision.HALF: 184, Precision.YEAR: 366}
    if value.first is None or value.last is None:
        assert not value.known
    else:
        assert 0 <= (value.last - value.first).days < longest[value.precision]


@given(st.text())
def test_parse_date_of_any_text_parses_or_explains(text: str) -> None:
    try:
        assert parse_date(str(parse_date(text))) == parse_date(text)
    except AidError as error:
        refused = str(error)
        assert refused


def test_naive_time_is_rejected() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        UtcTime().process_bind_param(datetime(2026, 3, 10, 15), None)  # type: ignore[arg-type]  # noqa: DTZ001
