"""An approval reported, denied, confirmed: what is asked a month later about each of these days."""

import pytest

from tests.support.harness import BotHarness

SOURCE = "source:https://example.org"
TOLD = (  # days passed, typed by an admin
    (2, f"GG-1 approval-reported on:2026-02-11 as:press {SOURCE}/1"),  # recorded on 12 February
    (4, "#6 retract the ministry denied it"),  # on 16 February
    (6, f"GG-1 approved on:2026-02-20 until:2027-02-20 as:letter {SOURCE}/2"),  # on 22 February
    (0, f"GG-1 note on:2026-01-05 as:press {SOURCE}/3 seen"),
    (30, "GG-2 note talks"),
)
KNOWN = "Not today's status: what this record said at the end of {} (New York). Read by today's rules."
ON = "Not today's status: what stood on {}, as it is known now."
ASKED = {  # typed by a member on 24 March: what the answer begins with, and what else it says (-: does not)
    "GG-1": ("GG-1 · Approved · until 2027-02-20", "333 days left"),
    "GG-1 known:2026-02-11": (KNOWN.format("2026-02-11"), "\nGG-1 · Under review\n", "-#6"),
    "GG-1 known:2026-02-13": (
        KNOWN.format("2026-02-13"),
        "\nGG-1 · Approval reported",
        "As of 2026-02-11, 2 days ago",
        "-retracted",
    ),
    "what did we know about GG-1 on 13 February?": (KNOWN.format("2026-02-13"), "\nGG-1 · Approval reported"),
    "GG-1 known:2026-02-17": (KNOWN.format("2026-02-17"), "\nGG-1 · Under review\n", "retracted by #7", "-#8"),
    "GG-1 known:2026-02-23": (KNOWN.format("2026-02-23"), "\nGG-1 · Approved", "362 days left"),
    "GG-1 on:2026-02-13": (ON.format("2026-02-13"), "\nGG-1 · Under review\n", "-#6", "-#8"),
    "GG-1 on:2026-02-21": (ON.format("2026-02-21"), "\nGG-1 · Approved", "364 days left"),
    "where did GG-1 stand on 21 February 2026?": (ON.format("2026-02-21"), "\nGG-1 · Approved"),
    "GG-1 known:2026-02-13 on:2026-02-10": (
        "Not today's status: what stood on 2026-02-10, by what this record said",
        "\nGG-1 · Under review\n",
    ),
    "GG-1 known:2026-02-13T10:00+09:00": (
        "Not today's status: what this record said at 2026-02-12 20:00 (New York)",
        "Approval reported",
    ),
    "known:2026-02-13": (KNOWN.format("2026-02-13"), "Of 17: 16 under review, 1 approval reported"),
    "status:approved on:2026-02-21": (ON.format("2026-02-21"), "1 project\n", "GG-1"),
    "status:approved known:2026-02-21": (KNOWN.format("2026-02-21"), "-1 project\n"),
    "figures known:2026-02-13": (KNOWN.format("2026-02-13"), "counted 2026-02-13"),
    "known:2025-01-01 GG-1": ("This record begins on 2026-02-08", "Ask on:2025-01-01"),
    "on:2029-01-01": ("on:2029-01-01 is in the future.",),
    "known:2026-02-13Tnoon": ("known:2026-02-13Tnoon is no time.",),
    "on:unknown": ("on:unknown names no day.",),
}


@pytest.fixture
def a_month_later(harness: BotHarness) -> BotHarness:
    for days, line in TOLD:
        harness.clock.forward(days=days)
        harness.record(line)
    return harness


def test_each_day_is_answered_as_it_was(a_month_later: BotHarness) -> None:
    for question, (begins, *parts) in ASKED.items():
        text = a_month_later.member.types(f"/aid-status {question}").text
        assert text.startswith(begins), question
        assert [part for part in parts if (part.removeprefix("-") in text) is part.startswith("-")] == [], question


def test_past_is_asked_in_korean(a_month_later: BotHarness) -> None:
    a_month_later.slack.edit_user("U0MEMBER", locale="ko-KR")
    text = a_month_later.member.types("/aid-status 2월 13일에는 GG-1에 대해 뭐라고 했지?").text
    assert text.startswith("오늘의 상태가 아닙니다")
    assert "2026-02-13" in text.splitlines()[0]


def test_buttons_of_an_answer_about_the_past_stay_in_the_past(a_month_later: BotHarness) -> None:
    answer = a_month_later.member.types("/aid-status known:2026-02-13 on:2026-02-13 group:gyeonggi")
    opened = a_month_later.member.presses(answer, "Open")
    assert "Approval reported" in opened.text
    assert "Follow" not in opened.text
    shared = a_month_later.member.presses(opened, "Share in channel")
    assert shared.text.startswith("Not today's status: what stood on 2026-02-13")


LATE = "late: #9, 2026-01-05"
CHANGED = {  # what is typed, and its last lines
    "group:gyeonggi since:2026-02-01": ("2026-02-08, when this record begins", "GG-1 Under review → Approved", LATE),
    "since:2026-02-13": ("2026-02-13", "letter not seen → Approved", LATE),
    "since:2026-02-17": ("2026-02-17", "GG-1 Under review → Approved", LATE),
    "since:2026-03-01": (),
    "group:gyeonggi": (),
    "since:2026-02-01 known:2026-02-17": (),
}


def test_list_since_a_day_ends_with_what_changed(a_month_later: BotHarness) -> None:
    for typed, changed in CHANGED.items():
        text = a_month_later.member.types(f"/aid-status {typed}").text
        lines = [line for line in text.partition("Changed since ")[2].splitlines() if line and "[" not in line]
        assert len(lines) == len(changed), typed
        assert [line for line, expected in zip(lines, changed, strict=True) if expected not in line] == [], typed


def test_since_lists_what_was_recorded_late(harness: BotHarness) -> None:
    harness.clock.forward(days=4)
    harness.record("KR-2 note on:2026-01-05 as:press seen")
    harness.clock.forward(days=10)
    harness.record("#6 retract a mistake")
    for day, late in (("2026-02-09", "1 project"), ("2026-02-24", "1 project"), ("2026-02-25", "No project matches")):
        text = harness.member.types(f"/aid-status since:{day}").text
        assert (text.startswith(late), "KR-2" in text) == (True, late == "1 project"), text
