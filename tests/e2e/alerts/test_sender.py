"""The sender against an emulator with every fault of Slack."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.sender.dispatcher import Sender
from bot.sender.settings import SenderSettings
from bot.slack_emulator.faults import Fault
from db.database import Database
from db.models import Delivery
from db.outbox.claim import Lease, Pace, claim_to_send
from db.outbox.deliveries import AGAIN, DeliveryKind, DeliveryState, resume_team
from tests.support.proposals import add_projects, say
from tests.support.sender_harness import PATIENT, QUICK, SenderHarness, open_sender_harness
from tests.support.sender_rows import CHANNEL, TEAM, add_subscription, all_rows

POST, UPDATE = "chat.postMessage", "chat.update"
HISTORY, REPLIES = "conversations.history", "conversations.replies"


@pytest.fixture
def harness(request: pytest.FixtureRequest) -> Iterator[SenderHarness]:
    """A sender on SQLite, for a test of ``both_databases`` on PostgreSQL, too."""
    database = Database(request.getfixturevalue(getattr(request, "param", "sqlite_url")))
    with open_sender_harness(database) as made:
        yield made
    database.close()


both_databases = pytest.mark.parametrize("harness", ["sqlite_url", "postgres_url"], indirect=True)


# -- what is sent ---------------------------------------------------------------------------------------


@both_databases
def test_message_has_metadata_and_its_ts_is_stored(harness):
    row_id = harness.add(update_id=some_update(harness.database))
    harness.deliver(row_id)
    (message,), row = harness.messages(), harness.row(row_id)
    assert (message.ts, message.channel) == (row.ts, row.channel_id)
    assert message.metadata == {
        "event_type": "aid_update",
        "event_payload": {"delivery": str(row_id), "update": str(row.update_id)},
    }
    assert message.blocks


def some_update(database: Database) -> int:
    add_projects(database, "GG-1")
    return say(database, "GG-1 note seen").main.number


def test_edit_and_thread_note_follow_their_message(harness):
    alert = harness.add()
    edit = harness.add(kind=DeliveryKind.EDIT, changes_id=alert, about={"text": "corrected"})
    note = harness.add(kind=DeliveryKind.THREAD_NOTE, changes_id=alert, about={"text": "what changed"})
    harness.deliver(alert, edit, note)
    message, reply = harness.messages()
    assert (message.text, message.ts) == ("corrected", harness.row(alert).ts)
    assert message.metadata["event_payload"] == {"delivery": str(alert)}
    assert (reply.text, reply.thread_ts) == ("what changed", message.ts)
    assert harness.row(note).thread_ts == message.ts
    assert len(harness.slack.calls(UPDATE)) == 1


@pytest.mark.parametrize("fault", [None, Fault.drop_after()], ids=["answered", "answer lost"])
def test_edit_of_a_deleted_message_is_posted_anew_once(harness, fault):
    """What follows edits and answers the new message."""
    alert = harness.add()
    harness.deliver(alert)
    harness.slack.store.remove(harness.messages()[0])
    if fault:
        harness.slack.faults.add(POST, fault)
    edit = harness.add(kind=DeliveryKind.EDIT, changes_id=alert, about={"text": "corrected"})
    note = harness.add(kind=DeliveryKind.THREAD_NOTE, changes_id=alert, about={"text": "what changed"})
    harness.deliver(edit, note)
    message, reply = harness.messages()
    assert (message.text, message.thread_ts, reply.text, reply.thread_ts) == (
        *("corrected", None),
        *("what changed", message.ts),
    )
    again = harness.add(kind=DeliveryKind.EDIT, changes_id=alert, about={"text": "corrected again"})
    harness.deliver(again)
    assert harness.texts() == ["corrected again", "what changed"]


@pytest.mark.parametrize("lands", [True, False])
@pytest.mark.parametrize("fault", [None, Fault.drop_after()], ids=["answered", "answer lost"])
def test_thread_without_its_first_message_goes_on_in_the_channel(harness, lands, fault):
    """Slack posts the reply in the channel without a word, or refuses it; the next replies to it."""
    about = {"threading": "thread", "projects": [1]}
    first = harness.add(project_id=1, about={**about, "text": "first"})
    harness.deliver(first)
    harness.slack.store.remove(harness.messages()[0])
    harness.slack.limits.lost_threads_land = lands
    if fault and lands:
        harness.slack.faults.add(POST, fault)
    second, third = (harness.add(project_id=1, about={**about, "text": text}) for text in ("second", "third"))
    harness.deliver(second, third)
    head, reply = harness.messages()
    assert (head.text, head.thread_ts, reply.text, reply.thread_ts) == ("second", None, "third", head.ts)
    assert [harness.row(each).thread_ts for each in (second, third)] == [None, head.ts]


@pytest.mark.parametrize("kind", [DeliveryKind.EDIT, DeliveryKind.THREAD_NOTE])
@pytest.mark.parametrize("state", [DeliveryState.CANCELLED, DeliveryState.FAILED])
def test_edit_of_an_unsent_message_is_cancelled(harness, kind, state):
    alert = harness.add(state=state)
    row_id = harness.add(kind=kind, changes_id=alert)
    orphan = harness.add(kind=kind)
    harness.deliver(row_id, orphan, state=DeliveryState.CANCELLED)
    assert state in harness.row(row_id).reason
    assert harness.slack.calls() == []


def test_edit_of_a_blocked_message_is_blocked(harness):
    alert = harness.add(state=DeliveryState.BLOCKED, reason="is_archived")
    edit, other = harness.add(kind=DeliveryKind.EDIT, changes_id=alert), harness.add()
    harness.deliver(other)
    assert (harness.row(edit).state, harness.row(edit).reason) == (DeliveryState.BLOCKED, "is_archived")


@both_databases
def test_channel_order_delays_no_other_channel(harness):
    places = [f"C{number % 3}" for number in range(15)]
    ids = [harness.add(channel_id=place, about={"text": str(number)}) for number, place in enumerate(places)]
    harness.slack.faults.add(POST, Fault.rate_limit(1), channel="C0")
    harness.deliver(*ids)
    for channel in range(3):
        assert harness.texts(f"C{channel}") == [str(number) for number in range(channel, 15, 3)]


def test_message_for_many_channels_is_rendered_once(harness):
    ids = [harness.add(channel_id=f"C{number}") for number in range(3)]
    korean = harness.add(channel_id="C3", language="ko")
    harness.deliver(*ids, korean)
    assert [row_id for row_id, *_ in harness.composed] == [ids[0], korean]
    assert [harness.texts(f"C{number}") for number in range(4)] == [["one decision"]] * 4


def test_default_pace_stays_below_slacks_limits(harness):
    harness.slack.limits.pace = True
    ids = [harness.add() for _ in range(3)]
    harness.deliver(*ids, settings=SenderSettings())
    assert all(call.ok for call in harness.slack.calls(POST))


def test_wake_sends_at_once(harness):
    with harness.sending(replace(QUICK, poll_seconds=3600)) as sender:
        harness.wait(lambda: sender.last_round is not None)
        row_id = harness.add()
        sender.wake()
        harness.wait_state(DeliveryState.SENT, row_id)


def test_poll_finds_a_row_without_a_wake(harness):
    with harness.sending() as sender:
        harness.wait(lambda: sender.last_round is not None)
        row_id = harness.add()
        harness.wait_state(DeliveryState.SENT, row_id)


# -- what Slack does wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.rate_limit(1), Fault.error("ratelimited")], ids=["429", "error"])
def test_rate_limit_delays_only_its_row(harness, fault):
    harness.slack.faults.add(POST, fault, channel=CHANNEL)
    late, others = harness.add(), [harness.add(channel_id=f"C{number}") for number in range(3)]
    harness.deliver(late, *others, settings=replace(PATIENT, workers=1))
    assert (harness.row(late).attempts, len(harness.messages())) == (2, 1)
    assert all(harness.row(late).sent_at >= harness.row(other).sent_at for other in others)
    assert harness.slack.calls(HISTORY) == []


BEFORE = [
    Fault.http(500), Fault.http(503), Fault.drop_before(), Fault.malformed_before(), Fault.error("internal_error"),
    Fault.error("fatal_error"), Fault.error("service_unavailable"), Fault.error("request_timeout"),
]  # fmt: skip
AFTER = [Fault.drop_after(), Fault.malformed(), Fault.delay(2)]


def named(fault: Fault) -> str:
    return f"{fault.when}-{fault.code}"


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        *((DeliveryKind.ALERT, fault) for fault in BEFORE + AFTER),
        *((kind, fault) for kind in (DeliveryKind.THREAD_NOTE, DeliveryKind.NOTICE) for fault in (BEFORE[0], AFTER[0])),
    ],
    ids=lambda value: named(value) if isinstance(value, Fault) else value,
)
def test_message_is_posted_once_under_any_fault(harness, fault, kind):
    parent = harness.add()
    harness.deliver(parent)
    harness.slack.faults.add(POST, fault)
    person = kind == DeliveryKind.NOTICE
    row_id = harness.add(
        kind=kind,
        changes_id=None if person else parent,
        about={"text": "once"},
        channel_id="U0MEMBER" if person else CHANNEL,
    )
    harness.deliver(row_id)
    messages = harness.slack.direct_messages("U0MEMBER") if person else harness.messages()[1:]
    assert [message.text for message in messages] == ["once"]
    row = harness.row(row_id)
    assert (messages[0].ts, messages[0].thread_ts) == (row.ts, row.thread_ts)
    assert len(harness.slack.calls(REPLIES if kind == DeliveryKind.THREAD_NOTE else HISTORY)) == 1
    assert row.about.get("possible_repeat") is None


def test_message_accepted_after_the_timeout_is_found(harness):
    harness.slack.faults.add(POST, Fault.delay_before(0.7))
    row_id = harness.add()
    harness.deliver(row_id, settings=replace(QUICK, timeout_seconds=0.5, settle_seconds=1.0))
    assert len(harness.messages()) == 1


@pytest.mark.parametrize("fault", [Fault.http(503), Fault.drop_after()], ids=named)
def test_uncertain_edit_is_repeated(harness, fault):
    alert = harness.add()
    edit = harness.add(kind=DeliveryKind.EDIT, changes_id=alert, about={"text": "corrected"})
    harness.slack.faults.add(UPDATE, fault)
    harness.deliver(alert, edit)
    assert harness.texts() == ["corrected"]
    assert len(harness.slack.calls(UPDATE)) == 2
    assert harness.slack.calls(HISTORY) == []


def test_reconcile_reads_the_history_page_by_page(harness):
    harness.slack.faults.add(POST, Fault.drop_after())
    row_id = harness.add()
    with harness.sending(replace(QUICK, settle_seconds=1.0)):
        harness.wait(lambda: bool(harness.messages()))
        for number in range(230):
            harness.slack.store.post(CHANNEL, "U0MEMBER", text=f"talk {number}")
        harness.wait_state(DeliveryState.SENT, row_id)
    assert len(harness.slack.calls(HISTORY)) == 2
    assert harness.texts().count("one decision") == 1


@pytest.mark.parametrize(
    "trouble", [Fault.http(503), Fault.rate_limit(1), Fault.malformed(), Fault.drop_before()], ids=named
)
def test_reconcile_retries_a_failed_history_request(harness, trouble):
    harness.slack.faults.add(POST, Fault.drop_after())
    harness.slack.faults.add(HISTORY, trouble)
    row_id = harness.add()
    harness.deliver(row_id)
    assert (len(harness.messages()), len(harness.slack.calls(HISTORY))) == (1, 2)


@pytest.mark.parametrize("code", ["missing_scope", "channel_not_found", "not_in_channel", "method_deprecated"])
def test_unreadable_history_posts_a_marked_repeat(harness, code):
    harness.slack.faults.add(POST, Fault.drop_after())
    harness.slack.faults.add(HISTORY, Fault.error(code))
    row_id = harness.add()
    harness.deliver(row_id)
    assert len(harness.messages()) == 2
    assert harness.composed == [(row_id, False, False), (row_id, False, True)]
    assert harness.row(row_id).about["text"] == "one decision"


def test_unreadable_history_fails_the_row_if_configured(harness):
    harness.slack.faults.add(POST, Fault.drop_after())
    harness.slack.faults.add(HISTORY, Fault.error("missing_scope"))
    row_id = harness.add()
    with harness.sending(replace(QUICK, repeat_when_unreadable=False)):
        harness.wait_state(DeliveryState.FAILED, row_id)
        harness.wait(lambda: len(harness.slack.direct_messages("U0ADMIN")) == 1)
    assert len(harness.messages()) == 1
    assert "missing_scope" in harness.row(row_id).reason


def test_resend_posts_despite_an_unreadable_history(harness):
    harness.slack.faults.add(HISTORY, Fault.error("missing_scope"))
    row_id = harness.add(about={AGAIN: True}, state=DeliveryState.UNCERTAIN)
    harness.deliver(row_id, settings=replace(QUICK, repeat_when_unreadable=False))
    assert harness.composed == [(row_id, False, True)]


@pytest.mark.parametrize("code", ["token_revoked", "invalid_auth", "account_inactive", "not_authed", "token_expired"])
def test_dead_token_blocks_the_workspace_silently(harness, code):
    add_subscription(harness.database)
    harness.slack.faults.add(POST, Fault.error(code))
    ids = [harness.add(), harness.add()]
    harness.deliver(*ids, state=DeliveryState.BLOCKED, settings=replace(QUICK, workers=1))
    assert {harness.row(row_id).reason for row_id in ids} == {code}
    assert len(all_rows(harness.database)) == len(ids)
    with harness.database.writing() as session:
        assert resume_team(session, TEAM, datetime.now(UTC)) == 2
    harness.deliver(*ids)


def test_workspace_without_a_token_is_blocked(harness):
    row_id, other = harness.add(team_id="T0UNKNOWN"), harness.add()
    with harness.sending():
        harness.wait_state(DeliveryState.BLOCKED, row_id)
        harness.wait_state(DeliveryState.SENT, other)


@pytest.mark.parametrize("code", ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"])
def test_invalid_blocks_are_sent_as_text(harness, code):
    harness.slack.faults.add(POST, Fault.error(code))
    row_id = harness.add()
    harness.deliver(row_id)
    (message,) = harness.messages()
    assert (message.text, message.blocks) == ("one decision", ())
    assert harness.composed == [(row_id, False, False), (row_id, True, False)]


@pytest.mark.parametrize(("text", "reason"), [("refused", "invalid_blocks"), ("raise", "ValueError: no words")])
def test_message_that_cannot_be_sent_fails_alone_with_a_notice(harness, text, reason):
    if text == "refused":  # as blocks, and as text
        harness.slack.faults.add(POST, Fault.error(reason), times=2)
    row_id, following = harness.add(about={"text": text}), harness.add(about={"text": "next"})
    with harness.sending():
        harness.wait_state(DeliveryState.FAILED, row_id)
        harness.wait_state(DeliveryState.SENT, following)
        harness.wait(lambda: len(harness.slack.direct_messages("U0ADMIN")) == 1)
    assert (harness.texts(), harness.row(row_id).reason) == (["next"], reason)


# -- what happens to the sender -------------------------------------------------------------------------


@pytest.mark.parametrize("posted", [True, False])
@both_databases
def test_row_of_a_killed_sender_is_sent_once(harness, posted):
    row_id = harness.add(about={"text": "first"})
    second = harness.add(about={"text": "second"})
    with harness.database.writing() as session:
        lease = Lease("killed", datetime.now(UTC), timedelta(seconds=0.3))
        (claim,) = claim_to_send(session, lease, Pace(timedelta(0), None), 1)
    assert claim.id == row_id
    if posted:
        metadata = {"event_type": "aid_update", "event_payload": {"delivery": str(row_id)}}
        harness.slack.store.post(CHANNEL, harness.slack.app.bot_user, text="first", metadata=metadata)
    harness.deliver(row_id, second)
    assert harness.texts() == ["first", "second"]
    assert harness.row(row_id).attempts == (1 if posted else 2)


@both_databases
def test_two_senders_send_each_row_once(harness):
    ids = [harness.add(channel_id=f"C{number % 8}", about={"text": str(number)}) for number in range(48)]
    for fault in (Fault.drop_after(), Fault.rate_limit(1), Fault.http(503)):
        harness.slack.faults.add(POST, fault)
    harness.deliver(*ids, senders=2)
    for channel in range(8):
        assert harness.texts(f"C{channel}") == [str(number) for number in range(channel, 48, 8)]


@both_databases
def test_unstored_outcome_is_found_in_the_history(harness, caplog):
    row_id = harness.add()
    harness.slack.faults.add(POST, Fault.delay(0.5))
    with harness.sending(replace(QUICK, lease_seconds=1.5)):
        harness.wait(lambda: bool(harness.messages()))
        rename(harness.database, "deliveries", "elsewhere")
        harness.wait(lambda: "left to the end of its lease" in caplog.text)
        rename(harness.database, "elsewhere", "deliveries")
        harness.wait_state(DeliveryState.SENT, row_id)
    assert len(harness.messages()) == 1
    assert harness.row(row_id).ts == harness.messages()[0].ts


def rename(database: Database, old: str, new: str) -> None:
    with database.writing() as session:
        session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


def test_stop_waits_for_running_requests(harness):
    harness.slack.faults.add(POST, Fault.delay(0.3))
    row_id = harness.add()
    sender = Sender(harness.context(PATIENT))
    sender.start()
    harness.wait(lambda: bool(harness.messages()))
    assert sender.stop(10)
    assert harness.row(row_id).state == DeliveryState.SENT
    assert not sender.alive


def test_stop_releases_rows_without_a_worker(harness):
    ids = some_ahead(harness, Fault.delay(0.5))
    sender = Sender(harness.context(ONE_WORKER))
    sender.start()
    harness.wait(lambda: harness.states(*ids).count(DeliveryState.SENDING) == 3)
    assert sender.stop(10)
    assert set(harness.states(*ids)) == {DeliveryState.SENT, DeliveryState.PENDING}
    harness.deliver(*ids)
    assert [len(harness.messages(f"C{number}")) for number in range(5)] == [1] * 5


def test_row_with_a_short_lease_is_not_posted(harness, caplog):
    caplog.set_level("INFO")
    ids = some_ahead(harness, Fault.delay(0.9))
    harness.deliver(*ids, settings=replace(ONE_WORKER, lease_seconds=2.5, timeout_seconds=1.0))
    assert "the lease would have ended before the request" in caplog.text
    assert harness.slack.calls(HISTORY) == []
    assert [len(harness.messages(f"C{number}")) for number in range(5)] == [1] * 5


ONE_WORKER = replace(PATIENT, workers=1)


def some_ahead(harness: SenderHarness, fault: Fault) -> list[int]:
    """Queue five rows for one worker: the first is fast, so that others are claimed ahead; three of those are slow."""
    for number in (1, 2, 3):
        harness.slack.faults.add(POST, fault, channel=f"C{number}")
    return [harness.add(channel_id=f"C{number}") for number in range(5)]


def test_settle_error_of_one_row_delays_no_other(harness, caplog):
    with harness.database.writing() as session:
        session.execute(
            text(
                "CREATE TRIGGER refuse BEFORE UPDATE ON deliveries WHEN NEW.state = 'sent' AND NEW.channel_id = 'C1' "
                "BEGIN SELECT RAISE(ABORT, 'not this one'); END"
            )
        )
    for number in range(3):
        harness.slack.faults.add(POST, Fault.delay(0.3), channel=f"C{number}")
    ids = [harness.add(channel_id=f"C{number}") for number in range(3)]
    with harness.sending(replace(QUICK, lease_seconds=1.5)):
        harness.wait_state(DeliveryState.SENT, ids[0], ids[2])
        harness.wait(lambda: f"delivery {ids[1]}: not settled, left to the end of its lease" in caplog.text)
        with harness.database.writing() as session:
            session.execute(text("DROP TRIGGER refuse"))
        harness.wait_state(DeliveryState.SENT, *ids)
    assert [len(harness.messages(f"C{number}")) for number in range(3)] == [1] * 3


@both_databases
def test_no_transaction_is_open_during_a_request(harness, monkeypatch):
    row_id, open_transactions, changed = harness.add(), [], harness.slack.store.changed

    def write() -> None:  # called while the request is answered; it would wait in vain for a lock of the sender's
        changed()
        with harness.database.writing() as session:
            row = session.get_one(Delivery, row_id, with_for_update=True)
            row.about = {**row.about, "seen": True}
            open_transactions.append(row.state)

    monkeypatch.setattr(harness.slack.store, "changed", write)
    harness.deliver(row_id, settings=PATIENT)
    assert open_transactions == [DeliveryState.SENDING]
    assert harness.row(row_id).about["seen"]


@pytest.mark.parametrize("wrong", [{"timeout_seconds": 12}, {"workers": 0}, {"poll_seconds": 0}])
def test_invalid_sender_settings_are_refused(wrong):
    with pytest.raises(ValueError, match=r"lease|sender"):
        SenderSettings(**wrong)
