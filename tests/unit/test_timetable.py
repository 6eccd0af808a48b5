"""Quiet hours and digest hours in the channel's time zone, across daylight-saving changes."""

from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import BadInput
from db.subscriptions.schedule import after_quiet_hours, join_times, next_digest, read_clock, read_quiet, read_zone

NEW_YORK, SEOUL = "America/New_York", "Asia/Seoul"
DAILY = range(7)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "quiet", "zone", "due"),
    [
        ("2026-02-10T15:00", None, SEOUL, "2026-02-10T15:00"),
        ("2026-02-10T15:00", "22:00-07:00", SEOUL, "2026-02-10T22:00"),  # midnight in Seoul
        ("2026-02-10T12:59", "22:00-07:00", SEOUL, "2026-02-10T12:59"),
        ("2026-02-10T13:00", "22:00-07:00", SEOUL, "2026-02-10T22:00"),
        ("2026-02-10T21:59:59", "22:00-07:00", SEOUL, "2026-02-10T22:00"),
        ("2026-02-10T22:00", "22:00-07:00", SEOUL, "2026-02-10T22:00"),
        ("2026-02-10T03:30", "12:00-13:00", SEOUL, "2026-02-10T04:00"),
        ("2026-03-08T06:00", "22:00-07:00", NEW_YORK, "2026-03-08T11:00"),  # the night is an hour short
        ("2026-11-01T04:00", "22:00-07:00", NEW_YORK, "2026-11-01T12:00"),  # and an hour long
        ("2026-03-08T06:30", "00:00-02:30", NEW_YORK, "2026-03-08T07:30"),  # 02:30 does not exist: 03:30
        ("2026-11-01T06:15", "00:00-01:30", NEW_YORK, "2026-11-01T06:15"),  # 01:15 for the second time: it is over
    ],
)
def test_quiet_hours_delay_messages_to_their_end(moment: str, quiet: str | None, zone: str, due: str) -> None:
    assert after_quiet_hours(utc(moment), quiet, zone) == utc(due)


@pytest.mark.parametrize(
    ("after", "at", "weekdays", "zone", "due"),
    [
        ("2026-02-10T15:00", "09:00", DAILY, SEOUL, "2026-02-11T00:00"),
        ("2026-02-11T00:00", "09:00", DAILY, SEOUL, "2026-02-12T00:00"),
        ("2026-02-10T15:00", "09:00", {0}, SEOUL, "2026-02-16T00:00"),
        ("2026-02-12T15:00", "09:00", range(5), SEOUL, "2026-02-13T00:00"),  # Friday
        ("2026-02-13T15:00", "09:00", range(5), SEOUL, "2026-02-16T00:00"),  # Saturday there
        ("2026-03-07T15:00", "09:00", DAILY, NEW_YORK, "2026-03-08T13:00"),  # summer time began
        ("2026-03-07T15:00", "02:30", DAILY, NEW_YORK, "2026-03-08T07:30"),  # left out: an hour later
        ("2026-11-01T05:30", "01:30", DAILY, NEW_YORK, "2026-11-02T06:30"),  # twice: the first time only
    ],
)
def test_next_digest_follows_the_local_clock(
    after: str, at: str, weekdays: Collection[int], zone: str, due: str
) -> None:
    assert next_digest(utc(after), at, weekdays, zone) == utc(due)


@given(
    start=st.integers(0, 6 * 366 * 24 * 60).map(lambda minutes: utc("2024-01-01") + timedelta(minutes=minutes)),
    minute=st.integers(0, 24 * 60 - 1),
    zone=st.sampled_from([NEW_YORK, SEOUL, "Europe/Berlin", "Pacific/Apia", "Asia/Pyongyang", "UTC"]),
)
def test_daily_digest_comes_once_a_day(start: datetime, minute: int, zone: str) -> None:
    at, moment, days = f"{minute // 60:02}:{minute % 60:02}", start, []
    for _ in range(5):
        moment = next_digest(moment, at, DAILY, zone)
        days.append(moment.astimezone(ZoneInfo(zone)).date())
    assert moment > start
    assert [later - earlier for earlier, later in pairwise(days)] == [timedelta(days=1)] * 4


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("22-7", "22:00-07:00"),
        ("22:00-07:30", "22:00-07:30"),
        (" 9-17 ", "09:00-17:00"),
        ("10pm-7 am", "22:00-07:00"),
        ("12am-12 PM", "00:00-12:00"),
        ("오후 10시 30분~오전 7시", "22:30-07:00"),
    ],
)
def test_parse_quiet_hours_normalizes(text: str, hours: str) -> None:
    assert read_quiet(text) == hours


@pytest.mark.parametrize("text", ["", "22", "25-7", "22:60-7", "7-7", "always", "13pm-7", "am9pm-7", "오후 13시-7"])
def test_parse_quiet_hours_rejects_invalid_text(text: str) -> None:
    with pytest.raises(BadInput):
        read_quiet(text)


@pytest.mark.parametrize(
    ("text", "zone"),
    [("Asia/Seoul", SEOUL), ("seoul", SEOUL), ("서울", SEOUL), ("New York", NEW_YORK), ("Etc/GMT-9", "Etc/GMT-9")],
)
def test_time_zone_is_read_by_name_and_city(text: str, zone: str) -> None:
    assert read_zone(text) == zone
    before, _, after = join_times(f"digest:daily@9 am zone:{text} unicef").partition("zone:")
    assert (before, read_zone(after.removesuffix(" unicef"))) == ("digest:daily@9am ", zone)
    assert " " not in after.removesuffix(" unicef")


@pytest.mark.parametrize(
    ("text", "near"),
    [
        *((text, "Write it as") for text in ("", "../etc/passwd", "KST")),
        ("Soeul", "Did you mean `zone:Asia/Seoul`?"),
        ("Louisville", "`zone:America/Kentucky/Louisville`, `zone:America/Louisville`"),
        ("GMT+9 ", "`zone:Etc/GMT+9`, `zone:Etc/GMT-9`"),
    ],
)
def test_unknown_time_zone_is_rejected(text: str, near: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_zone(text)
    assert near in str(refused.value)


@given(st.text(max_size=8))
def test_parse_time_of_day_of_any_text_parses_or_explains(text: str) -> None:
    with suppress(BadInput):
        assert len(read_clock(text, "at")) == len("09:00")
