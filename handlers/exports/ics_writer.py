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

    what: str
    first: int
    update: Update
    on: PartialDate
    holds: bool
    changes: int


def write_calendar(asked: ExportQuery, path: Path) -> Written:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", asked.translator.plain("Aid projects: deadlines"))
    events = projects = 0
    for each in standings(asked):
        projects += 1
        for deadline in deadlines(each):
            calendar.add_component(_event(each, deadline, asked.translator))
            events += 1
    path.write_bytes(calendar.to_ical())
    return Written(projects, deadlines=events)


def deadlines(each: Standings) -> Iterator[CalendarEntry]:
    """Yield the deadlines that a project's updates set, also superseded ones. An unknown end is none (R4)."""
    known = {update.number: update for update in each.history}
    standing = {update.place or update.number: update for update in effective_updates(each.history)}
    for first in (update for update in each.history if update.corrects is None and update.retracts is None):
        versions = _versions(first, each.history)
        last = standing.get(first.number)
        for what, versioned in (("end", [*map(_end, versions)]), ("no-objection", [*map(_no_objection, versions)])):
            named = next((on for on in reversed(versioned) if on is not None), None)
            if named is None or named.first is None:
                continue
            own = (_end if what == "end" else _no_objection)(last) if last else None
            holds = own is not None and own.first is not None and _holds(what, last, each)
            later = _later(first, each)
            changes = len(versions) - 1 + (first.number not in standing) + len(later)
            yield CalendarEntry(what, first.number, last or known[first.number], own or named, holds, changes)


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


def _holds(what: str, update: Update | None, each: Standings) -> bool:
    if update is None or each.standing.ended:
        return False
    if what == "end":
        return each.standing.governing_letter is not None and each.standing.governing_letter.number == update.number
    return each.standing.undecided or each.standing.extension is not None


def _later(first: Update, each: Standings) -> list[Update]:
    """Return updates recorded later that may have ended it; the list only grows, and so does the event's SEQUENCE."""
    ending = {UpdateKind.WITHDRAWN, UpdateKind.REJECTED, UpdateKind.LAPSED}
    return [
        update
        for update in each.history
        if update.number > first.number and (update.is_letter or update.kind in ending or update.retracts is not None)
    ]


def _event(each: Standings, deadline: CalendarEntry, translator: Translator) -> Event:
    event = Event()
    start: date = deadline.on.first or date.min
    event.add("uid", f"{deadline.what}-{deadline.first}-{each.project.ref}@{DOMAIN}")
    event.add("sequence", deadline.changes)
    event.add("dtstamp", max(update.recorded_at for update in each.history))
    event.add("dtstart", start)
    event.add("dtend", start + timedelta(days=1))
    event.add("summary", _summary(each, deadline, translator))
    event.add("description", _description(deadline, translator))
    event.add("status", "CONFIRMED" if deadline.holds else "CANCELLED")
    event.add("transp", "TRANSPARENT")
    urls = [source.url for source in deadline.update.sources if source.url]
    if urls:
        event.add("url", urls[0])
    return event


def _summary(each: Standings, deadline: CalendarEntry, translator: Translator) -> str:
    name = formatting.plain_title(translator, each.project)
    if deadline.what == "end":
        return translator.plain("{ref}: exemption ends · {title}", ref=each.project.ref, title=name)
    return translator.plain("{ref}: no-objection deadline · {title}", ref=each.project.ref, title=name)


def _description(deadline: CalendarEntry, translator: Translator) -> str:
    update = deadline.update
    said = [
        translator.plain(
            "By update #{number}, recorded on {day} (UTC).", number=update.number, day=_utc(update.recorded_at)
        )
    ]
    if deadline.on.precision is not Precision.DAY:
        said.append(
            translator.plain("The source gives {date}; this is the first day that it may mean.", date=deadline.on.text)
        )
    said.append(translator.plain("official") if update.official else translator.plain("reported, not confirmed"))
    said += [source.publisher for source in update.sources if source.publisher]
    return "\n".join(said)


def _utc(moment: datetime) -> str:
    return moment.date().isoformat()
