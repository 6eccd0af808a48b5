"""Recording by one typed line, for tests of the record.

    say(database, "GG-1 hold by:US on:2026-02-01 as:letter no reason given")

The clock stands at NOW. ``Pages`` is the same without a database: one project in memory.
"""

import hashlib
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.database import Database
from db.domain.code_lists import read_data
from db.domain.council import Council, Membership
from db.domain.dates import new_york_date
from db.domain.enums import UpdateKind
from db.domain.project_status import ProjectStatus, status_of
from db.domain.rules import RuleContext, RuleWarning, check
from db.domain.updates import Update, effective_updates
from db.integrity.check import find_problems
from db.models import ChangeSet, Organisation, Project
from db.recording.proposal import FORM_OPTIONS, OPTIONS, Proposal, parse_proposal
from db.recording.receipts import Receipt, RecordingContext, receipt_of
from db.recording.record import prepare, record_plan, retract
from db.updates.status_cache import initialize_projects

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
TODAY = new_york_date(NOW)
KNOWN = Path(str(files("db") / "data" / "known-exemptions.csv"))
TEAM = "T0TEST"
ADMIN = "U0ADMIN"
_OPTION = re.compile(r"\s*(" + "|".join([*OPTIONS, *FORM_OPTIONS]) + r'):("[^"]*"|\S+)')
_numbers = count(1)


def proposal(text: str, *, corrects: int | None = None) -> Proposal:
    """Read ``REF[,REF…] KIND [option…] [note]``."""
    refs, _, rest = text.strip().partition(" ")
    kind, _, rest = rest.partition(" ")
    options = {}
    while match := _OPTION.match(rest):
        options[match[1]] = match[2].strip('"')
        rest = rest[match.end() :]
    return Proposal(tuple(refs.split(",")), UpdateKind(kind), options, rest.strip(), corrects)


def recorder(
    text: str = "", *, key: str | None = None, user: str = ADMIN, repeat: bool = True, quiet: bool = False
) -> RecordingContext:
    """Return the context of recording ``text``; without a key each call is a change set of its own."""
    fingerprint = hashlib.sha256(f"{user} {text}".encode()).hexdigest()
    return RecordingContext(
        TEAM, user, "test", key or f"test:{next(_numbers)}", fingerprint, repeat=repeat, quiet=quiet
    )


def record(session: Session, proposal: Proposal, recorder: RecordingContext, *, now: datetime) -> Receipt:
    """Record ``proposal`` for all of its projects, or return the first receipt of what was recorded before."""
    planned = prepare(session, proposal, recorder, now=now)
    if isinstance(planned, ChangeSet):
        return receipt_of(session, planned.id)
    return record_plan(session, planned, recorder, now=now)


def say(
    database: Database, text: str, *, now: datetime = NOW, by: RecordingContext | None = None, **target: int
) -> Receipt:
    """Record one line in a transaction of its own; ``target`` is the number that it corrects, confirms or differs from."""
    with database.writing() as session:
        return record(session, replace(proposal(text), **target), by or recorder(text), now=now)


def take_back(
    database: Database,
    *numbers: int,
    refs: tuple[str, ...] = (),
    now: datetime = NOW,
    by: RecordingContext | None = None,
) -> Receipt:
    """Retract updates in a transaction of its own."""
    with database.writing() as session:
        return retract(session, numbers, by or recorder(f"retract {numbers}"), now=now, refs=refs)


def add_project(
    session: Session,
    ref: str,
    group: str = "io",
    *,
    organisation: Organisation | None = None,
    title: str | None = None,
    **fields: object,
) -> int:
    """Add a project without updates; return its id."""
    if organisation is not None and organisation.id is None:
        session.add(organisation)
        session.flush()
    row = Project(
        ref=ref,
        title_en=title or f"Project {ref}",
        group=group,
        created_at=NOW,
        created_by=ADMIN,
        organisation_id=organisation.id if organisation else None,
        **fields,
    )
    session.add(row)
    session.flush()
    initialize_projects(session, [row])
    return row.id


def add_projects(database: Database, *refs: str) -> dict[str, int]:
    with database.writing() as session:
        return {ref: add_project(session, ref) for ref in refs}


def problems(database: Database) -> list[str]:
    with database.reading() as session:
        return find_problems(session)


def id_of(database: Database, ref: str) -> int:
    with database.reading() as session:
        return session.scalars(select(Project.id).where(Project.ref == ref)).one()


def at_once(work: Callable[[int], Any], times: int) -> list[Any]:
    """Run ``work`` in threads that start together; return the results in order."""
    barrier = threading.Barrier(times)

    def start(number: int) -> Any:
        barrier.wait(timeout=30)
        return work(number)

    with ThreadPoolExecutor(times) as pool:
        return [each.result(timeout=60) for each in [pool.submit(start, number) for number in range(times)]]


@cache
def shipped_council() -> Council:
    return Council(
        tuple(Membership(each["code"], each["from"], each.get("to")) for each in read_data("council.toml")["member"])
    )


@dataclass
class Pages:
    """The record of one project in memory; ``now`` may be moved."""

    now: datetime = NOW
    updates: list[Update] = field(default_factory=list)

    @property
    def facts(self) -> RuleContext:
        return RuleContext(new_york_date(self.now), shipped_council())

    @property
    def standing(self) -> ProjectStatus:
        return status_of(self.updates)

    @property
    def headline(self) -> str:
        return self.standing.headline(new_york_date(self.now)).value

    def considered(
        self, text: str, *, corrects: int | None = None, confirms: int | None = None, differs: int | None = None
    ) -> Update:
        line = replace(proposal(f"GG-1 {text}", corrects=corrects), confirms=confirms, differs=differs)
        update = parse_proposal(line, now=self.now, by=ADMIN)
        if corrects is not None:
            placed = next(each for each in effective_updates(self.updates) if each.number == corrects)
            update = replace(
                update, place=placed.place or placed.number, first_recorded=placed.first_recorded or placed.recorded_at
            )
        return update

    def check(self, text: str) -> list[RuleWarning]:
        """Return the warnings for a line; raise its Refusal."""
        return check(self.considered(text), effective_updates(self.updates), self.facts)

    def say(self, *lines: str, **target: int) -> "Pages":
        for line in lines:
            update = self.considered(line, **target)
            check(update, effective_updates(self.updates), self.facts)
            self._append(update)
        return self

    def take_back(self, number: int) -> "Pages":
        self._append(Update(UpdateKind.NOTE, self.now, recorded_by=ADMIN, retracts=number))
        return self

    def _append(self, update: Update) -> None:
        number = len(self.updates) + 1
        self.updates.append(replace(update, number=number, act=number, place=0, first_recorded=None))
