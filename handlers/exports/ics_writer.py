"""Deadlines for people's calendars: ends of exemptions and no-objection deadlines, as events of whole days.

A calendar that has taken the file before recognises each event by its UID. Whatever changes an event (a correction, a
new letter, a decision) raises its SEQUENCE; one that no longer holds is there as cancelled.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from icalendar import Calendar, Event

from db.domain.dates import PartialDate, Precision, day
from db.domain.enums import UpdateKind
from db.domain.updates import Update, effective_updates
from handlers.blocks import formatting
from handlers.exports.result import Written
from handlers.exports.rows import ExportQuery, Standings, standings
from handlers.i18n.translator import Translator

PRODUCT = "-//aid-status//deadlines//EN"
DOMAIN = "aid-status"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One event: the update that set it first and as it is now, when it is, and whether it still holds."""

    kind: str
    first: int
    update: Update
    on: PartialDate
    holds: bool
    changes: int


def write_calendar(query: ExportQuery, path: Path) -> Written:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", query.translator.plain("Aid projects: deadlines"))
    events = projects = 0
    for case in standings(query):
        projects += 1
        for deadline in deadlines(case):
            calendar.add_component(_event(case, deadline, query.translator))
            events += 1
    path.write_bytes(calendar.to_ical())
    return Written(projects, deadlines=events)


def deadlines(case: Standings) -> Iterator[CalendarEntry]:
    """Yield the deadlines that a project's updates set, also superseded ones. An unknown end is none (R4)."""
    updates = {update.number: update for update in case.history}
    standing = {update.place or update.number: update for update in effective_updates(case.history)}
    for first in (update for update in case.history if update.corrects is None and update.retracts is None):
        versions = _versions(first, case.history)
        last = standing.get(first.number)
        for kind, versioned in (("end", [*map(_end, versions)]), ("no-objection", [*map(_no_objection, versions)])):
            date_named = next((on for on in reversed(versioned) if on is not None), None)
            if date_named is None or date_named.first is None:
                continue
            own = (_end if kind == "end" else _no_objection)(last) if last else None
            holds = own is not None and own.first is not None and _holds(kind, last, case)
            later = _later(first, case)
            changes = len(versions) - 1 + (first.number not in standing) + len(later)
            yield CalendarEntry(kind, first.number, last or updates[first.number], own or date_named, holds, changes)


def _versions(first: Update, history: tuple[Update, ...]) -> list[Update]:
    """Return an update and its corrections and retractions, as recorded."""
    chain = [first]
    numbers = {first.number}
    for update in history:
        if update.corrects in numbers or update.retracts in numbers:
            chain.append(update)
            numbers.add(update.number)
    return chain


def _end(update: Update) -> PartialDate | None:
    return update.letter.valid_until if update.is_letter else None


def _no_objection(update: Update) -> PartialDate | None:
    return day(update.deadline) if update.deadline else None


def _holds(kind: str, update: Update | None, case: Standings) -> bool:
    if update is None or case.standing.ended:
        return False
    if kind == "end":
        return case.standing.governing_letter is not None and case.standing.governing_letter.number == update.number
    return case.standing.undecided or case.standing.extension is not None


def _later(first: Update, case: Standings) -> list[Update]:
    """Return updates recorded later that may have ended it; the list only grows, and so does the event's SEQUENCE."""
    ending = {UpdateKind.WITHDRAWN, UpdateKind.REJECTED, UpdateKind.LAPSED}
    return [
        update
        for update in case.history
        if update.number > first.number and (update.is_letter or update.kind in ending or update.retracts is not None)
    ]


def _event(case: Standings, deadline: CalendarEntry, translator: Translator) -> Event:
    event = Event()
    start: date = deadline.on.first or date.min
    event.add("uid", f"{deadline.kind}-{deadline.first}-{case.project.ref}@{DOMAIN}")
    event.add("sequence", deadline.changes)
    event.add("dtstamp", max(update.recorded_at for update in case.history))
    event.add("dtstart", start)
    event.add("dtend", start + timedelta(days=1))
    event.add("summary", _summary(case, deadline, translator))
    event.add("description", _description(deadline, translator))
    event.add("status", "CONFIRMED" if deadline.holds else "CANCELLED")
    event.add("transp", "TRANSPARENT")
    urls = [source.url for source in deadline.update.sources if source.url]
    if urls:
        event.add("url", urls[0])
    return event


def _summary(case: Standings, deadline: CalendarEntry, translator: Translator) -> str:
    name = formatting.plain_title(translator, case.project)
    if deadline.kind == "end":
        return translator.plain("{ref}: exemption ends · {title}", ref=case.project.ref, title=name)
    return translator.plain("{ref}: no-objection deadline · {title}", ref=case.project.ref, title=name)


def _description(deadline: CalendarEntry, translator: Translator) -> str:
    update = deadline.update
    lines = [
        translator.plain(
            "By update #{number}, recorded on {day} (UTC).", number=update.number, day=_utc(update.recorded_at)
        )
    ]
    if deadline.on.precision is not Precision.DAY:
        lines.append(
            translator.plain("The source gives {date}; this is the first day that it may mean.", date=deadline.on.text)
        )
    lines.append(translator.plain("official") if update.official else translator.plain("reported, not confirmed"))
    lines += [source.publisher for source in update.sources if source.publisher]
    return "\n".join(lines)


def _utc(moment: datetime) -> str:
    return moment.date().isoformat()
