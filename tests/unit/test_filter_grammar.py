"""The grammar of filters, as people type it after /aid-status and /aid-alerts."""

import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from db.domain.code_lists import read_data
from db.errors import AidError, BadInput
from db.search.filter import FILTER_KEYS, KEYS, FilterSubject, matches, parse_filter
from db.search.filter_sql import _CONDITIONS

TODAY = date(2026, 3, 10)
WATER = FilterSubject(
    group="io",
    words="io-3 clean water for nampo world health organization (who)",
    organisation="world health organization (who)",
    countries=frozenset({"CH"}),
    sectors=frozenset({"14030", "12220"}),
    headlines=frozenset({"approved"}),
    holders=frozenset({"US", "undisclosed"}),
    kinds=frozenset({"hold", "approved"}),
    ends=TODAY + timedelta(days=30),
    in_force=True,
    last_day=date(2026, 2, 5),
    today=TODAY,
)
BARE = FilterSubject(group="ngo", words="ngo-1", headlines=frozenset({"no-record"}), today=TODAY)

GRAMMAR = {
    "both": ("group:io,ngo"),
    "the water project": (
        "group:io | group:IO water | status:approved | status:on-hold,approved | -status:no-record,on-hold"
        ' | holder:US | holder:us,cn | holder:"United States" | holder:미국 | 보류국:미국'
        " | 그룹:국제기구 | 국제기구 | 국제기구,경기도"
        ' | 상태:승인 | 상태:"면제 승인" | 승인,보류 | 종류:보류'
        " | 만료:30d | 이후:2026-02-05 | water,국제기구 | holder:undisclosed"
        ' | country:CH | -country:unknown | sector:140 | org:who | org:"World Health" | kind:hold'
        " | kind:lapsed,approved | expiring:30d | expiring:5w | expiring:1m | since:2026-02-05 | since:2026-02"
        ' | since:2025-H2 | water | WATER nampo | water,heat | "clean water" | "water clean","clean water"'
        " | “clean water” –ngo-1"
    ),
    "the bare project": (
        "-group:io | -국제기구 | 기록없음 | country:unknown | sector:unknown | -expiring:90d | -water | GG-1,NGO-1"
    ),
    "neither": ('group:ngo water | expiring:29 | since:2026-02-06 | "water clean"'),
}
"""Filters by the projects that they find: the one of water, and one without updates."""

REFUSED = [
    ("grup:io", "There is no filter `grup:`. Use one of `group:`, `org:`"),
    ("known:2026-02-10", "`known:` is no filter. It asks about the past, behind `/aid-status` and in exports."),
    ("기준:2026-02-10", "`기준:` is no filter."),
    ("group:ministry", "“ministry” is not a valid group. Use one of: `gyeonggi`, `kr-private`, `io`, `ngo`."),
    ("status:held", "“held” is not a valid status. Use one of: `withdrawn`"),
    ("kind:held", "“held” is not a valid kind. Use one of: `submitted`"),
    ("holder:Atlantis", "“Atlantis” is not a country code I know."),
    ("expiring:soon", "“soon” is not a period. Use `expiring:90d`, `12w` or `3m`."),
    ("since:May", "I can't read “May” as a date."),
    ("group:", "“group:” has nothing to search for."),
    ('-""', "has nothing to search for."),
    ("water - nampo", "“-” has nothing to search for."),
]


@pytest.mark.parametrize("found", GRAMMAR)
def test_parse_filter_selects_projects(found: str) -> None:
    for text in GRAMMAR[found].split(" | "):
        parsed = parse_filter(text)
        matched = (matches(parsed, WATER), matches(parsed, BARE))
        assert matched == (found in {"both", "the water project"}, found in {"both", "the bare project"}), text


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_parse_filter_error_lists_the_choices(text: str, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_filter(text)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("  group:IO,ngo   -Status:Approved ", "group:io,ngo -status:approved"),
        ('holder:"United States" Water', "holder:US water"),
        ('"status:on-hold"', '"status:on-hold"'),  # words, not a filter
        ("since:2026.2", "since:2026-02"),
    ],
)
def test_filter_text_is_normalized(text: str, normalized: str) -> None:
    assert parse_filter(text).text == normalized


PIECES = st.sampled_from(
    ["group:io", "status:", "org:", '"', " ", "-", ",", ":", "water", "“", "\x00", "since:2026", "\t"]
)


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
@example('",““ 0“')
def test_parse_filter_of_any_text_round_trips_or_explains(text: str) -> None:
    try:
        parsed = parse_filter(text)
    except AidError as error:
        refused = str(error)
        assert refused
        return
    assert parse_filter(parsed.text) == parsed


def test_every_filter_has_its_condition_and_its_korean_name() -> None:
    assert {*_CONDITIONS} == {*FILTER_KEYS}
    assert {*read_data("typed_words.toml")["filter"]} == {*KEYS}


def test_filter_normalizes_decomposed_hangul() -> None:
    assert parse_filter(unicodedata.normalize("NFD", "그룹:경기도 상태:보류")).text == "group:gyeonggi status:on-hold"
    assert parse_filter("경기도 보류 -kind:메모").text == "group:gyeonggi status:on-hold -kind:note"
