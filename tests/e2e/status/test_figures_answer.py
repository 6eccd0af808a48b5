"""/aid-status figures: how long decisions and holds take, with what it rests on."""

import pytest

from tests.support.harness import BotHarness


def test_of_the_17_nothing_can_be_counted_but_the_reported_lift(harness: BotHarness) -> None:
    said = harness.member.types("/aid-status figures").text
    assert said.startswith("Figures over 17 projects")
    assert "United States (reported, not confirmed): lifted: not known (dates are missing for 17)" in said
    assert said.count("nothing to count yet") == 2
    assert "as of 2026-02-07, counted on 2026-02-10 in New York" in said


def test_of_what_was_recorded(harness: BotHarness) -> None:
    harness.admin.types("/aid-update IO-1 hold-lifted lift:all on:2026-02-01 as:government")
    harness.admin.types("/aid-update IO-1 submitted on:2025-01-05")
    harness.admin.types("/aid-update IO-1 approved on:2026-02-06 until:2026-12-31 as:letter")
    said = harness.member.types("/aid-status figures group:io").text
    assert "Filter: group:io" in said
    assert "397 days (n = 1)" in said
    assert "2026: 397 days (n = 1)" in said


@pytest.mark.parametrize("typed", ["figures", "통계", "Figures 경기도"])
def test_in_korean(harness: BotHarness, typed: str) -> None:
    harness.slack.edit_user("U0MEMBER", locale="ko-KR")
    said = harness.member.types(f"/aid-status {typed}").text
    assert "신청에서 서한까지" in said
    assert "전달 기록 없이 만료" in said


def test_a_filter_that_cannot_be_read(harness: BotHarness) -> None:
    assert "I do not know the filter colour:" in harness.member.types("/aid-status figures colour:red").text
