"""The record as it was: any answer known at T equals the answer given at T."""

from datetime import timedelta

from db.database import Database
from db.domain.dates import new_york_date
from db.past import AsOf, reading_as_of
from db.reports.portfolio import list_page, portfolio
from db.reports.project import project_detail
from db.reports.statistics import figures_of
from db.search.filter import parse_filter
from tests.support.proposals import NOW, add_projects, say, take_back


def answers(session, refs, day):
    return (
        portfolio(session, day),
        list_page(session, parse_filter(""), day, number=1, size=50),
        list_page(session, parse_filter("status:on-hold"), day, number=1, size=50),
        figures_of(session, parse_filter(""), day),
        [project_detail(session, ref, day) for ref in refs],
    )


def test_first(database: Database) -> None:
    add_projects(database, "GG-1", "IO-2")
    given = []
    lines = ["GG-1 submitted on:2026-01-05 as:applicant", "GG-1,IO-2 hold by:US on:2026-02-01", "IO-2 note seen"]
    for count, line in enumerate(lines):
        now = NOW + timedelta(days=count)
        say(database, line, now=now)
        with database.reading() as session:
            given.append((now, answers(session, ("GG-1", "IO-2"), new_york_date(now))))
    take_back(database, 2, refs=("GG-1",), now=NOW + timedelta(days=10))
    for now, answer in given:
        with reading_as_of(database, AsOf(known=now)) as session:
            assert answers(session, ("GG-1", "IO-2"), new_york_date(now)) == answer
