"""An update as plain data: one thing that happened, as the rules and the surfaces read it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from typing import Any

from db.domain.dates import UNKNOWN, PartialDate, new_york_date
from db.domain.enums import (
    ACTORS,
    APPLICANT_KINDS,
    LEADS_TO,
    LETTERS,
    ActingParty,
    ClearanceOutcome,
    SourceKind,
    Stance,
    UpdateKind,
)

NOT_RECORDED = 0  # the number of an update that is only being considered

OFFICIAL = 3  # the weakest strength that counts as official
_STRENGTH = {
    SourceKind.LETTER: 5,
    SourceKind.GOVERNMENT: 4,
    SourceKind.REPORTED_LETTER: OFFICIAL,
    SourceKind.PRESS: 2,
    SourceKind.APPLICANT: 2,
    SourceKind.ANONYMOUS: 1,
    SourceKind.NOT_STATED: 0,
}


def strength(source: SourceKind, kind: UpdateKind) -> int:
    """Return the rank of a source for a kind (rule 1): the applicant is official for its own acts, else like named press."""
    return OFFICIAL if source is SourceKind.APPLICANT and kind in APPLICANT_KINDS else _STRENGTH[source]


@dataclass(frozen=True, slots=True)
class Source:
    """Source of a statement: its publisher, address and day of publication, and whom it cites, each if known."""

    url: str | None = None
    publisher: str | None = None
    published: date | None = None
    title: str | None = None
    attributed_to: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """Terms of a letter of the Chair, and the end of a clearance.

    ``valid_until`` is None if the letter leaves the end as it was. ``period`` is the length as the source states it
    ("12m"); nothing is computed from it (rule 5).
    """

    letter_date: date | None = None
    valid_until: PartialDate | None = None
    period: str | None = None
    paragraph: str | None = None
    item_count: int | None = None
    value: str | None = None
    currency: str | None = None
    shipment_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Consignment:
    """Consignment that an update is about: the ``number``-th ``of`` so many; ``whole`` says that all arrived (rule 8)."""

    number: int | None = None
    of: int | None = None
    contents: str | None = None
    origin: str | None = None
    destination: str | None = None
    whole: bool = False


@dataclass(frozen=True)
class Update:
    """One thing that happened to one or several projects.

    ``happened`` is a calendar date in New York with its precision, ``reported`` the day on which it was
    reported, ``recorded_at`` an aware UTC time. ``number`` is what people cite (#12); NOT_RECORDED while it is
    only considered. ``holder`` is the member that holds, lifts or takes a position. ``length`` is the time that a
    hold asks for ("6m"), ``deadline_hour`` an hour in New York ("15:00").

    ``confirms`` and ``differs`` name the update that this one is another report of. ``effective_updates`` folds such
    reports into it: ``place`` and ``first_recorded`` are then those of the first update that a correction stands
    for, ``reports`` are the confirmations and differing reports, and the values are those of the strongest source.
    """

    kind: UpdateKind
    recorded_at: datetime
    happened: PartialDate = UNKNOWN
    reported: date | None = None
    confidence: SourceKind = SourceKind.NOT_STATED
    sources: tuple[Source, ...] = ()
    note: str = ""
    note_ko: str = ""
    number: int = NOT_RECORDED
    place: int = NOT_RECORDED
    first_recorded: datetime | None = None
    act: int = 0
    recorded_by: str = ""
    holder: str | None = None
    lift_all: bool = False
    stance: Stance | None = None
    length: str | None = None
    letter: Letter = field(default_factory=Letter)
    consignment: Consignment = field(default_factory=Consignment)
    deadline: date | None = None
    deadline_hour: str | None = None
    authority: str | None = None
    outcome: ClearanceOutcome | None = None
    extends: str | None = None
    corrects: int | None = None
    retracts: int | None = None
    confirms: int | None = None
    differs: int | None = None
    reports: tuple["Update", ...] = ()
    stated: "Update | None" = None

    @property
    def actor(self) -> ActingParty:
        return ACTORS[self.kind]

    @property
    def strength(self) -> int:
        return strength(self.confidence, self.kind)

    @property
    def official(self) -> bool:
        return self.strength >= OFFICIAL

    @property
    def is_report(self) -> bool:
        return self.confirms is not None or self.differs is not None

    @cached_property
    def values(self) -> dict[str, Any]:
        """Return the values that it gives, by name, those of its letter and its consignment among them."""
        given = zip(_NAMES, _given_by(self), strict=True)
        return {name: value for name, value in given if value not in (None, "", UNKNOWN, False)}

    @property
    def differing(self) -> tuple["Update", ...]:
        """Return the update as stated and the reports that contradict it, not those that only add; empty for none."""
        stated = self.stated or self
        contradicting = tuple(report for report in self.reports if report.differs and self._contradicted_by(report))
        return (stated, *contradicting) if contradicting else ()

    def _contradicted_by(self, report: "Update") -> bool:
        stated = self.stated or self
        if report.reported and stated.reported and report.reported != stated.reported:
            return True
        return any(
            stated.values.get(name, value) != value or self.values.get(name) != value
            for name, value in report.values.items()
        )

    @cached_property
    def effective_day(self) -> date:
        """Return the day whose place it takes (rule 6): the last meant up to the recording, else reported, else recorded."""
        if self.happened.first is None or self.happened.last is None:
            return self.reported or new_york_date(self.first_recorded or self.recorded_at)
        return max(self.happened.first, min(self.happened.last, new_york_date(self.recorded_at)))

    @cached_property
    def as_of(self) -> date:
        """Return the latest day that its sources vouch for: published, reported, the first it may mean, or recorded."""
        return max(map(_day_vouched_for, (self.stated or self, *self.reports)))

    @cached_property
    def order(self) -> tuple[date, float]:
        """Return the sort key of updates as they apply; one that is only considered comes last on its day."""
        return (self.effective_day, self.place or self.number or float("inf"))

    @property
    def is_letter(self) -> bool:
        return self.kind in LETTERS

    def certainly_before(self, other: "Update") -> bool:
        """Return True if every reading of its date is earlier than every reading of the date of ``other`` (rule 6)."""
        return other.happened.first is not None and self.effective_day < other.happened.first

    def comes_before(self, other: "Update") -> bool:
        """Return True if it counts for ``other``: earlier in order, or known earlier and not certainly later."""
        return self.order < other.order or (self._known_before(other) and not other.certainly_before(self))

    def _known_before(self, other: "Update") -> bool:
        if self.act == other.act:
            return 0 < self.number < (other.number or float("inf"))
        return 0 < (self.place or self.number) < (other.place or other.number or float("inf"))


def _day_vouched_for(update: Update) -> date:
    published = [source.published for source in update.sources if source.published]
    if published:
        return max(published)
    return update.reported or update.happened.first or new_york_date(update.recorded_at)


def effective_updates(updates: Iterable[Update]) -> list[Update]:
    """Return the updates of one project that still stand, in the order in which they apply.

    An update that a standing correction or retraction names is out; the correction takes its place. Taking back
    a correction or a retraction brings back what it had removed. Retractions are not listed; confirmations and
    differing reports are folded into what they report of.
    """
    by_number = {update.number: update for update in updates}
    removed = superseded_by(by_number.values())
    standing = [update for number, update in by_number.items() if number not in removed and update.retracts is None]
    reports: dict[int, list[Update]] = defaultdict(list)
    for update in sorted(standing, key=lambda update: update.number):
        if target := update.confirms or update.differs:
            reports[_first_of(target, by_number)].append(update)
    return in_order(
        _with_reports(in_place(update, by_number), reports.get(_first_of(update.number, by_number), ()), by_number)
        for update in standing
        if not update.is_report
    )


def _with_reports(update: Update, reports: Sequence[Update], by_number: dict[int, Update]) -> Update:
    """Fold the reports of ``update`` into it (rule 11); a confirmation of what was corrected since confirms nothing."""
    confirming = [each for each in reports if each.confirms and by_number[each.confirms].values == update.values]
    differing = [each for each in reports if each.differs]
    if not confirming and not differing:
        return update
    confirmed = update
    if confirming:
        strongest = max((update, *confirming), key=lambda each: each.strength)
        sources = tuple(dict.fromkeys(source for each in (update, *confirming) for source in each.sources))
        confirmed = replace(update, confidence=strongest.confidence, sources=sources)
    stronger = _strongest_values(confirmed, differing)
    values = {name: value for name, value in stronger.items() if update.values.get(name) != value}
    for part, names in (("letter", _OF_LETTER), ("consignment", _OF_CONSIGNMENT)):
        if own := {name: values.pop(name) for name in names if name in values}:
            values[part] = replace(getattr(update, part), **own)
    return replace(confirmed, **values, reports=(*confirming, *differing), stated=update)


_VALUES = ("happened", "holder", "stance", "length", "deadline", "deadline_hour", "authority", "outcome", "extends")
_OF_LETTER, _OF_CONSIGNMENT = (tuple(each.name for each in fields(part)) for part in (Letter, Consignment))
_NAMES = (*_VALUES, *_OF_LETTER, *_OF_CONSIGNMENT)
_given_by = attrgetter(*_VALUES, *map("letter.{}".format, _OF_LETTER), *map("consignment.{}".format, _OF_CONSIGNMENT))


def _strongest_values(update: Update, reports: Sequence[Update]) -> dict[str, Any]:
    """Return each value by the strongest source that gives it: of equals the earlier end, else the first recorded.

    Only an official report gives the end that an official update does not know (rule 5).
    """
    chosen: dict[str, Any] = {}
    for name in {name for version in (update, *reports) for name in version.values}:
        given = [version for version in (update, *reports) if name in version.values]
        if name == "valid_until" and update.official:
            given = [version for version in given if version.official]
        highest = max((version.strength for version in given), default=0)
        equals = [version.values[name] for version in given if version.strength == highest]
        if equals:
            chosen[name] = min(equals) if name == "valid_until" else equals[0]
    return chosen


def in_order(updates: Iterable[Update]) -> list[Update]:
    """Return updates that stand in the order in which they apply: by effective day, ties as recorded (rule 6).

    An inexact date does not put an update behind one that was recorded after it and rests on it: a hold of
    "February" comes before its lift on the 5th.
    """
    placed: list[Update] = []
    for update in sorted(updates, key=lambda each: each.order):
        if update.kind not in _ORDERED:
            placed.append(update)
            continue
        follows = max((index + 1 for index, other in enumerate(placed) if _leads(other, update)), default=0)
        leads = [index for index, other in enumerate(placed) if _leads(update, other)]
        placed.insert(leads[0] if leads and leads[0] >= follows else len(placed), update)
    return placed


_ORDERED = frozenset(LEADS_TO).union(*LEADS_TO.values())
"""Kinds that may have to stand before or behind others; the rest, of which there may be hundreds, take their day."""


def _leads(update: Update, other: Update) -> bool:
    return other.kind in LEADS_TO.get(update.kind, ()) and update.comes_before(other)


def superseded_by(updates: Iterable[Update]) -> dict[int, Update]:
    """Return, for each update that no longer stands, the correction or retraction that removed it.

    What a retracted update had removed is back; a corrected correction still removes what it had corrected. Of
    several corrections of one update (some were taken back and brought back) the last stands.
    """
    outcome: dict[int, Update] = {}
    corrected: dict[int, Update] = {}
    for update in sorted(updates, key=lambda each: -each.number):
        remover = outcome.get(update.number)
        if remover and remover.retracts:
            continue
        if update.retracts:
            outcome.setdefault(update.retracts, update)
        elif update.corrects in corrected:
            outcome[update.number] = corrected[update.corrects]
        elif update.corrects:
            outcome[update.corrects] = corrected[update.corrects] = remover or update
    return outcome


def counts_from(history: Sequence[Update]) -> dict[int, date]:
    """Return by number the first day on which each update of a project counts; ``date.max`` for one taken back."""
    removed = superseded_by(history)
    standing = {update.number: update.effective_day for update in effective_updates(history)}

    def first_of(number: int | None) -> date | None:
        return standing.get(removed[number].number if number in removed else number) if number else None

    days = {}
    for update in history:
        remover = removed.get(update.number)
        reported = None if remover and remover.retracts else first_of(update.confirms or update.differs)
        given = () if update.retracts else filter(None, (first_of(update.number), reported))
        days[update.number] = min(given, default=date.max)
    return days


def in_place(update: Update, by_number: dict[int, Update]) -> Update:
    """Return a correction with the place in the record of the update at the beginning of its chain."""
    first = by_number[_first_of(update.number, by_number)]
    return replace(update, place=first.number, first_recorded=first.recorded_at) if first is not update else update


def _first_of(number: int, by_number: dict[int, Update]) -> int:
    while (update := by_number.get(number)) and update.corrects is not None and update.corrects in by_number:
        number = update.corrects
    return number
