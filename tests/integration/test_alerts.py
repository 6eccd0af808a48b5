"""Recipients of an update, and what a correction or an undo does to their messages (docs/field.md, rule 10)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db.alerts.preview import preview
from db.database import MOST_BOUND, Database
from db.maintenance.seed import seed_article
from db.models import Delivery
from db.outbox.deliveries import DeliveryKind, DeliveryState
from db.recording.record import plan, planned_audience
from db.search.filter import FilterSubject, parse_filter
from db.subscriptions.follows import follow
from db.subscriptions.recipients import Audience, recipients_of
from db.subscriptions.subscriptions import subscribe, subscription_of
from tests.support.proposals import (
    ADMIN,
    NOW,
    TEAM,
    add_projects,
    proposal,
    say,
    take_back,
)

HOLD = "GG-1 hold by:US on:2026-02-05"
CHANGED = [("C-ALL", "edit", "pending"), ("C-ALL", "thread-note", "pending")]


def listen(database: Database, channel: str, filters: str = "", *, team: str = TEAM) -> None:
    with database.writing() as session:
        subscribe(session, team, channel, ADMIN, filters, "en", now=NOW)


def outbox(database: Database) -> list[tuple[str, str, str]]:
    """Return channel, kind and state of every row, in order."""
    with database.reading() as session:
        rows = session.scalars(select(Delivery).order_by(Delivery.id)).all()
    return [(row.channel_id, row.kind, row.state) for row in rows]


def set_states(database: Database, state: DeliveryState, *, leased: bool = False) -> None:
    """Bring all rows to a state, as a sender would."""
    with database.writing() as session:
        for row in session.scalars(select(Delivery)):
            row.state = state.value
            if state is DeliveryState.SENT:
                row.ts, row.sent_at = "1770000000.000100", NOW
            if leased:
                row.leased_by, row.leased_until, row.attempts = "sender", NOW + timedelta(seconds=20), 1


@pytest.fixture
def told(database: Database) -> Database:
    """A record with one project, of which a channel is told."""
    add_projects(database, "GG-1")
    listen(database, "C-ALL")
    return database


SEOUL = {"zone": "Asia/Seoul"}
WISHES: list[dict[str, object]] = [
    *({}, {}, {}, {}, {"language": "ko"}, {"threading": "thread"}, {"threading": "important"}, {"reminders": False}),
    *({"blocked": "channel_not_found"}, {"blocked": "is_archived"}),
    *({"quiet": "00:00-23:00", **SEOUL}, {"quiet": "01:00-02:00", **SEOUL}),
    *({"quiet": "00:00-23:00", "zone": "Europe/Oslo"}, {"digest": "daily", "digest_kinds": ["note"]}),
    *({"digest": "daily", "digest_kinds": []}, {"digest": "daily"}),
]
"""Settings of a channel each; the last has this message in its digest."""


@pytest.mark.parametrize("at_once", [MOST_BOUND, 2], ids=["all at once", "two at once"])
def test_alerts_follow_the_settings_of_each_channel(
    database: Database, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("db.subscriptions.recipients.MOST_BOUND", at_once)
    project_id = add_projects(database, "GG-1")["GG-1"]
    for number, wishes in enumerate(WISHES):
        listen(database, f"C{number}")
        with database.writing() as session:
            row = subscription_of(session, TEAM, f"C{number}")
            for name, value in wishes.items():
                setattr(row, name, value)
    with database.writing() as session:
        follow(session, TEAM, "U1", project_id, "ko", now=NOW)
        follow(session, TEAM, "U2", project_id, "en", now=NOW)
    receipt = say(database, HOLD)
    with database.reading() as session:
        card = FilterSubject(group="io", words="")
        expected = {place.channel_id: place for place in recipients_of(session, {project_id: card})}
        rows = {row.channel_id: row for row in session.scalars(select(Delivery))}
    assert rows.keys() == expected.keys() == {*(f"C{number}" for number in range(len(WISHES))), "U1", "U2"}
    for channel, row in rows.items():
        about = {"headlines": {str(project_id): ["no-record", "on-hold"]}}
        own = expected[channel].values(DeliveryKind.ALERT, about, NOW, update_id=receipt.updates[0].number)
        if row.state == DeliveryState.GATHERED:
            own |= {"state": DeliveryState.GATHERED.value, "reason": None}
        assert {name: getattr(row, name) for name in own} == own, channel
    gathered = {channel for channel, row in rows.items() if row.state == DeliveryState.GATHERED}
    assert gathered == {f"C{len(WISHES) - 1}"}


def test_audience_of_a_plan_is_who_is_told(database: Database) -> None:
    project_id = add_projects(database, "GG-1")["GG-1"]
    for channel, text in (("C-ALL", ""), ("C-CAME", "status:on-hold"), ("C-OTHER", "status:approved"), ("D1", "")):
        listen(database, channel, text)
    listen(database, "C-ELSEWHERE", team="T2")
    with database.writing() as session:
        follow(session, TEAM, "U2", project_id, "en", now=NOW)
    held = proposal(HOLD)
    with database.reading() as session:
        told = planned_audience(session, plan(session, held, now=NOW, by="U1"), TEAM, now=NOW)
    assert told == Audience(channels=("C-ALL", "C-CAME"), elsewhere=1, people=2)
    say(database, HOLD)
    with database.reading() as session:
        channels = set(session.scalars(select(Delivery.channel_id)))
    assert channels == {*told.channels, "C-ELSEWHERE", "D1", "U2"}


def test_undo_before_sending_cancels_and_its_undo_sends(told: Database) -> None:
    retraction = take_back(told, say(told, HOLD).main.number).main.number
    assert outbox(told) == [("C-ALL", "alert", "cancelled")]
    take_back(told, retraction)
    assert outbox(told) == [("C-ALL", "alert", "pending")]


def test_undo_of_one_project_keeps_the_message_for_the_other(told: Database) -> None:
    add_projects(told, "GG-2")
    number = say(told, "GG-1,GG-2 hold by:US on:2026-02-05").main.number
    take_back(told, number, refs=("GG-1",))
    assert outbox(told) == [("C-ALL", "alert", "pending")]
    take_back(told, number, refs=("GG-2",))
    assert outbox(told) == [("C-ALL", "alert", "cancelled")]


@pytest.mark.parametrize(
    ("state", "becomes"), [(DeliveryState.SENDING, "cancelled"), (DeliveryState.UNCERTAIN, "uncertain")]
)
def test_undo_while_sending_cancels_or_edits(told: Database, state: DeliveryState, becomes: str) -> None:
    number = say(told, HOLD).main.number
    set_states(told, state, leased=True)
    retraction = take_back(told, number).main.number
    assert outbox(told) == [("C-ALL", "alert", becomes), *CHANGED]
    with told.reading() as session:
        assert session.scalars(select(Delivery).order_by(Delivery.id)).first().leased_by == "sender"  # type: ignore[union-attr]
    take_back(told, retraction)
    assert outbox(told)[0] == ("C-ALL", "alert", state.value)


def test_correction_before_sending_replaces_the_alert(told: Database) -> None:
    number = say(told, HOLD).main.number
    correction = say(told, "GG-1 hold by:CN on:2026-02-05", corrects=number).main.number
    assert outbox(told) == [("C-ALL", "alert", "cancelled"), ("C-ALL", "alert", "pending")]
    take_back(told, correction)  # and back to the first
    assert outbox(told) == [("C-ALL", "alert", "pending"), ("C-ALL", "alert", "cancelled")]


@pytest.mark.parametrize("state", [DeliveryState.SENDING, DeliveryState.UNCERTAIN, DeliveryState.SENT])
def test_correction_after_sending_edits_the_alert(told: Database, state: DeliveryState) -> None:
    number = say(told, HOLD).main.number
    set_states(told, state, leased=state is not DeliveryState.SENT)
    listen(told, "C-NEW")
    say(told, "GG-1 hold by:CN on:2026-02-05", corrects=number)
    assert outbox(told) == [("C-ALL", "alert", state.value), *CHANGED, ("C-NEW", "alert", "pending")]


# -- the preview of a subscription ----------------------------------------------------------------------------

ACTS = (
    "GG-1,IO-1,IO-2 hold by:US on:2026-03-01",
    "IO-1 hold-lifted by:US on:2026-03-02 as:government",
    "IO-1,KR-1 note a word on both",
    "IO-2 approved as:letter source:https://example.org/1 on:2026-03-02 until:2026-05-02 lift:all",
    "KR-2 circulated on:2026-03-02",
)
FILTERS = {
    "": 5,
    "group:io": 4,
    "group:io -group:io": 0,
    "group:gyeonggi,kr-private": 3,
    "set:unknown": 0,
    "status:on-hold": 3,
    "status:on-hold group:io": 3,
    "status:on-hold group:gyeonggi": 1,
    "-status:on-hold": 2,  # before and after both count
    "holder:US": 3,
    "holder:US group:gyeonggi": 1,
    "kind:note": 1,
    "kind:note group:gyeonggi": 0,
    "kind:note -group:io": 1,
    "since:2026-03-02": 4,
    "since:2026-03-02 group:kr-private": 2,
    "expiring:90d": 1,
    "expiring:90d group:io": 1,
    "expiring:90d group:kr-private": 0,
}
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def announced(database: Database) -> Database:
    """Return a record with a channel for each filter, after all acts were announced."""
    with database.writing() as session:
        seed_article(session, now=NOW - timedelta(days=1))
        for number, text in enumerate(FILTERS):
            subscribe(session, TEAM, f"C{number}", ADMIN, text, "en", now=NOW)
    for line in ACTS:
        say(database, line)
    return database


def test_preview_count_equals_sent_messages(announced: Database) -> None:
    with announced.reading() as session:
        query = select(Delivery.channel_id, func.count()).group_by(Delivery.channel_id)
        message_counts = {channel: number for channel, number in session.execute(query)}  # noqa: C416
        previews = {text: preview(session, parse_filter(text), now=LATER).count for text in FILTERS}

    assert previews == {text: message_counts.get(f"C{number}", 0) for number, text in enumerate(FILTERS)}
    assert previews == FILTERS
