"""/aid-admin delivery: messages of each channel, why some wait or failed, and sending one again."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from slack_sdk import WebClient

from bot.slack_emulator import ActionResult, Fault, Message
from db.models import Delivery
from db.outbox.deliveries import MAYBE_POSTED, DeliveryKind, DeliveryState
from handlers.alerts.failure_reasons import REASONS
from tests.support.harness import START, BotHarness
from tests.support.sender_rows import add_row

POST = "chat.postMessage"
ALERTS = "C0ALERTS"
LOG = "/aid-admin delivery"

pytestmark = pytest.mark.usefixtures("without_channel_events")


def add(harness: BotHarness, *rows: dict[str, object]) -> list[int]:
    """Insert rows into the outbox, without the bot; return their ids."""
    usual = {"kind": DeliveryKind.TEST, "about": {"asked_by": "U0ADMIN"}, "state": DeliveryState.SENT}
    return [add_row(harness.database, now=START - timedelta(hours=3), **(usual | row)) for row in rows]


def failed(harness: BotHarness, **row: object) -> int:
    (delivery_id,) = add(harness, {"state": DeliveryState.FAILED, "reason": "no_text", "attempts": 1, **row})
    return delivery_id


def refused_alert(harness: BotHarness) -> ActionResult:
    """Let Slack refuse an alert; return the log of its channel, where it is message 1."""
    harness.slack.faults.add(POST, Fault.error("no_text"), channel=ALERTS)
    harness.note("one")
    harness.wait(lambda: state(harness, 1) == DeliveryState.FAILED)
    return channel_log(harness)


def state(harness: BotHarness, delivery_id: int) -> str:
    with harness.database.reading() as session:
        return session.get_one(Delivery, delivery_id).state


def channel_log(harness: BotHarness, channel: str = "aid-alerts") -> ActionResult:
    return harness.admin.types(f"{LOG} #{channel}")


def buttons(answer: ActionResult) -> list[str]:
    parts = [block["accessory"] for block in answer.message.blocks if block.get("accessory")]
    parts += [each for block in answer.message.blocks for each in block.get("elements", []) if each["type"] == "button"]
    return [each["text"]["text"] for each in parts]


def posted(harness: BotHarness) -> Sequence[Message]:
    return [message for message in harness.alerts() if not message.ephemeral_for]


# -- reading --------------------------------------------------------------------------------------------------


def test_delivery_log_counts_each_channel(harness: BotHarness) -> None:
    assert "No messages yet." in harness.admin.types(LOG).text
    assert "No messages there yet." in channel_log(harness).text
    numbers = harness.record("GG-1 note one", "GG-1 note two")[::-1]
    harness.alerts()

    answer = harness.admin.types(LOG)
    text = answer.text
    assert "Recent messages" in harness.admin.presses(answer, "View messages").text
    assert "Messages of 1 channel" in text
    assert re.search(r"#aid-alerts\n2 sent\nLast sent ", text)
    assert "waiting since" not in text

    lines = [line for line in channel_log(harness).text.splitlines() if "Alert" in line]
    assert [line.rpartition(" sent ")[0] for line in lines] == [
        f"{number} · Alert · {update} · GG-1 · ✅" for number, update in zip((2, 1), numbers, strict=True)
    ]


def test_delivery_log_lists_blocked_channels_first(harness: BotHarness) -> None:
    add(harness, *({"channel_id": f"C0{name}"} for name in ("ONE", "TWO")))
    harness.slack.kick("#aid-alerts")
    harness.note("one", "two")
    harness.wait(lambda: harness.states(ALERTS).count(DeliveryState.BLOCKED) == 2)
    add(harness, {"channel_id": "C0LAST"})

    answer = harness.admin.types(LOG)
    first = answer.text.index("#aid-alerts")
    assert first < answer.text.index("C0LAST")
    assert "2 paused" in answer.text
    assert "Oldest waiting since" in answer.text
    assert "Paused: I'm not in the channel. Invite me with /invite." in answer.text
    assert buttons(answer).count("Resume") == 1

    assert (
        "Alerts in #aid-alerts are on again. Sending 2 waiting messages now."
        in harness.admin.presses(answer, "Resume").text
    )
    assert len(posted(harness)) == 2
    assert "paused" not in harness.admin.types(LOG).text.lower()


def test_delivery_log_names_every_state(harness: BotHarness) -> None:
    add(
        harness,
        *(
            {"channel_id": "C0ONE", "state": state, "reason": "no_text", "due_at": START + timedelta(days=1)}
            for state in DeliveryState
        ),
    )
    over, one = harness.admin.types(LOG).text, harness.admin.types(f"{LOG} C0ONE").text

    assert "1 sent · 1 sent in digests · 1 for the next digest · 1 waiting · 1 being sent · 1 being checked" in over
    assert "1 paused · 1 failed · 1 cancelled" in over
    for label in ("sent in a digest", "waiting for the next digest", "✅ sent ", "waiting ", "sending ", "checking "):
        assert label in one
    assert "scheduled for" in one


def test_resume_of_a_direct_message_sends_waiting_alerts(harness: BotHarness) -> None:
    add(harness, {"channel_id": "U0ADMIN", "kind": DeliveryKind.NOTICE, "about": {"notice": "failed"}})
    assert "Notice" in harness.admin.types(f"{LOG} @jihoon.park").text
    (delivery_id,) = add(harness, {"channel_id": "U0MEMBER", "state": DeliveryState.BLOCKED, "reason": "user_disabled"})
    answer = harness.admin.types(LOG)
    assert "direct message to @Mina Lee" in answer.text
    assert "Paused: That account is deactivated." in answer.text

    text = harness.admin.presses(answer, "Resume").text

    assert "Direct messages to @Mina Lee are on again. Sending 1 waiting message now." in text
    harness.wait(lambda: state(harness, delivery_id) == DeliveryState.SENT)
    assert len(harness.slack.direct_messages("U0MEMBER")) == 1
    assert "so there was nothing to resume" in harness.admin.presses(answer, "Resume").text


def test_delivery_log_omits_other_workspaces(harness: BotHarness) -> None:
    (delivery_id,) = add(harness, {"team_id": "T0OTHER", "state": DeliveryState.FAILED, "reason": "no_text"})

    assert "No messages yet." in harness.admin.types(LOG).text
    forged = harness.admin.types(f"{LOG} #aid-alerts")
    assert "Send again" not in buttons(forged)
    mine = failed(harness)
    answer = channel_log(harness)
    harness.forge(answer, str(delivery_id), instead_of=str(mine))
    assert f"There is no message {delivery_id} in the delivery log." in harness.admin.presses(answer, "Send again").text


# -- pages ----------------------------------------------------------------------------------------------------


def test_delivery_log_is_paged(harness: BotHarness) -> None:
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
    assert "Recent messages · page 1 of 4" in one.text
    assert one.text.index("58 · Test") < one.text.index("49 · Test")
    last = harness.admin.types(f"{LOG} #aid-alerts 4")
    assert last.text.index("28 · Test") < last.text.index("24 · Test")
    assert "29 · Test" in harness.admin.presses(last, "Previous").text


def test_delivery_log_page_fits_one_message(harness: BotHarness) -> None:
    reason = "ValueError: " + "&" * 288
    add(
        harness,
        *({"channel_id": f"C{n:04}", "state": state, "reason": reason} for n in range(10) for state in DeliveryState),
        *({"state": DeliveryState.FAILED, "reason": reason} for _ in range(10)),
    )
    for line in (LOG, f"{LOG} 2", f"{LOG} #aid-alerts", f"{LOG} C0001"):
        answer = harness.admin.types(line)
        assert not answer.error
        assert len(answer.message.blocks) <= 50


def test_delivery_log_of_an_unknown_channel_is_refused(harness: BotHarness) -> None:
    for text in ("rubbish", "#no-such", "C", "1 2", "@", "<!channel>"):
        assert "I can't find the channel" in harness.admin.types(f"{LOG} {text}").text


# -- sending again --------------------------------------------------------------------------------------------


def test_resend_sends_a_failed_message(harness: BotHarness) -> None:
    answer = refused_alert(harness)
    assert "Slack says no_text." in answer.text

    again = harness.admin.presses(answer, "Send again")

    assert "Sending message 1 again now." in again.text
    assert [message.text for message in posted(harness)] == ["Note: GG-1"]
    assert state(harness, 1) == DeliveryState.SENT
    assert "sent message 1 again" in harness.admin.types("/aid-admin audit").text
    assert "Message 1 was already sent, so I did not send it again." in harness.admin.presses(answer, "Send again").text
    assert len(posted(harness)) == 1


@pytest.mark.parametrize("there", [True, False])
def test_resend_looks_for_a_possibly_posted_message(harness: BotHarness, there: bool) -> None:
    delivery_id = failed(harness, reason=f"{MAYBE_POSTED}; history: missing_scope", attempted_at=harness.clock())
    if there:
        with_id = {"event_type": "aid_update", "event_payload": {"delivery": str(delivery_id)}}
        client = WebClient(harness.slack.app.bot_token, base_url=harness.server.base_url)
        client.chat_postMessage(channel=ALERTS, text="it arrived", metadata=with_id)
    before = len(posted(harness))
    answer = channel_log(harness)
    (confirm,) = [block["accessory"]["confirm"] for block in answer.message.blocks if "confirm" in str(block)]
    assert "It is not clear whether this message arrived." in confirm["text"]["text"]
    assert "Slack did not say whether it arrived" in answer.text

    text = harness.admin.presses(answer, "Send again").text

    assert f"I'll check the channel for message {delivery_id} first and send it if it is missing." in text
    harness.wait(lambda: state(harness, delivery_id) == DeliveryState.SENT)
    assert len(posted(harness)) == before + (not there)


def test_resend_without_history_marks_the_message(harness: BotHarness) -> None:
    refused_alert(harness)
    harness.execute(f"UPDATE deliveries SET reason = '{MAYBE_POSTED}; history: x' WHERE id = 1")
    harness.slack.faults.add("conversations.history", Fault.error("missing_scope"))

    harness.admin.presses(channel_log(harness), "Send again")

    harness.wait(lambda: state(harness, 1) == DeliveryState.SENT)
    (message,) = posted(harness)
    assert "Possible duplicate" in str(message.blocks)


def test_resend_of_a_retracted_update_is_refused(harness: BotHarness) -> None:
    harness.slack.faults.add(POST, Fault.error("no_text"), channel=ALERTS)
    recorded = harness.admin.types("/aid-update GG-1 note one")
    harness.wait(lambda: state(harness, 1) == DeliveryState.FAILED)
    answer = channel_log(harness)
    harness.admin.presses(recorded, "Undo")

    text = harness.admin.presses(answer, "Send again").text

    assert "The update in message 1 has since been retracted or corrected" in text
    assert "Send again" not in buttons(channel_log(harness))
    assert posted(harness) == []


def test_resend_to_an_ended_subscription_is_refused(harness: BotHarness) -> None:
    delivery_id = failed(harness, subscription_id=harness.subscription("#aid-alerts").id)
    answer = channel_log(harness)
    harness.admin.types("/aid-alerts off", channel="#aid-alerts")

    assert "#aid-alerts is no longer subscribed" in harness.admin.presses(answer, "Send again").text
    assert "Send again" not in buttons(channel_log(harness))
    assert state(harness, delivery_id) == DeliveryState.FAILED


def test_resend_to_a_blocked_channel_waits(harness: BotHarness) -> None:
    refused_alert(harness)
    harness.slack.kick("#aid-alerts")
    harness.note("two")
    harness.wait(lambda: "paused" in harness.admin.types(LOG).text)

    answer = channel_log(harness)
    assert "Message 1 waits with the others of its channel until you press Resume." in (
        harness.admin.presses(answer, "Send again").text
    )
    harness.admin.presses(answer, "Resume")
    assert ["one" in str(message.blocks) for message in posted(harness)] == [True, False]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_delivery_log_explains_every_reason(harness: BotHarness, language: str) -> None:
    harness.execute(
        f"INSERT INTO people (team_id, user_id, role, language) VALUES ('T0LOOP', 'U0ADMIN', 'member', '{language}')"
    )
    failed(harness)
    for reason in {*REASONS, "strange_code", "ValueError: no words", "HTTP 502"}:
        harness.execute(f"UPDATE deliveries SET reason = '{reason}'")
        over, one = harness.admin.types(LOG).text, channel_log(harness).text

        (line,) = [line for line in over.splitlines() if line.startswith("⚠️")]
        assert line.endswith((".", "`/invite`.", "/invite")), reason
        assert bool(re.search("[가-힣]{2}", line)) == (language == "ko"), reason
        if language == "ko":
            assert "실패 1건" in over
            assert "테스트" in one
            assert not re.search(r"\b(failed|Test|message|waits)\b", over.replace(reason, "") + one.replace(reason, ""))


# -- notices of failures --------------------------------------------------------------------------------------


def test_failures_within_minutes_are_one_notice_per_admin(harness: BotHarness) -> None:
    harness.slack.faults.add(POST, Fault.error("no_text"), times=3, channel=ALERTS)
    harness.note("one", "two", "three")
    harness.wait(lambda: harness.states(ALERTS).count(DeliveryState.FAILED) == 3)
    harness.wait(lambda: not harness.queued())

    for user in ("U0ADMIN", "U0SECOND"):
        (notice,) = harness.slack.direct_messages(user)
        assert "*3 messages could not be sent*" in notice.text
        assert "<#C0ALERTS> · 3 messages · Slack says `no_text`." in notice.text


def test_fault_is_reported_once_not_at_each_try(harness: BotHarness) -> None:
    for fault, notices in (("no_text", 1), ("no_text", 1), ("some_other", 2)):
        harness.slack.faults.add(POST, Fault.error(fault), channel=ALERTS)
        if harness.states(ALERTS):
            harness.admin.presses(channel_log(harness), "Send again")
        else:
            harness.note("one")
        harness.wait(lambda: harness.states(ALERTS) == [DeliveryState.FAILED])

        assert len(harness.direct_messages("U0SECOND")) == notices


# -- what was told by a day --------------------------------------------------------------------------------------


def test_told_lists_what_had_been_sent_by_a_day(harness: BotHarness) -> None:
    """A channel that another project's part went to is left out; what changed since is said, not hidden."""

    def told(typed: str) -> list[str]:
        return [line for line in harness.admin.types(f"/aid-admin told {typed}").text.splitlines() if line]

    assert told("GG-1") == ["No message about GG-1 had been sent by then.", "The delivery record is empty."]
    harness.admin.types("/aid-alerts on group:io", channel="#gyeonggi")
    hold = harness.admin.types("/aid-update GG-1,IO-1 hold by:US on:2026-02-06 as:government")
    harness.admin.presses(hold, "Record")
    harness.alerts()
    harness.clock.forward(days=1)
    harness.admin.presses(harness.admin.types("/aid-update #6 retract"), "Record")
    harness.alerts()
    harness.clock.forward(days=3)

    head, first = told("gg1 2026-02-10")
    assert head == "GG-1: 1 message sent by 2026-02-10 (end of the day, New York)"
    assert first.endswith("#aid-alerts · Alert · #6 2026-02-06 — Hold (United States) · retracted since: #7")
    _, alert, *changes = told("GG-1 2026년 2월 11일")
    assert "since" not in alert
    assert [line.split(" · ")[1:3] for line in changes] == [
        ["#aid-alerts", kind] for kind in ("Message edit", "Thread reply")
    ]
    assert sorted(line.split(" · ")[1] for line in told("IO-1 2026-02-10")[1:]) == ["#aid-alerts", "#gyeonggi"]
    assert "begins: " in told("GG-1 2026-02-09")[1]
    assert "is in the future" in told("GG-1 2029")[0]
    assert "There is no project “GG-99”." in told("GG-99")[0]


def test_told_follows_a_digest_to_its_edit(harness: BotHarness) -> None:
    harness.admin.types("/aid-alerts set digest:daily@09:00 zone:Asia/Seoul", channel="#aid-alerts")
    harness.note("first")
    assert "No message" in harness.admin.types("/aid-admin told GG-1").text
    harness.tick(days=1)
    harness.alerts()
    assert "Alert · #6 Note" in harness.admin.types("/aid-admin told GG-1").text
    harness.clock.forward(days=1)
    harness.admin.types("/aid-update #6 retract")
    harness.alerts()
    assert "#6 Note · retracted since: #7" in harness.admin.types("/aid-admin told GG-1 2026-02-11").text
    assert "Message edit · #7 2026-02-12 — Retraction of #6" in harness.admin.types("/aid-admin told GG-1").text
