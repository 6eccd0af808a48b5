"""Status cache: equal to a rebuild and to a replay after any sequence of updates."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from db.database import Database
from db.integrity.check import find_problems
from db.models import ChangeSet, HoldRow, Project, ProjectStatusRow, UpdateProject
from db.recording.receipts import RecordingContext
from db.recording.record import write_change_set
from db.updates.history import load_histories, load_updates, updates_of_act
from db.updates.status_cache import rebuild_all
from tests.support.proposals import NOW, add_projects, say
from tests.support.strategies import ANYTHING, Step, apply_step

REFS = ("GG-1", "GG-2")
ACTS = st.lists(st.tuples(st.sampled_from([REFS, REFS[:1], REFS[1:]]), ANYTHING), max_size=10)


def cache_of(database: Database) -> list[tuple[object, ...]]:
    with database.reading() as session:
        return [
            tuple(row)
            for table in (ProjectStatusRow.__table__, HoldRow.__table__)
            for row in session.execute(select(table).order_by(*table.primary_key))
        ]


def replay(database: Database, target: Database) -> None:
    """Append every act of ``database`` to ``target``."""
    with database.reading() as session, target.writing() as copy:
        for act in session.scalars(select(ChangeSet).order_by(ChangeSet.id)):
            parts = [
                (
                    update,
                    tuple(
                        session.scalars(
                            select(UpdateProject.project_id)
                            .where(UpdateProject.update_id == update.number)
                            .order_by(UpdateProject.project_id)
                        )
                    ),
                )
                for update in updates_of_act(session, act.id)
            ]
            recorder = RecordingContext(act.team_id, act.user_id, act.origin, act.key, act.fingerprint)
            histories = load_histories(copy, {project_id for _, ids in parts for project_id in ids})
            write_change_set(copy, parts, histories, recorder, act.recorded_at)


@settings(max_examples=25)
@given(acts=ACTS)
def test_status_cache_equals_rebuild_and_replay(
    sqlite_template: Path, acts: list[tuple[tuple[str, ...], Step]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        databases = []
        for name in ("first", "again"):
            path = Path(folder) / f"{name}.db"
            shutil.copy(sqlite_template, path)
            databases.append(Database(f"sqlite:///{path}"))
            add_projects(databases[-1], *REFS)
        first, again = databases
        for refs, step in acts:
            apply_step(first, refs, step)
        cached = cache_of(first)
        with first.writing() as session:
            assert find_problems(session) == []
            session.execute(delete(ProjectStatusRow))
            session.execute(delete(HoldRow))
            assert rebuild_all(session) == len(REFS)
        assert cache_of(first) == cached
        replay(first, again)
        assert cache_of(again) == cached
        for database in databases:
            database.close()


def test_loaded_update_equals_the_recorded_one(database: Database) -> None:
    add_projects(database, "GG-1")
    lines = [
        "GG-1 submitted on:2024 reported:2025-01-02 extends:unidentified",
        "GG-1 circulated on:2025-02 deadline:2025-03-01T15:00 as:government source:https://example.org/a?b=c",
        "GG-1 hold by:undisclosed on:2025-H1 length:6m as:anonymous",
        (
            "GG-1 approved on:2025-07-01 until:2026-H1 period:12m as:letter lift:all "
            'value:367,883.80 currency:eur items:20 shipments:3 paragraph:"2397 para 25"'
        ),
        "GG-1 clearance on:unknown authority:“MOU” outcome:granted until:2026-12 반출 승인",
        'GG-1 position by:CN stance:asks-time on:2025-05 attributed-to:"several diplomats" note-ko:시간이 as:press',
        'GG-1 shipped on:2025-09 consignment:1/3 contents:"20 boxes" from:Dalian to:Nampo as:applicant',
        "GG-1 delivered on:2025-10-01 consignment:1/3 all:yes as:applicant",
    ]
    recorded = [update for line in lines for update in say(database, line).updates]
    with database.reading() as session:
        loaded = load_updates(session, [each.number for each in recorded])
        assert list(loaded.values()) == recorded
        ids = session.scalars(select(Project.id)).all()
        assert load_histories(session, ids) == {ids[0]: recorded}
    letter = recorded[4].letter
    assert (letter.value, letter.currency, letter.item_count, letter.shipment_limit) == ("367883.80", "EUR", 20, 3)
    assert (letter.paragraph, str(letter.valid_until), str(letter.letter_date)) == (
        "2397 para 25",
        "2026-H1",
        "2025-07-01",
    )
    assert recorded[0].recorded_at == NOW
