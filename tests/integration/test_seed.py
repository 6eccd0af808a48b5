"""Seed data: the Council's members and the 17 projects as the article reports them (docs/field.md, section 9)."""

from datetime import date, timedelta

from sqlalchemy import func, select

from db.database import Database
from db.domain.enums import Response
from db.domain.project_status import ProjectStatus
from db.integrity.check import find_problems
from db.maintenance.seed import portfolio_note, seed_article, seed_council
from db.models import ChangeSet, CouncilMember, Delivery, Project, UpdateRow
from db.projects.queries import ids_matching, load_projects
from db.reports.project import project_detail
from db.search.filter import parse_filter
from db.subscriptions.subscriptions import subscribe
from tests.support.proposals import NOW, TODAY

THE_17 = [
    *(f"GG-{n}" for n in range(1, 4)),
    *(f"KR-{n}" for n in range(1, 3)),
    *(f"IO-{n}" for n in range(1, 9)),
    *(f"NGO-{n}" for n in range(1, 5)),
]


def seeded(database: Database) -> int:
    with database.writing() as session:
        return seed_article(session, now=NOW)


def standing_of(database: Database, ref: str) -> ProjectStatus:
    with database.reading() as session:
        return project_detail(session, ref, TODAY).standing


def test_seed_has_17_projects_in_their_groups(database: Database) -> None:
    assert seeded(database) == 17
    with database.reading() as session:
        views = list(load_projects(session, session.scalars(select(Project.id)).all()).values())
    assert [view.ref for view in views] == THE_17
    groups = [view.group for view in views]
    assert [(group, groups.count(group)) for group in dict.fromkeys(groups)] == [
        ("gyeonggi", 3),
        ("kr-private", 2),
        ("io", 8),
        ("ngo", 4),
    ]
    assert {(view.amount_low, view.amount_high, view.currency, view.amount_basis) for view in views} == {
        ("200000000", "300000000", "KRW", "press estimate")
    }
    assert {view.sectors for view in views} == {()}  # not stated for any of them
    assert [view.ref for view in views if view.predecessor_unidentified] == THE_17[:5]
    applicants = {view.ref: view.applicant.key for view in views if view.applicant}
    assert applicants == {"GG-1": "gyeonggi", "GG-2": "gyeonggi", "GG-3": "gyeonggi", "IO-1": "who", "IO-2": "unicef"}
    assert views[0].title_en == "Gyeonggi Province project 1 (name not public)"
    assert (views[7].title_en, views[7].title_ko) == (
        "International organisation project 3 (name not public)",
        "국제기구 사업 3 (사업명 비공개)",
    )


def test_seed_statuses_equal_the_article(database: Database) -> None:
    seeded(database)
    for ref in THE_17:
        standing = standing_of(database, ref)
        hold, lift = standing.updates
        assert (hold.kind, str(hold.happened), hold.holder, hold.official) == ("hold", "2025-H1", "US", False)
        assert (lift.kind, str(lift.happened), lift.reported, lift.holder, lift.official) == (
            "hold-lifted",
            "unknown",
            date(2026, 2, 5),
            "US",
            False,
        )
        assert {(each.publisher, each.published) for update in (hold, lift) for each in update.sources} == {
            ("Dong-A Ilbo", date(2026, 2, 7))
        }
        assert standing.headline(TODAY) == "under-review"
        assert (standing.submitted, standing.circulated, standing.approval_reported, standing.letters) == (
            None,
            None,
            None,
            [],
        )
        assert (standing.response, standing.as_of) == (Response.UNKNOWN, date(2026, 2, 7))


def test_seed_updates_are_shared_by_all_projects(database: Database) -> None:
    seeded(database)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(UpdateRow)) == 2
        assert session.scalar(select(func.count()).select_from(ChangeSet)) == 2
        assert len({tuple(each.number for each in standing_of(database, ref).updates) for ref in THE_17}) == 1
        assert ids_matching(session, parse_filter("status:under-review holder:US"), TODAY) == []
        assert len(ids_matching(session, parse_filter("kind:hold-lifted since:2026-02"), TODAY)) == 17
        assert ids_matching(session, parse_filter("kind:approved"), TODAY) == []
        assert find_problems(session) == []


def test_seeding_again_changes_nothing_and_alerts_nobody(database: Database) -> None:
    with database.writing() as session:
        subscribe(session, "T1", "C1", "U1", "", "en", now=NOW)
    seeded(database)
    with database.writing() as session:
        assert seed_article(session, now=NOW + timedelta(days=400)) == 0
        assert seed_council(session) == 0
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Project)) == 17
        assert session.scalar(select(func.count()).select_from(UpdateRow)) == 2
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
        assert session.scalar(select(func.count()).select_from(CouncilMember)) == 20


def test_portfolio_note_falls_back_to_english() -> None:
    assert portfolio_note("en").startswith("Most of the 17 are health, water and sanitation, and nutrition projects")
    assert portfolio_note("ko").startswith("17건 대부분은")
    assert portfolio_note("fr") == portfolio_note("en")
