"""Filters in SQL and in Python select the same projects, on both databases."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from db.database import Database
from db.domain.enums import DeliveryStatus, Group, Headline, Response, UpdateKind
from db.domain.project_status import status_of
from db.integrity.check import find_problems
from db.models import Organisation, Project, ProjectRole, ProjectSector
from db.projects.queries import filter_subject, ids_matching, load_projects
from db.reports.portfolio import list_page, portfolio
from db.reports.project import project_detail
from db.reports.statistics import figures_of
from db.search.filter import FILTER_KEYS, Filter, Term, matches, parse_filter
from db.updates.counters import update_counters
from db.updates.history import load_histories, recorded_later
from db.updates.status_cache import store_search_texts
from db.updates.versions import OF_FIELDS
from tests.support.proposals import NOW, TODAY, add_project, say, take_back

LINES = """
A-1 hold by:US on:2025-H1
A-2 hold by:US on:2025-H1 as:letter
A-2 hold-lifted by:US on:2026-02-05
A-3 hold by:CN on:2025-07-01
A-3 approved on:2026-02-06 until:2026-04-30 as:letter lift:all
A-4 approved on:2025-02-06 until:2026-02 as:letter
A-5 approved on:2025-02-06 until:2026-02-28 as:letter
A-5 extension-requested on:2026-01-20
A-5 hold by:undisclosed on:2026-02-20
A-6 approved on:2026-02-06 until:unknown as:letter
A-6 shipped on:2026-03-01
A-7 submitted on:2024
A-7 withdrawn on:2026-01
A-8 approved on:2025-04-06 until:2026-03-10 as:letter
A-9 approved on:2025-04-06 until:2026 as:letter
A-9 accepted on:2025-12-31
A-9 shipped consignment:1/3 on:2026-01-05
A-9 delivered consignment:1/3 on:2026-02-05
A-8 declined on:2025-12-31
""".strip().splitlines()
WORDS = ["water", "élan", "straße", "100%", "under_score", "식수", "a-1", "İzmir", "'", "\\"]
VALUES = {
    "group": list(Group),
    "status": list(Headline),
    "kind": list(UpdateKind),
    "response": list(Response),
    "delivery": list(DeliveryStatus),
    "holder": ["US", "CN", "FR", "undisclosed"],
    "country": ["KR", "FR", "unknown"],
    "sector": ["1", "140", "12220", "unknown"],
    "org": [*WORDS, "gyeonggi", "alias"],
    "expiring": ["0", "30d", "7w", "12m"],
    "since": ["2025-H2", "2026-02-05", "2026-03", "2026-03-11", "2026-03-12", "unknown"],
    "set": ["tests", "unknown"],
    "words": WORDS,
}
assert {*VALUES} == {*FILTER_KEYS}
TERMS = st.sampled_from(sorted(VALUES)).flatmap(
    lambda key: st.builds(
        Term,
        st.just(key),
        st.lists(
            st.sampled_from(VALUES[key]).map(str.casefold if key in {"org", "words"} else str), min_size=1, max_size=3
        ).map(tuple),
        st.booleans(),
    )
)
FILTERS = st.lists(TERMS, max_size=3).map(lambda terms: Filter(tuple(terms)))
DAYS = st.sampled_from(
    [TODAY, date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 11), date(2027, 1, 1)]
)


@pytest.fixture
def varied(database: Database) -> Database:
    """Return a record whose projects differ in every value that a filter can test."""
    with database.writing() as session:
        gyeonggi = Organisation(key="gyeonggi", name_en="Gyeonggi Province", name_ko="경기도", country="KR")
        elan = Organisation(key="elan", name_en="ÉLAN Straße 100% under_score", aliases=["An Alias"], country="FR")
        nobody = Organisation(key="nobody")
        for number, (group, organisation, title, visibility, sectors) in enumerate(
            [
                ("gyeonggi", gyeonggi, "Clean WATER", "public", ["14030"]),
                ("io", elan, "İzmir 식수", "public", []),
                ("io", elan, "Water and health", "withheld", ["12220", "14030"]),
                ("ngo", nobody, "100% a_b", "public", []),
                ("ngo", None, "l'eau \\ water", "public", ["12220"]),
                ("kr-private", gyeonggi, "x", "withheld", []),
                ("io", None, "y", "public", []),
                ("io", None, "z", "public", []),
                ("io", elan, "w", "public", []),
                ("ngo", None, "nothing recorded", "public", []),
            ],
            1,
        ):
            key = add_project(
                session, f"A-{number}", group, organisation=organisation, title=title, visibility=visibility
            )
            session.add_all(ProjectSector(project_id=key, code=code) for code in sectors)
        for ref, role in (("A-1", "funder"), ("A-1", "partner"), ("A-6", "partner"), ("A-10", "implementer")):
            project = session.scalars(select(Project).where(Project.ref == ref)).one()
            session.add(ProjectRole(project_id=project.id, organisation_id=elan.id, role=role))
            store_search_texts(session, [project])
    for line in LINES:
        say(database, line)
    wrong = say(database, "A-1 rejected on:2026-02-05 as:letter").main.number
    take_back(database, wrong)
    late = say(database, "A-7 note on:2026-01-05 seen late", now=NOW + timedelta(days=1)).main.number
    take_back(database, late, now=NOW + timedelta(days=2))
    return database


def follow(database: Database, ref: str, leading: str) -> None:
    """Make ``leading`` the record that lists show instead of ``ref``."""
    with database.writing() as session:
        row = session.scalars(select(Project).where(Project.ref == ref)).one()
        with update_counters(session, [row.id], OF_FIELDS, row.created_at):
            row.same_as_id = session.scalars(select(Project.id).where(Project.ref == leading)).one()


def in_memory(database: Database, wanted: Filter, today: date) -> list[int]:
    with database.reading() as session:
        ids = session.scalars(select(Project.id).order_by(Project.id)).all()
        views, histories = load_projects(session, ids), load_histories(session, ids)
        later = recorded_later(session, histories)
        subjects = {key: filter_subject(views[key], status_of(histories[key]), today, later[key]) for key in ids}
        return [key for key, subject in subjects.items() if matches(wanted, subject)]


@settings(max_examples=150)
@given(FILTERS, DAYS)
def test_filter_in_sql_and_python_agree(varied: Database, wanted: Filter, today: date) -> None:
    with varied.reading() as session:
        assert ids_matching(session, wanted, today) == in_memory(varied, wanted, today)


FINDS = {
    "status:on-hold": "A-1 A-2",
    "holder:undisclosed": "A-5",
    "kind:rejected": "",  # it was taken back
    "kind:hold-lifted": "A-2 A-3",
    "status:approved": "A-3 A-6 A-8 A-9",
    "status:approved-end-unknown": "A-6",
    "status:extension-pending,expired": "A-4 A-5",
    "expiring:0d": "A-8",
    "expiring:90d": "A-3 A-8",
    "org:élan": "A-1 A-2 A-9 A-10",  # A-3's and A-6's are withheld
    'org:"an alias"': "A-1 A-2 A-9 A-10",
    '"an alias" -status:no-record': "A-1 A-2 A-9",
    "country:FR": "A-1 A-2 A-9 A-10",
    "country:KR,unknown": "A-1 A-3 A-4 A-5 A-6 A-7 A-8",
    "water": "A-1 A-5",
    "-sector:unknown": "A-1 A-3 A-5",
    "status:no-record": "A-10",
}


def test_filter_finds_matching_projects(varied: Database) -> None:
    with varied.reading() as session:
        for text, refs in FINDS.items():
            ids = ids_matching(session, parse_filter(text), TODAY)
            assert [view.ref for view in load_projects(session, ids).values()] == refs.split(), text
        assert ids_matching(session, parse_filter("status:approved A-8"), TODAY + timedelta(days=1)) == []


def test_portfolio_of_a_filter_counts_as_that_of_all(varied: Database) -> None:
    wanted = parse_filter("status:approved,expired")
    for day in [TODAY + timedelta(days=days) for days in (0, 1, 30, 300)]:
        with varied.reading() as session:
            assert portfolio(session, day, parse_filter("-A-99")) == portfolio(session, day)
            approved = portfolio(session, day, wanted)
            listed = list_page(session, wanted, day, number=1, size=20)
        assert approved.total == listed.total == sum(number for _, number in approved.by_headline), day
        named = {ref for change in approved.latest for ref in change.refs} | {each.ref for each in approved.attention}
        assert {row.project.ref for row in listed.rows} >= named, day


def test_leading_record_stands_for_its_request(varied: Database) -> None:
    """A hold of the other record is counted nowhere; what asks for every record still finds it."""
    with varied.reading() as session:
        before = portfolio(session, TODAY)
    follow(varied, "A-2", "A-9")
    with varied.reading() as session:
        wanted = parse_filter("org:élan")
        views = load_projects(session, ids_matching(session, wanted, TODAY))
        every = load_projects(session, ids_matching(session, wanted, TODAY, every=True))
        after = portfolio(session, TODAY)
        page = list_page(session, wanted, TODAY, number=1, size=20)
        figures = figures_of(session, parse_filter(""), TODAY)
        assert find_problems(session) == []
        details = [project_detail(session, ref, TODAY) for ref in ("A-2", "A-9")]
    assert [view.ref for view in views.values()] == [row.project.ref for row in page.rows] == ["A-1", "A-9", "A-10"]
    assert "A-2" in {view.ref for view in every.values()}
    assert page.total == 3
    assert (before.total, after.total, figures.projects) == (10, 9, 9)
    assert dict(before.by_headline)[Headline.ON_HOLD] - dict(after.by_headline)[Headline.ON_HOLD] == 1
    assert [view.same for view in views.values()] == [(), ("A-2",), ()]
    assert [(detail.project.same_as, detail.project.same) for detail in details] == [("A-9", ()), (None, ("A-2",))]
    assert [[other.project.ref for other in detail.other_records] for detail in details] == [["A-9"], ["A-2"]]
