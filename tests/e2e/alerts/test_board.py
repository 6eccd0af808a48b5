"""The board of a channel: posted, pinned, kept up to date, deleted, unpinned, turned off."""

import pytest

from bot.slack_emulator import Fault, Message
from db.integrity.outbox import outbox_findings
from db.models import Subscription
from db.outbox.deliveries import DeliveryState
from tests.support.harness import SECOND, BotHarness

ON, OFF = "/aid-alerts board on group:gyeonggi", "/aid-alerts board off"
HOLD = "GG-1 hold by:FR on:2026-02-09 as:government"
LETTER = "GG-2 approved lift:all as:letter on:2026-02-09 until:2026-02-12"


def boards(harness: BotHarness, channel: str = "#general") -> list[Message]:
    """Return the messages of boards in a channel once everything is sent."""
    harness.wait(lambda: not harness.queued())
    return [each for each in harness.slack.messages(channel) if each.metadata]


def board(harness: BotHarness) -> Message:
    (found,) = boards(harness)
    return found


def later(harness: BotHarness, *lines: str) -> Message:
    """Record lines once all before is sent, let the pause between two edits pass, and return the board."""
    boards(harness)
    harness.record(*lines)
    harness.tick(seconds=31)
    return board(harness)


def text_of(harness: BotHarness) -> str:
    board(harness)
    return harness.member.person.screen("#general")


def notices(harness: BotHarness) -> str:
    return "\n".join(str(message.blocks) for message in harness.direct_messages("U0MEMBER"))


def edits(harness: BotHarness) -> int:
    return harness.slack.counts["chat.update"]


def test_board_shows_its_filter_and_follows_the_record(harness: BotHarness) -> None:
    answer = harness.member.types(ON)
    assert "This channel has a board of projects that match group:gyeonggi, in English." in answer.text
    assert board(harness).pinned
    shown = text_of(harness)
    for part in (
        "3 aid projects",
        "Filter: Gyeonggi Province",
        "As of 2026-02-07, 3 days ago",
        "All 3 under review",
        "all 3 projects",
        "set up by @Mina Lee",
    ):
        assert part in shown

    harness.record(HOLD)
    harness.tick(seconds=5)
    assert edits(harness) == 0  # the pause is not over
    assert later(harness).ts == board(harness).ts
    assert edits(harness) == 1
    assert "Of 3: 2 under review, 1 on hold" in text_of(harness)

    later(harness, "NGO-1 note of no project of the board")
    assert edits(harness) == 1  # the same to show
    later(harness, LETTER)
    assert "Needs attention" in text_of(harness)
    assert "no shipment on record" in text_of(harness)
    harness.tick(days=3)
    assert "Expired 1" in text_of(harness)
    with harness.database.reading() as session:
        assert outbox_findings(session) == []


def test_board_is_one_a_channel_and_changed_by_its_owner_or_an_admin(harness: BotHarness) -> None:
    harness.admin.types("/aid-alerts board on")
    first = board(harness)
    assert "17 aid projects" in text_of(harness)
    assert "who set up this board" in harness.member.types(ON).text
    assert "who set up this board" in harness.member.types(OFF).text

    harness.second.types(f"{ON} lang:ko")
    assert later(harness).ts == first.ts
    assert "사업 3건" in text_of(harness)
    listed = harness.admin.types("/aid-alerts list").text
    assert "a board of projects that match group:gyeonggi" in listed
    assert "It has a board of projects" in harness.admin.types("/aid-alerts help").text
    assert "Board" in harness.admin.types("/aid-admin delivery #general").text
    assert "changed a board" in harness.admin.types("/aid-admin audit").text
    assert "takes a filter and lang: only" in harness.admin.types("/aid-alerts board on digest:daily").text

    harness.admin.types("/aid-alerts on")
    harness.record(HOLD)
    assert len(boards(harness)) == 2  # an alert beside it
    assert "This channel gets alerts for every update" in harness.admin.types("/aid-alerts help").text


def test_board_off_says_so_and_unpins(harness: BotHarness) -> None:
    assert "has no board" in harness.member.types(OFF).text
    harness.member.types(ON)
    board(harness)
    assert "The board is off." in harness.member.types(OFF).text
    message = later(harness)
    assert "This board is off" in message.text
    assert not message.pinned

    later(harness, HOLD)
    assert edits(harness) == 1
    harness.member.types(ON)
    assert len(boards(harness)) == 2
    harness.member.types(OFF)  # before a round of the scheduler
    harness.member.types(ON)
    assert len(boards(harness)) == 3
    harness.tick(seconds=31)
    assert [each.pinned for each in boards(harness)] == [False, False, True]


def test_deleted_board_is_made_again_once_then_its_owner_is_asked(harness: BotHarness) -> None:
    harness.member.types(ON)
    for note in ("first", "second"):
        harness.slack.store.remove(board(harness))
        harness.record(f"GG-1 note {note}")
        harness.tick(seconds=31)
        boards(harness)
    assert boards(harness) == []
    assert "deleted again" in notices(harness)

    harness.member.person.press(harness.direct_messages("U0MEMBER")[-1], "Resume").wait()
    assert board(harness).pinned
    assert "Note · GG-1" in text_of(harness)


def test_unpinned_board_is_pinned_once_then_its_owner_is_asked(harness: BotHarness) -> None:
    harness.member.types(ON)
    for note, pinned in (("first", True), ("second", False), ("third", False)):
        harness.slack.store.edit(board(harness), pinned=False)
        assert later(harness, f"GG-1 note {note}").pinned is pinned
    assert notices(harness).count("Somebody unpinned the board again") == 1
    assert "board on group:gyeonggi" in notices(harness)

    harness.member.types(ON)
    assert later(harness).pinned


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("too_many_pins", "as many pins as Slack allows"),
        ("restricted_action", "Pinning is restricted"),
        ("missing_scope", "pins:write"),
    ],
)
def test_board_that_cannot_be_pinned_is_kept_up_to_date(harness: BotHarness, code: str, said: str) -> None:
    harness.slack.faults.add("pins.add", Fault.error(code), times=2)
    harness.member.types(ON)
    later(harness, HOLD)
    assert "1 on hold" in text_of(harness)
    assert notices(harness).count("not pinned") == 1
    assert said in notices(harness)
    assert later(harness, "GG-1 note again").pinned


@pytest.mark.parametrize(
    "fault", [Fault.rate_limit(1), Fault.http(503), Fault.drop_after(), Fault.error("fatal_error")]
)
@pytest.mark.parametrize("method", ["chat.update", "pins.add"])
def test_failed_call_for_a_board_is_made_again(harness: BotHarness, method: str, fault: Fault) -> None:
    harness.slack.faults.add(method, fault)
    harness.member.types(ON)
    board(harness)
    harness.record(HOLD)
    for _ in range(2):
        harness.tick(seconds=31)
        board(harness)
    assert board(harness).pinned
    assert "1 on hold" in text_of(harness)


def test_board_follows_its_channel(harness: BotHarness) -> None:
    harness.member.types(ON)
    before = board(harness)
    harness.slack.archive("#general")
    assert "Alerts rest: board in" in notices(harness)
    assert "archived" in harness.member.types(ON).text
    harness.record(HOLD)
    harness.tick(seconds=31)
    assert board(harness).blocks == before.blocks

    harness.slack.archive("#general", archived=False)
    harness.wait(lambda: "Alerts are on again: board in" in notices(harness))
    assert later(harness).ts == before.ts
    assert "1 on hold" in text_of(harness)

    harness.slack.change_channel_id("#general", "C0MOVED")
    later(harness, "GG-1 note after the move")
    assert "Note · GG-1" in text_of(harness)

    harness.slack.kick("#general", harness.slack.app.bot_user)
    harness.tick(days=1)
    assert set(harness.states("C0MOVED")) == {DeliveryState.SENT}
    harness.slack.delete_channel("#general")
    with harness.database.reading() as session:
        assert session.query(Subscription).filter_by(board=True).one().ended_at


def test_board_shows_no_withheld_name(harness: BotHarness) -> None:
    harness.second.types("/aid-alerts board on org:WHO")
    assert "1 aid project" in text_of(harness)
    harness.admin.types("/aid-admin withhold IO-1")
    later(harness)
    assert "No project matches." in text_of(harness)
    assert SECOND.id in str(board(harness).blocks)
