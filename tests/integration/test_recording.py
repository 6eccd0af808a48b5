"""Recording: one change set in one transaction, recorded once (docs/field.md, section 12.1, rules 4, 10, 12)."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, literal, select, text
from sqlalchemy.exc import DBAPIError

from db.audit import Editor
from db.database import Database
from db.errors import BatchRefused, NotFound, Refusal
from db.integrity.check import find_problems
from db.integrity.record import APPEND_ONLY
from db.models import Base, HoldRow, ProjectStatusRow, UpdateRow
from db.recording.drafts import claim_request
from db.recording.record import plan
from db.reports.project import project_detail
from db.subscriptions.subscriptions import subscribe
from tests.support.proposals import (
    NOW,
    TEAM,
    TODAY,
    add_projects,
    at_once,
    id_of,
    problems,
    proposal,
    recorder,
    say,
    take_back,
)

SECOND = timedelta(seconds=1)


def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table."""
    with database.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }


def headline(database: Database, ref: str) -> str:
    with database.reading() as session:
        return session.scalars(
            select(ProjectStatusRow.headline).where(ProjectStatusRow.project_id == id_of(database, ref))
        ).one()


def test_batch_is_recorded_for_all_projects_or_none(database: Database) -> None:
    add_projects(database, "GG-1", "GG-2", "GG-3")
    say(database, "GG-2 hold by:US on:2025-H1 as:letter")
    with database.writing() as session:
        subscribe(session, "T1", "C1", "U1", "", "en", now=NOW)
    before = contents(database)
    with pytest.raises(BatchRefused) as refused:
        say(database, "GG-1,GG-2,GG-3 approved on:2026-02-06 until:unknown as:letter")
    assert [ref for ref, _ in refused.value.refusals] == ["GG-2"]
    assert str(refused.value) == "Nothing was recorded: this update does not fit 1 of the projects."
    with pytest.raises(NotFound, match=r"There is no project “GG-11”\. Did you mean GG-1, GG-2, GG-3\?"):
        say(database, "GG-1,GG-11 circulated on:2026-02-01")
    assert contents(database) == before

    receipt = say(database, "GG-1,GG-3 approved on:2026-02-06 until:unknown as:letter")
    assert ([each.ref for each in receipt.touched], len(receipt.updates)) == (["GG-1", "GG-3"], 1)
    assert len(contents(database)["deliveries"]) == 1


def test_plan_equals_the_receipt_and_writes_nothing(database: Database) -> None:
    add_projects(database, "GG-1", "GG-2")
    say(database, "GG-1 hold by:US on:2025-H1")
    before = contents(database)
    line = "GG-1,GG-2 approved on:2026-02-06 until:2027-02-06 as:letter lift:all"
    with database.reading() as session:
        planned = plan(session, proposal(line), now=NOW, by="U0ADMIN")
    assert contents(database) == before
    receipt = say(database, line)
    assert receipt.touched == planned.touched
    assert [each.kind for each, _ in planned.parts] == ["hold-lifted", "approved"]
    assert [each.kind for each in receipt.updates] == ["hold-lifted", "approved"]


def test_r4_lift_all_with_approval_is_one_change_set(database: Database) -> None:
    add_projects(database, "GG-1")
    say(database, "GG-1 hold by:US on:2025-H1 as:government")
    say(database, "GG-1 hold by:undisclosed on:2025-07-01")
    with pytest.raises(Refusal, match="add `lift:all`"):
        say(database, "GG-1 approved on:2026-02-06 until:2027-02-06 as:letter")
    receipt = say(database, "GG-1 approved on:2026-02-06 until:2027-02-06 as:letter lift:all")
    lift, approval = receipt.updates
    assert (lift.kind, lift.lift_all, approval.kind, lift.act) == ("hold-lifted", True, "approved", approval.act)
    with database.reading() as session:
        assert session.scalars(select(HoldRow.lifted_id)).all() == [lift.number, lift.number]
    assert headline(database, "GG-1") == "approved"
    take_back(database, lift.number, approval.number)
    assert headline(database, "GG-1") == "on-hold"
    with pytest.raises(Refusal, match="if your source is as strong as theirs"):
        say(database, "GG-1 approved on:2026-02-06 until:2027-02-06 as:reported-letter lift:all")
    reported = say(database, "GG-1 approval-reported on:2026-02-06").main  # which a letter may correct, lifting all
    say(database, "GG-1 approved on:2026-02-06 until:unknown as:letter lift:all", corrects=reported.number)
    assert headline(database, "GG-1") == "approved-end-unknown"


def test_confirmations_and_differing_reports_are_recorded(database: Database) -> None:
    add_projects(database, "GG-1", "GG-2")
    hold = say(database, "GG-1,GG-2 hold by:US on:2025-H1 as:press source:https://a.example").main.number
    say(database, "GG-1 hold as:government source:https://b.example", confirms=hold)
    letter = say(database, "GG-1 approved on:2026-02-06 until:2026-10-22 as:letter lift:all").main.number
    say(database, "GG-1 approved until:2026-10-21 as:letter", differs=letter)
    with database.reading() as session:
        standing = project_detail(session, "GG-1", TODAY).standing
        assert find_problems(session) == []
    assert (standing.holds[0].placed.confidence, str(standing.valid_until)) == ("government", "2026-10-21")
    with pytest.raises(Refusal, match=r"#\d+ is itself a report of"):
        say(database, "GG-1 hold as:letter", confirms=hold + 1)
    with pytest.raises(Refusal, match="Who confirms it"):
        say(database, "GG-2 hold", confirms=hold)
    with pytest.raises(Refusal, match="another report of it cannot be `note`"):
        say(database, "GG-2 note as:press seen", confirms=hold)
    with pytest.raises(Refusal, match="another report of it cannot be `note`"):
        say(database, "GG-1 note as:press seen", corrects=hold + 1)


@pytest.mark.parametrize(
    ("key", "later", "who", "again", "already"),
    [
        ("slack:1", 0, "U0ADMIN", True, True),
        ("slack:1", 3600, "U0ADMIN", True, True),  # the same key, ever
        ("slack:2", 0, "U0ADMIN", False, True),
        ("slack:2", 59, "U0ADMIN", False, True),
        ("slack:2", 60, "U0ADMIN", False, False),
        ("slack:2", 0, "U0ADMIN", True, False),  # Record again
        ("slack:2", 0, "U0OTHER", False, False),
    ],
)
def test_r12_same_change_set_is_recorded_once(
    database: Database, key: str, later: int, who: str, again: bool, already: bool
) -> None:
    add_projects(database, "GG-1")
    line = "GG-1 note on:2026-02-05 seen"
    first = say(database, line, by=recorder(line, key="slack:1", repeat=False))
    second = recorder(line, key=key, user=who, repeat=again)
    receipt = say(database, line, now=NOW + later * SECOND, by=second)
    assert (receipt.already, receipt.act == first.act) == (already, already)
    assert len(contents(database)["updates"]) == (1 if already else 2)
    if already:
        assert (receipt.main, receipt.touched) == (first.main, first.touched)


def test_r12_retracted_update_can_be_recorded_again(database: Database) -> None:
    add_projects(database, "GG-1")
    line = "GG-1 hold by:US on:2026-02-05"
    take_back(database, say(database, line, by=recorder(line, key="slack:1", repeat=False)).main.number)
    assert not say(database, line, now=NOW + SECOND, by=recorder(line, key="slack:2", repeat=False)).already


def test_r10_retraction_is_never_refused_and_done_once(database: Database) -> None:
    add_projects(database, "GG-1", "GG-2")
    both = say(database, "GG-1,GG-2 hold by:US on:2025-H1").main.number
    say(database, "GG-1 hold-lifted by:US on:2026-02-05")
    say(database, "GG-1 approved on:2026-02-06 until:unknown as:letter")
    undo = recorder(key="undo:1")
    receipt = take_back(database, both, refs=("GG-2",), by=undo)
    assert [(each.ref, each.before, each.after) for each in receipt.touched] == [("GG-2", "on-hold", "no-record")]
    assert take_back(database, both, refs=("GG-2",), by=undo).already
    assert take_back(database, both, refs=("GG-2",)).already
    assert not take_back(database, both).already  # it stood for GG-1
    assert headline(database, "GG-1") == "approved-end-unknown"
    assert not take_back(database, receipt.main.number).already  # taking the retraction back
    assert headline(database, "GG-2") == "on-hold"
    assert problems(database) == []


def test_r10_retraction_of_an_unknown_update_is_refused(database: Database) -> None:
    add_projects(database, "GG-1", "GG-2")
    number = say(database, "GG-1 circulated on:2026-02-05").main.number
    with pytest.raises(NotFound, match=r"There is no update #999\."):
        take_back(database, 999)
    with pytest.raises(NotFound, match=f"Update #{number} is not about GG-2."):
        take_back(database, number, refs=("GG-2",))


def test_r10_outdated_correction_is_refused(database: Database) -> None:
    add_projects(database, "GG-1", "GG-2")
    first = say(database, "GG-1 hold by:US on:2025-H1").main.number
    second = say(database, "GG-1 hold by:CN on:2025-H1", corrects=first).main
    assert (second.corrects, headline(database, "GG-1")) == (first, "on-hold")
    with pytest.raises(Refusal, match=f"#{first} was changed by #{second.number} in the meantime"):
        say(database, "GG-1 hold by:FR on:2025-H1", corrects=first)
    with pytest.raises(NotFound, match=f"Update #{second.number} is not about GG-2."):
        say(database, "GG-2 hold by:FR on:2025-H1", corrects=second.number)
    retraction = take_back(database, second.number).main.number
    with pytest.raises(Refusal, match=f"#{retraction} takes #{second.number} back"):
        say(database, "GG-1 hold by:FR on:2025-H1", corrects=retraction)


def test_r13_possible_duplicate_letters_are_found(database: Database) -> None:
    add_projects(database, "IO-1", "IO-2", "IO-3")
    earlier = "IO-1 approved on:2025-02-13 until:2026-02 as:reported-letter value:63,000.00 currency:USD items:20"
    say(database, earlier)

    def likeness(line: str) -> list[tuple[str, str]]:
        with database.reading() as session:
            planned = plan(session, proposal(line), now=NOW, by="U0ADMIN")
        return [(each.ref, each.likeness) for each in planned.duplicates]

    extended = "IO-1 extended on:{} until:2027-02-13 as:reported-letter {}"
    assert likeness(extended.format("2026-02-13", "value:63000 items:20")) == [("IO-1", "value-and-items")]
    assert likeness(extended.format("2026-02-13", "items:21")) == [("IO-1", "letter-date")]
    assert likeness(extended.format("2026-02-12", "value:63000 items:21")) == []
    assert likeness("IO-2 approved on:2026-02-13 until:2027-02-13 as:letter value:63000 items:20") == []
    say(database, "IO-3 approved on:2024-02-29 until:2025 as:letter")
    assert likeness("IO-3 extended on:2025-02-28 until:2026 as:letter") == []  # 29 February has no twin
    take_back(database, 1)
    assert likeness(extended.replace("extended", "approved").format("2026-02-13", "value:63000 items:20")) == []


COLUMNS = {
    "acts": "origin",
    "updates": "note",
    "update_projects": "headline_after",
    "update_sources": "url",
    "chain": "head",
}


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_recorded_rows_are_immutable(database: Database, table: str) -> None:
    column = COLUMNS.get(table, "action")
    add_projects(database, "GG-1")
    say(database, "GG-1 hold by:US on:2025-H1 source:https://example.org/a")
    with database.writing() as session:
        Editor("T1", "U1", NOW).audit(session, "role", "U2")
    before = contents(database)
    attempts = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
    for attempt in [*attempts, *([] if database.is_sqlite else [f"TRUNCATE {table} CASCADE"])]:
        with pytest.raises(DBAPIError, match="the record is append-only"), database.writing() as session:
            session.execute(text(attempt))
    assert contents(database) == before


def test_report_of_a_retracted_update_is_marked(database: Database) -> None:
    add_projects(database, "GG-1")
    hold = say(database, "GG-1 hold by:US on:2025-H1 as:press").main.number
    confirmation = say(database, "GG-1 hold as:government", confirms=hold).main.number
    take_back(database, hold)
    with database.reading() as session:
        marked = project_detail(session, "GG-1", TODAY).inconsistent_updates
    assert {number: str(reason) for number, reason in marked.items()} == {
        confirmation: f"What it reports of, #{hold}, was taken back or changed since."
    }


# -- writers at the same time (rule 12) -----------------------------------------------------------------------


def update_count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(UpdateRow)) or 0


def test_concurrent_identical_updates_record_once(database: Database) -> None:
    add_projects(database, "GG-1", "GG-2")
    line = "GG-1,GG-2 note on:2026-02-05 seen"
    for round_number in range(1, 6):
        line_text = f"{line} {round_number}"
        receipts = at_once(lambda _: say(database, line_text, by=recorder(line_text, repeat=False)), 2)  # noqa: B023
        assert sorted(each.already for each in receipts) == [False, True]
        assert len({each.main.number for each in receipts}) == 1
        assert update_count(database) == round_number


def test_concurrent_same_key_is_one_change_set(database: Database) -> None:
    add_projects(database, "GG-1")
    receipts = at_once(lambda _: say(database, "GG-1 note seen", by=recorder(key="slack:1")), 4)
    assert sorted(each.already for each in receipts) == [False, True, True, True]
    assert update_count(database) == 1


def test_rules_hold_between_concurrent_writers(database: Database) -> None:
    add_projects(database, "GG-1")

    def approve(_number: int) -> str:
        try:
            say(database, "GG-1 approved on:2026-02-06 until:unknown as:letter")
        except Refusal as refusal:
            return str(refusal)
        return "recorded"

    outcomes = sorted(at_once(approve, 3), reverse=True)
    assert outcomes[0] == "recorded"
    assert all(each.startswith("Already approved") for each in outcomes[1:])


def test_many_writers_wait_for_each_other(database: Database) -> None:
    """Avoid "database is locked" and deadlocks, even if the projects are named in different orders."""
    refs = ["GG-1", "GG-2", "GG-3"]
    add_projects(database, *refs)

    def record_some(number: int) -> list[int]:
        mine = ",".join(refs[number % 3 :] + refs[: number % 3])
        return [say(database, f"{mine} note on:2026-02-05 from {number}").main.number for _ in range(5)]

    numbers = [number for each in at_once(record_some, 8) for number in each]
    assert len(set(numbers)) == update_count(database) == 40
    assert problems(database) == []


def test_concurrent_retractions_retract_once(database: Database) -> None:
    add_projects(database, "GG-1")
    number = say(database, "GG-1 hold by:US on:2026-02-05").main.number
    receipts = at_once(lambda _: take_back(database, number), 2)
    assert sorted(each.already for each in receipts) == [False, True]
    assert update_count(database) == 2


def test_concurrent_claim_of_a_request_succeeds_once(database: Database) -> None:
    def arrive(_number: int) -> bool:
        with database.writing() as session:
            return claim_request(session, "Ev123", TEAM, now=NOW)

    assert sorted(at_once(arrive, 4)) == [False, False, False, True]


def test_new_file_can_be_opened_concurrently(tmp_path: Path) -> None:
    def start(number: int) -> int:
        database = Database(f"sqlite:///{tmp_path / str(number // 8)}.db")
        with database.writing() as session:
            value = session.scalar(select(literal(number)))
        database.close()
        return value or 0

    assert at_once(start, 80) == list(range(80))
