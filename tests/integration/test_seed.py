"""Seed data: the Council's members and the 17 projects as the article reports them (docs/field.md, section 9)."""

from datetime import date

from sqlalchemy import delete, insert, select

from db.admin.council import add_membership, end_membership, remove_membership
from db.audit import Editor
from db.council import load_council
from db.database import Database
from db.domain.council import MEMBERS, Membership
from db.domain.enums import Response
from db.domain.project_status import ProjectStatus
from db.maintenance.seed import portfolio_note, seed_article, seed_council
from db.models import CouncilMember, Project, Reminder
from db.projects.queries import load_projects
from db.reminders.rules import ReminderKind
from db.reports.project import project_detail
from db.updates.status_cache import lift_reported
from tests.support.proposals import ADMIN, NOW, TEAM, TODAY, add_project, say, shipped_council

COUNTS = {"gyeonggi": ("GG", 3), "kr-private": ("KR", 2), "io": ("IO", 8), "ngo": ("NGO", 4)}
THE_17 = [f"{prefix}-{number}" for prefix, count in COUNTS.values() for number in range(1, count + 1)]


def seeded(database: Database) -> int:
    with database.writing() as session:
        return seed_article(session, now=NOW).added


def standing_of(database: Database, ref: str) -> ProjectStatus:
    with database.reading() as session:
        return project_detail(session, ref, TODAY).standing


def test_seed_has_17_projects_in_their_groups(database: Database) -> None:
    assert seeded(database) == 17
    with database.reading() as session:
        views = list(load_projects(session, session.scalars(select(Project.id)).all()).values())
    assert [view.ref for view in views] == THE_17
    assert [view.group for view in views] == [group for group, (_, count) in COUNTS.items() for _ in range(count)]
    amounts = {(view.amount_low, view.amount_high, view.currency, view.amount_basis) for view in views}
    assert amounts == {("200000000", "300000000", "KRW", "press estimate")}
    assert {view.sectors for view in views} == {()}  # not stated for any of them
    assert [view.ref for view in views if view.predecessor_unidentified] == THE_17[:5]
    named = {view.ref: (view.role, view.organisation.key, view.roles) for view in views if view.organisation}
    keys = {"GG-1": "gyeonggi", "GG-2": "gyeonggi", "GG-3": "gyeonggi", "IO-1": "who", "IO-2": "unicef"}
    assert named == {ref: ("implementer", key, ()) for ref, key in keys.items()}  # who applied is not said
    assert views[0].title_en == "Gyeonggi Province project 1 (name not given)"
    assert views[7].title_en == "International organisation project 3 (name not given)"
    assert views[7].title_ko == "국제기구 사업 3 (사업명 미상)"
    assert [view.ref for view in views if view.notes.startswith("At least one")] == ["IO-1", "IO-2"]
    assert {bool(view.notes) == bool(view.notes_ko) for view in views} == {True}


def test_seed_statuses_equal_the_article(database: Database) -> None:
    seeded(database)
    for ref in THE_17:
        standing = standing_of(database, ref)
        hold, position, lift = standing.updates
        assert (hold.kind, str(hold.happened), hold.holder) == ("hold", "2025-H1", "undisclosed")
        assert (position.kind, position.holder, position.stance) == ("position", "US", "supports")
        assert (lift.kind, lift.holder) == ("hold-lifted", "undisclosed")
        for update in (position, lift):
            assert (str(update.happened), update.reported) == ("unknown", date(2026, 2, 5))
            assert [str(each.reported) for each in update.differing] == ["2026-02-05", "2026-02-06"]
        for update in standing.updates:
            assert (update.confidence, update.official, bool(update.note_ko)) == ("press", False, True)
            (source,) = update.sources
            assert str(source.url).startswith("https://www.donga.com/en/")
            assert (source.publisher, source.published) == ("Dong-A Ilbo", date(2026, 2, 7))
            assert source.attributed_to == "multiple diplomatic sources"
        assert lift_reported(standing)
        assert standing.headline(TODAY) == "under-review"
        assert (standing.submitted, standing.circulated) == (None, None)
        assert (standing.approval_reported, standing.letters) == (None, [])
        assert (standing.response, standing.statement(TODAY).as_of) == (Response.UNKNOWN, date(2026, 2, 7))


def test_portfolio_note_falls_back_to_english() -> None:
    assert portfolio_note("en").startswith("Most of the 17 are health, water and sanitation, and nutrition projects")
    assert portfolio_note("ko").startswith("17건 대부분은")
    assert portfolio_note("fr") == portfolio_note("en")


OLD_LIST = date(2025, 1, 1)
OLD_ELECTED = {2025: "DZ GY KR SI SL", 2026: "DK GR PA PK SO"}
OLD_ROWS = [
    *[(code, OLD_LIST, None) for code in ("CN", "FR", "GB", "RU", "US")],
    *[(code, OLD_LIST, date(year, 12, 31)) for year, codes in OLD_ELECTED.items() for code in codes.split()],
    *[(code, date(2026, 1, 1), date(2027, 12, 31)) for code in ("BH", "CD", "CO", "LR", "LV")],
]
"""The rows of the list that shipped with the versions before."""
EDITOR = Editor(TEAM, ADMIN, NOW)


def as_before(database: Database) -> None:
    with database.writing() as session:
        session.execute(delete(CouncilMember))
        session.execute(
            insert(CouncilMember), [{"code": code, "since": since, "until": until} for code, since, until in OLD_ROWS]
        )


def rows(database: Database, *codes: str) -> list[Membership]:
    with database.reading() as session:
        return [row for row in load_council(session).rows if not codes or row.code in codes]


def council_seeded(database: Database) -> int:
    with database.writing() as session:
        return seed_council(session)


def test_unedited_rows_of_before_become_the_shipped_ones(database: Database) -> None:
    assert sorted(rows(database), key=str) == sorted(shipped_council().rows, key=str)
    as_before(database)
    assert council_seeded(database) == len(shipped_council().rows) - len(OLD_ROWS)
    assert sorted(rows(database), key=str) == sorted(shipped_council().rows, key=str)
    assert council_seeded(database) == 0


def test_rows_that_admins_entered_or_edited_stay(database: Database) -> None:
    as_before(database)
    with database.writing() as session:
        end_membership(session, "GR", date(2026, 6, 30), EDITOR)
        end_membership(session, "GB", date(2026, 6, 30), EDITOR)
        add_membership(session, "AT", date(2027, 2, 1), None, EDITOR)
        remove_membership(session, "PK", OLD_LIST, EDITOR)
        session.add(CouncilMember(code="JP", since=date(2023, 3, 1), until=date(2024, 2, 1)))
    council_seeded(database)
    council_seeded(database)
    assert rows(database, "GR", "GB", "AT", "PK", "JP") == [
        Membership("AT", date(2027, 2, 1), None),
        Membership("GB", OLD_LIST, date(2026, 6, 30)),
        Membership("GR", OLD_LIST, date(2026, 6, 30)),
        Membership("JP", date(2023, 3, 1), date(2024, 2, 1)),
    ]
    with database.reading() as session:
        council = load_council(session)
    assert council.on_record(date(2027, 1, 1), date(2027, 1, 31)) == MEMBERS - 2
    assert council.on_record(date(2019, 1, 1), date(2019, 12, 31)) == MEMBERS - 1


def test_new_end_of_a_membership_plans_reminders(database: Database) -> None:
    as_before(database)
    with database.writing() as session:
        session.execute(delete(CouncilMember).where(CouncilMember.code == "BH"))
        add_project(session, "IO-1")
    say(database, "IO-1 hold by:BH on:2026-03-01 as:press")
    council_seeded(database)
    with database.reading() as session:
        days = set(session.scalars(select(Reminder.day).where(Reminder.kind == ReminderKind.HOLDER_LEAVES)))
    assert days == {date(2027, 12, 31)}
