"""The rules of the record: what may be recorded next, and why not. ``check`` is pure: it raises a Refusal or warns."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from db.domain.council import MEMBERS, Council, SeatStatus
from db.domain.dates import PartialDate, day
from db.domain.enums import (
    CONSIGNMENT_KINDS,
    DECISIONS,
    LEADS_TO,
    LETTERS,
    OF_A_MEMBER,
    RESPONSES,
    ROUND_REQUESTS,
    STEPS_OF_A_ROUND,
    UNDISCLOSED,
    SourceKind,
    UpdateKind,
)
from db.domain.project_status import REQUEST_OF, Hold, ProjectStatus, Validity, count_consignments, replay
from db.domain.text import Code, Codes, HoldList
from db.domain.updates import NOT_RECORDED, Update, in_order
from db.errors import N_, Refusal


@dataclass(frozen=True, slots=True)
class RuleContext:
    """Context of the rules beside a project's updates: the day in New York and the Council's membership."""

    today: date
    council: Council


@dataclass(frozen=True, slots=True)
class RuleWarning:
    """Something that does not stop an update but should be known: a template and its values."""

    text: str
    params: dict[str, object]

    def __str__(self) -> str:
        return self.text.format(**self.params)


Rule = Callable[[Update, ProjectStatus], None]


def check(update: Update, live: Iterable[Update], facts: RuleContext) -> list[RuleWarning]:
    """Raise a Refusal if ``update`` may not be recorded beside the ``live`` updates of its project.

    Only updates that come before it count: earlier in order, or recorded already and not certainly later (rule 6).
    Where the two differ, an end or a decision stands in its way only if it does by either. Returns warnings, such as
    a shipment outside the exemption's period, a holder that could not be checked, or a hold that may be on record.
    """
    _not_in_the_future(update, facts.today)
    _holder_sat_on_council(update, facts.council)
    _consignment_counts(update)
    if update.is_report:
        _report_says_something(update)
        return []
    _source_suffices(update)
    _letter_complete(update)
    if update.number == NOT_RECORDED:  # what was recorded before a value was asked for stays as it is
        _nothing_missing(update)
    if update.deadline and update.happened.first and update.deadline < update.happened.first:
        raise Refusal(
            "The no-objection deadline ({deadline}) is before the circulation date ({happened}). Check both dates.",
            field="deadline",
            deadline=day(update.deadline),
            happened=update.happened,
        )
    others = in_order(other for other in live if other is not update and other.number != update.corrects)
    before = replay(other for other in others if other.comes_before(update))
    for rule in RULES[update.kind]:
        try:
            rule(update, replay(others) if rule in _ONCE else before)
        except Refusal:
            if rule not in _OPEN_TO_DATES or not _allows(rule, update, others):
                raise
    _in_order_of_dates(update, others)
    return list(_warnings(update, before, facts))


def _allows(rule: Rule, update: Update, others: list[Update]) -> bool:
    try:
        rule(update, replay(other for other in others if other.order < update.order))
    except Refusal:
        return False
    return True


_MISSING = {
    "by": N_("Which member? Add `by:` with its name, or `by:undisclosed` if your source does not name it."),
    "stance": N_("What is its position? Add `stance:opposes`, `asks-time`, `no-objection` or `supports`."),
    "authority": N_("Which authority? Add `authority:` and its name."),
    "outcome": N_("What did it decide? Add `outcome:asked`, `granted`, `refused` or `not-needed`."),
    "note": N_("A note needs its text. Write what it says."),
}


def _nothing_missing(update: Update) -> None:
    """Refuse what lacks a value that nobody may assume."""
    kind = update.kind
    missing = {
        "by": kind in OF_A_MEMBER and not update.holder and not update.lift_all,
        "stance": kind is UpdateKind.POSITION and update.stance is None,
        "authority": kind is UpdateKind.CLEARANCE and not update.authority,
        "outcome": kind is UpdateKind.CLEARANCE and update.outcome is None,
        "note": kind is UpdateKind.NOTE and not update.note.strip() and update.retracts is None,
    }
    for field, lacks in missing.items():
        if lacks:
            raise Refusal(_MISSING[field], field=field)


def _report_says_something(update: Update) -> None:
    if update.confirms and not update.sources and update.confidence is SourceKind.NOT_STATED:
        raise Refusal("Who confirms it? Add `as:` and `source:` of the report that does.", field="as")
    if update.differs and not (update.values or update.reported):
        raise Refusal(
            "What does the other report say? Add the value that differs, such as `until:2026-10-21`.", field="text"
        )


def _consignment_counts(update: Update) -> None:
    number, of = update.consignment.number, update.consignment.of
    if number and of and number > of:
        raise Refusal(
            "There cannot be a consignment {number} of {of}. Write it like `consignment:1/3`.",
            field="consignment",
            number=number,
            of=of,
        )


def inconsistent_updates(live: list[Update], facts: RuleContext) -> dict[int, Refusal]:
    """Return the updates that no longer fit beside the others, by number, with the reason; they stay (rule 10)."""
    outcome = {}
    for update in live:
        try:
            check(update, live, facts)
        except Refusal as refusal:
            outcome[update.number] = refusal
    return outcome


def _not_in_the_future(update: Update, today: date) -> None:
    if update.happened.first and update.happened.first > today:
        raise Refusal(
            "{happened} is in the future (today is {today} in New York). Record it after it happens.",
            field="on",
            happened=update.happened,
            today=day(today),
        )
    if update.reported and update.reported > today:
        raise Refusal(
            "The report date {reported} is in the future (today is {today} in New York).",
            field="reported",
            reported=day(update.reported),
            today=day(today),
        )


def _source_suffices(update: Update) -> None:
    if update.kind not in DECISIONS or update.official:
        return
    if update.confidence is SourceKind.NOT_STATED:
        raise Refusal(
            "`{kind}` needs an official source. Add `as:letter`, `as:government` or `as:reported-letter`.",
            field="as",
            kind=update.kind,
        )
    if update.kind is UpdateKind.APPROVED:
        raise Refusal(
            "A press report is not an approval; only the Chair's letter is. Record `approval-reported` for now, or, if "
            "you have an official source, add `as:letter`, `as:government` or `as:reported-letter`.",
            field="as",
        )
    raise Refusal(
        "`{kind}` needs an official source. If you have one, add `as:letter`, `as:government` or "
        "`as:reported-letter`; if not, record the report as a `note`.",
        field="as",
        kind=update.kind,
    )


def _letter_complete(update: Update) -> None:
    end = update.letter.valid_until
    if end is None:
        if update.kind in {UpdateKind.APPROVED, UpdateKind.EXTENDED}:
            raise Refusal(
                "Until when is the letter valid? Add `until:` with the date in it, or `until:unknown` if "
                "you have not seen it.",
                field="until",
            )
        return
    if end.certainly_before(update.happened):
        raise Refusal(
            "The end date ({end}) is before the date of the letter ({happened}). Check both dates.",
            field="until",
            end=end,
            happened=update.happened,
        )


def _holder_sat_on_council(update: Update, council: Council) -> None:
    holder = update.holder
    if holder in {None, UNDISCLOSED} or update.kind not in {UpdateKind.HOLD, UpdateKind.POSITION}:
        return
    if (
        council.seat(str(holder), update.happened) is SeatStatus.NOT_SEATED
        and update.happened.first
        and update.happened.last
    ):
        members = council.members(update.happened.first, update.happened.last)
        raise Refusal(
            "{holder} did not sit on the Security Council in {happened}. Members then: {members}. Name one of them, "
            "say `by:undisclosed`, or put the membership right with `/aid-admin council`.",
            field="by",
            holder=Code(str(holder)),
            happened=update.happened,
            members=Codes(map(Code, members)),
        )


def _refused_beside(earlier: Callable[[Update, ProjectStatus], Update | None], text: str) -> Rule:
    """Return the rule that refuses an update beside the one that ``earlier`` finds."""

    def rule(update: Update, before: ProjectStatus) -> None:
        if found := earlier(update, before):
            raise Refusal(text, **_reference(found), kind=update.kind, ended=found.kind)

    return rule


_not_ended = _refused_beside(
    lambda _, before: before.ended,
    N_(
        "This request has ended: `{ended}` (#{number}, {happened}). For a new request, add a project "
        "that names this one as its predecessor. If your update happened earlier, add its date with "
        "`on:`; if #{number} is wrong, retract it."
    ),
)
_not_closed = _refused_beside(
    lambda _, before: before.closed,
    N_(
        "This project is closed (#{number}, {happened}). If your update happened earlier, add its date "
        "with `on:`. To reopen the project, retract #{number}; to add a remark, write a `note`."
    ),
)
_something_pending = _refused_beside(
    lambda _, before: before.letters[-1] if before.approved and not before.pending_rounds else None,
    N_(
        "The request was decided by the letter #{number} ({happened}), and nothing asked for since is on record "
        "that `{kind}` could concern. If more time or other items were asked for, record `extension-requested` "
        "or `amendment-requested` first; if it happened before the letter, give its date with `on:`."
    ),
)
_not_submitted_twice = _refused_beside(
    lambda _, before: before.submitted,
    N_(
        "The submission is already on record (#{number}, {happened}). Correct #{number} if it is "
        "wrong; for a new request, add a new project."
    ),
)
_not_approved_twice = _refused_beside(
    lambda _, before: next((letter for letter in before.letters if letter.kind is UpdateKind.APPROVED), None),
    N_(
        "Already approved (#{number}, {happened}). Record more time as `extended` and changed items as "
        "`amended`; if #{number} is wrong, correct it."
    ),
)
_not_pending_already = _refused_beside(
    lambda update, before: pending.requested if (pending := before.pending_round(update.kind)) else None,
    N_("`{kind}` is on record already and not decided (#{number}, {happened}). Correct #{number} if it is wrong."),
)


def _not_held_by_same(update: Update, before: ProjectStatus) -> None:
    for hold in before.open_holds:
        if hold.holder == update.holder != UNDISCLOSED:
            raise Refusal(
                "{holder} holds it already (#{number}, {happened}). If your source speaks of that hold, add it with "
                "`#{number} confirm`; if it gives another date, with `#{number} differ`; record `hold-lifted` first if "
                "this is a second hold.",
                **_reference(hold.placed),
                field="by",
                holder=Code(hold.holder),
            )


def _lifts_a_hold(update: Update, before: ProjectStatus) -> None:
    if before.holds_meant(update):
        return
    holds = before.open_holds
    if holds:
        raise Refusal(
            "{holder} has no open hold. Open holds: {holds}. Use `by:` with one of them, or `lift:all`.",
            field="by",
            holder=Code(update.holder or UNDISCLOSED),
            holds=_list(holds),
        )
    lifted = [
        hold.lifted_by for hold in before.pending_holds if hold.lifted_by and update.holder in {hold.holder, None}
    ]
    if lifted:
        raise Refusal(
            "The lift is on record already (#{number}, {happened}), from a source as strong as yours. Add yours with "
            "`#{number} confirm`.",
            **_reference(lifted[-1]),
            field="by",
        )
    raise Refusal(
        "There is no open hold to lift. If the hold is on record, check both dates; if not, record the "
        "`hold` first with the date it was placed.",
        field="by",
    )


def _no_open_hold(update: Update, before: ProjectStatus) -> None:
    """Refuse a letter while what it decides is held: the request, or the extension or amendment asked for."""
    request = REQUEST_OF.get(update.kind)
    holds = [hold for hold in before.open_holds if not (request and hold.round) or hold.round.kind is request]
    if holds:
        raise Refusal(
            "`{kind}` cannot be recorded while a hold is open: {holds}. Record `hold-lifted` first, or, if your source "
            "is as strong as theirs, add `lift:all` to lift all holds and record `{kind}` in one step.",
            field="lift",
            kind=update.kind,
            holds=_list(holds),
        )


def _has_letter(update: Update, before: ProjectStatus) -> None:
    if not before.approved:
        raise Refusal(
            "There is no exemption on record that could be `{kind}`. Record `approved` first. An extension submitted "
            "as a separate request is a separate project: add it and name its predecessor (`extends:`).",
            kind=_AS_DONE.get(update.kind, update.kind),
        )


_AS_DONE = {request: letter for letter, request in REQUEST_OF.items()}


def _ends_later(update: Update, before: ProjectStatus) -> None:
    old, new = before.valid_until, update.letter.valid_until
    if old and new and old.first and new.last and new.last <= old.first:
        raise Refusal(
            "An extension must end later than the current end date ({old}); you gave {new}. Check the "
            "date, or record `amended`.",
            field="until",
            old=old,
            new=new,
        )


def _something_to_notify(_update: Update, before: ProjectStatus) -> None:
    if before.undecided and not before.approval_reported:
        raise Refusal(
            "There is no decision on record to notify anyone of. Record `approval-reported` or the decision first."
        )


def _something_to_close(_update: Update, before: ProjectStatus) -> None:
    if before.undecided and not before.shipments and not before.deliveries:
        raise Refusal(
            "Nothing has been approved or delivered yet, so there is nothing to close. If the request has "
            "ended, record `withdrawn`, `rejected` or `lapsed`."
        )


RULES: dict[UpdateKind, tuple[Rule, ...]] = {
    **dict.fromkeys(
        (UpdateKind.CIRCULATED, UpdateKind.APPROVAL_REPORTED, UpdateKind.REJECTED, UpdateKind.LAPSED),
        (_not_ended, _not_closed, _something_pending),
    ),
    UpdateKind.SUBMITTED: (_not_ended, _not_closed, _not_submitted_twice),
    UpdateKind.HOLD: (_not_ended, _not_closed, _something_pending, _not_held_by_same),
    UpdateKind.HOLD_LIFTED: (_not_ended, _not_closed, _lifts_a_hold),
    UpdateKind.APPROVED: (_not_ended, _not_closed, _not_approved_twice, _no_open_hold),
    **dict.fromkeys(ROUND_REQUESTS, (_not_ended, _not_closed, _has_letter, _not_pending_already)),
    UpdateKind.EXTENDED: (_not_ended, _not_closed, _has_letter, _no_open_hold, _ends_later),
    UpdateKind.AMENDED: (_not_ended, _not_closed, _has_letter, _no_open_hold),
    UpdateKind.WITHDRAWN: (_not_ended, _not_closed),
    UpdateKind.NOTIFIED: (_not_closed, _something_to_notify),
    **dict.fromkeys(CONSIGNMENT_KINDS, (_not_closed,)),
    UpdateKind.CLOSED: (_not_ended, _not_closed, _something_to_close),
    **dict.fromkeys((UpdateKind.CLEARANCE, UpdateKind.POSITION, UpdateKind.NOTE, *RESPONSES), ()),
}


_ONCE = frozenset({_not_submitted_twice, _not_approved_twice})  # rules about what a project has once, whenever it was

_OPEN_TO_DATES = frozenset({_not_ended, _not_closed, _something_pending, _ends_later})
"""Rules about what must not have come before; an inexact date recorded first is not certain to have (rule 6)."""


def _in_order_of_dates(update: Update, others: list[Update]) -> None:
    """Refuse what is certainly earlier than what must come first, or later than what must come after (rule 6)."""
    for other in others:
        for earlier, later in ((update, other), (other, update)):
            if later.kind in _MUST_PRECEDE.get(earlier.kind, ()) and later.certainly_before(earlier):
                raise Refusal(
                    "`{kind}` on {happened} conflicts with `{other}` on {other_happened} (#{number}): "
                    "`{earlier}` must come before `{later}`. Check the date, or correct #{number}.",
                    field="on",
                    kind=update.kind,
                    happened=update.happened,
                    other=other.kind,
                    number=other.number,
                    other_happened=other.happened,
                    earlier=earlier.kind,
                    later=later.kind,
                )


_MUST_PRECEDE = {UpdateKind.SUBMITTED: STEPS_OF_A_ROUND | LETTERS, UpdateKind.APPROVED: LEADS_TO[UpdateKind.APPROVED]}


def _warnings(update: Update, before: ProjectStatus, facts: RuleContext) -> Iterator[RuleWarning]:
    if update.kind in CONSIGNMENT_KINDS:
        yield from _consignment_warnings(update, before)
    for hold in before.pending_holds if update.kind is UpdateKind.HOLD else ():
        same = update.holder == hold.holder or UNDISCLOSED in {update.holder, hold.holder}
        if same and hold.placed.happened.may_equal(update.happened):
            yield RuleWarning(
                "#{number} may be the same hold ({holder}, {happened}). If so, add your source with `#{number} confirm`.",
                {**_reference(hold.placed), "holder": Code(hold.holder)},
            )
    if update.kind in STEPS_OF_A_ROUND and len(before.pending_rounds) > 1:
        latest = before.pending_rounds[-1].requested
        yield RuleWarning(
            "Two requests are pending. This is taken to concern the later one, #{number} (`{kind}`, {happened}).",
            {**_reference(latest), "kind": latest.kind},
        )
    if update.kind is UpdateKind.HOLD_LIFTED and not update.lift_all:
        yield from (
            RuleWarning(
                "No hold by {holder} is on record; this lifts #{number}, whose holder is not disclosed.",
                {**_reference(hold.placed), "holder": Code(str(update.holder))},
            )
            for hold in before.holds_meant(update)
            if hold.holder != update.holder
        )
    if update.kind in {UpdateKind.HOLD, UpdateKind.POSITION} and update.holder not in {None, UNDISCLOSED}:
        yield from _membership_warnings(Code(str(update.holder)), update.happened, facts.council)


def _membership_warnings(holder: Code, happened: PartialDate, council: Council) -> Iterator[RuleWarning]:
    if council.seat(holder, happened) is not SeatStatus.UNCHECKED:
        return
    if happened.first is None or happened.last is None:
        yield RuleWarning("Without a date it is not checked that {holder} sat on the Council.", {"holder": holder})
        return
    yield RuleWarning(
        "It is not checked that {holder} sat on the Council: {count} of {members} members are on record for then.",
        {"holder": holder, "count": council.on_record(happened.first, happened.last), "members": MEMBERS},
    )


def _consignment_warnings(update: Update, before: ProjectStatus) -> Iterator[RuleWarning]:
    when = update.happened.first
    if not before.approved:
        yield RuleWarning("This project has no exemption on record.", {})
    elif when and before.validity(when) is Validity.EXPIRED and update.kind is UpdateKind.SHIPPED:
        yield RuleWarning(
            "{happened} is after the exemption expired ({end}).",
            {"happened": update.happened, "end": before.valid_until},
        )
    number, limit = update.consignment.number, before.shipment_limit
    earlier = before.shipments if update.kind is UpdateKind.SHIPPED else before.deliveries
    same = next((each for each in earlier if number and each.consignment.number == number), None)
    for other in earlier if number is None else ():
        if other.happened.may_equal(update.happened):
            yield RuleWarning(
                "#{number} may be the same (`{kind}`, {happened}). If so, add your source with `#{number} confirm`.",
                {**_reference(other), "kind": update.kind},
            )
    if same:
        yield RuleWarning(
            "Consignment {consignment} is on record already as `{kind}` (#{number}, {happened}).",
            {**_reference(same), "consignment": number, "kind": update.kind},
        )
    count = max(count_consignments(earlier) + (same is None), number or 0)
    if limit is not None and count > limit:
        yield RuleWarning(
            "Shipments allowed by the letter: {limit}. This one is number {count}.", {"limit": limit, "count": count}
        )


def _reference(update: Update) -> dict[str, Any]:
    return {"number": update.number, "happened": update.happened}


def _list(holds: list[Hold]) -> HoldList:
    return HoldList((Code(hold.holder), hold.placed.number) for hold in holds)
