"""Messages by the clock: reminders before and after a day, digests, quiet hours, threads."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.app import build
from bot.scheduler import Scheduler as TickingClock
from db.models import Delivery, Reminder
from tests.support.harness import QUICK, SECOND, BotHarness

LETTER = "as:letter source:https://example.org/letter"


def first_lines(harness: BotHarness) -> list[str]:
    """Return the first line of each message in #aid-alerts."""
    return [message.text for message in harness.alerts()]


def test_reminders_follow_the_days_before_the_end(harness: BotHarness) -> None:
    harness.admin.types(f"/aid-update IO-2 approved {LETTER} on:2026-02-09 until:2026-06-20")  # in 130 days

    assert harness.tick(days=9) == 0
    assert harness.tick(days=1) == 1  # 120 days before, in New York
    last = harness.read_alerts()
    assert "Reminder: IO-2" in last
    assert "The exemption ends, no extension on record" in last
    assert "2026-06-20 (120 days left)" in last
    assert "More time is for the applicant to ask" in last
    assert harness.tick() == 0  # told once

    assert harness.tick(days=30) == 1  # 90
    assert harness.tick(days=30) == 1  # 60: deliver
    assert "The exemption ends" in harness.read_alerts()
    assert [harness.tick(days=days) for days in (30, 16, 7, 6)] == [1, 1, 1, 1]
    assert harness.tick(days=1) == 0
    assert len(first_lines(harness)) == 1 + 7


def test_no_reminder_after_extension_or_closing(harness: BotHarness) -> None:
    harness.admin.presses(
        harness.admin.types(f"/aid-update IO-1,IO-2 approved {LETTER} on:2026-02-09 until:2026-06-20"), "Record"
    )
    harness.admin.types(f"/aid-update IO-1 extended {LETTER} on:2026-02-10 until:2027-06-20")
    harness.record("IO-2 delivered as:press on:2026-02-10", "IO-2 closed as:applicant on:2026-02-10")

    assert harness.tick(days=120) == 0


def test_reminders_follow_retraction_and_its_retraction(harness: BotHarness) -> None:
    (letter,) = harness.record(f"IO-2 approved {LETTER} on:2026-02-09 until:2026-04-20")
    (retraction,) = harness.record(f"{letter} retract wrong letter")
    assert harness.tick(days=10) == 0  # 60 days before it would have ended

    harness.record(f"{retraction} retract the letter was right")
    assert harness.tick(days=29) == 1  # 30 days before


def test_missed_reminders_come_as_the_latest_one(harness: BotHarness) -> None:
    harness.record(f"IO-2 approved {LETTER} on:2026-02-09 until:2026-06-20")
    harness.alerts()

    assert harness.tick(days=100) == 1

    assert first_lines(harness)[-1] == "Reminder: IO-2"
    screen = harness.read_alerts()
    assert screen.count("30 days left") == 2  # to ask for an extension (90 days), to deliver (30)
    assert "120 days" not in screen


def test_clock_ahead_for_a_moment_loses_no_reminder(harness: BotHarness) -> None:
    harness.record(f"IO-2 approved {LETTER} on:2026-02-09 until:2026-06-20")
    harness.admin.types("/aid-alerts set digest:daily@09:00")
    harness.tick(days=365)
    harness.admin.types("/aid-update IO-3 note written while the clock was ahead")
    harness.tick(days=-365)
    told = len(first_lines(harness))

    assert [harness.tick(days=days) for days in (10, 30, 30)] == [1, 1, 1]  # 120, 90 and 60 days before
    assert first_lines(harness)[told:] == ["Reminder: IO-2"] * 3
    assert "written while the clock was ahead" in harness.read_alerts()


def test_clock_set_back_delays_nothing_and_keeps_no_right(harness: BotHarness) -> None:
    harness.note("before")
    harness.alerts()
    harness.slack.store.add_user(replace(SECOND, deleted=True))
    harness.bot.sender.stop(10)
    harness.note("recorded before the clock was set back")
    harness.tick(days=-1)

    assert harness.second.types("/aid-update GG-1 note x").text.startswith("Your account in this workspace is deactiv")
    again = build(harness.settings, harness.database, clock=harness.clock, pace=QUICK)
    again.start()
    assert "recorded before the clock was set back" in harness.read_alerts()
    again.stop()


def test_reminders_of_one_day_are_one_message_of_one_instance(harness: BotHarness) -> None:
    harness.record(*(f"{ref} approved {LETTER} on:2026-02-09 until:2026-04-11" for ref in ("IO-2", "IO-3", "NGO-1")))
    harness.alerts()
    other = TickingClock(harness.database, harness.clock, lambda: None)

    assert [harness.bot.scheduler.tick(), other.tick(), harness.bot.scheduler.tick()] == [1, 0, 0]

    screen = harness.read_alerts()
    assert "Reminder: IO-2, IO-3, NGO-1" in screen
    assert screen.count("2026-04-11 (60 days left)") == 1


def test_reminders_of_a_long_hold_and_a_leaving_holder(harness: BotHarness) -> None:
    harness.admin.types("/aid-update GG-1 hold as:press by:PK on:2026-02-09")

    assert harness.tick(days=179) == 1
    assert "On hold for a long time" in harness.read_alerts()
    assert "since 2026-02-09 (180 days) · held by Pakistan" in harness.read_alerts()
    assert harness.tick(days=118) == 1  # 30 days before the end of 2026
    assert "A state with an open hold is leaving the Council" in harness.read_alerts()
    assert harness.tick(days=31) == 1
    assert "A state with an open hold has left the Council" in harness.read_alerts()


@pytest.mark.parametrize(
    ("lines", "days", "sentences"),
    [
        (
            [
                f"IO-2 approved {LETTER} on:2026-02-09 until:2026-06-20 shipments:3",
                "IO-2 delivered as:applicant on:2026-02-10 consignment:1/3",
            ],
            70,
            ["2026-06-20 (60 days left) · Letter: https://example.org/letter · 1 of 3 delivered"],
        ),
        (
            ["GG-1 approval-reported as:press on:2026-02-09"],
            29,
            ["Approval reported, letter not seen", "since 2026-02-09 (30 days)"],
        ),
        (
            [f"IO-2 approved {LETTER} on:2026-02-09 until:unknown period:12m"],
            29,
            [
                "Approved, end not known",
                "IO-2 · since 2026-02-09 (30 days) · 12 months as stated · Letter: ",
                "Find the end in the letter and record it",
            ],
        ),
    ],
    ids=["a consignment is to come", "no letter", "end not known"],
)
def test_reminder_says_what_is_missing(harness: BotHarness, lines: list[str], days: int, sentences: list[str]) -> None:
    for line in lines:
        harness.admin.types(f"/aid-update {line}")

    assert harness.tick(days=days) == 1
    screen = harness.read_alerts()
    assert [each for each in sentences if each not in screen] == []
    assert ("days left" in screen) == ("until:2026" in lines[0])


def test_project_without_news_is_looked_at(harness: BotHarness) -> None:
    harness.admin.types("/aid-update GG-1 note what nobody confirms")

    assert harness.tick(days=177) == 1  # 180 days after the article
    screen = harness.read_alerts()
    assert "No news for long" in screen
    assert "Under review · As of 2026-02-07, 180 days ago · Dong-A Ilbo, donga.com (2026-02-07)" in screen
    assert "As of 2026-02-07, 180 days ago, no news for long" not in screen
    assert " · no news for long · Dong-A Ilbo" in harness.member.types("/aid-status group:gyeonggi").text


def test_on_summarizes_past_reminders_in_one_line(harness: BotHarness) -> None:
    harness.admin.types(f"/aid-update IO-2 approved {LETTER} on:2026-02-09 until:2026-03-01")
    second = harness.admin.types("/aid-update GG-1 hold as:press by:undisclosed on:2025-03")
    harness.admin.presses(second, "Record")  # it may be the one of 2025-H1

    answer = harness.member.types("/aid-alerts on")

    assert (
        "Already due: no extension on record: 1 · exemption expires soon: 1 · on hold for a long time: 1" in answer.text
    )
    assert harness.tick() == 0


def test_filter_and_setting_select_reminders(harness: BotHarness) -> None:
    harness.admin.types("/aid-alerts on group:ngo", channel="#aid-alerts")
    harness.member.types("/aid-alerts on reminders:off")
    harness.admin.types(f"/aid-update IO-2 approved {LETTER} on:2026-02-09 until:2026-04-11")

    assert harness.tick() == 0


# -- digests --------------------------------------------------------------------------------------------------


def test_daily_digest_comes_at_the_local_hour(harness: BotHarness) -> None:
    """Ten in the morning in New York on 10 February is midnight in Seoul."""
    answer = harness.admin.types("/aid-alerts set digest:daily@18:00 zone:Asia/Seoul", channel="#aid-alerts")
    assert "Updates are collected in one digest, every day at 18:00 (Asia/Seoul)." in answer.text
    harness.admin.types("/aid-update GG-1 hold as:press by:FR on:2026-02-09 no reason given")
    harness.admin.types("/aid-update GG-2 note a letter was sent to the holder")
    (slip,) = harness.record("GG-3 note a slip of the pen")
    harness.admin.types(f"/aid-update {slip} retract it was another project")
    assert first_lines(harness) == []

    assert harness.tick(hours=17) == 0
    assert harness.tick(hours=1) == 1

    assert first_lines(harness) == ["Daily digest: 2 updates"]
    screen = harness.read_alerts()
    assert "GG-1 · 2026-02-09 — Hold (France)" in screen
    assert "GG-1: Under review → On hold" in screen
    assert "a letter was sent to the holder" in screen
    assert "slip of the pen" not in screen

    assert harness.tick(days=1) == 0  # nothing to tell
    harness.admin.types("/aid-alerts set empty:on", channel="#aid-alerts")
    assert harness.tick(days=1) == 1
    assert first_lines(harness)[-1] == "Daily digest: 0 updates"


def test_weekly_digest_gathers_the_chosen_kinds(harness: BotHarness) -> None:
    harness.admin.types("/aid-alerts set digest:mon@09:00 digest-kinds:note,notified", channel="#aid-alerts")
    harness.record("GG-1 note it waits", "GG-1 hold as:press by:FR on:2026-02-09")
    assert first_lines(harness) == ["🔴 Hold by France, not confirmed: GG-1"]

    assert harness.tick(days=6) == 1  # Monday, 16 February
    assert first_lines(harness)[1:] == ["Weekly digest: 1 update"]


def test_correction_edits_the_digest(harness: BotHarness) -> None:
    harness.admin.types("/aid-alerts set digest:daily", channel="#aid-alerts")
    (hold,) = harness.record("GG-1 hold as:press by:FR on:2026-02-09")
    harness.tick(days=1)
    harness.alerts()

    harness.admin.types(f"/aid-update {hold} retract it was never placed")

    screen = harness.read_alerts()
    assert f"Retracted: #{int(hold[1:]) + 1}" in screen
    assert f"retracted {hold} (#" in screen  # in its thread
    assert len([each for each in harness.alerts() if each.thread_ts is None]) == 1


def test_digest_off_sends_what_waits(harness: BotHarness) -> None:
    harness.admin.types("/aid-alerts set digest:daily", channel="#aid-alerts")
    harness.admin.types("/aid-update GG-1 hold as:press by:FR on:2026-02-09")
    harness.admin.types("/aid-alerts set digest:weekly", channel="#aid-alerts")
    assert first_lines(harness) == []

    harness.admin.types("/aid-alerts set digest:off", channel="#aid-alerts")
    assert first_lines(harness) == ["Weekly digest: 1 update"]

    harness.admin.types("/aid-alerts set digest:daily", channel="#aid-alerts")
    harness.admin.types("/aid-update GG-1 hold-lifted as:press by:FR on:2026-02-10")
    harness.admin.types("/aid-alerts off", channel="#aid-alerts")
    assert first_lines(harness)[1:] == ["Daily digest: 1 update"]


# -- quiet hours and threads ----------------------------------------------------------------------------------


def test_quiet_hours_delay_messages(harness: BotHarness) -> None:
    answer = harness.admin.types("/aid-alerts set quiet:22:00-07:00 zone:Asia/Seoul", channel="#aid-alerts")
    assert "Quiet hours 22:00-07:00 (Asia/Seoul): messages wait until they end." in answer.text

    harness.admin.types("/aid-update GG-1 note at midnight in Seoul")

    with harness.database.reading() as session:
        row = session.scalars(select(Delivery).order_by(Delivery.id.desc())).first()
        assert row.state == "pending"
        assert (row.due_at - row.created_at) > timedelta(hours=6, minutes=50)
    harness.clock.forward(hours=8)
    assert first_lines(harness) == ["Note: GG-1"]


def test_threading_setting_groups_alerts_by_project(harness: BotHarness) -> None:
    harness.admin.types("/aid-alerts set threading:thread", channel="#aid-alerts")
    harness.record(
        "GG-1 note the first",
        "GG-2 note another project",
        "GG-1 hold as:press by:FR on:2026-02-09",
        "GG-1,GG-2 note about both",
    )

    messages = harness.alerts()
    first = messages[0]
    assert [(each.text, each.thread_ts == first.ts) for each in messages] == [
        ("Note: GG-1", False),
        ("Note: GG-2", False),
        ("🔴 Hold by France, not confirmed: GG-1", True),
        ("Note: GG-1, GG-2", False),
    ]


def test_threading_important_broadcasts_status_changes(harness: BotHarness) -> None:
    harness.admin.types("/aid-alerts set threading:important", channel="#aid-alerts")
    harness.record("GG-1 note the first", "GG-1 note the second", "GG-1 hold as:press by:FR on:2026-02-09")

    _, second, hold = harness.alerts()
    assert (second.subtype, hold.subtype) == (None, "thread_broadcast")


def test_invalid_settings_change_nothing(harness: BotHarness) -> None:
    before = harness.rows()
    for line, hint in (
        ("", "takes settings only"),
        ("group:io", "takes settings only"),
        ("digest:sometimes", "digest:daily@18:00"),
        ("digest:daily@25:00", "not a time of day"),
        ("threading:deep", "threading:important"),
        ("zone:Soeul", "Asia/Seoul"),
        ("quiet:7-7", "at the same time"),
        ("digest-kinds:holds digest:daily", "digest-kinds:hold"),
        ("reminders:maybe", "reminders:off"),
    ):
        assert hint in harness.admin.types(f"/aid-alerts set {line}", channel="#aid-alerts").text
    assert harness.rows() == before


def test_outdated_reminder_is_not_sent(harness: BotHarness) -> None:
    harness.admin.types("/aid-alerts set quiet:22:00-07:00 zone:Asia/Seoul", channel="#aid-alerts")
    harness.admin.types(f"/aid-update IO-2 approved {LETTER} on:2026-02-09 until:2026-04-11")
    assert harness.tick() == 1
    harness.admin.types("/aid-update IO-2 closed as:applicant on:2026-02-10")
    harness.clock.forward(hours=8)

    assert "Reminder: IO-2" not in first_lines(harness)
    with harness.database.reading() as session:
        assert {row.state for row in session.scalars(select(Reminder).where(Reminder.kind == "delivery"))} <= {
            "told",
            "dropped",
            "passed",
        }


# -- when people are reminded ---------------------------------------------------------------------------------


def test_admin_sets_the_reminder_days(harness: BotHarness) -> None:
    before = harness.rows()
    for line in ("holds 3", "hold", "hold soon", "hold -3", "hold 1,,2", "hold 999999", "hold 4000", "hold ٣"):
        assert ":white_check_mark:" not in str(harness.admin.types(f"/aid-admin reminders {line}").message.blocks)
    assert harness.rows() == before
    harness.admin.types("/aid-admin reminders no-news off")
    text = harness.admin.types("/aid-admin reminders").text
    assert "hold · 180, 365, 730 days after a hold was placed, while it is still open" in text
    assert "end-unknown · 30, 180 days after a letter whose end is not known" in text
    harness.admin.types("/aid-update GG-1 hold as:press by:FR on:2026-02-09")
    changed = harness.admin.types("/aid-admin reminders hold 45").text
    assert "hold · 45 days after a hold was placed, while it is still open · set by an admin" in changed
    assert "changed reminder timing: hold" in harness.admin.types("/aid-admin audit").text

    assert harness.tick(days=44) == 1

    assert "restores the default" in harness.admin.types("/aid-admin reminders hold off").text
    harness.admin.types("/aid-update GG-2 hold as:press by:FR on:2026-02-10")
    assert harness.tick(days=300) == 0
    reset = harness.admin.types("/aid-admin reminders hold reset").text
    assert "hold · 180, 365, 730 days after a hold was placed, while it is still open · ✅" in reset
