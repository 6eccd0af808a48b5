"""Status of a project: derived from its updates, never set by hand (docs/field.md, the record's rules).

``status_of`` replays the updates of one project. What depends on the day (expired, days left) is
read from it with a date in New York, so that nothing stored grows stale.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from db.domain.dates import PartialDate
from db.domain.enums import ENDINGS, RESPONSES, UNDISCLOSED, DeliveryStatus, Headline, Response, UpdateKind
from db.domain.updates import Update, effective_updates


@dataclass(slots=True)
class Hold:
    """One hold, by one Council member or an undisclosed one.

    ``lifted_by`` is the lift that closed it. ``flags`` are reports that it was lifted, or that the request was
    approved, which are too weak to close it. ``extension`` is the request for more time that it holds (R6).
    """

    placed: Update
    extension: Update | None = None
    lifted_by: Update | None = None
    flags: list[Update] = field(default_factory=list)

    @property
    def open(self) -> bool:
        return self.lifted_by is None

    @property
    def holder(self) -> str:
        return self.placed.holder or ""


class Validity(StrEnum):
    """Validity of an exemption on a day."""

    NONE = "none"
    IN_FORCE = "in-force"
    END_NOT_KNOWN = "end-not-known"
    EXPIRED = "expired"


@dataclass(slots=True)
class ProjectStatus:
    """Status of a project as its updates give it: the five axes and what supports them.

    ``updates`` are the live ones in order. ``extension`` is the pending request for more time, ``ended`` what
    ended the request, ``letters`` the letters in order, the latest of which governs.
    """

    updates: list[Update] = field(default_factory=list)
    submitted: Update | None = None
    circulated: Update | None = None
    holds: list[Hold] = field(default_factory=list)
    approval_reported: Update | None = None
    letters: list[Update] = field(default_factory=list)
    extension: Update | None = None
    extension_circulated: Update | None = None
    extension_reported: Update | None = None
    extension_ended: Update | None = None
    ended: Update | None = None
    closed: Update | None = None
    notified: Update | None = None
    clearances: list[Update] = field(default_factory=list)
    shipments: list[Update] = field(default_factory=list)
    delivered: Update | None = None
    responded: Update | None = None
    lifts: list[Update] = field(default_factory=list)

    @property
    def approved(self) -> bool:
        return bool(self.letters)

    @property
    def undecided(self) -> bool:
        return not self.letters and self.ended is None

    @property
    def open_holds(self) -> list[Hold]:
        """Return the pending holds that are open."""
        return [hold for hold in self.pending_holds if hold.open]

    @property
    def pending_holds(self) -> list[Hold]:
        """Return the holds, open or lifted, on what is pending: the request while undecided, else the extension (R2, R6)."""
        if self.undecided:
            return self.holds
        extension = None if self.ended else self.extension
        return [hold for hold in self.holds if extension and hold.extension is extension]

    @property
    def valid_until(self) -> PartialDate | None:
        """Return the end that the governing letter gives; None without a letter. Unknown is a value (R4)."""
        return self.governing_letter.letter.valid_until if self.governing_letter else None

    @property
    def governing_letter(self) -> Update | None:
        """Return the latest letter that gives an end; else the latest letter."""
        with_end = [letter for letter in self.letters if letter.letter.valid_until is not None]
        return next(reversed(with_end or self.letters), None)

    @property
    def shipment_limit(self) -> int | None:
        limits = [letter.letter.shipment_limit for letter in self.letters if letter.letter.shipment_limit is not None]
        return limits[-1] if limits else None

    @property
    def response(self) -> Response:
        return RESPONSES[self.responded.kind] if self.responded else Response.UNKNOWN

    @property
    def delivery(self) -> DeliveryStatus:
        if self.closed:
            return DeliveryStatus.CLOSED
        if self.delivered:
            return DeliveryStatus.DELIVERED
        return DeliveryStatus.SHIPPED if self.shipments else DeliveryStatus.NOT_STARTED

    @property
    def extends(self) -> str | None:
        """Return the ref of the project whose exemption this request extends, as an update names it."""
        named = [update.extends for update in self.updates if update.extends]
        return named[-1] if named else None

    @property
    def gaps(self) -> list[tuple[PartialDate, PartialDate]]:
        """Return ends of the exemption that were certainly past when the next letter came, each with its date (R6)."""
        found: list[tuple[PartialDate, PartialDate]] = []
        end: PartialDate | None = None
        for letter in self.letters:
            if end and end.certainly_before(letter.happened):
                found.append((end, letter.happened))
            end = letter.letter.valid_until or end
        return found

    @property
    def as_of(self) -> date | None:
        return max((update.as_of for update in self.updates), default=None)

    def validity(self, today: date) -> Validity:
        if not self.approved:
            return Validity.NONE
        end = self.valid_until
        if end is None or end.last is None:
            return Validity.END_NOT_KNOWN
        return Validity.EXPIRED if today > end.last else Validity.IN_FORCE

    def days_left(self, today: date) -> int | None:
        """Return New York days from ``today`` to the first day that the end may mean; None if nothing ends."""
        end = self.valid_until
        return None if end is None or end.first is None else end.days_left(today)

    def headline(self, today: date) -> Headline:
        """Return the first headline that applies on ``today`` (a day in New York)."""
        if self.ended:
            return Headline(self.ended.kind)
        if self.closed or self.delivered:
            return Headline.CLOSED if self.closed else Headline.DELIVERED
        if self.approved:
            return self._headline_of_letter(today)
        return self._headline_undecided()

    def _headline_of_letter(self, today: date) -> Headline:
        if self.validity(today) is not Validity.EXPIRED:
            return Headline.APPROVED
        return Headline.EXTENSION_PENDING if self.extension else Headline.EXPIRED

    def _headline_undecided(self) -> Headline:
        holds = self.open_holds
        if holds and not (self.approval_reported and all(hold.flags for hold in holds)):
            return Headline.ON_HOLD
        if self.approval_reported:
            return Headline.APPROVAL_REPORTED
        if self.circulated or self.holds or self.lifts:
            return Headline.UNDER_REVIEW
        return Headline.SUBMITTED if self.submitted else Headline.NO_RECORD

    def governing(self, today: date) -> Update | None:
        """Return the update that the headline rests on, for its source and the date since when it holds."""
        headline = self.headline(today)
        choices: dict[Headline, Update | None] = {
            Headline.CLOSED: self.closed,
            Headline.DELIVERED: self.delivered,
            Headline.APPROVAL_REPORTED: self.approval_reported,
            Headline.EXTENSION_PENDING: self.extension,
            Headline.SUBMITTED: self.submitted,
            Headline.UNDER_REVIEW: self._latest_of_review(),
        }
        if headline is Headline.ON_HOLD:
            return min((hold.placed for hold in self.open_holds), key=lambda each: each.order)
        if headline in {Headline.APPROVED, Headline.EXPIRED}:
            return self.governing_letter
        return self.ended or choices.get(headline)

    def _latest_of_review(self) -> Update | None:
        steps = [*self.lifts]
        steps += [self.circulated] if self.circulated else []
        return max(steps, key=lambda each: each.order, default=None)


def status_of(updates: Iterable[Update]) -> ProjectStatus:
    """Fold all updates recorded for one project, corrections and retractions included, into its Standing."""
    return replay(effective_updates(updates))


def replay(live: Iterable[Update]) -> ProjectStatus:
    """Fold updates that stand, in the order in which they apply."""
    standing = ProjectStatus()
    for update in live:
        standing.updates.append(update)
        _APPLY[update.kind](standing, update)
    return standing


def _submitted(standing: ProjectStatus, update: Update) -> None:
    standing.submitted = standing.submitted or update


def _circulated(standing: ProjectStatus, update: Update) -> None:
    if standing.extension:
        standing.extension_circulated = update
    else:
        standing.circulated = update


def _hold(standing: ProjectStatus, update: Update) -> None:
    standing.holds.append(Hold(update, extension=standing.extension))


def _hold_lifted(standing: ProjectStatus, update: Update) -> None:
    """Close the open holds that a lift means, or flag those of a stronger source (R2)."""
    standing.lifts.append(update)
    for hold in _holds_meant(update, standing.open_holds):
        if update.confidence.strength >= hold.placed.confidence.strength:
            hold.lifted_by = update
        else:
            hold.flags.append(update)


def _holds_meant(lift: Update, holds: list[Hold]) -> list[Hold]:
    if lift.lift_all:
        return holds
    named = [hold for hold in holds if hold.holder == lift.holder]
    if lift.holder != UNDISCLOSED:
        return named
    # Several undisclosed holds may be of several members: one lift means one of them, the oldest not yet flagged.
    return sorted(named, key=lambda hold: bool(hold.flags))[:1]


def _approval_reported(standing: ProjectStatus, update: Update) -> None:
    if standing.extension:
        standing.extension_reported = update
    else:
        standing.approval_reported = update
    for hold in standing.open_holds:
        hold.flags.append(update)


def _letter(standing: ProjectStatus, update: Update) -> None:
    standing.letters.append(update)
    if update.kind is UpdateKind.EXTENDED:
        _end_extension(standing, update)


def _extension_requested(standing: ProjectStatus, update: Update) -> None:
    standing.extension = standing.extension or update
    standing.extension_ended = None


def _ending(standing: ProjectStatus, update: Update) -> None:
    if standing.extension:
        _end_extension(standing, update)
    else:
        standing.ended = update


def _end_extension(standing: ProjectStatus, update: Update) -> None:
    standing.extension = standing.extension_circulated = standing.extension_reported = None
    standing.extension_ended = update


def _closed(standing: ProjectStatus, update: Update) -> None:
    standing.closed = update


def _notified(standing: ProjectStatus, update: Update) -> None:
    standing.notified = update


def _clearance(standing: ProjectStatus, update: Update) -> None:
    standing.clearances.append(update)


def _shipped(standing: ProjectStatus, update: Update) -> None:
    standing.shipments.append(update)


def _delivered(standing: ProjectStatus, update: Update) -> None:
    standing.delivered = update


def _responded(standing: ProjectStatus, update: Update) -> None:
    standing.responded = update


def _note(_standing: ProjectStatus, _update: Update) -> None:
    """Leave every axis as it is."""


_APPLY = {
    UpdateKind.SUBMITTED: _submitted,
    UpdateKind.CIRCULATED: _circulated,
    UpdateKind.HOLD: _hold,
    UpdateKind.HOLD_LIFTED: _hold_lifted,
    UpdateKind.APPROVAL_REPORTED: _approval_reported,
    UpdateKind.EXTENSION_REQUESTED: _extension_requested,
    UpdateKind.NOTIFIED: _notified,
    UpdateKind.CLEARANCE: _clearance,
    UpdateKind.SHIPPED: _shipped,
    UpdateKind.DELIVERED: _delivered,
    UpdateKind.CLOSED: _closed,
    UpdateKind.NOTE: _note,
    **dict.fromkeys((UpdateKind.APPROVED, UpdateKind.EXTENDED, UpdateKind.AMENDED), _letter),
    **dict.fromkeys(ENDINGS, _ending),
    **dict.fromkeys(RESPONSES, _responded),
}
