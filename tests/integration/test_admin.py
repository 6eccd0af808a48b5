"""Concurrent changes by admins to projects, roles and the Council, on SQLite and PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.admin.council import add_membership, end_membership
from db.admin.projects import Conflict, add_project, changes_since, edit_project, fields_of, set_visibility
from db.admin.roles import grant, revoke
from db.alerts.preview import preview
from db.audit import Editor
from db.database import Database
from db.domain.council import Membership
from db.domain.enums import Visibility
from db.errors import AidError
from db.maintenance.seed import seed_article
from db.models import AuditEntry, Organisation, Project
from db.projects.applicants import find_organisations
from db.projects.fields import FieldErrors, NewOrganisation, ProjectFields
from db.search.filter import parse_filter

NOW = datetime(2026, 2, 10, 15, tzinfo=UTC)
EDITOR = Editor("T1", "U1", NOW)
FIELDS = ProjectFields(ref="KR-9", group="kr-private", title_en="Wells", sectors=("14031",))
NOBODY = NewOrganisation()


def at_once(database: Database, work: Callable[[Session], Any], times: int = 4) -> list[Any]:
    """Run ``work`` in concurrent transactions; return the results and errors."""

    def one(_number: int) -> Any:
        try:
            with database.writing() as session:
                return work(session)
        except AidError as error:
            return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def count(database: Database, table: Any) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_concurrent_adds_of_one_ref_add_one_project(database: Database) -> None:
    outcomes = at_once(database, lambda session: add_project(session, FIELDS, NOBODY, EDITOR))

    assert outcomes.count("KR-9") == 1
    refused = [each for each in outcomes if isinstance(each, FieldErrors)]
    assert [list(each.errors) for each in refused] == [["ref"]] * 3
    assert (count(database, Project), count(database, AuditEntry)) == (1, 1)


def test_concurrent_edits_of_one_version_save_one(database: Database) -> None:
    with database.writing() as session:
        add_project(session, FIELDS, NOBODY, EDITOR)
    new = ProjectFields(group="io", title_en="Pumps", sectors=("12220",))
    outcomes = at_once(database, lambda session: edit_project(session, "KR-9", 1, new, NOBODY, EDITOR))

    assert outcomes.count(("title_en", "group", "sectors")) == 1
    conflicts = [each for each in outcomes if isinstance(each, Conflict)]
    assert [each.version for each in conflicts] == [2] * 3
    assert conflicts[0].now == ProjectFields(ref="KR-9", group="io", title_en="Pumps", sectors=("12220",))


def test_edit_conflict_keeps_typed_fields_only(database: Database) -> None:
    with database.writing() as session:
        add_project(session, FIELDS, NOBODY, EDITOR)
        edit_project(session, "KR-9", 1, ProjectFields(group="io", title_en="Wells", notes="a"), NOBODY, EDITOR)
        set_visibility(session, "KR-9", Visibility.WITHHELD, EDITOR)
    fields = ProjectFields(group="kr-private", title_en="Mine", notes="b", sectors=("14031",))
    with database.writing() as session, pytest.raises(Conflict) as raised:
        edit_project(session, "KR-9", 1, fields, NOBODY, EDITOR)

    assert raised.value.renewed(fields) == {"group", "sectors", "visibility"}
    assert raised.value.merge(fields) == ProjectFields(group="io", title_en="Mine", notes="b", visibility="withheld")
    with database.reading() as session:
        assert [sorted(each.values) for each in changes_since(session, "KR-9", 1)] == [
            ["group", "notes", "sectors"],
            ["visibility"],
        ]


def test_applicants_of_one_name_get_their_own_keys(database: Database) -> None:
    for number, name in enumerate(("Green Tree", "Green-Tree!", "푸른나무")):
        fields = ProjectFields(ref=f"KR-{number}", group="kr-private")
        with database.writing() as session:
            add_project(session, fields, NewOrganisation(*((name, "") if name.isascii() else ("", name))), EDITOR)

    with database.reading() as session:
        assert set(session.scalars(select(Organisation.key))) == {"green-tree", "green-tree-2", "organisation"}
        assert [row.key for row in find_organisations(session, "GREEN", limit=1)] == ["green-tree"]
        assert [row.key for row in find_organisations(session, "나무", limit=9)] == ["organisation"]
        assert find_organisations(session, "%", limit=9) == []
        assert fields_of(session, "kr-1")[0].applicant == "green-tree-2"


def test_last_admin_cannot_be_revoked(database: Database) -> None:
    with database.writing() as session:
        assert grant(session, "U2", EDITOR, listed=frozenset())
        assert not grant(session, "U2", EDITOR, listed=frozenset())
        with pytest.raises(AidError, match="only admin"):
            revoke(session, "U2", EDITOR, listed=frozenset())
        assert grant(session, "U3", EDITOR, listed=frozenset())
        assert revoke(session, "U2", EDITOR, listed=frozenset())


def test_council_changes_are_audited_once(database: Database) -> None:
    with database.writing() as session:
        assert add_membership(session, "JP", date(2027, 1, 1), None, EDITOR) is None
        before, after = end_membership(session, "JP", date(2028, 12, 31), EDITOR)
        assert before == Membership("JP", date(2027, 1, 1), None)
        assert after == Membership("JP", date(2027, 1, 1), date(2028, 12, 31))
        assert add_membership(session, "JP", date(2027, 1, 1), date(2028, 12, 31), EDITOR) == after
    assert count(database, AuditEntry) == 2


def test_alert_preview_of_the_seed_counts_nothing(database: Database) -> None:
    with database.writing() as session:
        seed_article(session, now=NOW - timedelta(days=1))
    with database.reading() as session:
        assert preview(session, parse_filter(""), now=NOW).count == 0
