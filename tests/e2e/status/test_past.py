"""An approval reported, denied, confirmed: what is asked a month later, and what the record said on each day."""

import pytest

from tests.support.harness import BotHarness

SOURCE = "source:https://example.org"


@pytest.fixture
def month_later(harness: BotHarness) -> BotHarness:
    for days, line in (
        (2, f"GG-1 approval-reported on:2026-02-11 as:press {SOURCE}/1"),
        (4, "#6 retract the ministry denied it"),
        (6, f"GG-1 approved on:2026-02-20 until:2027-02-20 as:letter {SOURCE}/3"),
        (0, f"GG-1 note on:2026-01-05 as:press {SOURCE}/4 seen"),
        (30, "GG-2 note talks"),
    ):
        harness.clock.forward(days=days)
        assert "#" in harness.admin.types(f"/aid-update {line}").text
    return harness


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("GG-1 known:2026-02-13", "GG-1 · Approval reported"),
        ("GG-1 known:2026-02-17", "GG-1 · Under review"),
        ("GG-1 known:2026-02-23", "GG-1 · Approved · until 2027-02-20"),
        ("GG-1 on:2026-02-19", "GG-1 · Under review"),
        ("GG-1 on:2026-02-21", "GG-1 · Approved · until 2027-02-20"),
        ("known:2026-02-13", "what this record said at the end of 2026-02-13 (New York)"),
        ("status:approved on:2026-02-21", "1 project"),
        ("known:2029-01-01", "is in the future"),
        ("known:2025-01-01 GG-1", "This record begins on 2026-02-08"),
    ],
)
def test_answers_of_a_past_point(month_later: BotHarness, typed: str, said: str) -> None:
    assert said in month_later.member.types(f"/aid-status {typed}").text


@pytest.mark.parametrize(
    ("typed", "changed"),
    [
        (
            "group:gyeonggi since:2026-02-01",
            [
                "Changed since 2026-02-08, when this record begins",
                "GG-1 Under review → Approved",
                "late: #9, 2026-01-05",
            ],
        ),
        ("since:2026-02-13", ["Changed since 2026-02-13", "letter not seen → Approved", "late: #9, 2026-01-05"]),
        ("since:2026-02-17", ["Changed since 2026-02-17", "GG-1 Under review → Approved", "late: #9, 2026-01-05"]),
        ("since:2026-03-01", []),
        ("group:gyeonggi", []),
        ("since:2026-02-01 known:2026-02-17", []),
    ],
)
def test_list_since_a_day_ends_with_what_changed(month_later: BotHarness, typed: str, changed: list[str]) -> None:
    text = month_later.member.types(f"/aid-status {typed}").text
    said = text[text.index("Changed since") :].splitlines() if "Changed since" in text else []
    lines = [line for line in said if line and "[" not in line]
    assert len(lines) == len(changed)
    for line, expected in zip(lines, changed, strict=True):
        assert expected in line
