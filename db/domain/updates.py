"""An update as plain data: one thing that happened, as the rules and the surfaces read it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

from db.domain.dates import UNKNOWN, PartialDate, new_york_date
from db.domain.enums import ACTORS, LEADS_TO, LETTERS, ActingParty, SourceKind, UpdateKind

NOT_RECORDED = 0
"""The number of an update that is only being considered."""


@dataclass(frozen=True, slots=True)
class Source:
    """Source of a statement: its publisher, address and day of publication, each if known."""

    url: str | None = None
    publisher: str | None = None
    published: date | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """Terms of a letter of the Chair. ``valid_until`` is None if the letter leaves the period as it was."""

    letter_date: date | None = None
    valid_until: PartialDate | None = None
    paragraph: str | None = None
    item_count: int | None = None
    value: str | None = None
    currency: str | None = None
    shipment_limit: int | None = None


@dataclass(frozen=True)
class Update:
    """One thing that happened to one or several projects.

    ``happened`` is a calendar date in New York with its precision, ``reported`` the day on which it was
    reported, ``recorded_at`` an aware UTC time. ``number`` is what people cite (#12); NOT_RECORDED while it is
    only considered. ``place`` and ``first_recorded`` are those of the first update that a correction stands for,
    so that a correction keeps the place of what it corrects.
    """

    kind: UpdateKind
    recorded_at: datetime
    happened: PartialDate = UNKNOWN
    reported: date | None = None
    confidence: SourceKind = SourceKind.PRESS
    sources: tuple[Source, ...] = ()
    note: str = ""
    number: int = NOT_RECORDED
    place: int = NOT_RECORDED
    first_recorded: datetime | None = None
    act: int = 0
    recorded_by: str = ""
    holder: str | None = None
    lift_all: bool = False
    letter: Letter = field(default_factory=Letter)
    deadline: date | None = None
    authority: str | None = None
    extends: str | None = None
    corrects: int | None = None
    retracts: int | None = None

    @property
    def actor(self) -> ActingParty:
        return ACTORS[self.kind]

    @property
    def official(self) -> bool:
        return self.confidence.official

    @cached_property
    def effective_day(self) -> date:
        """Return the day whose place it takes in the record: last day meant, else day reported, else day recorded (R5).

        Nothing happens in the future, so ``2026`` recorded in March means a day up to the recording.
        """
        if self.happened.first is None or self.happened.last is None:
            return self.reported or new_york_date(self.first_recorded or self.recorded_at)
        return max(self.happened.first, min(self.happened.last, new_york_date(self.recorded_at)))

    @property
    def as_of(self) -> date:
        """Return the latest day for which its source vouches: published, else reported, else happened, else recorded.

        Of an inexact date it vouches for the first day only.
        """
        published = [source.published for source in self.sources if source.published]
        if published:
            return max(published)
        return self.reported or self.happened.first or new_york_date(self.recorded_at)

    @cached_property
    def order(self) -> tuple[date, float]:
        """Return the sort key of updates as they apply; one that is only considered comes last on its day."""
        return (self.effective_day, self.place or self.number or float("inf"))

    @property
    def is_letter(self) -> bool:
        return self.kind in LETTERS

    def certainly_before(self, other: "Update") -> bool:
        """Return True if every reading of its date is earlier than every reading of the date of ``other`` (R5)."""
        return other.happened.first is not None and self.effective_day < other.happened.first

    def comes_before(self, other: "Update") -> bool:
        """Return True if it counts for ``other``: earlier in order, or known earlier and not certainly later."""
        return self.order < other.order or (self._known_before(other) and not other.certainly_before(self))

    def _known_before(self, other: "Update") -> bool:
        if self.act == other.act:
            return 0 < self.number < (other.number or float("inf"))
        return 0 < (self.place or self.number) < (other.place or other.number or float("inf"))


def effective_updates(updates: Iterable[Update]) -> list[Update]:
    """Return the updates of one project that still stand, in the order in which they apply.

    An update that a standing correction or retraction names is out; the correction takes its place. Taking back
    a correction or a retraction brings back what it had removed. Retractions themselves are not listed.
    """
    by_number = {update.number: update for update in updates}
    removed = superseded_by(by_number.values())
    standing = [update for number, update in by_number.items() if number not in removed and update.retracts is None]
    return in_order(_in_place(update, by_number) for update in standing)


def in_order(updates: Iterable[Update]) -> list[Update]:
    """Return updates that stand in the order in which they apply: by effective day, ties as recorded (R5).

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


def _in_place(update: Update, by_number: dict[int, Update]) -> Update:
    first = update
    while first.corrects is not None and first.corrects in by_number:
        first = by_number[first.corrects]
    return replace(update, place=first.number, first_recorded=first.recorded_at) if first is not update else update
