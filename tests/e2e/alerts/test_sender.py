"""The sender against a Slack emulator that does everything a Slack can do wrong."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.sender.dispatcher import Sender
from bot.sender.settings import SenderSettings
from bot.slack_emulator.faults import Fault
from db.database import Database
from db.domain.dates import parse_date
from db.models import ChangeSet, Delivery, Subscription, UpdateRow
from db.outbox.claim import Lease, Pace, claim_to_send
from db.outbox.deliveries import AGAIN, DeliveryKind, DeliveryState, resume, resume_team
from tests.support.sender_harness import PATIENT, QUICK, Scene, scene_with
from tests.support.sender_rows import CHANNEL, TEAM, add_subscription, all_rows

POST, UPDATE = "chat.postMessage", "chat.update"
HISTORY, REPLIES = "conversations.history", "conversations.replies"


@pytest.fixture
def scene(database: Database) -> Iterator[Scene]:
    with scene_with(database) as made:
        yield made


only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


# -- what is sent ---------------------------------------------------------------------------------------


def test_a_message_carries_its_metadata_and_its_place_is_stored(scene):
    row_id = scene.add(update_id=some_update(scene.database))
    with scene.sending():
        scene.wait_state(DeliveryState.SENT, row_id)
    (message,), row = scene.messages(), scene.row(row_id)
    assert (message.ts, message.channel) == (row.ts, row.channel_id)
    assert message.metadata == {
        "event_type": "aid_update",
        "event_payload": {"delivery": str(row_id), "update": str(row.update_id)},
    }
    assert message.blocks


def some_update(database: Database) -> int:
    now = datetime.now(UTC)
    with database.writing() as session:
        act = ChangeSet(key="k", fingerprint="f", team_id=TEAM, user_id="U0ADMIN", origin="test", recorded_at=now)
        session.add(act)
        session.flush()
        update = UpdateRow(
            act_id=act.id,
            team_id=TEAM,
            kind="note",
            actor="unstated",
            effective_day=date(2026, 2, 7),
            happened=parse_date("2026-02-05"),
            confidence="press",
            note="",
            recorded_by="U0ADMIN",
            recorded_at=now,
        )
        session.add(update)
        session.flush()
        return update.id


@only_sqlite
def test_a_row_without_an_update_names_none(scene):
    row_id = scene.add(kind=DeliveryKind.TEST)
    with scene.sending():
        scene.wait_state(DeliveryState.SENT, row_id)
    assert scene.messages()[0].metadata["event_payload"] == {"delivery": str(row_id)}


@only_sqlite
def test_a_notice_is_a_direct_message(scene):
    row_id = scene.add(kind=DeliveryKind.NOTICE, channel_id="U0MEMBER", about={"text": "blocked"})
    with scene.sending():
        scene.wait_state(DeliveryState.SENT, row_id)
    (message,) = scene.slack.direct_messages("U0MEMBER")
    assert (message.text, scene.row(row_id).about["posted_in"]) == ("blocked", message.channel)


@only_sqlite
def test_an_edit_changes_the_message_and_a_note_answers_it(scene):
    alert = scene.add()
    edit = scene.add(kind=DeliveryKind.EDIT, changes_id=alert, about={"text": "corrected"})
    note = scene.add(kind=DeliveryKind.THREAD_NOTE, changes_id=alert, about={"text": "what changed"})
    with scene.sending():
        scene.wait_state(DeliveryState.SENT, alert, edit, note)
    message, reply = scene.messages()
    assert (message.text, message.ts) == ("corrected", scene.row(alert).ts)
    assert message.metadata["event_payload"] == {"delivery": str(alert)}
    assert (reply.text, reply.thread_ts) == ("what changed", message.ts)
    assert scene.row(note).thread_ts == message.ts
    assert len(scene.slack.calls(UPDATE)) == 1


@only_sqlite
@pytest.mark.parametrize("kind", [DeliveryKind.EDIT, DeliveryKind.THREAD_NOTE])
@pytest.mark.parametrize("gone", [DeliveryState.CANCELLED, DeliveryState.FAILED])
def test_what_belongs_to_a_message_that_never_was_is_cancelled(scene, kind, gone):
    alert = scene.add(state=gone)
    row_id = scene.add(kind=kind, changes_id=alert)
    orphan = scene.add(kind=kind)
    with scene.sending():
        scene.wait_state(DeliveryState.CANCELLED, row_id, orphan)
    assert gone in scene.row(row_id).reason
    assert scene.slack.calls() == []


@only_sqlite
def test_what_belongs_to_a_blocked_message_is_blocked_with_it(scene):
    alert = scene.add(state=DeliveryState.BLOCKED, reason="is_archived")
    edit, other = scene.add(kind=DeliveryKind.EDIT, changes_id=alert), scene.add()
    with scene.sending():
        scene.wait_state(DeliveryState.SENT, other)
    assert (scene.row(edit).state, scene.row(edit).reason) == (DeliveryState.BLOCKED, "is_archived")


def test_a_channel_gets_its_messages_in_order_and_others_do_not_wait(scene):
    places = [f"C{number % 3}" for number in range(15)]
    ids = [scene.add(channel_id=place, about={"text": str(number)}) for number, place in enumerate(places)]
    scene.slack.faults.add(POST, Fault.rate_limit(1), channel="C0")
    with scene.sending():
        scene.wait_state(DeliveryState.SENT, *ids)
    for channel in range(3):
        assert scene.texts(f"C{channel}") == [str(number) for number in range(channel, 15, 3)]


@only_sqlite
def test_what_is_told_to_several_channels_at_once_is_worded_once(scene):
    ids = [scene.add(channel_id=f"C{number}") for number in range(3)]
    korean = scene.add(channel_id="C3", language="ko")
    with scene.sending():
        scene.wait_state(DeliveryState.SENT, *ids, korean)
    assert [row_id for row_id, *_ in scene.composed] == [ids[0], korean]
    assert [scene.texts(f"C{number}") for number in range(4)] == [["one decision"]] * 4


@only_sqlite
def test_at_the_shipped_pace_slack_refuses_nothing(scene):
    scene.slack.limits.pace = True
    ids = [scene.add() for _ in range(3)]
    with scene.sending(SenderSettings()):
        scene.wait_state(DeliveryState.SENT, *ids)
    assert all(call.ok for call in scene.slack.calls(POST))


@only_sqlite
def test_a_wake_sends_at_once(scene):
    with scene.sending(replace(QUICK, poll_seconds=3600)) as sender:
        scene.wait(lambda: sender.last_round is not None)
        row_id = scene.add()
        sender.wake()
        scene.wait_state(DeliveryState.SENT, row_id)


@only_sqlite
def test_a_row_is_found_without_a_wake(scene):
    with scene.sending() as sender:
        scene.wait(lambda: sender.last_round is not None)
        row_id = scene.add()
        scene.wait_state(DeliveryState.SENT, row_id)


# -- what Slack does wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.rate_limit(1), Fault.error("ratelimited")], ids=["429", "error"])
@only_sqlite
def test_too_many_requests_puts_one_row_off_and_no_other(scene, fault):
    scene.slack.faults.add(POST, fault, channel=CHANNEL)
    late, others = scene.add(), [scene.add(channel_id=f"C{number}") for number in range(3)]
    with scene.sending(replace(PATIENT, workers=1)):
        scene.wait_state(DeliveryState.SENT, late, *others)
    assert (scene.row(late).attempts, len(scene.messages())) == (2, 1)
    assert all(scene.row(late).sent_at >= scene.row(other).sent_at for other in others)
    assert scene.slack.calls(HISTORY) == []


BEFORE = [
    Fault.http(500),
    Fault.http(503),
    Fault.drop_before(),
    Fault.malformed_before(),
    Fault.error("internal_error"),
    Fault.error("fatal_error"),
    Fault.error("service_unavailable"),
    Fault.error("request_timeout"),
]
AFTER = [Fault.drop_after(), Fault.malformed(), Fault.delay(2)]


def named(fault: Fault) -> str:
    return f"{fault.when}-{fault.code}"


@only_sqlite
@pytest.mark.parametrize("fault", BEFORE + AFTER, ids=named)
@pytest.mark.parametrize("kind", [DeliveryKind.ALERT, DeliveryKind.THREAD_NOTE, DeliveryKind.NOTICE])
def test_whatever_happens_to_a_message_it_stands_there_once(scene, fault, kind):
    parent = scene.add()
    with scene.sending():
        scene.wait_state(DeliveryState.SENT, parent)
    scene.slack.faults.add(POST, fault)
    person = kind == DeliveryKind.NOTICE
    row_id = scene.add(
        kind=kind,
        changes_id=None if person else parent,
        about={"text": "once"},
        channel_id="U0MEMBER" if person else CHANNEL,
    )
    with scene.sending():
        scene.wait_state(DeliveryState.SENT, row_id)
    found = scene.slack.direct_messages("U0MEMBER") if person else scene.messages()[1:]
    assert [message.text for message in found] == ["once"]
    row = scene.row(row_id)
    assert (found[0].ts, found[0].thread_ts) == (row.ts, row.thread_ts)
    assert len(scene.slack.calls(REPLIES if kind == DeliveryKind.THREAD_NOTE else HISTORY)) == 1
    assert row.about.get("possible_repeat") is None


@only_sqlite
def test_a_message_that_slack_takes_after_the_time_out_is_waited_for(scene):
    scene.slack.faults.add(POST, Fault.delay_before(1.2))
    row_id = scene.add()
    with scene.sending(replace(QUICK, settle_seconds=1.5)):
        scene.wait_state(DeliveryState.SENT, row_id)
    assert len(scene.messages()) == 1


@only_sqlite
@pytest.mark.parametrize("fault", [Fault.http(503), Fault.drop_after()], ids=named)
def test_an_uncertain_edit_is_done_again(scene, fault):
    alert = scene.add()
    edit = scene.add(kind=DeliveryKind.EDIT, changes_id=alert, about={"text": "corrected"})
    scene.slack.faults.add(UPDATE, fault)
    with scene.sending():
        scene.wait_state(DeliveryState.SENT, alert, edit)
    assert scene.texts() == ["corrected"]
    assert len(scene.slack.calls(UPDATE)) == 2
    assert scene.slack.calls(HISTORY) == []


@only_sqlite
def test_the_history_is_read_page_by_page(scene):
    scene.slack.faults.add(POST, Fault.drop_after())
    row_id = scene.add()
    with scene.sending(replace(QUICK, settle_seconds=1.0)):
        scene.wait(lambda: bool(scene.messages()))
        for number in range(230):
            scene.slack.store.post(CHANNEL, "U0MEMBER", text=f"talk {number}")
        scene.wait_state(DeliveryState.SENT, row_id)
    assert len(scene.slack.calls(HISTORY)) == 2
    assert scene.texts().count("one decision") == 1


@only_sqlite
@pytest.mark.parametrize(
    "trouble", [Fault.http(503), Fault.rate_limit(1), Fault.malformed(), Fault.drop_before()], ids=named
)
def test_a_history_that_does_not_answer_is_asked_again(scene, trouble):
    scene.slack.faults.add(POST, Fault.drop_after())
    scene.slack.faults.add(HISTORY, trouble)
    row_id = scene.add()
    with scene.sending():
        scene.wait_state(DeliveryState.SENT, row_id)
    assert (len(scene.messages()), len(scene.slack.calls(HISTORY))) == (1, 2)


@only_sqlite
@pytest.mark.parametrize("code", ["missing_scope", "channel_not_found", "not_in_channel", "method_deprecated"])
def test_an_unreadable_history_posts_again_and_says_so(scene, code):
    scene.slack.faults.add(POST, Fault.drop_after())
    scene.slack.faults.add(HISTORY, Fault.error(code))
    row_id = scene.add()
    with scene.sending():
        scene.wait_state(DeliveryState.SENT, row_id)
    assert len(scene.messages()) == 2
    assert scene.composed == [(row_id, False, False), (row_id, False, True)]
    assert scene.row(row_id).about["text"] == "one decision"


@only_sqlite
def test_an_unreadable_history_fails_the_row_where_that_is_set(scene):
    scene.slack.faults.add(POST, Fault.drop_after())
    scene.slack.faults.add(HISTORY, Fault.error("missing_scope"))
    row_id = scene.add()
    with scene.sending(replace(QUICK, repeat_when_unreadable=False)):
        scene.wait_state(DeliveryState.FAILED, row_id)
        scene.wait(lambda: len(scene.slack.direct_messages("U0ADMIN")) == 1)
    assert len(scene.messages()) == 1
    assert "missing_scope" in scene.row(row_id).reason


@only_sqlite
def test_what_a_person_sends_again_goes_out_though_nobody_can_look(scene):
    scene.slack.faults.add(HISTORY, Fault.error("missing_scope"))
    row_id = scene.add(about={AGAIN: True}, state=DeliveryState.UNCERTAIN)
    with scene.sending(replace(QUICK, repeat_when_unreadable=False)):
        scene.wait_state(DeliveryState.SENT, row_id)
    assert scene.composed == [(row_id, False, True)]


@only_sqlite
@pytest.mark.parametrize("code", ["not_in_channel", "is_archived", "channel_not_found", "restricted_action"])
def test_a_blocked_channel_loses_nothing_and_goes_on_in_order(scene, code):
    mine = add_subscription(scene.database)
    ids = [scene.add(about={"text": str(number)}) for number in range(3)]
    scene.slack.faults.add(POST, Fault.error(code), channel=CHANNEL)
    with scene.sending() as sender:
        scene.wait_state(DeliveryState.BLOCKED, *ids)
        scene.wait(lambda: len(scene.slack.direct_messages("U0MEMBER")) == 1)
        with scene.database.writing() as session:
            assert session.get_one(Subscription, mine).blocked == code
            assert resume(session, TEAM, CHANNEL, datetime.now(UTC)) == 3
        sender.wake()
        scene.wait_state(DeliveryState.SENT, *ids)
    assert scene.texts() == ["0", "1", "2"]
    assert len(scene.slack.direct_messages("U0MEMBER")) == 1


@only_sqlite
def test_a_channel_that_put_the_bot_out_blocks(scene):
    scene.slack.kick(CHANNEL)
    row_id = scene.add()
    with scene.sending():
        scene.wait_state(DeliveryState.BLOCKED, row_id)
        assert scene.row(row_id).reason == "not_in_channel"


@only_sqlite
@pytest.mark.parametrize("code", ["token_revoked", "invalid_auth", "account_inactive", "not_authed", "token_expired"])
def test_a_dead_token_blocks_the_workspace_and_tells_nobody(scene, code):
    add_subscription(scene.database)
    scene.slack.faults.add(POST, Fault.error(code))
    ids = [scene.add(), scene.add()]
    with scene.sending(replace(QUICK, workers=1)):
        scene.wait_state(DeliveryState.BLOCKED, *ids)
    assert {scene.row(row_id).reason for row_id in ids} == {code}
    assert len(all_rows(scene.database)) == len(ids)
    with scene.database.writing() as session:
        assert resume_team(session, TEAM, datetime.now(UTC)) == 2
    with scene.sending():
        scene.wait_state(DeliveryState.SENT, *ids)


@only_sqlite
def test_a_workspace_without_a_token_is_blocked(scene):
    row_id, other = scene.add(team_id="T0UNKNOWN"), scene.add()
    with scene.sending():
        scene.wait_state(DeliveryState.BLOCKED, row_id)
        scene.wait_state(DeliveryState.SENT, other)


@only_sqlite
@pytest.mark.parametrize("code", ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"])
def test_bad_blocks_go_out_as_plain(scene, code):
    scene.slack.faults.add(POST, Fault.error(code))
    row_id = scene.add()
    with scene.sending():
        scene.wait_state(DeliveryState.SENT, row_id)
    (message,) = scene.messages()
    assert (message.text, message.blocks) == ("one decision", ())
    assert scene.composed == [(row_id, False, False), (row_id, True, False)]


@only_sqlite
def test_what_is_bad_twice_fails_and_an_admin_is_told(scene):
    scene.slack.faults.add(POST, Fault.error("invalid_blocks"), times=2)
    row_id, following = scene.add(), scene.add(about={"text": "next"})
    with scene.sending():
        scene.wait_state(DeliveryState.FAILED, row_id)
        scene.wait_state(DeliveryState.SENT, following)
        scene.wait(lambda: len(scene.slack.direct_messages("U0ADMIN")) == 1)
    assert scene.texts() == ["next"]


@only_sqlite
def test_words_that_cannot_be_found_fail_the_row_alone(scene):
    row_id, following = scene.add(about={"text": "raise"}), scene.add(about={"text": "next"})
    with scene.sending():
        scene.wait_state(DeliveryState.FAILED, row_id)
        scene.wait_state(DeliveryState.SENT, following)
        scene.wait(lambda: len(scene.slack.direct_messages("U0ADMIN")) == 1)
    assert scene.row(row_id).reason == "ValueError: no words"


@only_sqlite
def test_any_other_error_fails_and_a_failed_notice_tells_nobody(scene):
    scene.slack.faults.add(POST, Fault.error("no_such_thing"), channel=CHANNEL)
    scene.slack.faults.add(POST, Fault.error("no_such_thing"), channel="U0ADMIN")
    row_id = scene.add()
    with scene.sending():
        scene.wait(lambda: [row.state for row in all_rows(scene.database)] == [DeliveryState.FAILED] * 2)
    assert scene.row(row_id).reason == "no_such_thing"


# -- what happens to the sender -------------------------------------------------------------------------


@pytest.mark.parametrize("posted", [True, False])
def test_a_killed_sender_s_row_is_sent_once_by_another(scene, posted):
    row_id = scene.add(about={"text": "first"})
    second = scene.add(about={"text": "second"})
    with scene.database.writing() as session:
        lease = Lease("killed", datetime.now(UTC), QUICK.lease)
        (claim,) = claim_to_send(session, lease, Pace(timedelta(0), None), 1)
    assert claim.id == row_id
    if posted:
        metadata = {"event_type": "aid_update", "event_payload": {"delivery": str(row_id)}}
        scene.slack.store.post(CHANNEL, scene.slack.app.bot_user, text="first", metadata=metadata)
    with scene.sending():
        scene.wait_state(DeliveryState.SENT, row_id, second)
    assert scene.texts() == ["first", "second"]
    assert scene.row(row_id).attempts == (1 if posted else 2)


def test_two_senders_on_one_database_send_each_row_once(scene):
    ids = [scene.add(channel_id=f"C{number % 8}", about={"text": str(number)}) for number in range(48)]
    for fault in (Fault.drop_after(), Fault.rate_limit(1), Fault.http(503)):
        scene.slack.faults.add(POST, fault)
    with scene.sending(senders=2):
        scene.wait_state(DeliveryState.SENT, *ids)
    for channel in range(8):
        assert scene.texts(f"C{channel}") == [str(number) for number in range(channel, 48, 8)]


def test_a_result_that_cannot_be_stored_is_found_in_the_history(scene, caplog):
    row_id = scene.add()
    scene.slack.faults.add(POST, Fault.delay(0.5))
    with scene.sending():
        scene.wait(lambda: bool(scene.messages()))
        rename(scene.database, "deliveries", "elsewhere")
        scene.wait(lambda: "left to the end of its lease" in caplog.text)
        rename(scene.database, "elsewhere", "deliveries")
        scene.wait_state(DeliveryState.SENT, row_id)
    assert len(scene.messages()) == 1
    assert scene.row(row_id).ts == scene.messages()[0].ts


def rename(database: Database, old: str, new: str) -> None:
    with database.writing() as session:
        session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


@only_sqlite
def test_a_stop_waits_for_what_is_under_way(scene):
    scene.slack.faults.add(POST, Fault.delay(0.3))
    row_id = scene.add()
    sender = Sender(scene.context(PATIENT))
    sender.start()
    scene.wait(lambda: bool(scene.messages()))
    assert sender.stop(10)
    assert scene.row(row_id).state == DeliveryState.SENT
    assert not sender.alive


@only_sqlite
def test_a_stop_gives_back_what_waits_for_a_worker(scene):
    ids = some_ahead(scene, Fault.delay(0.5))
    sender = Sender(scene.context(ONE_WORKER))
    sender.start()
    scene.wait(lambda: scene.states(*ids).count(DeliveryState.SENDING) == 3)
    assert sender.stop(10)
    assert set(scene.states(*ids)) == {DeliveryState.SENT, DeliveryState.PENDING}
    with scene.sending():
        scene.wait_state(DeliveryState.SENT, *ids)
    assert [len(scene.messages(f"C{number}")) for number in range(5)] == [1] * 5


@only_sqlite
def test_what_waited_too_long_for_a_worker_begins_no_request(scene, caplog):
    caplog.set_level("INFO")
    ids = some_ahead(scene, Fault.delay(0.9))
    with scene.sending(replace(ONE_WORKER, lease_seconds=2.5, timeout_seconds=1.0)):
        scene.wait_state(DeliveryState.SENT, *ids)
    assert "the lease would have ended before the request" in caplog.text
    assert scene.slack.calls(HISTORY) == []
    assert [len(scene.messages(f"C{number}")) for number in range(5)] == [1] * 5


ONE_WORKER = replace(PATIENT, workers=1)


def some_ahead(scene: Scene, fault: Fault) -> list[int]:
    """Five rows for one worker: the first goes quickly, so that others are taken ahead; three of those take long."""
    for number in (1, 2, 3):
        scene.slack.faults.add(POST, fault, channel=f"C{number}")
    return [scene.add(channel_id=f"C{number}") for number in range(5)]


@only_sqlite
def test_a_row_that_cannot_be_stored_keeps_no_other(scene, caplog):
    with scene.database.writing() as session:
        session.execute(
            text(
                "CREATE TRIGGER refuse BEFORE UPDATE ON deliveries WHEN NEW.state = 'sent' AND NEW.channel_id = 'C1' "
                "BEGIN SELECT RAISE(ABORT, 'not this one'); END"
            )
        )
    for number in range(3):
        scene.slack.faults.add(POST, Fault.delay(0.3), channel=f"C{number}")
    ids = [scene.add(channel_id=f"C{number}") for number in range(3)]
    with scene.sending():
        scene.wait_state(DeliveryState.SENT, ids[0], ids[2])
        scene.wait(lambda: f"delivery {ids[1]}: not settled, left to the end of its lease" in caplog.text)
        with scene.database.writing() as session:
            session.execute(text("DROP TRIGGER refuse"))
        scene.wait_state(DeliveryState.SENT, *ids)
    assert [len(scene.messages(f"C{number}")) for number in range(3)] == [1] * 3


def test_no_transaction_is_open_while_slack_is_asked(scene):
    row_id, seen = scene.add(), []

    def write() -> None:  # called while the request is answered; it would wait in vain for a lock of the sender's
        with scene.database.writing() as session:
            row = session.get_one(Delivery, row_id, with_for_update=True)
            row.about = {**row.about, "seen": True}
            seen.append(row.state)

    forget = scene.slack.store.watch(write)
    with scene.sending(PATIENT):
        scene.wait_state(DeliveryState.SENT, row_id)
    forget()
    assert seen == [DeliveryState.SENDING]
    assert scene.row(row_id).about["seen"]


@pytest.mark.parametrize("wrong", [{"timeout_seconds": 12}, {"workers": 0}, {"poll_seconds": 0}])
def test_settings_that_cannot_work_are_refused(wrong):
    with pytest.raises(ValueError, match=r"lease|sender"):
        SenderSettings(**wrong)
