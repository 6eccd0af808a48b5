"""Deadlines for people's calendars: ends of exemptions and no-objection deadlines, of a day or at an hour.

A calendar that has taken the file before recognises each event by its UID. Whatever is recorded after it (a correction,
a new letter, a decision) raises its SEQUENCE; one that no longer holds is there as cancelled. The end of an exemption
holds until the project is closed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from icalendar import Calendar, Event

from db.domain.dates import COMMITTEE_ZONE, PartialDate, Precision, day
from db.domain.enums import UpdateKind
from db.domain.project_status import Round, Statement
from db.domain.updates import Update
from db.errors import N_
from handlers.blocks import formatting
from handlers.charts.wording import differing, source_names, stated_by
from handlers.exports.result import Written
from handlers.exports.rows import ExportQuery, Standings, standings
from handlers.i18n.translator import Translator

PRODUCT = "-//aid-status//deadlines//EN"
DOMAIN = "aid-status"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One event: the update that set it first and as it is now, when it is, and whether it still holds.

    ``round`` is the request after approval that a no-objection deadline belongs to.
    """

    kind: str
    first: int
    update: Update
    on: PartialDate
    holds: bool
    changes: int
    round: Round | None = None


def write_calendar(query: ExportQuery, path: Path) -> Written:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", query.translator.plain("Aid projects: deadlines"))
    events = projects = 0
    for case in standings(query):
        projects += 1
        for deadline in deadlines(case):
            calendar.add_component(_event(case, deadline, query))
            events += 1
    path.write_bytes(calendar.to_ical())
    return Written(projects, deadlines=events)


def deadlines(case: Standings) -> Iterator[CalendarEntry]:
    """Yield the deadlines that a project's updates set, also superseded ones. An unknown end is none (rule 5)."""
    updates = {update.number: update for update in case.history}
    standing = {update.place or update.number: update for update in case.standing.updates}
    for first in case.history:
        if first.corrects or first.retracts or first.is_report:
            continue
        last = standing.get(first.number)
        changes = sum(update.number > first.number for update in case.history)
        for kind, read in (("end", _end), ("no-objection", _no_objection)):
            now = read(last) if last else None
            named = [on for version in _versions(first, case.history) if (on := read(version)) and on.first]
            on = now if now and now.first else next(reversed(named), None)
            if on is None:
                continue
            holds = last is not None and on is now and _holds(kind, last, case)
            of = next((each for each in case.standing.rounds if last and each.circulated is last), None)
            yield CalendarEntry(kind, first.number, last or updates[first.number], on, holds, changes, of)


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


def _holds(kind: str, update: Update, case: Standings) -> bool:
    """Return True for the end of the governing letter, and for the deadline of what is before the Committee."""
    standing = case.standing
    if standing.ended or standing.closed:
        return False
    if kind == "end":
        return standing.governing_letter is not None and standing.governing_letter.number == update.number
    pending = [standing.circulated] if standing.undecided else [each.circulated for each in standing.pending_rounds]
    return any(each and each.number == update.number for each in pending)


def _event(case: Standings, deadline: CalendarEntry, query: ExportQuery) -> Event:
    event = Event()
    event.add("uid", f"{deadline.kind}-{deadline.first}-{case.project.ref}@{DOMAIN}")
    event.add("sequence", deadline.changes)
    event.add("dtstamp", max(update.recorded_at for update in case.history))
    _add_time(event, deadline)
    event.add("summary", _summary(case, deadline, query.translator))
    event.add("description", _description(case.standing.statement(query.today), deadline, query.translator))
    event.add("status", "CONFIRMED" if deadline.holds else "CANCELLED")
    event.add("transp", "TRANSPARENT")
    urls = [source.url for source in deadline.update.sources if source.url]
    if urls:
        event.add("url", urls[0])
    return event


def _add_time(event: Event, deadline: CalendarEntry) -> None:
    """Add a whole day, or the moment of a deadline with an hour: in UTC, so that no calendar needs New York's rules."""
    start: date = deadline.on.first or date.min
    hour = deadline.update.deadline_hour if deadline.kind == "no-objection" else None
    if hour:
        event.add("dtstart", datetime.combine(start, time.fromisoformat(hour), COMMITTEE_ZONE).astimezone(UTC))
    else:
        event.add("dtstart", start)
        event.add("dtend", start + timedelta(days=1))


def _summary(case: Standings, deadline: CalendarEntry, translator: Translator) -> str:
    name = formatting.plain_title(translator, case.project)
    if deadline.kind == "end":
        text = N_("{ref}: exemption ends · {title}")
    elif deadline.round is None:
        text = N_("{ref}: no-objection deadline · {title}")
    elif deadline.round.kind is UpdateKind.EXTENSION_REQUESTED:
        text = N_("{ref}: no-objection deadline of the extension · {title}")
    else:
        text = N_("{ref}: no-objection deadline of the amendment · {title}")
    return translator.plain(text, ref=case.project.ref, title=name)


def _description(statement: Statement, deadline: CalendarEntry, translator: Translator) -> str:
    update = deadline.update
    lines = [
        translator.plain(
            "By update #{number}, recorded on {day} (UTC).",
            number=update.number,
            day=update.recorded_at.date().isoformat(),
        )
    ]
    if deadline.kind == "no-objection" and update.deadline_hour:
        lines.append(translator.plain("The hour is that of New York: {hour}.", hour=update.deadline_hour))
    if deadline.on.precision is not Precision.DAY:
        lines.append(
            translator.plain("The source gives {date}; this is the first day that it may mean.", date=deadline.on.text)
        )
    lines.append(translator.plain("official") if update.official else translator.plain("reported, not confirmed"))
    lines += differing(translator, update)
    lines += source_names(translator, update.sources)
    if statement.as_of:
        headline = translator.headline(statement.headline)
        lines.append(f"{headline} · " + translator.plain("As of {date}", date=statement.as_of))
        lines.append(translator.plain("Source:") + f" {', '.join(stated_by(translator, statement))}")
    return "\n".join(lines)
