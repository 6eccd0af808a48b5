"""Alert preview: its count equals the messages that a subscription sent, for every filter."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db.alerts.preview import preview
from db.database import Database
from db.maintenance.seed import seed_article
from db.models import Delivery
from db.search.filter import parse_filter
from db.subscriptions.subscriptions import subscribe
from tests.support.proposals import ADMIN, NOW, TEAM, say

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
