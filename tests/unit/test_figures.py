"""Statistics: what is counted, and ranges no narrower than the dates allow."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.domain.dates import parse_date
from db.domain.enums import SourceKind, UpdateKind
from db.domain.project_status import status_of
from db.domain.updates import Letter, Update
from db.reports.statistics import DayRange, MedianRange, Sample, UndeliveredShare, between, figures
from db.search.filter import Filter
from handlers.i18n.translator import Translator
from handlers.status.figures import figures as figure_blocks

TODAY = date(2026, 3, 10)
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def project(*lines: str, group: str = "io") -> Sample:
    """Return a project from lines such as ``hold 2025-H1 by:US press`` or ``approved 2024-05-01 until:2025-05-01``."""
    updates = []
    for number, line in enumerate(lines, start=1):
        kind, on, *options = line.split()
        named = dict(option.split(":") for option in options if ":" in option)
        letter = Letter(valid_until=parse_date(named["until"])) if "until" in named else Letter()
        source = SourceKind(named.get("as", "letter"))
        update = Update(UpdateKind(kind), NOW, parse_date(on), holder=named.get("by"), confidence=source, letter=letter)
        updates.append(replace(update, number=number))
    return Sample(group, status_of(updates))


SPANS = [
    ("2024-05-01", "2024-05-11", DayRange(10, 10)),
    ("2024-05", "2024-06", DayRange(1, 60)),
    ("2025-H1", "2025-H1", DayRange(0, 180)),
    ("unknown", "2024-05-11", None),
    ("2024-05-01", "unknown", None),
]


@pytest.mark.parametrize(("first", "last", "days"), SPANS)
def test_statistics_of_inexact_dates_are_ranges(first: str, last: str, days: DayRange | None) -> None:
    assert between(parse_date(first), parse_date(last)) == days


def test_statistics_measure_request_to_letter() -> None:
    statistics = figures(
        [
            project("submitted 2024-05-01", "approved 2024-05-11 until:2025-05-11"),
            project("submitted 2024-05-01", "approved 2024-05 until:2025-05", group="ngo"),
            project("submitted 2024-01-01", "approved 2024-02-20 until:2025-02-20"),
            project("approved 2025-02-20 until:2026-02-20"),
            project("submitted 2025-02-20"),
        ],
        TODAY,
    )
    assert statistics.decision == MedianRange(3, DayRange(10, 30), 1)
    assert statistics.decision_by_group == (
        ("io", MedianRange(2, DayRange(30, 30), 1)),
        ("ngo", MedianRange(1, DayRange(0, 30), 0)),
    )
    assert statistics.decision_by_year == (("2024", MedianRange(3, DayRange(10, 30), 0)),)


def test_statistics_split_holds_by_holder_and_confidence() -> None:
    statistics = figures(
        [
            project("submitted 2025-01-01", "hold 2025-01-10 by:US", "hold-lifted 2025-02-09 by:US"),
            project("submitted 2025-01-01", "hold 2025-H1 by:US as:press"),
            project("submitted 2025-01-01", "hold 2026-03-01 by:US", "hold-lifted 2026-03-05 by:US as:press"),
            project("submitted 2025-01-01", "hold unknown by:undisclosed"),
        ],
        TODAY,
    )
    holds = {
        (row.holder, row.official): (row.lifted, row.open, row.longest, row.lift_reported) for row in statistics.holds
    }
    assert holds == {
        ("US", True): (MedianRange(1, DayRange(30, 30), 0), 1, 9, 1),
        ("US", False): (MedianRange(), 1, 253, 0),
        ("undisclosed", True): (MedianRange(), 1, None, 0),
    }


def test_statistics_count_expired_undelivered() -> None:
    statistics = figures(
        [
            project("approved 2024-05-01 until:2025-05-01"),
            project("approved 2024-05-01 until:2025-05-01", "delivered 2025-04-01"),
            project("approved 2025-05-01 until:2027-05-01"),
            project("approved 2025-05-01 until:unknown", group="ngo"),
            project("approved 2023-05-01 until:2024-H1", group="ngo"),
        ],
        TODAY,
    )
    assert statistics.expired == UndeliveredShare(3, 2, 1)
    assert statistics.expired_by_group == (("io", UndeliveredShare(2, 1, 0)), ("ngo", UndeliveredShare(1, 1, 1)))
    assert statistics.expired_by_year == (("2024", UndeliveredShare(1, 1, 0)), ("2025", UndeliveredShare(2, 1, 0)))


def test_statistics_of_an_empty_record_are_empty() -> None:
    empty = figures([], TODAY)
    assert (empty.projects, empty.as_of, empty.decision, empty.holds) == (0, None, MedianRange(), ())
    assert empty.expired == UndeliveredShare()


DAYS = st.dates(date(2020, 1, 1), TODAY)


@given(st.lists(st.tuples(DAYS, DAYS), min_size=1, max_size=6))
def test_statistics_range_contains_the_exact_result(pairs: list[tuple[date, date]]) -> None:
    ordered = [(min(pair), max(pair)) for pair in pairs]
    exact, rough = (
        figures(
            [project(f"submitted {a:{form}}", f"approved {b:{form}} until:unknown") for a, b in ordered], TODAY
        ).decision
        for form in ("%Y-%m-%d", "%Y-%m")
    )
    assert exact.days is not None
    assert rough.days is not None
    assert rough.days.low <= exact.days.low
    assert exact.days.high <= rough.days.high


@pytest.mark.parametrize(
    ("submitted", "bars"),
    [(["2022-01-05", "2023-01-05"], []), (["2022-01-05", "2023-01-05", "2024-01-05"], ["Days"]),
     (["2022-01", "2023-01-05", "2024-01-05"], ["at least", "at most"])],
)  # fmt: skip
def test_chart_has_three_years_and_one_bar_where_dates_are_exact(submitted: list[str], bars: list[str]) -> None:
    projects = [project(f"submitted {day}", f"approved {day[:4]}-03-05 until:unknown") for day in submitted]
    shown = figure_blocks(Translator("en"), figures(projects, TODAY), Filter())
    charts = [block for block in shown if block["type"] == "data_visualization"]
    assert [series["name"] for block in charts for series in block["chart"]["series"]] == bars
