"""Concurrent writers: each change set is recorded once and nobody is turned away (docs/field.md, rule 12)."""

from pathlib import Path

from sqlalchemy import func, literal, select

from db.database import Database
from db.errors import Refusal
from db.models import UpdateRow
from db.recording.drafts import claim_request
from tests.support.proposals import NOW, TEAM, add_projects, at_once, problems, recorder, say, take_back


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
