"""The record as it was: the answer known at a time is the answer that was given then, whatever was recorded since."""

import shutil
import tempfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.admin.projects import add_project, edit_project, fields_of, set_visibility
from db.audit import Editor
from db.database import Database
from db.domain.dates import new_york_date
from db.domain.enums import Visibility
from db.errors import BadInput
from db.integrity.proof import prove
from db.maintenance.past_versions import rebuild_versions
from db.models import VERSIONS, CounterVersion
from db.past import AsOf, reading_as_of
from db.projects.fields import NewOrganisation
from db.projects.queries import matching
from db.reports.portfolio import list_page, portfolio
from db.reports.project import project_detail
from db.reports.statistics import figures_of
from db.search.filter import parse_filter
from db.updates.counters import Dimension, counters_of, counters_on
from tests.support.proposals import ADMIN, NOW, TEAM, add_projects, say, take_back
from tests.support.strategies import ANYTHING, DATES, ENDS, Step, apply_step

REFS = ("GG-1", "IO-2")
ALL = parse_filter("group:gyeonggi,kr-private,io,ngo")  # what is filtered is counted, where counts of all are kept
COUNTED = {*Dimension} - {Dimension.HOLDER, Dimension.AS_OF}
DAYS = [date.fromisoformat(day) for day in (*DATES, *ENDS) if "2025-01-01" <= day <= "2026-03-10" and len(day) == 10]
FILTERS = ("", "status:on-hold", "holder:US", "kind:approved", "group:io", "expiring:90d")
TITLE = "a new title"
ACTS = st.lists(
    st.tuples(st.sampled_from([REFS, REFS[:1], REFS[1:]]), st.one_of(ANYTHING, st.just(Step(TITLE)))), max_size=8
)


def answers(session: Session, day: date) -> tuple[object, ...]:
    filters = [parse_filter(text) for text in FILTERS]
    details = [project_detail(session, ref, day) for ref in REFS]
    return (
        portfolio(session, day),
        [list_page(session, each, day, number=1, size=20) for each in filters],
        figures_of(session, filters[0], day),
        [replace(each, inconsistent_updates={}) for each in details],
        [{number: str(reason) for number, reason in each.inconsistent_updates.items()} for each in details],
    )


def edit(database: Database, refs: tuple[str, ...], now: datetime) -> None:
    with database.writing() as session:
        for ref in refs:
            fields, version = fields_of(session, ref)
            group = "ngo" if fields.group == "io" else "io"
            edited = replace(fields, title_en=f"Clinic {version}", group=group)
            edit_project(session, ref, version, edited, NewOrganisation(), Editor(TEAM, ADMIN, now))


def answers_given(database: Database, acts: list[tuple[tuple[str, ...], Step]]) -> dict[datetime, tuple[object, ...]]:
    """Record each act a day after the one before; return the answers given after each, by time."""
    given_then = {}
    for days, (refs, step) in enumerate(acts, start=1):
        now = NOW + timedelta(days=days)
        edit(database, refs, now) if step.line == TITLE else apply_step(database, refs, step, now=now)
        with database.reading() as session:
            given_then[now] = answers(session, new_york_date(now))
    return given_then


def versions(session: Session) -> list[list[str]]:
    """Return the rows of all versions; the order of counts says nothing but of sources."""
    tables = (*VERSIONS.values(), CounterVersion.__table__)
    return [sorted(map(str, session.execute(select(table)))) for table in tables]


def check(database: Database, acts: list[tuple[tuple[str, ...], Step]]) -> None:
    add_projects(database, *REFS)
    say(database, "GG-1 note seen")  # before its first act the record says nothing
    for now, given_then in answers_given(database, acts).items():
        with reading_as_of(database, AsOf(known=now)) as session:
            assert answers(session, new_york_date(now)) == given_then
    last = NOW + timedelta(days=len(acts))
    with database.reading() as session:
        today = answers(session, new_york_date(last))
        assert prove(session).findings == ()
    with database.writing() as session:
        kept = versions(session)
        rebuild_versions(session)
        assert versions(session) == kept
    for point in (AsOf(on=new_york_date(last)), AsOf(known=last, on=new_york_date(last))):
        with reading_as_of(database, point) as session:
            assert answers(session, new_york_date(last))[1] == today[1]
    check_counts(database, [NOW + timedelta(days=1), last])


def check_counts(database: Database, times: list[datetime]) -> None:
    """Compare the counts that are kept with those of all projects counted, on each day and on the next."""
    for known in (None, *times):
        for on in sorted({day + timedelta(days=after) for day in DAYS for after in (0, 1)}):
            with reading_as_of(database, AsOf(known=known, on=on)) as session:
                kept, counted = counters_on(session, on), counters_of(session, matching(ALL, on), on)
                assert {axis: +kept[axis] for axis in COUNTED} == {axis: +counted[axis] for axis in COUNTED}


@settings(max_examples=15, deadline=None)
@given(acts=ACTS)
@example(acts=[(REFS[:1], Step("as:letter ", 2, "confirms")), (REFS[:1], Step("", 3))])
@example(
    acts=[
        (REFS, Step("approved on:2025-03-01 as:letter until:2025-09-30")),
        (REFS[:1], Step("extended on:2026-02-05 as:letter until:2026-12-31")),
    ]
)
def test_answer_known_at_a_time_is_the_one_given_then(
    sqlite_template: Path, acts: list[tuple[tuple[str, ...], Step]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{shutil.copy(sqlite_template, folder)}")
        check(database, acts)
        database.close()


def test_answer_known_at_a_time_on_both_databases(database: Database) -> None:
    steps = (
        "submitted on:2026-01-05 as:applicant",
        "hold on:2026-02-01 by:US as:press",
        TITLE,
        "hold-lifted on:2026-02-05 by:US as:press",
        "approved on:2026-03-01 until:2026-09-01 as:letter",
    )
    check(database, [*((REFS, Step(line)) for line in steps), (REFS[:1], Step("", 1)), (REFS, Step(TITLE))])


def test_project_added_since_is_neither_listed_nor_counted(database: Database) -> None:
    add_projects(database, *REFS)
    say(database, "GG-1,IO-2 submitted on:2026-01-05 as:applicant")
    later = NOW + timedelta(days=1)
    with database.reading() as session:
        given_then = answers(session, new_york_date(NOW))
        fields, _ = fields_of(session, "GG-1")
    for ref, same_as in (("KR-8", ""), ("KR-9", "GG-1")):
        with database.writing() as session:
            added = replace(fields, ref=ref, group="kr-private", same_as=same_as)
            add_project(session, added, NewOrganisation(), Editor(TEAM, ADMIN, later))
        say(database, f"{ref} hold on:2026-02-01 by:US as:press", now=later)
    with reading_as_of(database, AsOf(known=NOW)) as session:
        assert answers(session, new_york_date(NOW)) == given_then


def standing_on(database: Database, as_of: AsOf) -> str:
    with reading_as_of(database, as_of) as session:
        return project_detail(session, "GG-1", as_of.day).standing.headline(as_of.day).value


def test_both_axes_of_a_corrected_and_a_retracted_update(database: Database) -> None:
    add_projects(database, "GG-1")
    say(database, "GG-1 submitted on:2026-01-05 as:applicant")
    say(database, "GG-1 hold on:2026-02-01 by:US as:press", now=NOW + timedelta(days=1))
    say(database, "GG-1 hold on:2026-02-20 by:US as:press", now=NOW + timedelta(days=2), corrects=2)
    before, after = NOW + timedelta(days=1), NOW + timedelta(days=2)
    first, second = date(2026, 2, 10), date(2026, 2, 25)
    table = {
        AsOf(known=before, on=first): "on-hold",
        AsOf(known=after, on=first): "submitted",
        AsOf(on=first): "submitted",
        AsOf(on=second): "on-hold",
        AsOf(on=date(2025, 1, 1)): "no-record",
    }
    assert {point: standing_on(database, point) for point in table} == table

    take_back(database, 2, now=NOW + timedelta(days=3))
    assert standing_on(database, AsOf(on=second)) == "submitted"
    assert standing_on(database, AsOf(known=after, on=second)) == "on-hold"


def test_name_withheld_now_stays_withheld_in_the_past(database: Database) -> None:
    add_projects(database, *REFS)
    say(database, "GG-1 note seen")
    edit(database, REFS[:1], NOW + timedelta(days=1))
    with database.writing() as session:
        set_visibility(session, "GG-1", Visibility.WITHHELD, Editor(TEAM, ADMIN, NOW + timedelta(days=2)))
    with reading_as_of(database, AsOf(known=NOW + timedelta(hours=1))) as session:
        detail = project_detail(session, "GG-1", new_york_date(NOW))
    assert (detail.project.withheld, detail.project.title_en, detail.project.group) == (True, None, "io")


def test_time_before_the_first_act_is_refused(database: Database) -> None:
    add_projects(database, "GG-1")
    say(database, "GG-1 note seen")
    with (
        pytest.raises(BadInput, match="begins on 2026-03-10"),
        reading_as_of(database, AsOf(known=NOW - timedelta(days=1))),
    ):
        pass
