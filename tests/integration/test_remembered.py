"""What was made of the record before counts again only while the record says the same."""

import shutil
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.council import set_membership
from db.database import Database, read
from db.domain.enums import Visibility
from db.errors import NotFound
from db.models import Project
from db.people import prefer
from db.projects.queries import search
from db.remembered import MOST_ROWS, Remembered
from db.reports.portfolio import list_page, portfolio
from db.reports.project import case
from db.search.filter import parse_filter
from db.updates.status_cache import store_search_texts
from handlers.blocks.blockkit import Block
from handlers.i18n.translator import Words
from handlers.status.project_card import card
from tests.benchmarks.big_record import TEAM
from tests.benchmarks.queries import QUESTIONS
from tests.benchmarks.requests import open_bot, statements
from tests.support.proposals import TODAY, add_projects, say, take_back
from tests.support.records import small
from tests.support.strategies import ANYTHING, Typed, play

REFS = ("GG-1", "GG-2")
ACTS = st.lists(st.tuples(st.sampled_from([REFS, REFS[:1], REFS[1:]]), ANYTHING), max_size=8)


def withhold(database: Database) -> None:
    with database.writing() as session:
        row = session.scalars(select(Project).where(Project.ref == "GG-1")).one()
        row.visibility = Visibility.WITHHELD.value
        store_search_texts(session, [row])


def rename(database: Database) -> None:
    with database.writing() as session:
        row = session.scalars(select(Project).where(Project.ref == "GG-1")).one()
        row.title_en = "Water for the province"
        store_search_texts(session, [row])


def leave_the_council(database: Database) -> None:
    with database.writing() as session:
        set_membership(session, "US", date(2025, 1, 1), date(2025, 2, 1))


def read_korean(database: Database) -> None:
    with database.writing() as session:
        prefer(session, TEAM, "U0ADMIN", language="ko")


def read_tables(database: Database) -> None:
    with database.writing() as session:
        prefer(session, TEAM, "U0ADMIN", data_table=True)


CHANGES: dict[str, Callable[[Database], object]] = {
    "an update": lambda database: say(database, "GG-1 hold by:FR on:2026-02-09"),
    "a correction": lambda database: say(database, "GG-1 note read again", corrects=1),
    "a retraction": lambda database: take_back(database, 1),
    "a project": lambda database: add_projects(database, "GG-77"),
    "a name": rename,
    "a name withheld": withhold,
    "a member leaves the Council": leave_the_council,
    "who asks reads Korean": read_korean,
    "who asks reads tables": read_tables,
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_answer_is_never_older_than_the_record(database: Database, change: str) -> None:
    small(database)
    with open_bot(database) as ask:
        before = {name: ask(body).body for name, body in QUESTIONS.items()}
        CHANGES[change](database)
        again = {name: ask(body).body for name, body in QUESTIONS.items()}
        ask.bot.services.remembered.forget()
        anew = {name: ask(body).body for name, body in QUESTIONS.items()}

    assert again == anew
    assert again != before, "the change would show nothing"


def shown(session: Session, ref: str, today: date) -> list[Block]:
    return card(Words("en"), case(session, ref, today))


@settings(max_examples=40, deadline=None)
@given(acts=ACTS)
def test_whatever_is_recorded_what_is_remembered_equals_what_is_made_anew(
    sqlite_template: Path, acts: list[tuple[tuple[str, ...], Typed]]
) -> None:
    wanted = parse_filter("group:io -status:delivered")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(sqlite_template, Path(folder) / "aid.db")
        database = Database(f"sqlite:///{folder}/aid.db")
        add_projects(database, *REFS)
        remembered = Remembered()
        for refs, typed in acts:
            play(database, refs, typed)
            with database.reading() as session:
                for today in (TODAY, TODAY + timedelta(days=200)):
                    assert remembered.of(session, portfolio, today) == portfolio(session, today)
                    assert remembered.of(session, shown, "GG-1", today) == shown(session, "GG-1", today)
                    page = list_page(session, wanted, today, number=1, size=5)
                    assert remembered.of(session, list_page, wanted, today, number=1, size=5) == page
        database.close()


class Counted:
    """Counts how often something is made; ``most`` rows are read for it."""

    def __init__(self, most: int = 10) -> None:
        self.times = 0
        self.most = most

    def __call__(self, session: Session, ref: str) -> list[str]:
        self.times += 1
        return list(read(session, select(Project.ref).where(Project.ref >= ref).limit(self.most)).scalars())


def test_what_rests_on_the_same_rows_is_made_once_and_its_statements_are_run_each_time(database: Database) -> None:
    add_projects(database, *REFS)
    remembered, make = Remembered(), Counted()
    for number in range(3):
        with database.reading() as session, statements(database) as seen:
            assert remembered.of(session, make, "GG-1") == ["GG-1", "GG-2"]
        assert (make.times, len(seen)) == (1, 1), number

    add_projects(database, "GG-3")
    with database.reading() as session:
        assert remembered.of(session, make, "GG-1") == ["GG-1", "GG-2", "GG-3"]


def test_another_question_has_another_answer(sqlite_database: Database) -> None:
    add_projects(sqlite_database, *REFS)
    remembered, make = Remembered(), Counted()
    with sqlite_database.reading() as session:
        assert remembered.of(session, make, "GG-1") == ["GG-1", "GG-2"]
        assert remembered.of(session, make, "GG-2") == ["GG-2"]


def by_another_way(session: Session, ref: str) -> str | None:
    assert read(session, select(Project.id)).all()
    return session.scalar(select(Project.title_en).where(Project.ref == ref))


def by_its_key(session: Session, key: int) -> str | None:
    row = session.get(Project, key)
    return row.title_en if row else None


@pytest.mark.parametrize(("make", "asked"), [(by_another_way, "GG-1"), (by_its_key, 1)])
def test_what_was_read_by_another_way_is_not_remembered(
    database: Database, make: Callable[..., str | None], asked: str | int
) -> None:
    add_projects(database, "GG-1")
    remembered = Remembered()
    with database.reading() as session:
        assert remembered.of(session, make, asked) == "Project GG-1"
    rename(database)
    with database.reading() as session:
        assert remembered.of(session, make, asked) == "Water for the province"


def test_what_a_transaction_that_writes_reads_is_not_remembered(database: Database) -> None:
    add_projects(database, *REFS)
    remembered, make = Remembered(), Counted()
    for times in (1, 2):
        with database.writing() as session:
            remembered.of(session, make, "GG-1")
        assert make.times == times


def test_an_error_is_not_remembered(sqlite_database: Database) -> None:
    remembered = Remembered()
    with sqlite_database.reading() as session, pytest.raises(NotFound):
        remembered.of(session, case, "GG-1", TODAY)
    add_projects(sqlite_database, "GG-1")
    with sqlite_database.reading() as session:
        assert remembered.of(session, case, "GG-1", TODAY).project.ref == "GG-1"


def test_a_typing_error_in_a_typeahead_finds_what_was_added_since(sqlite_database: Database) -> None:
    add_projects(sqlite_database, "GG-1")
    remembered = Remembered()
    for expected in ([], ["GG-1"]):
        with sqlite_database.reading() as session:
            assert [each.ref for each in remembered.of(session, search, "watre for the province", limit=5)] == expected
        rename(sqlite_database)


def test_only_so_many_are_remembered_and_none_of_a_great_many_rows(sqlite_database: Database) -> None:
    add_projects(sqlite_database, *(f"GG-{number}" for number in range(1, MOST_ROWS + 2)))
    remembered, make, much = Remembered(most=2), Counted(), Counted(most=MOST_ROWS + 1)
    with sqlite_database.reading() as session:
        for ref in ("GG-1", "GG-2", "GG-1", "GG-3", "GG-1"):
            remembered.of(session, make, ref)
        assert make.times == len({"GG-1", "GG-2", "GG-3"})
        remembered.of(session, make, "GG-2")
        assert make.times == 4, "the one not asked for longest had gone"
        for _ in range(2):
            remembered.of(session, much, "A-1")
        assert much.times == 2
