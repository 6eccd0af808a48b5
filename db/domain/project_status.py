"""Status of a project: replayed from its updates, never set by hand; what depends on the day takes a date in New York."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from db.domain.dates import PartialDate
from db.domain.enums import (
    ACTORS,
    ENDINGS,
    LETTERS,
    RESPONSES,
    ROUND_REQUESTS,
    UNDISCLOSED,
    ActingParty,
    ClearanceOutcome,
    DeliveryStatus,
    Headline,
    Response,
    UpdateKind,
)
from db.domain.text import normalize
from db.domain.updates import Consignment, Source, Update, effective_updates


@dataclass(slots=True)
class Round:
    """A request after an approval (rule 7), and what the Committee did about it: ``ended`` is its letter, or another end."""

    requested: Update
    circulated: Update | None = None
    reported: Update | None = None
    ended: Update | None = None

    @property
    def kind(self) -> UpdateKind:
        return self.requested.kind


@dataclass(slots=True)
class Hold:
    """One hold, by one Council member or an undisclosed one.

    ``lifted_by`` is the strongest lift of at least its own confidence, which closed it. ``flags`` are weaker reports
    that it was lifted, or reports that the request was approved. ``round`` is the request after approval that it holds.
    """

    placed: Update
    round: Round | None = None
    lifted_by: Update | None = None
    flags: list[Update] = field(default_factory=list)

    @property
    def open(self) -> bool:
        return self.lifted_by is None

    @property
    def holder(self) -> str:
        return self.placed.holder or ""

    def lift(self, lift: Update) -> None:
        """Close the hold by a lift as strong as it is, or flag it; a stronger lift confirms the one that closed it."""
        if lift.strength < self.placed.strength:
            self.flags.append(lift)
        elif self.lifted_by is None or lift.strength > self.lifted_by.strength:
            self.flags += [self.lifted_by] if self.lifted_by else []
            self.lifted_by = lift

    def confirmed_by(self, lift: Update) -> bool:
        """Return True if ``lift`` says more surely than what is on record that the hold was lifted."""
        known = [self.lifted_by] if self.lifted_by else [flag for flag in self.flags if flag.kind is lift.kind]
        return any(lift.strength > earlier.strength for earlier in known)


@dataclass(slots=True)
class Position:
    """A member's position on what was pending: the request, or a round after an approval (rules 3, 7)."""

    stated: Update
    round: Round | None = None


class Validity(StrEnum):
    NONE = "none"
    IN_FORCE = "in-force"
    END_NOT_KNOWN = "end-not-known"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Statement:
    """The status as it is stated everywhere (rule 14); ``newest`` is the update that speaks for the latest day."""

    headline: Headline
    update: Update | None = None
    newest: Update | None = None

    @property
    def as_of(self) -> date | None:
        return self.newest.as_of if self.newest else None

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return the sources of what the headline rests on, then those of the update that speaks for its day."""
        return tuple(dict.fromkeys(source for each in (self.update, self.newest) if each for source in each.sources))


@dataclass(slots=True)
class ProjectStatus:
    """Status of a project as its updates give it: the five axes and what supports them.

    ``updates`` are the effective ones in order. ``ended`` is what ended the request, ``letters`` the letters in
    order, ``rounds`` the requests after approval, ``positions`` the latest of each member on each of them.
    """

    updates: list[Update] = field(default_factory=list)
    submitted: Update | None = None
    circulated: Update | None = None
    holds: list[Hold] = field(default_factory=list)
    lifts: list[Update] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    approval_reported: Update | None = None
    letters: list[Update] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    ended: Update | None = None
    closed: Update | None = None
    clearances: list[Update] = field(default_factory=list)
    shipments: list[Update] = field(default_factory=list)
    deliveries: list[Update] = field(default_factory=list)
    responded: Update | None = None

    @property
    def approved(self) -> bool:
        return bool(self.letters)

    @property
    def undecided(self) -> bool:
        return not self.letters and self.ended is None

    @property
    def pending_rounds(self) -> list[Round]:
        """Return the requests after approval that are not decided, oldest first."""
        return [] if self.ended else [each for each in self.rounds if each.ended is None]

    def pending_round(self, kind: UpdateKind | None = None) -> Round | None:
        """Return the latest undecided request after approval, of ``kind`` where one is given."""
        return next((each for each in reversed(self.pending_rounds) if kind in {None, each.kind}), None)

    @property
    def extension(self) -> Round | None:
        return self.pending_round(UpdateKind.EXTENSION_REQUESTED)

    @property
    def open_holds(self) -> list[Hold]:
        return [hold for hold in self.pending_holds if hold.open]

    @property
    def pending_holds(self) -> list[Hold]:
        """Return the holds, open or lifted, on what is pending: the request while undecided, else the rounds."""
        if self.undecided:
            return self.holds
        return [hold for hold in self.holds if any(hold.round is each for each in self.pending_rounds)]

    def holds_meant(self, lift: Update) -> list[Hold]:
        """Return the pending holds that a lift means (rule 2).

        A named member's lift means its own hold, and where none of it is on record an undisclosed one. Several
        undisclosed holds may be of several members, so that a lift of one means the oldest not yet flagged. Where no
        open hold is meant, it is one already lifted or flagged that the lift confirms.
        """
        if lift.lift_all:
            return [hold for hold in self.pending_holds if hold.open or hold.confirmed_by(lift)]
        holders = dict.fromkeys((lift.holder or UNDISCLOSED, UNDISCLOSED))
        groups = [[hold for hold in self.pending_holds if hold.holder == holder] for holder in holders]
        group = next(filter(None, groups), [])
        unflagged = [hold for hold in group if hold.open and not hold.flags]
        return (unflagged or [hold for hold in group if hold.open or hold.confirmed_by(lift)])[:1]

    @property
    def valid_until(self) -> PartialDate | None:
        """Return the end that the governing letter gives; None without a letter. Unknown is a value (rule 5)."""
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
    def consignments(self) -> int | None:
        """Return how many consignments there are: the letter's limit, else as those on record say; None if unknown."""
        stated = [update.consignment.of for update in (*self.shipments, *self.deliveries) if update.consignment.of]
        return self.shipment_limit or max(stated, default=None)

    @property
    def delivered_count(self) -> int:
        return count_consignments(self.deliveries)

    @property
    def delivered(self) -> Update | None:
        """Return the update by which all was delivered; None until then (rule 8)."""
        whole = next((update for update in self.deliveries if update.consignment.whole), None)
        if whole or not self.deliveries:
            return whole
        named = any(update.consignment != Consignment() for update in (*self.shipments, *self.deliveries))
        if self.consignments is None:
            return None if named else self.deliveries[-1]
        return self.deliveries[-1] if self.delivered_count >= self.consignments else None

    @property
    def delivery(self) -> DeliveryStatus:
        if self.closed:
            return DeliveryStatus.CLOSED
        if self.deliveries:
            return DeliveryStatus.DELIVERED if self.delivered else DeliveryStatus.PARTLY_DELIVERED
        return DeliveryStatus.SHIPPED if self.shipments else DeliveryStatus.NOT_STARTED

    @property
    def latest_clearances(self) -> list[Update]:
        """Return the latest clearance by each authority: open and refused ones first (rule 9)."""
        latest = {normalize(update.authority or ""): update for update in self.clearances}
        return sorted(latest.values(), key=lambda update: _CLEARANCE_ORDER.index(update.outcome))

    @property
    def extends(self) -> str | None:
        """Return the ref of the project whose exemption this request extends, as an update names it."""
        named = [update.extends for update in self.updates if update.extends]
        return named[-1] if named else None

    @property
    def gaps(self) -> list[tuple[PartialDate, PartialDate]]:
        """Return the ends of the exemption that were certainly past at the next letter, each with that letter's date."""
        found: list[tuple[PartialDate, PartialDate]] = []
        end: PartialDate | None = None
        for letter in self.letters:
            if end and end.certainly_before(letter.happened):
                found.append((end, letter.happened))
            end = letter.letter.valid_until or end
        return found

    def validity(self, today: date) -> Validity:
        if not self.approved:
            return Validity.NONE
        end = self.valid_until
        if end is None or end.last is None:
            return Validity.END_NOT_KNOWN
        return Validity.EXPIRED if today > end.last else Validity.IN_FORCE

    def days_left(self, today: date) -> int | None:
        """New York days from ``today`` to the first day that the end may mean; None where nothing ends."""
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
        match self.validity(today):
            case Validity.END_NOT_KNOWN:
                return Headline.APPROVED_END_UNKNOWN
            case Validity.EXPIRED:
                return Headline.EXTENSION_PENDING if self.extension else Headline.EXPIRED
            case _:
                return Headline.APPROVED

    def _headline_undecided(self) -> Headline:
        holds = self.open_holds
        if holds and not (self.approval_reported and all(hold.flags for hold in holds)):
            return Headline.ON_HOLD
        if self.approval_reported:
            return Headline.APPROVAL_REPORTED
        if self.circulated or self.holds or self.lifts:
            return Headline.UNDER_REVIEW
        return Headline.SUBMITTED if self.submitted else Headline.NO_RECORD

    def statement(self, today: date) -> Statement:
        """Return the status as every surface states it, as of the newest day that its sources speak for (rule 14)."""
        headline = self.headline(today)
        governing = _GOVERNING.get(headline)
        update = governing(self) if governing else self.ended
        supporting = [update, *self._beside(headline)] if update else []
        return Statement(headline, update, max(supporting, key=lambda each: each.as_of, default=None))

    def _beside(self, headline: Headline) -> list[Update]:
        if headline is Headline.ON_HOLD:
            return [hold.placed for hold in self.open_holds]
        if headline is Headline.UNDER_REVIEW:
            return [*self.lifts, *([self.circulated] if self.circulated else [])]
        return self.deliveries if headline is Headline.DELIVERED else []

    @property
    def committee_act(self) -> Update | None:
        """Return the last act of the Committee itself."""
        return next((update for update in reversed(self.updates) if update.kind in _COMMITTEE_ACTS), None)


_GOVERNING: dict[Headline, Callable[[ProjectStatus], Update | None]] = {
    Headline.ON_HOLD: lambda status: min(
        (hold.placed for hold in status.open_holds), key=lambda placed: placed.order, default=None
    ),
    Headline.CLOSED: lambda status: status.closed,
    Headline.DELIVERED: lambda status: status.delivered,
    Headline.APPROVAL_REPORTED: lambda status: status.approval_reported,
    Headline.EXTENSION_PENDING: lambda status: status.extension.requested if status.extension else None,
    Headline.SUBMITTED: lambda status: status.submitted,
    Headline.UNDER_REVIEW: lambda status: max(
        (step for step in (*status.lifts, status.circulated) if step), key=lambda step: step.order, default=None
    ),
    **dict.fromkeys(
        (Headline.APPROVED, Headline.APPROVED_END_UNKNOWN, Headline.EXPIRED), lambda status: status.governing_letter
    ),
}
_CLEARANCE_ORDER = (
    ClearanceOutcome.REFUSED,
    ClearanceOutcome.ASKED,
    None,
    ClearanceOutcome.GRANTED,
    ClearanceOutcome.NOT_NEEDED,
)
_COMMITTEE_ACTS = {kind for kind, actor in ACTORS.items() if actor is ActingParty.COMMITTEE} - {UpdateKind.NOTIFIED}


def count_consignments(updates: list[Update]) -> int:
    """Count the consignments that were shipped or delivered; one without a number counts as one more."""
    numbers = {update.consignment.number for update in updates if update.consignment.number}
    return len(numbers) + sum(update.consignment.number is None for update in updates)


def status_of(updates: Iterable[Update]) -> ProjectStatus:
    """Fold all updates recorded for one project, corrections and retractions included, into its status."""
    return replay(effective_updates(updates))


def statuses_of(histories: Mapping[int, Sequence[Update]]) -> dict[int, ProjectStatus]:
    """Return the status of each project; those with the very same updates, as after an act on several, share one."""
    same = {key: tuple(map(id, updates)) for key, updates in histories.items()}
    statuses = {ids: status_of(histories[key]) for ids, key in {ids: key for key, ids in same.items()}.items()}
    return {key: statuses[ids] for key, ids in same.items()}


def replay(live: Iterable[Update]) -> ProjectStatus:
    """Fold updates that stand, in the order in which they apply."""
    status = ProjectStatus()
    for update in live:
        status.updates.append(update)
        _APPLY[update.kind](status, update)
    return status


def _set(name: str) -> Callable[[ProjectStatus, Update], None]:
    return lambda status, update: setattr(status, name, update)


def _add(name: str) -> Callable[[ProjectStatus, Update], None]:
    return lambda status, update: getattr(status, name).append(update)


def _on_pending(name: str) -> Callable[[ProjectStatus, Update], None]:
    return lambda status, update: setattr(status.pending_round() or status, name, update)


def _hold(status: ProjectStatus, update: Update) -> None:
    status.holds.append(Hold(update, round=status.pending_round()))


def _hold_lifted(status: ProjectStatus, update: Update) -> None:
    status.lifts.append(update)
    for hold in status.holds_meant(update):
        hold.lift(update)


def _position(status: ProjectStatus, update: Update) -> None:
    """Keep the latest position of a named member on a matter; undisclosed members may be several."""
    matter, named = status.pending_round(), update.holder != UNDISCLOSED
    status.positions = [
        each
        for each in status.positions
        if not (named and each.stated.holder == update.holder and each.round is matter)
    ] + [Position(update, matter)]


def _approval_reported(status: ProjectStatus, update: Update) -> None:
    pending = status.pending_round()
    if pending:
        pending.reported = update
    else:
        status.approval_reported = update
    for hold in status.open_holds:
        if hold.round is pending:
            hold.flags.append(update)


REQUEST_OF = {UpdateKind.EXTENDED: UpdateKind.EXTENSION_REQUESTED, UpdateKind.AMENDED: UpdateKind.AMENDMENT_REQUESTED}


def _letter(status: ProjectStatus, update: Update) -> None:
    status.letters.append(update)
    request = REQUEST_OF.get(update.kind)
    if request and (pending := status.pending_round(request)):
        pending.ended = update


def _round_requested(status: ProjectStatus, update: Update) -> None:
    if status.pending_round(update.kind) is None:
        status.rounds.append(Round(update))


_APPLY: dict[UpdateKind, Callable[[ProjectStatus, Update], None]] = {
    UpdateKind.SUBMITTED: lambda status, update: setattr(status, "submitted", status.submitted or update),
    UpdateKind.CIRCULATED: _on_pending("circulated"),
    UpdateKind.HOLD: _hold,
    UpdateKind.HOLD_LIFTED: _hold_lifted,
    UpdateKind.POSITION: _position,
    UpdateKind.APPROVAL_REPORTED: _approval_reported,
    UpdateKind.CLEARANCE: _add("clearances"),
    UpdateKind.SHIPPED: _add("shipments"),
    UpdateKind.DELIVERED: _add("deliveries"),
    UpdateKind.CLOSED: _set("closed"),
    **dict.fromkeys((UpdateKind.NOTIFIED, UpdateKind.NOTE), lambda *_: None),
    **dict.fromkeys(LETTERS, _letter),
    **dict.fromkeys(ROUND_REQUESTS, _round_requested),
    **dict.fromkeys(ENDINGS, _on_pending("ended")),
    **dict.fromkeys(RESPONSES, _set("responded")),
}
