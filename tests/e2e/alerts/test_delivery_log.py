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


def record(scene: BotHarness, *notes: str) -> None:
    for note in notes:
        assert "#" in scene.admin.types(f"/aid-update GG-1 note {note}").text


def add(scene: BotHarness, *rows: dict[str, object]) -> list[int]:
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
    with scene.database.writing() as session:
        made = [Delivery(**(usual | row)) for row in rows]
        session.add_all(made)
        session.flush()
        return [row.id for row in made]


def failed(scene: BotHarness, **row: object) -> int:
    (key,) = add(scene, {"state": DeliveryState.FAILED, "reason": "no_text", "attempts": 1, **row})
    return key


def come_to(scene: BotHarness, state: DeliveryState, count: int) -> None:
    """Wait until so many messages of the alerts' channel have come to ``state``."""
    here = select(func.count()).where(Delivery.channel_id == ALERTS, Delivery.state == state)

    def are_there() -> bool:
        with scene.database.reading() as session:
            return session.scalar(here) == count

    scene.wait(are_there)


def state(scene: BotHarness, key: int) -> str:
    with scene.database.reading() as session:
        return session.get_one(Delivery, key).state


def channel_log(scene: BotHarness, channel: str = "aid-alerts") -> ActionResult:
    return scene.admin.types(f"{LOG} #{channel}")


def buttons(answer: ActionResult) -> list[str]:
    found = [block["accessory"] for block in answer.message.blocks if block.get("accessory")]
    found += [each for block in answer.message.blocks for each in block.get("elements", []) if each["type"] == "button"]
    return [each["text"]["text"] for each in found]


def posted(scene: BotHarness) -> Sequence[Message]:
    return [message for message in scene.alerts() if not message.ephemeral_for]


# -- reading --------------------------------------------------------------------------------------------------


def test_nothing_was_sent_yet(scene: BotHarness) -> None:
    assert "Nothing was to be sent so far." in scene.admin.types(LOG).text
    assert "Nothing was to be sent there so far." in channel_log(scene).text


def test_how_a_channel_stands(scene: BotHarness) -> None:
    record(scene, "one", "two")
    scene.alerts()

    said = scene.admin.types(LOG).text
    assert "Messages of 1 channel" in said
    assert re.search(r"#aid-alerts\n2 sent\nLast sent ", said)
    assert "waits since" not in said

    lines = channel_log(scene).text.splitlines()
    assert [line for line in lines if "Alert" in line] == [
        f"{number} · Alert · #{number + 2} · GG-1 · ✅ sent {_time(line)}"
        for number, line in zip((2, 1), [line for line in lines if "Alert" in line], strict=True)
    ]


def _time(line: str) -> str:
    return line.rpartition(" sent ")[2]


def test_the_button_shows_a_channels_messages(scene: BotHarness) -> None:
    record(scene, "one")
    scene.alerts()

    assert "Last messages" in scene.admin.presses(scene.admin.types(LOG), "Messages").text


def test_a_stopped_channel_comes_first_and_says_why(scene: BotHarness) -> None:
    add(scene, *({"channel_id": f"C0{name}"} for name in ("ONE", "TWO")))
    scene.slack.kick("#aid-alerts")
    record(scene, "one", "two")
    come_to(scene, DeliveryState.BLOCKED, 2)
    add(scene, {"channel_id": "C0LAST"})

    answer = scene.admin.types(LOG)
    first = answer.text.index("#aid-alerts")
    assert first < answer.text.index("C0LAST")
    assert "2 blocked" in answer.text
    assert "The oldest waits since" in answer.text
    assert "Blocked: I am not in the channel: invite me there (/invite)." in answer.text
    assert buttons(answer).count("Resume") == 1

    assert "#aid-alerts is told again. 2 messages that waited go out now." in scene.admin.presses(answer, "Resume").text
    assert len(posted(scene)) == 2
    assert "blocked" not in scene.admin.types(LOG).text.lower()


def test_every_state_is_said(scene: BotHarness) -> None:
    add(
        scene,
        *(
            {"channel_id": "C0ONE", "state": each, "reason": "no_text", "due_at": START + timedelta(days=1)}
            for each in DeliveryState
        ),
    )
    over, one = scene.admin.types(LOG).text, scene.admin.types(f"{LOG} C0ONE").text

    assert "1 sent · 1 told in digests · 1 for the next digest · 1 waiting · 1 being sent · 1 being looked up" in over
    assert "1 blocked · 1 failed · 1 cancelled" in over
    for said in ("sent", "told in a digest", "waits for the next digest", "waits", "is being sent", "looking it up"):
        assert said in one
    assert "not before" in one


def test_in_korean(scene: BotHarness) -> None:
    scene.execute("INSERT INTO people (team_id, user_id, role, language) VALUES ('T0LOOP', 'U0ADMIN', 'member', 'ko')")
    failed(scene)
    over, one = scene.admin.types(LOG).text, channel_log(scene).text

    assert "실패 1건" in over
    assert "Slack 응답: no_text" in over
    assert "시험" in one
    assert not re.search(r"\b(failed|Test|message|waits)\b", over + one)


def test_a_person_who_is_told_by_direct_message(scene: BotHarness) -> None:
    add(scene, {"channel_id": "U0MEMBER", "kind": DeliveryKind.NOTICE, "about": {"notice": "failed"}})

    assert "direct message to @Mina Lee" in scene.admin.types(LOG).text
    assert "Notice" in scene.admin.types(f"{LOG} @mina.lee").text


def test_resume_of_a_person_who_is_told_by_direct_message(scene: BotHarness) -> None:
    (key,) = add(scene, {"channel_id": "U0MEMBER", "state": DeliveryState.BLOCKED, "reason": "user_disabled"})
    answer = scene.admin.types(LOG)
    assert "Blocked: That account is deactivated." in answer.text

    said = scene.admin.presses(answer, "Resume").text

    assert "@Mina Lee is told again by direct message. 1 message that waited goes out now." in said
    scene.wait(lambda: state(scene, key) == DeliveryState.SENT)
    assert len(scene.slack.direct_messages("U0MEMBER")) == 1
    assert "so there was nothing to resume" in scene.admin.presses(answer, "Resume").text


def test_resume_of_a_channel_that_ended_its_alerts(scene: BotHarness) -> None:
    scene.slack.kick("#aid-alerts")
    record(scene, "one")
    scene.wait(lambda: state(scene, 1) == DeliveryState.BLOCKED)
    scene.admin.types("/aid-alerts off", channel="#aid-alerts")

    said = scene.admin.presses(scene.admin.types(LOG), "Resume").text

    assert "#aid-alerts is not subscribed any more, so nothing was sent." in said
    assert state(scene, 1) == DeliveryState.BLOCKED


def test_another_workspaces_messages_are_not_shown(scene: BotHarness) -> None:
    (key,) = add(scene, {"team_id": "T0OTHER", "state": DeliveryState.FAILED, "reason": "no_text"})

    assert "Nothing was to be sent so far." in scene.admin.types(LOG).text
    forged = scene.admin.types(f"{LOG} #aid-alerts")
    assert "Send again" not in buttons(forged)
    mine = failed(scene)
    answer = channel_log(scene)
    blocks = [_forged(block, str(mine), str(key)) for block in answer.message.blocks]
    scene.slack.store.edit(answer.message, blocks=tuple(blocks))
    assert f"There is no message {key} in the delivery log." in scene.admin.presses(answer, "Send again").text


def _forged(block: dict[str, object], old: str, new: str) -> dict[str, object]:
    accessory = block.get("accessory")
    if not isinstance(accessory, dict) or accessory.get("value") != old:
        return block
    return {**block, "accessory": {**accessory, "value": new}}


# -- pages ----------------------------------------------------------------------------------------------------


def test_many_channels_and_many_messages_are_paged(scene: BotHarness) -> None:
    add(scene, *({"channel_id": f"C{number:04}"} for number in range(23)))
    add(scene, *({} for _ in range(35)))

    first = scene.admin.types(LOG)
    assert "Messages of 24 channels · page 1 of 3" in first.text
    assert first.text.count("Last sent") == 0
    second = scene.admin.presses(first, "Next")
    assert "page 2 of 3" in second.text
    assert "page 3 of 3" in scene.admin.types(f"{LOG} 99").text
    assert "page 1 of 3" in scene.admin.presses(second, "Previous").text

    one = channel_log(scene)
    assert "Last messages · page 1 of 4" in one.text
    assert one.text.index("58 · Test") < one.text.index("49 · Test")
    last = scene.admin.types(f"{LOG} #aid-alerts 4")
    assert last.text.index("28 · Test") < last.text.index("24 · Test")
    assert "29 · Test" in scene.admin.presses(last, "Previous").text


def test_the_longest_page_fits_a_message(scene: BotHarness) -> None:
    reason = "ValueError: " + "&" * 288
    add(
        scene,
        *({"channel_id": f"C{n:04}", "state": each, "reason": reason} for n in range(10) for each in DeliveryState),
        *({"state": DeliveryState.FAILED, "reason": reason} for _ in range(10)),
    )
    for typed in (LOG, f"{LOG} 2", f"{LOG} #aid-alerts", f"{LOG} C0001"):
        answer = scene.admin.types(typed)
        assert not answer.error
        assert len(answer.message.blocks) <= 50


@pytest.mark.parametrize("typed", ["rubbish", "#no-such", "C", "1 2", "@", "<!channel>"])
def test_what_is_no_channel(scene: BotHarness, typed: str) -> None:
    assert "is no channel I can look up. Write # and choose the channel" in scene.admin.types(f"{LOG} {typed}").text


# -- sending again --------------------------------------------------------------------------------------------


def test_a_failed_message_is_sent_again(scene: BotHarness) -> None:
    scene.slack.faults.add(POST, Fault.error("no_text"), channel=ALERTS)
    record(scene, "one")
    scene.wait(lambda: state(scene, 1) == DeliveryState.FAILED)
    answer = channel_log(scene)
    assert "Slack says no_text." in answer.text

    again = scene.admin.presses(answer, "Send again")

    assert "Message 1 goes out again now." in again.text
    assert [message.text for message in posted(scene)] == ["Note: GG-1"]
    assert state(scene, 1) == DeliveryState.SENT
    assert "sent message 1 again" in scene.admin.types("/aid-admin audit").text
    assert "Message 1 was sent already, so it is not sent again." in scene.admin.presses(answer, "Send again").text
    assert len(posted(scene)) == 1


@pytest.mark.parametrize("there", [True, False])
def test_what_may_have_been_posted_is_looked_up_first(scene: BotHarness, there: bool) -> None:
    key = failed(scene, reason=f"{MAYBE_POSTED}; history: missing_scope", attempted_at=scene.clock())
    if there:
        with_id = {"event_type": "aid_update", "event_payload": {"delivery": str(key)}}
        client = WebClient(scene.slack.app.bot_token, base_url=scene.server.base_url)
        client.chat_postMessage(channel=ALERTS, text="it arrived", metadata=with_id)
    before = len(posted(scene))
    answer = channel_log(scene)
    (confirm,) = [block["accessory"]["confirm"] for block in answer.message.blocks if "confirm" in str(block)]
    assert "Nobody knows whether this message arrived." in confirm["text"]["text"]
    assert "Slack did not say whether it arrived" in answer.text

    said = scene.admin.presses(answer, "Send again").text

    assert f"I look for message {key} in the channel first and send it if it is not there." in said
    scene.wait(lambda: state(scene, key) == DeliveryState.SENT)
    assert len(posted(scene)) == before + (not there)


def test_where_nobody_can_look_it_goes_out_marked(scene: BotHarness) -> None:
    scene.slack.faults.add(POST, Fault.error("no_text"), channel=ALERTS)
    record(scene, "one")
    scene.wait(lambda: state(scene, 1) == DeliveryState.FAILED)
    scene.execute(f"UPDATE deliveries SET reason = '{MAYBE_POSTED}; history: x' WHERE id = 1")
    scene.slack.faults.add("conversations.history", Fault.error("missing_scope"))

    scene.admin.presses(channel_log(scene), "Send again")

    scene.wait(lambda: state(scene, 1) == DeliveryState.SENT)
    (message,) = posted(scene)
    assert "This message may be a repeat" in str(message.blocks)


def test_what_was_taken_back_is_not_sent_again(scene: BotHarness) -> None:
    scene.slack.faults.add(POST, Fault.error("no_text"), channel=ALERTS)
    recorded = scene.admin.types("/aid-update GG-1 note one")
    scene.wait(lambda: state(scene, 1) == DeliveryState.FAILED)
    answer = channel_log(scene)
    scene.admin.presses(recorded, "Undo")

    said = scene.admin.presses(answer, "Send again").text

    assert "What message 1 told of was taken back or corrected since" in said
    assert posted(scene) == []


def test_a_channel_that_ended_its_alerts_is_sent_nothing_again(scene: BotHarness) -> None:
    with scene.database.reading() as session:
        present = subscription_of(session, TEAM, ALERTS)
    assert isinstance(present, Subscription)
    key = failed(scene, subscription_id=present.id)
    answer = channel_log(scene)
    scene.admin.types("/aid-alerts off", channel="#aid-alerts")

    assert "#aid-alerts wants to be told nothing any more" in scene.admin.presses(answer, "Send again").text
    assert state(scene, key) == DeliveryState.FAILED


def test_a_failed_message_of_a_blocked_channel_waits_with_the_others(scene: BotHarness) -> None:
    scene.slack.faults.add(POST, Fault.error("no_text"), channel=ALERTS)
    record(scene, "one")
    scene.wait(lambda: state(scene, 1) == DeliveryState.FAILED)
    scene.slack.kick("#aid-alerts")
    record(scene, "two")
    scene.wait(lambda: "blocked" in scene.admin.types(LOG).text)

    answer = channel_log(scene)
    assert "Message 1 waits with the others of its channel until Resume." in (
        scene.admin.presses(answer, "Send again").text
    )
    scene.admin.presses(answer, "Resume")
    assert ["one" in str(message.blocks) for message in posted(scene)] == [True, False]


@pytest.mark.parametrize("reason", sorted({*REASONS, "strange_code", "ValueError: no words", "HTTP 502"}))
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_reason_is_a_sentence(scene: BotHarness, reason: str, language: str) -> None:
    scene.execute(
        f"INSERT INTO people (team_id, user_id, role, language) VALUES ('T0LOOP', 'U0ADMIN', 'member', '{language}')"
    )
    failed(scene, reason=reason)

    (line,) = [line for line in scene.admin.types(LOG).text.splitlines() if line.startswith("⚠️")]
    assert line.endswith((".", "`/invite`.", "/invite"))
    assert bool(re.search("[가-힣]{2}", line)) == (language == "ko")


# -- notices of failures --------------------------------------------------------------------------------------


def test_failures_of_a_short_time_are_one_notice_to_each_admin(scene: BotHarness) -> None:
    scene.slack.faults.add(POST, Fault.error("no_text"), times=3, channel=ALERTS)
    record(scene, "one", "two", "three")
    come_to(scene, DeliveryState.FAILED, 3)
    scene.wait(lambda: not scene.queued())

    for user in ("U0ADMIN", "U0SECOND"):
        (notice,) = scene.slack.direct_messages(user)
        assert "*3 messages could not be sent*" in notice.text
        assert "<#C0ALERTS> · 3 messages · Slack says `no_text`." in notice.text


def test_a_notice_of_failures_outlives_a_restart(scene: BotHarness) -> None:
    """It stands in the outbox from the moment of the failure."""
    scene.slack.faults.add(POST, Fault.error("no_text"), channel=ALERTS)
    record(scene, "one")
    scene.wait(lambda: state(scene, 1) == DeliveryState.FAILED)
    with scene.database.reading() as session:
        told = session.query(Delivery).where(Delivery.kind == DeliveryKind.NOTICE).all()
    assert {row.channel_id for row in told} == {"U0ADMIN", "U0SECOND"}
