"""Time spans: periods, holds and the whole portfolio, day by day."""

from datetime import date

import pytest

from db.domain.durations import over_time, periods
from db.domain.enums import Headline
from db.domain.project_status import status_of
from tests.support.proposals import Pages

TODAY = date(2026, 3, 10)


def pages(*lines: str) -> Pages:
    record = Pages()
    for line in lines:
        record.say(line)
    return record


PERIODS = [
    (["approved as:letter on:2020-02-24 until:2020-08-24"], [("2020-02-24", "2020-08-24", "unknown")]),
    (["approved as:letter on:2020-02-24 until:unknown"], [("2020-02-24", "unknown", "unknown")]),
    (
        ["approved as:letter on:2020-02 until:2020-08", "extended as:letter on:2020-10-01 until:2021-04-01"],
        [("2020-02", "2020-08", "2020-10-01"), ("2020-10-01", "2021-04-01", "unknown")],
    ),
    (
        ["approved as:letter on:2020-02-24 until:2021-02-24", "amended as:letter on:2020-05-01"],
        [("2020-02-24", "2021-02-24", "unknown")],
    ),
]


@pytest.mark.parametrize(("lines", "expected"), PERIODS)
def test_spans_have_a_period_for_each_letter_with_an_end(
    lines: list[str], expected: list[tuple[str, str, str]]
) -> None:
    spans = periods(pages(*lines).standing)
    assert [(each.start.text, each.end.text, each.superseded.text) for each in spans] == expected


def test_portfolio_days_end_today() -> None:
    first = pages("circulated on:2025-01-01", "approved as:letter on:2025-06-01 until:2025-12-01").standing
    second = pages("circulated on:2025-03-01", "hold by:undisclosed on:2025-04-01").standing
    timeline = over_time([first.updates, second.updates, []], TODAY)
    assert timeline.days[-1] == TODAY
    assert timeline.projects == 3
    by_day = dict(zip(timeline.days, timeline.counts, strict=True))

    def on(day: date) -> dict[Headline, int]:
        return dict(by_day[max(each for each in timeline.days if each <= day)])

    assert on(date(2025, 1, 20)) == {Headline.UNDER_REVIEW: 1}
    assert on(date(2025, 5, 15)) == {Headline.UNDER_REVIEW: 1, Headline.ON_HOLD: 1}
    assert on(date(2025, 8, 1)) == {Headline.APPROVED: 1, Headline.ON_HOLD: 1}
    assert on(TODAY) == {Headline.EXPIRED: 1, Headline.ON_HOLD: 1}


def test_picture_headlines_agree_with_status_of() -> None:
    record = pages("approved as:letter on:2020-02 until:2020-08", "extended as:letter on:2020-10-01 until:2021-04-01")
    timeline = over_time([record.standing.updates], TODAY)
    for day, count in zip(timeline.days, timeline.counts, strict=True):
        updates = [each for each in record.standing.updates if each.effective_day <= day]
        assert dict(count) == ({status_of(updates).headline(day): 1} if updates else {})
