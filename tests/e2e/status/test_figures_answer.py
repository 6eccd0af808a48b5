"""/aid-status figures: durations of decisions and holds, and the data behind them."""

from tests.support.harness import BotHarness


def test_figures_of_the_seed_count_only_the_reported_lift(harness: BotHarness) -> None:
    text = harness.member.types("/aid-status figures").text
    assert text.startswith("Figures for 17 projects")
    assert "holder not disclosed (reported, not confirmed): time to lift: not known (dates are missing for 17)" in text
    assert text.count("nothing to count yet") == 2
    assert "as of 2026-02-07; counted 2026-02-10 (New York)" in text


def test_figures_count_recorded_decisions(harness: BotHarness) -> None:
    harness.admin.types("/aid-update IO-1 hold-lifted lift:all on:2026-02-01 as:government")
    harness.record("IO-1 submitted as:press on:2025-01-05", "IO-1 approved on:2026-02-06 until:2026-12-31 as:letter")
    text = harness.member.types("/aid-status figures group:io").text
    assert "Filter: International organisations" in text
    assert "397 days (from 1 request)" in text
    assert "2026: 397 days (from 1 request)" in text


def test_figures_in_korean(harness: BotHarness) -> None:
    harness.slack.edit_user("U0MEMBER", locale="ko-KR")
    for line in ("figures", "통계", "Figures 경기도"):
        text = harness.member.types(f"/aid-status {line}").text
        assert "신청부터 서한까지 걸린 기간" in text, line
        assert "전달 기록 없이 만료된 면제" in text


def test_figures_with_an_invalid_filter_name_it(harness: BotHarness) -> None:
    assert "There is no filter colour:" in harness.member.types("/aid-status figures colour:red").text
