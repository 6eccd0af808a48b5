"""Second look: a decision that one admin recorded says so until another presses *Seen*."""

from db.integrity.check import find_problems
from db.integrity.proof import prove
from tests.support.harness import BotHarness, run_bot

APPROVED = "approved as:letter on:2026-02-06 until:2027-02-06"
UNSEEN = "Not yet seen by a second admin: #6"


def approve(harness: BotHarness) -> None:
    assert harness.record(f"GG-1 {APPROVED}") == ["#6"]


def test_decision_waits_on_card_list_and_alert_until_seen(harness: BotHarness) -> None:
    approve(harness)
    alert = harness.alerts()[-1]
    assert f"{UNSEEN}\n[View project] [Follow] [Seen]" in harness.read_alerts()
    for line in ("GG-1", "known:2026-02-10 GG-1"):
        assert UNSEEN in harness.member.types(f"/aid-status {line}").text
    assert "· not yet seen by a second admin" in harness.member.types("/aid-status group:gyeonggi").text
    assert "[Seen]" not in harness.member.types("/aid-status GG-1").text
    own = harness.admin.types("/aid-status GG-1")
    assert "You recorded #6 yourself" in harness.admin.presses(own, "Seen").text

    card = harness.second.types("/aid-status GG-1")
    harness.clock.forward(days=1)
    assert "You have seen #6." in harness.second.presses(card, "Seen").text
    assert "#6 was seen before." in harness.second.presses(card, "Seen").text

    assert "Not yet seen" not in harness.read_alerts()
    (edited,) = [message for message in harness.alerts() if message.ts == alert.ts]
    assert edited.edited
    assert harness.slack.counts["chat.update"] == 1
    assert "yet seen" not in harness.member.types("/aid-status group:gyeonggi").text
    assert "yet seen" not in harness.member.types("/aid-status GG-1").text
    assert UNSEEN in harness.member.types("/aid-status known:2026-02-10 GG-1").text
    assert "saw #6 as second admin" in harness.admin.types("/aid-admin audit").text
    with harness.database.reading() as session:
        assert find_problems(session) == []
    with harness.database.reading() as session:
        assert prove(session).findings == ()


def test_correction_needs_a_look_of_its_own(harness: BotHarness) -> None:
    approve(harness)
    harness.second.presses(harness.second.types("/aid-status GG-1"), "Seen")
    harness.admin.types("/aid-update #6 correct")
    harness.admin.submits(until="2027-01-06")
    assert "Recorded as #7" in harness.admin.submits()
    assert "second admin: #7" in harness.read_alerts()
    harness.second.presses(harness.second.types("/aid-status GG-1"), "Seen")
    assert "second admin" not in harness.read_alerts()


def test_only_official_decisions_need_a_look(harness: BotHarness) -> None:
    harness.record(
        "GG-1 approval-reported on:2026-02-06 as:press",
        "GG-2 clearance authority:OFAC outcome:granted on:2026-02-06 as:press",
        "GG-3 hold by:US on:2026-02-06 as:government",
    )
    for line in ("GG-1", "GG-2", "GG-3", "group:gyeonggi"):
        assert "yet seen" not in harness.admin.types(f"/aid-status {line}").text


def test_nothing_waits_where_one_admin_is_on_record(seeded_url: str) -> None:
    with run_bot(seeded_url, AID_ADMINS="U0ADMIN") as alone:
        approve(alone)
        assert "yet seen" not in alone.admin.types("/aid-status GG-1").text
        assert "yet seen" not in alone.read_alerts()
        alone.admin.types("/aid-admin grant <@U0MEMBER>")
        assert UNSEEN in alone.member.types("/aid-status GG-1").text
        alone.member.presses(alone.member.types("/aid-status GG-1"), "Seen")
        assert "yet seen" not in alone.admin.types("/aid-status GG-1").text
