"""One project's card: where it stands on every axis, since when, who holds, until when, what comes next, says who."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from db.domain.council import SeatStatus
from db.domain.dates import PartialDate
from db.domain.enums import UNDISCLOSED, UNIDENTIFIED, DeliveryStatus, Headline, Response, UpdateKind
from db.domain.project_status import Hold, ProjectStatus, Round, Statement, Validity
from db.domain.updates import Update
from db.errors import N_
from db.reports.project import ProjectDetail, UpdateDetail
from db.updates.status_cache import lift_reported
from handlers.blocks import formatting
from handlers.blocks.blockkit import Block, actions, context, divider, fields, fit, header, menu, option, sections
from handlers.blocks.project_buttons import ASK, follow_button
from handlers.i18n.translator import Translator, amount
from handlers.slack.mrkdwn import Markup, dotted, escape, lined
from handlers.status.blocks import share_button
from handlers.status.next_steps import next_steps

TIMELINE = 6
CONSIGNMENTS = 6
SHORT = 110  # characters of a row that stands beside another; longer ones have a line of their own
WHOLE_TIMELINE = "status_timeline"  # the button of cards that were sent before the menu had it
RECORD = "status_record"
WHOLE = "timeline"  # the word before a ref that asks for its whole timeline


def card(
    translator: Translator,
    case: ProjectDetail,
    *,
    whole: bool = False,
    buttons: Sequence[Block] = (),
    unseen: Collection[int] = (),
) -> list[Block]:
    """Return the card of a project, ``whole`` with its entire timeline, with the ``buttons`` that the reader's role adds."""
    project, stated = case.project, case.standing.statement(case.today)
    headline = stated.headline
    clause = formatting.qualifier(translator, case.standing, headline)
    axes = _axes(translator, case)
    known = [f"{title} {text}" for title, text in axes if text]
    short = [text for text in known if len(text) <= SHORT and "\n" not in text]
    blocks = [
        header(dotted(project.ref, translator.headline(headline), clause)),
        *sections(f"*{formatting.title(translator, project)}*\n{_about(translator, case)}"),
        *sections(lined(_bottom_line(translator, case, headline), formatting.unseen(translator, unseen))),
        *fields(short),
        *sections("\n".join(text for text in known if text not in short)),
        *sections(translator.mrkdwn("*What comes next:* ") + next_steps(translator, case.standing, stated)),
        divider(),
        *_timeline(translator, case, whole=whole),
    ]
    for other in case.other_records:
        blocks += _timeline(translator, other, whole=whole, of=other.project.ref)
    blocks.append(_basis(translator, case, stated, [title for title, text in axes if not text]))
    return fit(translator, [*blocks, _buttons(translator, case, buttons, whole=whole)])


def update_card(translator: Translator, shown: UpdateDetail) -> list[Block]:
    update = shown.update
    refs = tuple(project.ref for project in shown.projects)
    rows = [
        formatting.head(translator, update),
        formatting.note(translator, update, 2000),
        formatting.basis(translator, update),
        translator.mrkdwn("Projects:") + f" {formatting.refs(refs)}",
        formatting.recorded(translator, update),
    ]
    for number in sorted({each.number for each in shown.removed.values()}):
        touched = tuple(ref for ref, each in shown.removed.items() if each.number == number)
        rows.append(translator.mrkdwn("Changed by #{number} for", number=number) + f" {formatting.refs(touched)}")
    return fit(
        translator,
        [header(f"#{update.number}"), *sections(lined(*rows)), context(formatting.as_of(translator, update.as_of))],
    )


def _about(translator: Translator, case: ProjectDetail) -> str:
    project = case.project
    rows = formatting.roles(translator, project) or [translator.mrkdwn("Organisation: not on record")]
    rows.append(translator.mrkdwn("Group:") + f" {translator.group(project.group)}")
    rows.append(_predecessor(translator, case))
    if case.other_records:
        refs = ", ".join(other.project.ref for other in case.other_records)
        rows.append(translator.mrkdwn("Same request as {refs}", refs=refs))
    rows.append(formatting.quote(formatting.in_language(translator, project.notes, project.notes_ko)))
    return lined(*rows)


def _bottom_line(translator: Translator, case: ProjectDetail, headline: Headline) -> str:
    standing = case.standing
    rows = [f"{formatting.mark(headline)} {_in_force(translator, case, headline)}"]
    if headline is not Headline.ON_HOLD and lift_reported(standing):
        rows.append(translator.mrkdwn("A lift of the hold is reported, not confirmed."))
    if standing.response is Response.DECLINED and standing.responded:
        text = translator.mrkdwn(":warning: The DPRK is reported to have declined")
        rows.append(f"\n{_stated(translator, text, standing.responded)}")
    return " ".join(rows)


def _in_force(translator: Translator, case: ProjectDetail, headline: Headline) -> str:
    standing = case.standing
    if headline is Headline.ON_HOLD:
        holders = "; ".join(_holder(translator, case, hold) for hold in standing.open_holds)
        return translator.mrkdwn("*On hold* by {holders}", holders=Markup(holders))
    match standing.validity(case.today):
        case Validity.IN_FORCE:
            until = formatting.validity(translator, standing.valid_until, case.today)
            return translator.mrkdwn("*Exemption in force* {until}", until=Markup(until))
        case Validity.END_NOT_KNOWN:
            return translator.mrkdwn("*Approved.* The end of the exemption is not known.")
        case Validity.EXPIRED:
            return translator.mrkdwn(
                "*No exemption in force on record.* The last ended {date}.", date=standing.valid_until
            )
    if headline is Headline.APPROVAL_REPORTED:
        return translator.mrkdwn("*Approval reported; no letter on record.*")
    return translator.mrkdwn("*No exemption in force on record.*")


def _holder(translator: Translator, case: ProjectDetail, hold: Hold) -> str:
    """Render who holds, since when and who says so: of several holds each has its own day and source."""
    since = formatting.since(translator, hold.placed.happened, case.today)
    return dotted(escape(translator.holder(hold.holder)), since, formatting.confidence(translator, hold.placed))


def _amount(translator: Translator, case: ProjectDetail) -> str:
    project = case.project
    basis = translator.basis(project.amount_basis) if project.amount_basis else translator.plain("basis not stated")
    low, high = (Decimal(text) if text else None for text in (project.amount_low, project.amount_high))
    return escape(f"{amount(low, high, project.currency or '', translator.language)} ({basis})")


def _predecessor(translator: Translator, case: ProjectDetail) -> str:
    """Render the project that this one extends, its end and the gap after it, and the one that extends this."""
    named = case.standing.extends or case.project.predecessor
    rows = []
    if named and named != UNIDENTIFIED:
        rows.append(" · ".join([translator.mrkdwn("Extends {ref}", ref=named), *_earlier_end(translator, case)]))
    elif named or case.project.predecessor_unidentified:
        rows.append(translator.mrkdwn("Extends an earlier exemption (which one is not known)"))
    if case.successors:
        rows.append(translator.mrkdwn("Extended by {refs}", refs=", ".join(case.successors)))
    return "\n".join(rows)


def _earlier_end(translator: Translator, case: ProjectDetail) -> list[str]:
    end = case.predecessor.valid_until if case.predecessor else None
    if end is None:
        return []
    parts = [_until(translator, end, case.today)]
    first = case.standing.letters[0] if case.standing.letters else None
    if first and end.certainly_before(first.happened):
        parts.append(
            translator.mrkdwn("*Gap:* no exemption in force from {end} to {next}", end=end, next=first.happened)
        )
    return parts


def _until(translator: Translator, end: PartialDate, today: date) -> str:
    over = end.last is not None and end.last < today
    return translator.mrkdwn(
        N_("expired {date}") if over else N_("until {date}") if end.known else N_("end not known"), date=end
    )


def _axes(translator: Translator, case: ProjectDetail) -> list[tuple[str, str]]:
    """Return the title and text of each row, an empty text for nothing on record; the DPRK's response always has one."""
    standing, project = case.standing, case.project
    amount = _amount(translator, case) if project.amount_low or project.amount_high else ""
    response = _stated(translator, translator.response(standing.response), standing.responded)
    clearances = _items([_clearance(translator, case, each) for each in standing.latest_clearances])
    act = standing.committee_act
    committee = (
        f"{_dated(translator, translator.kind(act.kind), act)} · {formatting.confidence(translator, act)}"
        if act
        else ""
    )
    submitted = _stated(translator, translator.mrkdwn("submitted"), standing.submitted) if standing.submitted else ""
    gap = N_("no exemption in force from {end} to {next}")
    gaps = [(translator.mrkdwn("*Gap:*"), translator.mrkdwn(gap, end=end, next=later)) for end, later in standing.gaps]
    return [
        (translator.mrkdwn("*Request:*"), submitted),
        (translator.mrkdwn("*Committee:*"), committee),
        (translator.mrkdwn("*Holds:*"), _holds(translator, case)),
        (translator.mrkdwn("*Positions:*"), _positions(translator, case)),
        (translator.mrkdwn("*Exemption:*"), _validity(translator, case)),
        *(_round(translator, case, each) for each in standing.rounds),
        *gaps,
        (translator.mrkdwn("*Delivery:*"), _delivery(translator, standing)),
        (translator.mrkdwn("*DPRK response:*"), response),
        (translator.mrkdwn("*Clearances:*"), clearances),
        (translator.mrkdwn("*Sector:*"), ", ".join(translator.sector(code) for code in project.sectors)),
        (translator.mrkdwn("*Amount:*"), amount),
    ]


def _positions(translator: Translator, case: ProjectDetail) -> str:
    rows = []
    for position in case.standing.positions:
        about = _on_round(translator, position.round) if position.round else ""
        text = ", ".join(part for part in (formatting.subject(translator, position.stated), about) if part)
        rows.append(_stated(translator, text, position.stated))
    return _items(rows)


def _on_round(translator: Translator, each: Round) -> str:
    extension = each.kind is UpdateKind.EXTENSION_REQUESTED
    text = N_("on the extension (#{number})") if extension else N_("on the amendment (#{number})")
    return translator.mrkdwn(text, number=each.requested.number)


def _delivery(translator: Translator, standing: ProjectStatus) -> str:
    if standing.delivery is DeliveryStatus.NOT_STARTED:
        return ""
    counted = formatting.consignments(translator, standing.delivered_count, standing.consignments)
    summary = [counted] if counted and not standing.closed else [translator.delivery(standing.delivery), counted]
    by_number: dict[object, Update] = {}
    for update in (*standing.shipments, *standing.deliveries):  # what arrived takes the place of what left
        by_number[update.consignment.number or update.number] = update
    rows = [_consignment(translator, update) for update in list(by_number.values())[-CONSIGNMENTS:]]
    return _items(rows, dotted(*summary))


def _consignment(translator: Translator, update: Update) -> str:
    arrived = update.kind is UpdateKind.DELIVERED
    state = translator.delivery(DeliveryStatus.DELIVERED if arrived else DeliveryStatus.SHIPPED)
    parts = [formatting.consignment(translator, update.consignment), state]
    return _stated(translator, ": ".join(part for part in parts if part), update)


def _clearance(translator: Translator, case: ProjectDetail, update: Update) -> str:
    text = f"{escape(update.authority or '')}: {translator.outcome(update.outcome)}"
    end = update.letter.valid_until
    if end:
        text += f", {_until(translator, end, case.today)}"
    return _stated(translator, text, update)


def _stated(translator: Translator, text: str, update: Update | None) -> str:
    """Render a row of an axis: what is stated, when, how surely, and what other reports say."""
    if update is None:
        return text
    sure, differing = formatting.confidence(translator, update), formatting.differing(translator, update)
    return dotted(_dated(translator, text, update), sure, differing)


def _dated(translator: Translator, text: str, update: Update) -> str:
    return f"{text} · {formatting.when(translator, update)} (#{update.number})"


def _items(rows: list[str], summary: str = "") -> str:
    """Render rows of an axis: a single one in line with its title, several as a list."""
    if len(rows) > 1:
        return "\n".join([summary, *(f"• {row}" for row in rows)])
    return dotted(summary, *rows)


def _holds(translator: Translator, case: ProjectDetail) -> str:
    rows = [_hold(translator, case, hold) for hold in case.standing.holds]
    if not rows:
        return ""
    open_now = len(case.standing.open_holds)
    if open_now:
        summary = translator.plural("{number} open", "{number} open", open_now)
    else:
        reported = lift_reported(case.standing)
        summary = translator.mrkdwn(N_("none open (lift reported, not confirmed)") if reported else N_("none open"))
    return "\n".join([summary, *(f"• {row}" for row in rows)])


def _hold(translator: Translator, case: ProjectDetail, hold: Hold) -> str:
    placed = hold.placed
    pending = any(hold is each for each in case.standing.open_holds)
    dated = formatting.since(translator, placed.happened, case.today) if pending else ""
    if not dated:
        text = N_("from {date}") if placed.happened.known else N_("since when is not known")
        dated = translator.mrkdwn(text, date=placed.happened)
    parts = [translator.holder(hold.holder), f"{dated} (#{placed.number})"]
    parts.append(formatting.length(translator, placed))
    if hold.round:
        parts.append(_on_round(translator, hold.round))
    parts += [formatting.confidence(translator, placed), formatting.differing(translator, placed)]
    parts += _lift(translator, hold)
    if hold.open and not pending:
        parts.append(translator.mrkdwn("no lift recorded, but decided since"))
    if hold.holder != UNDISCLOSED and case.council.seat(hold.holder, placed.happened) is SeatStatus.UNCHECKED:
        parts.append(translator.mrkdwn("membership not checked"))
    return dotted(*parts)


def _lift(translator: Translator, hold: Hold) -> list[str]:
    lift = hold.lifted_by
    if lift is None:
        return [
            translator.mrkdwn(
                "lift reported (#{number}), but the source is too weak to close the hold", number=flag.number
            )
            if flag.kind is UpdateKind.HOLD_LIFTED
            else translator.mrkdwn("approval reported (#{number})", number=flag.number)
            for flag in hold.flags
        ]
    text = N_("lifted ({when}, #{number})") if lift.official else N_("lift reported ({when}, #{number})")
    rows = [translator.mrkdwn(text, when=formatting.when(translator, lift), number=lift.number)]
    rows += [formatting.confidence(translator, lift), formatting.differing(translator, lift)]
    earlier = [flag.number for flag in hold.flags if flag.kind is UpdateKind.HOLD_LIFTED]
    return rows + [translator.mrkdwn("reported before (#{number})", number=number) for number in earlier]


def _validity(translator: Translator, case: ProjectDetail) -> str:
    standing, letter = case.standing, case.standing.governing_letter
    match standing.validity(case.today):
        case Validity.NONE:
            return ""
        case Validity.EXPIRED:
            text = translator.mrkdwn("expired {date}", date=standing.valid_until)
        case Validity.END_NOT_KNOWN:
            age = formatting.since(translator, letter.happened if letter else None, case.today)
            text = ", ".join(part for part in (translator.mrkdwn("approved, end not known"), age) if part)
        case _:
            text = formatting.validity(translator, standing.valid_until, case.today)
    period = formatting.period(translator, letter) if letter else ""
    return _stated(translator, ", ".join(filter(None, [text, period])), letter)


def _round(translator: Translator, case: ProjectDetail, each: Round) -> tuple[str, str]:
    title = translator.mrkdwn("*{request}:*", request=translator.kind(each.kind))
    if each.ended:
        return title, _stated(translator, translator.kind(each.ended.kind), each.ended)
    holds = [hold for hold in case.standing.open_holds if hold.round is each]
    parts = [translator.mrkdwn("not decided"), *filter(None, [formatting.held(translator, holds)])]
    if each.circulated and each.circulated.deadline:
        parts.append(translator.mrkdwn("deadline {date}", date=each.circulated.deadline))
    if each.reported:
        parts.append(translator.mrkdwn("approval reported, letter not seen"))
    return title, _stated(translator, ", ".join(parts), each.requested)


def _timeline(translator: Translator, case: ProjectDetail, *, whole: bool, of: str = "") -> list[Block]:
    """Render the timeline, latest first; ``of`` is the ref where it is that of another record."""
    entries = sorted(case.history, key=lambda each: each.order, reverse=True)
    shown = entries if whole else entries[:TIMELINE]
    if of:
        title = translator.mrkdwn("*Timeline of {ref}*, the same request", ref=of)
    elif entries:
        title = translator.mrkdwn("*Timeline*, latest first")
    else:
        title = translator.mrkdwn("*Timeline:* nothing on record")
    rows = [_entry(translator, case, update, whole=whole) for update in shown]
    texts = [title, *rows] if whole else ["\n".join([title, *rows])]
    blocks = [block for text in texts for block in sections(text)]
    if left := len(entries) - len(shown):
        text = translator.plural(
            "{number} earlier entry is not shown.", "{number} earlier entries are not shown.", left
        )
        blocks.append(context(text))
    return blocks


def _entry(translator: Translator, case: ProjectDetail, update: Update, *, whole: bool) -> str:
    head = formatting.head(translator, update)
    removed = case.removed.get(update.number)
    if removed:
        text = N_("retracted by #{number}") if removed.retracts else N_("corrected by #{number}")
        head = f"~{head}~ " + translator.mrkdwn(text, number=removed.number)
    basis = "" if update.retracts else formatting.basis(translator, update)
    recorded = formatting.recorded(translator, update) if whole else f"#{update.number}"
    limit = formatting.NOTE_SHOWN if whole else formatting.QUOTE_SHOWN
    rows = [dotted(f"• {head}", basis, recorded), formatting.quote(formatting.note(translator, update, limit))]
    misfit = case.inconsistent_updates.get(update.number)
    if misfit and not removed:
        rows.append(translator.mrkdwn(":warning: No longer fits the rest of the record: ") + translator.error(misfit))
    return lined(*rows)


def _basis(translator: Translator, case: ProjectDetail, stated: Statement, missing: list[str]) -> Block:
    rows = [formatting.statement(translator, stated, case.today, no_news=case.no_news)]
    if missing:
        names = ", ".join(title.strip("*:").lower() for title in missing)
        rows.append(translator.mrkdwn("Not on record: {names}", names=names))
    return context("\n".join(rows))


def _buttons(translator: Translator, case: ProjectDetail, added: Sequence[Block], *, whole: bool) -> Block:
    ref = case.project.ref
    buttons = [follow_button(translator, ref), share_button(translator, f"one {ref}"), *added]
    more = [
        option(translator.plain("Picture"), f"export:png {ref}"),
        option(translator.plain("Calendar"), f"export:ics {ref}"),
    ]
    if any(len(each.history) > TIMELINE for each in (case, *case.other_records)) and not whole:
        more = [option(translator.plain("Show full timeline"), f"{WHOLE} {ref}"), *more]
    return actions([*buttons, menu(f"{ASK}:more", more)])
