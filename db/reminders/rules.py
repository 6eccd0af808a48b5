"""Reminders of what is coming up or overdue, derived from a project's status.

The number of days before or after is a setting (``db/data/reminders.toml``); nothing here is a rule of the
Committee (docs/field.md, section 13). An unknown end gives no deadline; people are reminded to find it (rule 5).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from db.domain.council import Council
from db.domain.project_status import Hold, ProjectStatus
from db.domain.updates import Update

# The days before or after its day on which each kind of reminder is sent, as in reminders.toml.
Days = Mapping[str, list[int]]


class ReminderKind(StrEnum):
    """The subject of a reminder."""

    FILE_EXTENSION = "file-extension"
    DELIVERY = "delivery"
    NO_OBJECTION = "no-objection"
    HOLD = "hold"
    LETTER = "letter"
    HOLDER_LEAVES = "holder-leaves"
    HOLDER_LEFT = "holder-left"
    END_UNKNOWN = "end-unknown"
    NO_NEWS = "no-news"


# These count the time elapsed since their day, the others the time left.
ELAPSED_KINDS = frozenset(
    {ReminderKind.HOLD, ReminderKind.LETTER, ReminderKind.HOLDER_LEFT, ReminderKind.END_UNKNOWN, ReminderKind.NO_NEWS}
)


@dataclass(frozen=True, slots=True)
class DueReminder:
    """A reminder of ``day``, to be sent on ``notify_on``, ``days`` before or after it; ``update`` is its reason.

    All days are days in New York. For an inexact date ``day`` is the first that is certain.
    """

    kind: ReminderKind
    day: date
    days: int
    update: Update

    @property
    def notify_on(self) -> date:
        return self.day + timedelta(days=self.days if self.kind in ELAPSED_KINDS else -self.days)


Occasion = tuple[ReminderKind, date, Update]


def due_reminders(standing: ProjectStatus, days: Days, council: Council) -> list[DueReminder]:
    """Return all reminders of a status, past ones included, in the order of their days."""
    return sorted(_due(_occasions(standing, council), days), key=lambda due: (due.notify_on, due.kind, due.day))


def without_news(standing: ProjectStatus, days: Days, today: date) -> bool:
    """Return True if nothing newer speaks for a project that goes on than the first reminder to look asks for."""
    return any(due.notify_on <= today for due in _due(_news(standing), days))


def _due(occasions: Iterable[Occasion], days: Days) -> Iterator[DueReminder]:
    for kind, day, update in occasions:
        yield from (DueReminder(kind, day, number, update) for number in days.get(kind.value, []))


def _occasions(standing: ProjectStatus, council: Council) -> Iterator[Occasion]:
    if standing.ended or standing.closed:
        return
    yield from _end(standing)
    yield from _deadline(standing)
    for hold in standing.open_holds:
        yield from _hold(hold, council)
    reported = standing.approval_reported
    if standing.undecided and reported:
        yield ReminderKind.LETTER, reported.effective_day, reported
    yield from _news(standing)


def _news(standing: ProjectStatus) -> Iterator[Occasion]:
    newest = None if standing.ended or standing.closed else standing.statement(date.max).newest
    if newest:
        yield ReminderKind.NO_NEWS, newest.as_of, newest


def _end(standing: ProjectStatus) -> Iterator[Occasion]:
    letter, end = standing.governing_letter, standing.valid_until
    if letter is None or end is None:
        return
    if end.first is None:
        yield ReminderKind.END_UNKNOWN, letter.effective_day, letter
        return
    if standing.extension is None:  # asked for already, there is nothing to file
        yield ReminderKind.FILE_EXTENSION, end.first, letter
    yield ReminderKind.DELIVERY, end.first, letter


def _deadline(standing: ProjectStatus) -> Iterator[Occasion]:
    circulations = [each.circulated for each in standing.pending_rounds]
    for circulated in [standing.circulated] if standing.undecided else circulations:
        if circulated and circulated.deadline:
            yield ReminderKind.NO_OBJECTION, circulated.deadline, circulated


def _hold(hold: Hold, council: Council) -> Iterator[Occasion]:
    placed = hold.placed.effective_day
    yield ReminderKind.HOLD, placed, hold.placed
    leaves = council.leaves(hold.holder, placed)
    if leaves:
        yield ReminderKind.HOLDER_LEAVES, leaves, hold.placed
        yield ReminderKind.HOLDER_LEFT, leaves, hold.placed
