"""/aid-admin delivery: how the messages of each channel stand, why some wait or failed, and sending one again."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from slack_sdk import WebClient
from sqlalchemy import func, select

from bot.slack_emulator import ActionResult, Fault, Message
from db.models import Delivery, Subscription
from db.outbox.deliveries import MAYBE_POSTED, DeliveryKind, DeliveryState
from db.subscriptions.subscriptions import subscription_of
from handlers.alerts.failure_reasons import REASONS
from tests.support.harness import START, TEAM, BotHarness

POST = "chat.postMessage"
ALERTS = "C0ALERTS"
LOG = "/aid-admin delivery"


def record(harness: BotHarness, *notes: str) -> None:
    for note in notes:
        assert "#" in harness.admin.types(f"/aid-update GG-1 note {note}").text


def add(harness: BotHarness, *rows: dict[str, object]) -> list[int]:
    """Rows of the outbox as they may stand there, behind the bot's back; gives their ids."""
    usual = {
        "team_id": TEAM,
        "channel_id": ALERTS,
        "kind": DeliveryKind.TEST,
        "language": "en",
        "about": {"asked_by": "U0ADMIN"},
        "state": DeliveryState.SENT,
        "created_at": START - timedelta(hours=3),
        "due_at": START - timedelta(hours=3),
    }
    with harness.database.writing() as session:
        made = [Delivery(**(usual | row)) for row in rows]
        session.add_all(made)
        session.flush()
        return [row.id for row in made]


def failed(harness: BotHarness, **row: object) -> int:
    (key,) = add(harness, {"state": DeliveryState.FAILED, "reason": "no_text", "attempts": 1, **row})
    return key


def come_to(harness: BotHarness, state: DeliveryState, count: int) -> None:
    """Wait until so many messages of the alerts' channel have come to ``state``."""
    here = select(func.count()).where(Delivery.channel_id == ALERTS, Delivery.state == state)

    def are_there() -> bool:
        with harness.database.reading() as session:
            return session.scalar(here) == count

    harness.wait(are_there)


def state(harness: BotHarness, key: int) -> str:
    with harness.database.reading() as session:
        return session.get_one(Delivery, key).state


def channel_log(harness: BotHarness, channel: str = "aid-alerts") -> ActionResult:
    return harness.admin.types(f"{LOG} #{channel}")


def buttons(answer: ActionResult) -> list[str]:
    found = [block["accessory"] for block in answer.message.blocks if block.get("accessory")]
    found += [each for block in answer.message.blocks for each in block.get("elements", []) if each["type"] == "button"]
    return [each["text"]["text"] for each in found]


def posted(harness: BotHarness) -> Sequence[Message]:
    return [message for message in harness.alerts() if not message.ephemeral_for]


# -- reading --------------------------------------------------------------------------------------------------


def test_nothing_was_sent_yet(harness: BotHarness) -> None:
    assert "Nothing was to be sent so far." in harness.admin.types(LOG).text
    assert "Nothing was to be sent there so far." in channel_log(harness).text


def test_how_a_channel_stands(harness: BotHarness) -> None:
    record(harness, "one", "two")
    harness.alerts()

    said = harness.admin.types(LOG).text
    assert "Messages of 1 channel" in said
    assert re.search(r"#aid-alerts\n2 sent\nLast sent ", said)
    assert "waits since" not in said

    lines = channel_log(harness).text.splitlines()
    assert [line for line in lines if "Alert" in line] == [
        f"{number} · Alert · #{number + 2} · GG-1 · ✅ sent {_time(line)}"
        for number, line in zip((2, 1), [line for line in lines if "Alert" in line], strict=True)
    ]


def _time(line: str) -> str:
    return line.rpartition(" sent ")[2]


def test_the_button_shows_a_channels_messages(harness: BotHarness) -> None:
    record(harness, "one")
    harness.alerts()

    assert "Last messages" in harness.admin.presses(harness.admin.types(LOG), "Messages").text


def test_a_stopped_channel_comes_first_and_says_why(harness: BotHarness) -> None:
    add(harness, *({"channel_id": f"C0{name}"} for name in ("ONE", "TWO")))
    harness.slack.kick("#aid-alerts")
    record(harness, "one", "two")
    come_to(harness, DeliveryState.BLOCKED, 2)
    add(harness, {"channel_id": "C0LAST"})

    answer = harness.admin.types(LOG)
    first = answer.text.index("#aid-alerts")
    assert first < answer.text.index("C0LAST")
    assert "2 blocked" in answer.text
    assert "The oldest waits since" in answer.text
    assert "Blocked: I am not in the channel: invite me there (/invite)." in answer.text
    assert buttons(answer).count("Resume") == 1

    assert (
        "#aid-alerts is told again. 2 messages that waited go out now." in harness.admin.presses(answer, "Resume").text
    )
    assert len(posted(harness)) == 2
    assert "blocked" not in harness.admin.types(LOG).text.lower()


def test_every_state_is_said(harness: BotHarness) -> None:
    add(
        harness,
        *(
            {"channel_id": "C0ONE", "state": each, "reason": "no_text", "due_at": START + timedelta(days=1)}
            for each in DeliveryState
        ),
    )
    over, one = harness.admin.types(LOG).text, harness.admin.types(f"{LOG} C0ONE").text

    assert "1 sent · 1 told in digests · 1 for the next digest · 1 waiting · 1 being sent · 1 being looked up" in over
    assert "1 blocked · 1 failed · 1 cancelled" in over
    for said in ("sent", "told in a digest", "waits for the next digest", "waits", "is being sent", "looking it up"):
        assert said in one
    assert "not before" in one


def test_in_korean(harness: BotHarness) -> None:
    harness.execute(
        "INSERT INTO people (team_id, user_id, role, language) VALUES ('T0LOOP', 'U0ADMIN', 'member', 'ko')"
    )
    failed(harness)
    over, one = harness.admin.types(LOG).text, channel_log(harness).text

    assert "실패 1건" in over
    assert "Slack 응답: no_text" in over
    assert "시험" in one
    assert not re.search(r"\b(failed|Test|message|waits)\b", over + one)


def test_a_person_who_is_told_by_direct_message(harness: BotHarness) -> None:
    add(harness, {"channel_id": "U0MEMBER", "kind": DeliveryKind.NOTICE, "about": {"notice": "failed"}})

    assert "direct message to @Mina Lee" in harness.admin.types(LOG).text
    assert "Notice" in harness.admin.types(f"{LOG} @mina.lee").text


def test_resume_of_a_person_who_is_told_by_direct_message(harness: BotHarness) -> None:
    (key,) = add(harness, {"channel_id": "U0MEMBER", "state": DeliveryState.BLOCKED, "reason": "user_disabled"})
    answer = harness.admin.types(LOG)
    assert "Blocked: That account is deactivated." in answer.text

    said = harness.admin.presses(answer, "Resume").text

    assert "@Mina Lee is told again by direct message. 1 message that waited goes out now." in said
    harness.wait(lambda: state(harness, key) == DeliveryState.SENT)
    assert len(harness.slack.direct_messages("U0MEMBER")) == 1
    assert "so there was nothing to resume" in harness.admin.presses(answer, "Resume").text


def test_resume_of_a_channel_that_ended_its_alerts(harness: BotHarness) -> None:
    harness.slack.kick("#aid-alerts")
    record(harness, "one")
    harness.wait(lambda: state(harness, 1) == DeliveryState.BLOCKED)
    harness.admin.types("/aid-alerts off", channel="#aid-alerts")

    said = harness.admin.presses(harness.admin.types(LOG), "Resume").text

    assert "#aid-alerts is not subscribed any more, so nothing was sent." in said
    assert state(harness, 1) == DeliveryState.BLOCKED


def test_another_workspaces_messages_are_not_shown(harness: BotHarness) -> None:
    (key,) = add(harness, {"team_id": "T0OTHER", "state": DeliveryState.FAILED, "reason": "no_text"})

    assert "Nothing was to be sent so far." in harness.admin.types(LOG).text
    forged = harness.admin.types(f"{LOG} #aid-alerts")
    assert "Send again" not in buttons(forged)
    mine = failed(harness)
    answer = channel_log(harness)
    blocks = [_forged(block, str(mine), str(key)) for block in answer.message.blocks]
    harness.slack.store.edit(answer.message, blocks=tuple(blocks))
    assert f"There is no message {key} in the delivery log." in harness.admin.presses(answer, "Send again").text


def _forged(block: dict[str, object], old: str, new: str) -> dict[str, object]:
    accessory = block.get("accessory")
    if not isinstance(accessory, dict) or accessory.get("value") != old:
        return block
    return {**block, "accessory": {**accessory, "value": new}}


# -- pages ----------------------------------------------------------------------------------------------------


def test_many_channels_and_many_messages_are_paged(harness: BotHarness) -> None:
    add(harness, *({"channel_id": f"C{number:04}"} for number in range(23)))
    add(harness, *({} for _ in range(35)))

    first = harness.admin.types(LOG)
    assert "Messages of 24 channels · page 1 of 3" in first.text
    assert first.text.count("Last sent") == 0
    second = harness.admin.presses(first, "Next")
    assert "page 2 of 3" in second.text
    assert "page 3 of 3" in harness.admin.types(f"{LOG} 99").text
    assert "page 1 of 3" in harness.admin.presses(second, "Previous").text

    one = channel_log(harness)
    assert "Last messages · page 1 of 4" in one.text
    assert one.text.index("58 · Test") < one.text.index("49 · Test")
    last = harness.admin.types(f"{LOG} #aid-alerts 4")
    assert last.text.index("28 · Test") < last.text.index("24 · Test")
    assert "29 · Test" in harness.admin.presses(last, "Previous").text


def test_the_longest_page_fits_a_message(harness: BotHarness) -> None:
    reason = "ValueError: " + "&" * 288
    add(
        harness,
        *({"channel_id": f"C{n:04}", "state": each, "reason": reason} for n in range(10) for each in DeliveryState),
        *({"state": DeliveryState.FAILED, "reason": reason} for _ in range(10)),
    )
    for typed in (LOG, f"{LOG} 2", f"{LOG} #aid-alerts", f"{LOG} C0001"):
        answer = harness.admin.types(typed)
        assert not answer.error
        assert len(answer.message.blocks) <= 50


@pytest.mark.parametrize("typed", ["rubbish", "#no-such", "C", "1 2", "@", "<!channel>"])
def test_what_is_no_channel(harness: BotHarness, typed: str) -> None:
    assert "is no channel I can look up. Write # and choose the channel" in harness.admin.types(f"{LOG} {typed}").text


# -- sending again --------------------------------------------------------------------------------------------


def test_a_failed_message_is_sent_again(harness: BotHarness) -> None:
    harness.slack.faults.add(POST, Fault.error("no_text"), channel=ALERTS)
    record(harness, "one")
    harness.wait(lambda: state(harness, 1) == DeliveryState.FAILED)
    answer = channel_log(harness)
    assert "Slack says no_text." in answer.text

    again = harness.admin.presses(answer, "Send again")

    assert "Message 1 goes out again now." in again.text
    assert [message.text for message in posted(harness)] == ["Note: GG-1"]
    assert state(harness, 1) == DeliveryState.SENT
    assert "sent message 1 again" in harness.admin.types("/aid-admin audit").text
    assert "Message 1 was sent already, so it is not sent again." in harness.admin.presses(answer, "Send again").text
    assert len(posted(harness)) == 1


@pytest.mark.parametrize("there", [True, False])
def test_what_may_have_been_posted_is_looked_up_first(harness: BotHarness, there: bool) -> None:
    key = failed(harness, reason=f"{MAYBE_POSTED}; history: missing_scope", attempted_at=harness.clock())
    if there:
        with_id = {"event_type": "aid_update", "event_payload": {"delivery": str(key)}}
        client = WebClient(harness.slack.app.bot_token, base_url=harness.server.base_url)
        client.chat_postMessage(channel=ALERTS, text="it arrived", metadata=with_id)
    before = len(posted(harness))
    answer = channel_log(harness)
    (confirm,) = [block["accessory"]["confirm"] for block in answer.message.blocks if "confirm" in str(block)]
    assert "Nobody knows whether this message arrived." in confirm["text"]["text"]
    assert "Slack did not say whether it arrived" in answer.text

    said = harness.admin.presses(answer, "Send again").text

    assert f"I look for message {key} in the channel first and send it if it is not there." in said
    harness.wait(lambda: state(harness, key) == DeliveryState.SENT)
    assert len(posted(harness)) == before + (not there)


def test_where_nobody_can_look_it_goes_out_marked(harness: BotHarness) -> None:
    harness.slack.faults.add(POST, Fault.error("no_text"), channel=ALERTS)
    record(harness, "one")
    harness.wait(lambda: state(harness, 1) == DeliveryState.FAILED)
    harness.execute(f"UPDATE deliveries SET reason = '{MAYBE_POSTED}; history: x' WHERE id = 1")
    harness.slack.faults.add("conversations.history", Fault.error("missing_scope"))

    harness.admin.presses(channel_log(harness), "Send again")

    harness.wait(lambda: state(harness, 1) == DeliveryState.SENT)
    (message,) = posted(harness)
    assert "This message may be a repeat" in str(message.blocks)


def test_what_was_taken_back_is_not_sent_again(harness: BotHarness) -> None:
    harness.slack.faults.add(POST, Fault.error("no_text"), channel=ALERTS)
    recorded = harness.admin.types("/aid-update GG-1 note one")
    harness.wait(lambda: state(harness, 1) == DeliveryState.FAILED)
    answer = channel_log(harness)
    harness.admin.presses(recorded, "Undo")

    said = harness.admin.presses(answer, "Send again").text

    assert "What message 1 told of was taken back or corrected since" in said
    assert posted(harness) == []


def test_a_channel_that_ended_its_alerts_is_sent_nothing_again(harness: BotHarness) -> None:
    with harness.database.reading() as session:
        present = subscription_of(session, TEAM, ALERTS)
    assert isinstance(present, Subscription)
    key = failed(harness, subscription_id=present.id)
    answer = channel_log(harness)
    harness.admin.types("/aid-alerts off", channel="#aid-alerts")

    assert "#aid-alerts wants to be told nothing any more" in harness.admin.presses(answer, "Send again").text
    assert state(harness, key) == DeliveryState.FAILED


def test_a_failed_message_of_a_blocked_channel_waits_with_the_others(harness: BotHarness) -> None:
    harness.slack.faults.add(POST, Fault.error("no_text"), channel=ALERTS)
    record(harness, "one")
    harness.wait(lambda: state(harness, 1) == DeliveryState.FAILED)
    harness.slack.kick("#aid-alerts")
    record(harness, "two")
    harness.wait(lambda: "blocked" in harness.admin.types(LOG).text)

    answer = channel_log(harness)
    assert "Message 1 waits with the others of its channel until Resume." in (
        harness.admin.presses(answer, "Send again").text
    )
    harness.admin.presses(answer, "Resume")
    assert ["one" in str(message.blocks) for message in posted(harness)] == [True, False]


@pytest.mark.parametrize("reason", sorted({*REASONS, "strange_code", "ValueError: no words", "HTTP 502"}))
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_reason_is_a_sentence(harness: BotHarness, reason: str, language: str) -> None:
    harness.execute(
        f"INSERT INTO people (team_id, user_id, role, language) VALUES ('T0LOOP', 'U0ADMIN', 'member', '{language}')"
    )
    failed(harness, reason=reason)

    (line,) = [line for line in harness.admin.types(LOG).text.splitlines() if line.startswith("⚠️")]
    assert line.endswith((".", "`/invite`.", "/invite"))
    assert bool(re.search("[가-힣]{2}", line)) == (language == "ko")


# -- notices of failures --------------------------------------------------------------------------------------


def test_failures_of_a_short_time_are_one_notice_to_each_admin(harness: BotHarness) -> None:
    harness.slack.faults.add(POST, Fault.error("no_text"), times=3, channel=ALERTS)
    record(harness, "one", "two", "three")
    come_to(harness, DeliveryState.FAILED, 3)
    harness.wait(lambda: not harness.queued())

    for user in ("U0ADMIN", "U0SECOND"):
        (notice,) = harness.slack.direct_messages(user)
        assert "*3 messages could not be sent*" in notice.text
        assert "<#C0ALERTS> · 3 messages · Slack says `no_text`." in notice.text


def test_a_notice_of_failures_outlives_a_restart(harness: BotHarness) -> None:
    """It stands in the outbox from the moment of the failure."""
    harness.slack.faults.add(POST, Fault.error("no_text"), channel=ALERTS)
    record(harness, "one")
    harness.wait(lambda: state(harness, 1) == DeliveryState.FAILED)
    with harness.database.reading() as session:
        told = session.query(Delivery).where(Delivery.kind == DeliveryKind.NOTICE).all()
    assert {row.channel_id for row in told} == {"U0ADMIN", "U0SECOND"}
