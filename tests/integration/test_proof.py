"""Proof of the record: what each way of tampering is told as, on SQLite and PostgreSQL."""

import pytest
from sqlalchemy import select

from db.admin.projects import add_project, set_visibility
from db.audit import Editor
from db.chain import Head, heads_of_acts, link_earlier_rows
from db.database import Database
from db.domain.enums import Visibility
from db.errors import BadInput
from db.integrity.proof import parse_heads, prove
from db.models import ChainLink
from db.projects.fields import NewOrganisation, ProjectFields
from tests.integration.test_check import damage, damage_in
from tests.support.proposals import NOW, TEAM, say, take_back

EDITOR = Editor(TEAM, "U0ADMIN", NOW)


@pytest.fixture
def record(database: Database) -> Database:
    """Return two projects, three acts and an edit: links 1, 2 are the projects, 3 to 5 the acts, 6 the edit."""
    with database.writing() as session:
        for ref, group in (("GG-1", "gyeonggi"), ("IO-2", "io")):
            add_project(session, ProjectFields(ref=ref, title_en="Clinic", group=group), NewOrganisation(), EDITOR)
    for line in ("GG-1 hold by:US on:2026-02-01 source:https://example.org/a", "GG-1,IO-2 note seen"):
        say(database, line)
    take_back(database, 2, refs=("IO-2",))
    with database.writing() as session:
        set_visibility(session, "IO-2", Visibility.WITHHELD, EDITOR)
    return database


def heads_of(database: Database) -> list[Head]:
    with database.reading() as session:
        return [
            Head(*row) for row in session.execute(select(ChainLink.number, ChainLink.head).order_by(ChainLink.number))
        ]


def findings(database: Database, *kept: Head) -> tuple[str, ...]:
    with database.reading() as session:
        return prove(session, kept).findings


def test_sound_record_is_proved_with_all_heads_kept(record: Database) -> None:
    kept = heads_of(record)
    with record.reading() as session:
        proof = prove(session, kept)
        assert heads_of_acts(session, [3, 9]) == {3: kept[4]}
    assert (proof.findings, proof.head, proof.agreed) == ((), kept[-1], 6)
    assert parse_heads("\n".join(map(str, kept))) == kept


def test_line_that_is_no_head_is_refused() -> None:
    with pytest.raises(BadInput, match="Line 2"):
        parse_heads(f"1 {'a' * 64}\n2 short\n")


COPY_OF_ACT = (
    "INSERT INTO acts (id, key, fingerprint, team_id, user_id, origin, recorded_at)"
    " SELECT 9, 'other', 'other', team_id, user_id, origin, recorded_at FROM acts WHERE id = 1"
)
SWAP = (
    "UPDATE chain SET act_id = 99 WHERE number = 3",
    "UPDATE chain SET act_id = 1 WHERE number = 4",
    "UPDATE chain SET act_id = 2 WHERE number = 3",
)
TAMPERED = {
    "a note was changed": (
        ("UPDATE updates SET note = 'other' WHERE id = 2",),
        "act 2 is not as it was recorded, or not in its place (link 4 of the chain)",
    ),
    "a source was changed": (
        ("UPDATE update_sources SET url = 'https://example.org/b'",),
        "act 1 is not as it was recorded, or not in its place (link 3 of the chain)",
    ),
    "a time was changed": (
        ("UPDATE acts SET recorded_at = '2026-01-01 00:00:00+00:00' WHERE id = 3",),
        "act 3 is not as it was recorded, or not in its place (link 5 of the chain)",
    ),
    "a project was taken from an update": (
        ("DELETE FROM update_projects WHERE update_id = 2 AND project_id = 2",),
        "act 2 is not as it was recorded, or not in its place (link 4 of the chain)",
    ),
    "an act was removed": (("DELETE FROM acts WHERE id = 2",), "act 2 was taken out (link 4 of the chain)"),
    "an act was removed with its link": (
        ("DELETE FROM acts WHERE id = 2", "DELETE FROM chain WHERE number = 4"),
        "link 4 of the chain was taken out",
    ),
    "an act was inserted": ((COPY_OF_ACT,), "act 9 is not in the chain: it was not recorded by the bot"),
    "two acts were swapped": (SWAP, "act 2 is not as it was recorded, or not in its place (link 3 of the chain)"),
    "an edit was removed": (("DELETE FROM audit WHERE id = 3",), "audit entry 3 was taken out (link 6 of the chain)"),
    "a name was shown": (
        ("UPDATE projects SET visibility = 'public' WHERE ref = 'IO-2'",),
        "IO-2: visibility not as the last edit in the audit left it",
    ),
    "a title was changed": (
        ("UPDATE projects SET title_en = 'Other' WHERE ref = 'GG-1'",),
        "GG-1: title_en not as the last edit in the audit left it",
    ),
    "the end was cut off": (
        ("DELETE FROM chain WHERE number = 6", "DELETE FROM audit WHERE id = 3"),
        "the chain ends at link 5, and a kept head has number 6: its end was cut off",
    ),
}


def test_tampering_is_named(record: Database) -> None:
    kept, missed = heads_of(record), {}
    for tampered, (statements, finding) in TAMPERED.items():
        with record.writing() as session:
            damage_in(session, *statements)
            found = prove(session, kept).findings
            session.rollback()
        if finding not in found:
            missed[tampered] = found
    assert missed == {}
    assert findings(record, *kept) == ()


def test_chain_built_again_is_found_by_a_kept_head(record: Database) -> None:
    kept = heads_of(record)
    damage(record, "UPDATE updates SET note = 'other' WHERE id = 2", "DELETE FROM chain")
    with record.writing() as session:
        link_earlier_rows(session)
    assert findings(record) == ()
    assert ["another head than was kept" in sentence for sentence in findings(record, *kept)] == [True]
