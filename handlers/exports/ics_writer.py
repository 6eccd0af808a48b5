"""Deadlines for people's calendars: ends of exemptions and no-objection deadlines, of a day or at an hour.

A calendar that has taken the file before recognises each event by its UID, which no other installation gives. Whatever
is recorded after it (a correction, a new letter, a decision) and each edit of the project raises its SEQUENCE; one that no
longer holds is there as cancelled, in its title, too. An end holds if it was reached, and else until the project is closed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from icalendar import Calendar, Event

from db.admin.projects import edit_times
from db.domain.dates import COMMITTEE_ZONE, PartialDate, Precision, day
from db.domain.enums import UpdateKind
from db.domain.project_status import ProjectStatus, Round, Statement
from db.domain.updates import Update
from db.errors import N_
from db.updates.history import installation_key
from handlers.blocks import formatting
from handlers.charts.wording import differing, source_names, stated_by
from handlers.exports.rows import ExportQuery, Standings, Written, standings
from handlers.i18n.translator import Translator

PRODUCT = "-//aid-status//deadlines//EN"
DOMAIN = "aid-status"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One event: the update that set it first and as it is now, when it is, and whether it still holds.

    ``changes`` counts what was recorded and edited since. ``round`` is the request after approval that a no-objection
    deadline belongs to.
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
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", query.translator.plain("Aid projects: deadlines"))
    domain = f"{installation_key(query.session)}.{DOMAIN}"
    edited = edit_times(query.session)
    events = projects = 0
    for case in standings(query):
        projects += 1
        for deadline in deadlines(case):
            calendar.add_component(_event(case, deadline, query, domain, edited))
            events += 1
    path.write_bytes(calendar.to_ical())
    return Written(projects, deadlines=events)


def deadlines(case: Standings) -> Iterator[CalendarEntry]:
    """Yield the deadlines that a project's updates set, also superseded ones. An unknown end is none (rule 5)."""
    standing = {update.place or update.number: update for update in case.standing.updates}
    for first in case.history:
        if first.corrects or first.retracts or first.is_report:
            continue
        last = standing.get(first.number)
        changes = sum(update.number > first.number for update in case.history) + case.project.version - 1
        for kind, read in _DAY_OF.items():
            now = read(last) if last else None
            named = [on for version in _versions(first, case.history) if (on := read(version)) and on.first]
            on = now if now and now.first else next(reversed(named), None)
            if on is None:
                continue
            holds = last is not None and on is now and _holds(kind, last, case)
            of = next((each for each in case.standing.rounds if last and each.circulated is last), None)
            yield CalendarEntry(kind, first.number, last or first, on, holds, changes, of)


def _versions(first: Update, history: tuple[Update, ...]) -> list[Update]:
    chain = [first]
    numbers = {first.number}
    for update in history:
        if update.corrects in numbers or update.retracts in numbers:
            chain.append(update)
            numbers.add(update.number)
    return chain


_DAY_OF: dict[str, Callable[[Update], PartialDate | None]] = {
    "end": lambda update: update.letter.valid_until if update.is_letter else None,
    "no-objection": lambda update: day(update.deadline) if update.deadline else None,
}


def _holds(kind: str, update: Update, case: Standings) -> bool:
    """Return True for an end that was reached or will be, and for the deadline of what is before the Committee."""
    standing = case.standing
    over = standing.ended or standing.closed
    if kind == "end":
        end, governing = update.letter.valid_until, standing.governing_letter
        ahead = governing is not None and governing.number == update.number
        reached = over is None or (end is not None and end.certainly_before(over.happened))
        return (ahead and reached) or _ran_out(update, standing)
    pending = [standing.circulated] if standing.undecided else [each.circulated for each in standing.pending_rounds]
    return over is None and any(each and each.number == update.number for each in pending)


def _ran_out(letter: Update, standing: ProjectStatus) -> bool:
    """Return True for the last letter that gave an end after which nothing was in force for a time."""
    end = letter.letter.valid_until
    givers = [each for each in standing.letters if each.letter.valid_until == end]
    return givers[-1:] == [letter] and any(end == reached for reached, _ in standing.gaps)


def _event(
    case: Standings, deadline: CalendarEntry, query: ExportQuery, domain: str, edited: Mapping[str, datetime]
) -> Event:
    event = Event()
    event.add("uid", f"{deadline.kind}-{deadline.first}-{case.project.ref}@{domain}")
    event.add("sequence", deadline.changes)
    event.add("dtstamp", query.now)
    recorded = [update.recorded_at for update in case.history]
    event.add("last-modified", max([*recorded, edited.get(case.project.ref, recorded[0])]))
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
    """Return the title: many calendars show nothing else, and some show a cancelled event like any other."""
    if deadline.kind == "end":
        text = N_("exemption ends")
    elif deadline.round is None:
        text = N_("no-objection deadline")
    elif deadline.round.kind is UpdateKind.EXTENSION_REQUESTED:
        text = N_("no-objection deadline of the extension")
    else:
        text = N_("no-objection deadline of the amendment")
    words = [f"{case.project.ref}:", translator.plain(text)]
    if not deadline.holds:
        words.insert(0, translator.plain("[Cancelled]"))
    if deadline.on.precision is not Precision.DAY:
        words.append(translator.plain("({date}, day not known)", date=translator.date(deadline.on, month="yMMMM")))
    return " ".join([*words, "·", formatting.plain_title(translator, case.project)])


def _description(statement: Statement, deadline: CalendarEntry, translator: Translator) -> str:
    update = deadline.update
    lines = [
        translator.plain(
            "From update #{number}, recorded {day} (UTC).",
            number=update.number,
            day=update.recorded_at.date().isoformat(),
        )
    ]
    if deadline.kind == "no-objection" and update.deadline_hour:
        lines.append(translator.plain("The hour is that of New York: {hour}.", hour=update.deadline_hour))
    if deadline.on.precision is not Precision.DAY:
        lines.append(
            translator.plain("The source says {date}; this is the earliest day that could mean.", date=deadline.on.text)
        )
    lines.append(translator.plain("official") if update.official else translator.plain("reported, not confirmed"))
    lines += differing(translator, update)
    lines += source_names(translator, update.sources)
    if statement.as_of:
        headline = translator.headline(statement.headline)
        lines.append(f"{headline} · " + translator.plain("As of {date}", date=statement.as_of))
        lines.append(translator.plain("Source:") + f" {', '.join(stated_by(translator, statement))}")
    return "\n".join(lines)
