"""Claiming and settling rows of the outbox, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from db.alerts.resend import resend
from db.audit import Editor
from db.database import Database
from db.maintenance.prune import ROWS_AT_ONCE, prune
from db.models import Delivery, Draft, Notice, Person, ProcessedRequest, Reminder, Subscription
from db.outbox.claim import Claim, Lease, Pace, anything_due, claim_to_reconcile, claim_to_send
from db.outbox.deliveries import (
    DeliveryKind,
    DeliveryState,
    FailureItem,
    cancel,
    counts,
    oldest_pending,
    resume,
    resume_team,
    state_for,
    thread_roots,
)
from db.outbox.notices import MOST_LISTED, failures_in
from db.outbox.settle import Outcome, OutcomeKind, Result, SettleOptions, settle
from tests.benchmarks.requests import statements
from tests.support.proposals import add_project, at_once
from tests.support.sender_rows import CHANNEL, TEAM, add_row, add_subscription, all_rows, get_row, states

START = datetime(2026, 2, 7, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SETTLE = 3 * SECOND
LENGTH = 12 * SECOND
SENT = Outcome(OutcomeKind.SENT, channel_id=CHANNEL, ts="1770000000.000100")


class Outbox:
    """Outbox with a clock that the test moves."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = START

    def add(self, **fields: Any) -> int:
        return add_row(self.database, **{"now": START, **fields})

    def claims(self, holder: str = "a", *, limit: int = 50, per_minute: int | None = 240) -> list[Claim]:
        with self.database.writing() as session:
            return claim_to_send(session, Lease(holder, self.now, LENGTH), Pace(SECOND, per_minute), limit)

    def claimed(self, holder: str = "a", **options: Any) -> list[int]:
        return [claim.id for claim in self.claims(holder, **options)]

    def doubtful(self, holder: str = "a") -> list[Claim]:
        with self.database.writing() as session:
            return claim_to_reconcile(session, Lease(holder, self.now, LENGTH), SETTLE, 50)

    def due(self) -> bool:
        with self.database.reading() as session:
            return anything_due(session, self.now, SETTLE)

    def settle(
        self, claim: Claim, outcome: Outcome, admins: tuple[str, ...] = (), gather: timedelta = timedelta(0)
    ) -> bool:
        with self.database.writing() as session:
            return settle(session, [Result(claim, outcome, SettleOptions(self.now, SETTLE, admins, gather))]) == []

    def attempt(self, outcome: Outcome, admins: tuple[str, ...] = ()) -> bool:
        """Settle the only row that can be claimed."""
        (claim,) = self.claims()
        return self.settle(claim, outcome, admins)

    def cancel(self, row_id: int) -> bool:
        with self.database.writing() as session:
            return cancel(session.get_one(Delivery, row_id), "undone")

    def row(self, row_id: int) -> Delivery:
        return get_row(self.database, row_id)

    def states(self, *ids: int) -> list[str]:
        return states(self.database, *ids)


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


# -- claiming -------------------------------------------------------------------------------------------


def test_claim_leases_the_row(outbox):
    row_id = outbox.add()
    (claim,) = outbox.claims("me")
    row = outbox.row(row_id)
    assert (claim.id, claim.attempt, claim.reconciling) == (row_id, 1, False)
    assert (row.state, row.leased_by, row.leased_until) == (DeliveryState.SENDING, "me", START + LENGTH)
    assert (row.attempted_at, row.attempts) == (START, 1)
    assert outbox.claimed() == []


def test_claim_takes_only_the_first_row_of_a_channel(outbox):
    first, second = outbox.add(), outbox.add()
    other_channel, other_team = outbox.add(channel_id="C2"), outbox.add(team_id="T2")
    assert outbox.claimed() == [first, other_channel, other_team]
    outbox.now += 5 * SECOND
    assert outbox.claimed() == []
    assert outbox.row(second).state == DeliveryState.PENDING


@pytest.mark.parametrize("state", ["pending", "sending", "uncertain", "sent", "failed", "cancelled", "blocked"])
def test_earlier_row_holds_back_later_ones(outbox, state):
    outbox.add(state=state, due_at=START + LENGTH)
    later = outbox.add()
    assert outbox.claimed() == ([] if state in {"pending", "sending", "uncertain"} else [later])


def test_claim_waits_until_a_row_is_due(outbox):
    row_id = outbox.add(due_at=START + SECOND)
    assert not outbox.due()
    assert outbox.claimed() == []
    outbox.now += SECOND
    assert outbox.due()
    assert outbox.claimed() == [row_id]


@pytest.mark.parametrize("outcome", [SENT, Outcome(OutcomeKind.FAILED, "no_text")], ids=["sent", "refused"])
def test_channel_pace_counts_from_the_answer(outbox, outcome):
    outbox.add()
    second = outbox.add()
    (claim,) = outbox.claims()
    outbox.now += SECOND / 2
    outbox.settle(claim, outcome)
    outbox.now += SECOND / 2
    assert outbox.claimed() == []
    outbox.now += SECOND / 2
    assert outbox.claimed() == [second]


def test_workspace_limit_applies_to_all_its_channels(outbox):
    busy = [outbox.add(channel_id=f"C{number}") for number in range(6)]
    quiet = outbox.add(team_id="T2")
    assert outbox.claimed(per_minute=4) == [*busy[:4], quiet]
    assert outbox.claimed(per_minute=4) == []
    outbox.now += timedelta(minutes=1)
    assert outbox.claimed(per_minute=4) == busy[4:]


def test_workspace_at_its_limit_does_not_delay_others(outbox):
    ids = [outbox.add(channel_id=f"C{number}") for number in range(6)]
    assert outbox.claimed(per_minute=2, limit=1) == ids[:1]
    assert outbox.claimed(per_minute=2) == ids[1:2]
    other = outbox.add(team_id="T2")
    assert outbox.claimed(per_minute=2, limit=1) == [other]
    assert outbox.claimed(per_minute=None, limit=500) == ids[2:]


def test_claim_query_count_is_constant(outbox):
    for number in range(3):
        outbox.add(channel_id=f"C{number}")
    with statements(outbox.database) as few:
        assert len(outbox.claims(limit=1)) == 1
    for number in range(60):
        outbox.add(channel_id=f"D{number}")
    with statements(outbox.database) as many:
        assert len(outbox.claims(limit=50)) == 50
    assert len(few) == len(many) <= 5


def test_concurrent_claims_take_each_row_once(outbox):
    ids = [outbox.add(channel_id=f"C{number}") for number in range(40)]

    def take(holder: str) -> list[int]:
        return [row_id for _ in range(10) for row_id in outbox.claimed(holder, limit=5)]

    claimed = at_once(lambda number: take("abcd"[number]), 4)
    assert sorted(sum(claimed, [])) == ids  # noqa: RUF017


# -- uncertain rows -------------------------------------------------------------------------------------


def test_abandoned_row_is_resolved_after_lease_and_settling(outbox):
    row_id = outbox.add()
    outbox.claims("killed")
    outbox.now = START + LENGTH + SETTLE - SECOND / 10
    assert outbox.doubtful("other") == []
    outbox.now = START + LENGTH + SETTLE
    assert outbox.due()
    (claim,) = outbox.doubtful("other")
    assert (claim.id, claim.reconciling, claim.holder) == (row_id, True, "other")
    assert outbox.row(row_id).state == DeliveryState.UNCERTAIN
    assert outbox.doubtful("third") == []


def test_uncertain_row_waits_and_is_searched_from_its_claim_on(outbox):
    row_id = outbox.add()
    (claim,) = outbox.claims()
    outbox.now += 8 * SECOND
    assert outbox.settle(claim, Outcome(OutcomeKind.UNCERTAIN, "timeout"))
    row = outbox.row(row_id)
    assert (row.state, row.reason, row.leased_by) == (DeliveryState.UNCERTAIN, "timeout", None)
    assert row.attempted_at == START
    assert outbox.doubtful() == []
    outbox.now += SETTLE
    assert [each.id for each in outbox.doubtful("dies")] == [row_id]
    outbox.now += LENGTH
    assert [each.id for each in outbox.doubtful("other")] == [row_id]


@pytest.mark.parametrize(
    ("outcome", "state", "repeat"),
    [
        (SENT, "sent", None),
        (Outcome(OutcomeKind.NOT_POSTED), "pending", None),
        (Outcome(OutcomeKind.HISTORY_UNREADABLE, "history: missing_scope"), "pending", True),
        (Outcome(OutcomeKind.UNCERTAIN, "HTTP 503"), "uncertain", None),
        (Outcome(OutcomeKind.RETRY_LATER, "ratelimited", seconds=5), "uncertain", None),
        (Outcome(OutcomeKind.WORKSPACE_BLOCKED, "invalid_auth"), "blocked", True),
        (Outcome(OutcomeKind.FAILED, "it may have been posted"), "failed", None),
    ],
)
def test_history_lookup_settles_the_row(outbox, outcome, state, repeat):
    row_id = outbox.add(state=DeliveryState.UNCERTAIN, about={"text": "kept"})
    (claim,) = outbox.doubtful()
    assert outbox.settle(claim, outcome)
    row = outbox.row(row_id)
    assert row.state == state
    assert row.about.get("possible_repeat") is repeat
    assert row.about["text"] == "kept"


# -- settling -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [SECOND, 2 * LENGTH], ids=["in time", "after the lease, not yet taken"])
def test_settle_sent_stores_the_message_timestamp(outbox, after):
    row_id = outbox.add()
    (claim,) = outbox.claims()
    outbox.now += after
    assert outbox.settle(claim, SENT)
    row = outbox.row(row_id)
    assert (row.state, row.ts, row.sent_at) == (DeliveryState.SENT, "1770000000.000100", START + after)
    assert (row.leased_by, row.leased_until, row.reason) == (None, None, None)
    assert "posted_in" not in row.about


def test_rate_limited_row_waits_as_long_as_slack_asks(outbox):
    row_id, second = outbox.add(), outbox.add()
    outbox.attempt(Outcome(OutcomeKind.RETRY_LATER, "ratelimited", seconds=30))
    assert outbox.row(row_id).due_at == START + 30 * SECOND
    outbox.now += 29 * SECOND
    assert outbox.claimed() == []
    outbox.now += SECOND
    (again,) = outbox.claims()
    assert (again.id, again.attempt) == (row_id, 2)
    assert outbox.row(second).state == DeliveryState.PENDING


def test_settle_after_a_lost_lease_changes_nothing(outbox):
    row_id = outbox.add()
    (first,) = outbox.claims("slow")
    outbox.now += LENGTH + SETTLE
    (look,) = outbox.doubtful("quick")
    assert not outbox.settle(first, SENT)
    assert outbox.settle(look, Outcome(OutcomeKind.NOT_POSTED))
    (second,) = outbox.claims("slow")
    assert not outbox.settle(first, SENT)
    assert outbox.row(row_id).state == DeliveryState.SENDING
    assert outbox.settle(second, SENT)


def test_settle_stores_many_outcomes_at_once(outbox):
    ids = [outbox.add(channel_id=f"C{number}") for number in range(4)]
    direct = outbox.add(channel_id="U0MEMBER", kind=DeliveryKind.NOTICE)
    accepted, late, unknown, retracted, direct_message = outbox.claims()
    outbox.cancel(ids[3])
    stale = replace(accepted, id=late.id, attempt=7)
    claims = [accepted, late, unknown, retracted, direct_message]
    outcomes = [SENT, Outcome(OutcomeKind.RETRY_LATER, seconds=5), Outcome(OutcomeKind.UNCERTAIN, "timeout"), SENT]
    outcomes = [*(replace(each, channel_id="") for each in outcomes), replace(SENT, channel_id="D0MEMBER")]
    options = SettleOptions(outbox.now, SETTLE)
    results = [Result(claim, outcome, options) for claim, outcome in zip(claims, outcomes, strict=True)]
    with outbox.database.writing() as session:
        assert settle(session, [Result(stale, SENT, options), *results]) == [stale]
    assert outbox.states(*ids, direct) == ["sent", "pending", "uncertain", "sent", "sent"]
    assert outbox.row(direct).about["posted_in"] == "D0MEMBER"
    assert {outbox.row(each).leased_by for each in (*ids, direct)} == {None}


def test_settle_query_count_is_constant(outbox):
    def settled(number: int) -> int:
        for place in range(number):
            outbox.add(channel_id=f"C{place}")
        outbox.now += SECOND
        sent, options = replace(SENT, channel_id=""), SettleOptions(outbox.now, SETTLE)
        results = [Result(claim, sent, options) for claim in outbox.claims()]
        assert len(results) == number
        with statements(outbox.database) as executed, outbox.database.writing() as session:
            settle(session, results)
        return len(executed)

    assert settled(2) == settled(40)


def test_thread_roots_of_many_rows_are_found_at_once(outbox):
    threaded = {"about": {"threading": "thread"}}
    fields = {"state": DeliveryState.SENT, "ts": "1.1", **threaded}
    root = outbox.add(project_id=1, **fields)
    outbox.add(project_id=1, thread_ts="1.1", **fields)
    elsewhere = outbox.add(project_id=1, channel_id="C2", **fields)
    rows = [
        outbox.add(project_id=1, **threaded),
        outbox.add(project_id=1, channel_id="C2", **threaded),
        outbox.add(project_id=2, **threaded),
        outbox.add(project_id=1),
    ]
    with outbox.database.reading() as session:
        roots = thread_roots(session, [session.get_one(Delivery, each) for each in (root, *rows)])
    assert {key: row.id for key, row in roots.items()} == {rows[0]: root, rows[1]: elsewhere}


def notices(outbox: Outbox) -> list[Delivery]:
    return all_rows(outbox.database, Delivery.kind == DeliveryKind.NOTICE)


def test_failure_notice_uses_each_admins_language(outbox):
    with outbox.database.writing() as session:
        session.add(Person(team_id=TEAM, user_id="U2", language="ko"))
    row_id = outbox.add()
    outbox.attempt(Outcome(OutcomeKind.FAILED, "no_text"), ("U1", "U2"))
    sent_notices = notices(outbox)
    assert [(each.channel_id, each.language) for each in sent_notices] == [("U1", "en"), ("U2", "ko")]
    assert failures_in(sent_notices[0].about) == (
        [FailureItem(channel=CHANNEL, reason="no_text", count=1, delivery=row_id)],
        1,
    )


def fail(outbox: Outbox, reason: str = "no_text", channel: str = CHANNEL) -> int:
    """Let a message that was being sent fail, and notify two admins."""
    row_id = outbox.add(channel_id=channel, state=DeliveryState.SENDING, leased_by="a", attempts=1)
    claim = Claim(row_id, TEAM, "a", 1, outbox.now + LENGTH)
    outbox.settle(claim, Outcome(OutcomeKind.FAILED, reason), ("U1", "U2"), gather=10 * SECOND)
    return row_id


def test_failures_within_seconds_are_one_notice_per_admin(outbox):
    fail(outbox)
    outbox.now += 5 * SECOND
    last, other = fail(outbox), fail(outbox, "ValueError: x", "C2")
    assert [notice.channel_id for notice in notices(outbox)] == ["U1", "U2"]
    for notice in notices(outbox):
        assert notice.due_at == START + 15 * SECOND
        listed = [
            FailureItem(channel=CHANNEL, reason="no_text", count=2, delivery=last),
            FailureItem(channel="C2", reason="ValueError: x", count=1, delivery=other),
        ]
        assert failures_in(notice.about) == (listed, 3)
    for number in range(17):  # the notice is not put off endlessly, counts all and lists some
        outbox.now += 5 * SECOND
        fail(outbox, channel=f"D{number}")
    assert {each.due_at for each in notices(outbox)} == {START + 40 * SECOND}
    listed, count = failures_in(notices(outbox)[0].about)
    assert (len(listed), count) == (MOST_LISTED, 20)


def test_failure_after_a_sent_notice_queues_another(outbox):
    fail(outbox)
    outbox.now += 20 * SECOND
    for claim in outbox.claims():
        outbox.settle(claim, SENT)
    fail(outbox)
    assert [failures_in(each.about)[1] for each in notices(outbox)] == [1, 1, 1, 1]


def test_concurrent_failures_are_all_counted(outbox):
    at_once(lambda _: fail(outbox), 6)
    assert [failures_in(each.about)[1] for each in notices(outbox)] == [6, 6]


@pytest.mark.parametrize(
    "outcome", [Outcome(OutcomeKind.FAILED, "no_text"), Outcome(OutcomeKind.BLOCKED, "cannot_dm_bot")]
)
def test_failed_notice_queues_no_notice(outbox, outcome):
    row_id = outbox.add(kind=DeliveryKind.NOTICE, channel_id="U1")
    outbox.attempt(outcome, ("U1", "U2"))
    assert [each.id for each in notices(outbox)] == [row_id]
    assert outbox.row(row_id).reason == outcome.reason


# -- blocking and going on ------------------------------------------------------------------------------


def test_blocked_channel_keeps_rows_and_notifies_once(outbox):
    mine = add_subscription(outbox.database)
    ended = add_subscription(outbox.database, ended_at=START, ended_by="U9", created_by="U9")
    ids = [outbox.add(), outbox.add(), outbox.add()]
    elsewhere = outbox.add(channel_id="C2", state=DeliveryState.SENT)
    outbox.attempt(Outcome(OutcomeKind.BLOCKED, "not_in_channel"))
    assert outbox.states(*ids, elsewhere) == ["blocked"] * 3 + ["sent"]
    assert {outbox.row(each).reason for each in ids} == {"not_in_channel"}
    with outbox.database.reading() as session:
        subscription = session.get_one(Subscription, mine)
        assert (subscription.blocked, subscription.blocked_at) == ("not_in_channel", START)
        assert state_for(subscription.blocked) == DeliveryState.BLOCKED
        assert state_for(session.get_one(Subscription, ended).blocked) == state_for(None) == DeliveryState.PENDING
        assert session.scalars(select(Notice.key)).all() == [f"blocked:{mine}:{START.isoformat()}"]
    (notice,) = notices(outbox)
    assert notice.channel_id == "U0MEMBER"
    assert notice.about == {"notice": "blocked", "channel": CHANNEL, "reason": "not_in_channel", "subscription": mine}


def test_channel_blocked_again_notifies_nobody(outbox):
    add_subscription(outbox.database)
    for _ in range(2):
        outbox.add(kind=DeliveryKind.TEST)
        outbox.attempt(Outcome(OutcomeKind.BLOCKED, "is_archived"))
        for notice in outbox.claims():  # the notice itself goes out
            outbox.settle(notice, SENT)
        outbox.now += SECOND
    assert len(notices(outbox)) == 1


def test_channel_has_one_subscription_at_a_time(outbox):
    add_subscription(outbox.database)
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        add_subscription(outbox.database, filter="group:io")


def test_resume_sends_blocked_rows_in_order(outbox):
    mine = add_subscription(outbox.database, blocked="not_in_channel", blocked_at=START)
    ids = [outbox.add(state=DeliveryState.BLOCKED, reason="not_in_channel") for _ in range(2)]
    later = outbox.add(state=DeliveryState.BLOCKED, due_at=START + timedelta(days=1))
    other = outbox.add(state=DeliveryState.BLOCKED, channel_id="C2")
    outbox.now += timedelta(hours=1)
    with outbox.database.writing() as session:
        assert resume(session, TEAM, CHANNEL, outbox.now) == 3
    assert outbox.states(*ids, later, other) == ["pending"] * 3 + ["blocked"]
    assert (outbox.row(ids[0]).due_at, outbox.row(later).due_at) == (outbox.now, START + timedelta(days=1))
    with outbox.database.reading() as session:
        subscription = session.get_one(Subscription, mine)
        assert (subscription.blocked, subscription.blocked_at) == (None, None)
    assert outbox.claimed() == ids[:1]


def test_resent_message_keeps_its_place(outbox):
    failed = outbox.add(state=DeliveryState.FAILED, kind=DeliveryKind.TEST, reason="no_text")
    later = outbox.add()
    with outbox.database.writing() as session:
        resend(session, failed, Editor(TEAM, "U0ADMIN", outbox.now))
    assert outbox.claimed() == [failed]
    assert outbox.states(failed, later) == ["sending", "pending"]


def test_dead_token_blocks_the_workspace_until_a_restart(outbox):
    ids = [outbox.add(), outbox.add(), outbox.add(channel_id="C2")]
    archived = outbox.add(channel_id="C3", state=DeliveryState.BLOCKED, reason="is_archived")
    other_team = outbox.add(team_id="T2", due_at=START + SECOND)
    claim = outbox.claims(limit=1)[0]
    outbox.settle(claim, Outcome(OutcomeKind.WORKSPACE_BLOCKED, "token_revoked"))
    assert outbox.states(*ids, archived, other_team) == ["blocked"] * 4 + ["pending"]
    assert notices(outbox) == []
    with outbox.database.writing() as session:
        assert resume_team(session, TEAM, outbox.now) == 3
    assert outbox.states(*ids, archived) == ["pending"] * 3 + ["blocked"]


def test_new_message_resumes_rows_blocked_by_a_dead_token(outbox):
    stopped = outbox.add(state=DeliveryState.BLOCKED, reason="token_revoked")
    archived = outbox.add(channel_id="C3", state=DeliveryState.BLOCKED, reason="is_archived")
    other_team = outbox.add(team_id="T2", state=DeliveryState.BLOCKED, reason="token_revoked")
    assert outbox.claimed() == []
    outbox.add(channel_id="C-QUIET", due_at=START + 9 * timedelta(hours=1))
    behind = outbox.add(channel_id="C-QUIET", kind=DeliveryKind.TEST)
    assert outbox.claimed() == [stopped]  # also while a quiet channel waits
    new = outbox.add(channel_id="C2")
    assert outbox.claimed() == [new]
    assert outbox.states(archived, other_team, behind) == ["blocked", "blocked", "pending"]


# -- cancelling -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["pending", "blocked", "uncertain", "sent", "failed", "cancelled"])
def test_cancel_returns_false_if_possibly_sent(outbox, state):
    row_id = outbox.add(state=state)
    assert outbox.cancel(row_id) is (state not in {"uncertain", "sent"})
    assert outbox.row(row_id).state == ("cancelled" if state in {"pending", "blocked"} else state)


@pytest.mark.parametrize(
    ("died", "outcome", "state"),
    [
        (False, SENT, "sent"),
        (False, Outcome(OutcomeKind.RETRY_LATER, seconds=1), "cancelled"),
        (False, Outcome(OutcomeKind.BLOCKED, "is_archived"), "cancelled"),
        (False, Outcome(OutcomeKind.FAILED, "no_text"), "cancelled"),
        (False, Outcome(OutcomeKind.CANCELLED, "undone"), "cancelled"),
        (False, Outcome(OutcomeKind.UNCERTAIN, "timeout"), "uncertain"),
        (True, SENT, "sent"),
        (True, Outcome(OutcomeKind.NOT_POSTED), "cancelled"),
        (True, Outcome(OutcomeKind.HISTORY_UNREADABLE), "cancelled"),
    ],
)
def test_settle_of_a_row_cancelled_meanwhile(outbox, died, outcome, state):
    """If its sender died, it is looked up."""
    row_id = outbox.add()
    edit = outbox.add(kind=DeliveryKind.EDIT, changes_id=row_id)
    (claim,) = outbox.claims()
    assert not outbox.cancel(row_id)
    if died:
        assert outbox.claimed() == []
        outbox.now += LENGTH + SETTLE
        assert outbox.claimed() == []
        (claim,) = outbox.doubtful()
    assert outbox.settle(claim, outcome, ("U0ADMIN",))
    assert outbox.row(row_id).state == state
    assert notices(outbox) == []
    outbox.now += 2 * SECOND
    assert outbox.claimed() == ([] if state == "uncertain" else [edit])


# -- counts ---------------------------------------------------------------------------------------------


def test_outbox_counts_by_state(outbox):
    with outbox.database.reading() as session:
        assert oldest_pending(session) is None
        assert set(counts(session).values()) == {0}
    outbox.add(due_at=START + SECOND)
    outbox.add()
    outbox.add(state=DeliveryState.SENT, channel_id="C2", due_at=START - SECOND)
    with outbox.database.reading() as session:
        assert oldest_pending(session) == START
        assert (counts(session)[DeliveryState.PENDING], counts(session)[DeliveryState.SENT]) == (2, 1)


def test_prune_takes_only_what_nothing_needs(database: Database) -> None:
    """Keep what a correction, a thread, the delivery log or a button may refer to, and all of the record."""
    long_ago, lately = START - timedelta(days=501), START - timedelta(days=20)
    old = {"now": long_ago, "state": DeliveryState.SENT, "kind": DeliveryKind.NOTICE}
    alert = add_row(database, **old | {"kind": DeliveryKind.ALERT})
    answered = add_row(database, **old)
    kept = [alert, answered, add_row(database, **old, project_id=1), add_row(database, **old | {"now": lately})]
    kept += [add_row(database, **old | {"state": state}) for state in (DeliveryState.FAILED, DeliveryState.BLOCKED)]
    for _ in range(ROWS_AT_ONCE + 1):
        add_row(database, **old)
    kept.append(add_row(database, **old, changes_id=answered))  # the channel's last one
    with database.writing() as session:
        project_id = add_project(session, "P-1")
        for at in (long_ago, lately):
            session.add(Draft(id=f"d{at.day}", team_id=TEAM, user_id="U1", content={}, created_at=at))
            session.add(ProcessedRequest(key=f"r{at.day}", team_id=TEAM, received_at=at))
            session.add(Notice(key=f"n{at.day}", team_id=TEAM, told_at=at))
            due = {"project_id": project_id, "kind": "end", "days": 7, "day": at.date(), "due_at": at}
            session.add_all(Reminder(key=f"{state}{at.day}", state=state, **due) for state in ("dropped", "told"))
    with database.writing() as session:
        assert prune(session, START)
    with database.writing() as session:
        assert not prune(session, START)
        assert sorted(session.scalars(select(Delivery.id))) == sorted(kept)
        for table in (Draft, ProcessedRequest, Notice):
            assert session.scalar(select(func.count()).select_from(table)) == 1
        assert sorted(session.scalars(select(Reminder.state))) == ["dropped", "told", "told"]
