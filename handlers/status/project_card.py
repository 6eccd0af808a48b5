"""One project's card: where it stands on every axis, since when, who holds, until when, what comes next, says who."""

from decimal import Decimal

from db.domain.council import SeatStatus
from db.domain.enums import ENDINGS, UNDISCLOSED, UNIDENTIFIED, Headline
from db.domain.project_status import Hold, Validity
from db.domain.updates import Update
from db.errors import N_
from db.reports.project import ProjectDetail, UpdateDetail
from db.updates.status_cache import lift_reported
from handlers.blocks import formatting
from handlers.blocks.blockkit import Block, actions, button, context, divider, fit, header, sections
from handlers.blocks.formatting import overflow_note
from handlers.i18n.amounts import amount
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import escape
from handlers.status.blocks import share
from handlers.status.follow_buttons import follow_button
from handlers.status.next_steps import next_step

TIMELINE = 6
WHOLE_TIMELINE = "status_timeline"


def card(translator: Translator, case: ProjectDetail, *, whole: bool = False) -> list[Block]:
    """Return the card of a project; ``whole`` shows its entire timeline as far as a message takes it."""
    project, headline = case.project, case.standing.headline(case.today)
    clause = formatting.qualifier(translator, case.standing, headline)
    blocks = [
        header(" · ".join(part for part in (project.ref, translator.headline(headline), clause) if part)),
        *sections(f"*{formatting.title(translator, project)}*\n{_about(translator, case)}"),
        *sections("\n".join(_axes(translator, case, headline))),
        *sections(translator.mrkdwn("*What comes next:* ") + translator.mrkdwn(next_step(headline))),
    ]
    blocks += [divider(), *_timeline(translator, case, whole=whole), _basis(translator, case)]
    return fit([*blocks, _buttons(translator, case, whole=whole)], overflow_note(translator))


def update_card(translator: Translator, shown: UpdateDetail) -> list[Block]:
    """Return one recorded update in full."""
    update = shown.update
    refs = tuple(project.ref for project in shown.projects)
    rows = [
        f"{formatting.when(translator, update)} — {formatting.request_name(translator, update)}",
        formatting.note(update, 2000),
        f"{formatting.confidence(translator, update)} · {formatting.sources(translator, update)}",
        translator.mrkdwn("Projects:") + f" {formatting.refs(refs)}",
        formatting.recorded(translator, update),
    ]
    for number in sorted({each.number for each in shown.removed.values()}):
        touched = tuple(ref for ref, each in shown.removed.items() if each.number == number)
        rows.append(translator.mrkdwn("Changed by #{number} for", number=number) + f" {formatting.refs(touched)}")
    return fit(
        [
            header(f"#{update.number}"),
            *sections("\n".join(row for row in rows if row)),
            context(formatting.as_of(translator, update.as_of)),
        ],
        overflow_note(translator),
    )


def _about(translator: Translator, case: ProjectDetail) -> str:
    project = case.project
    group = translator.group(project.group)
    named = dict.fromkeys([formatting.applicant(translator, project), group])
    rows = [translator.mrkdwn("Applicant:") + f" {' · '.join(named)}"]
    rows.append(
        translator.mrkdwn("Sector:")
        + " "
        + (", ".join(translator.sector(code) for code in project.sectors) or translator.mrkdwn("not stated"))
    )
    if project.amount_low or project.amount_high:
        rows.append(translator.mrkdwn("Amount:") + f" {_amount(translator, case)}")
    rows += [_predecessor(translator, case), escape(project.notes[: formatting.NOTE_SHOWN])]
    return "\n".join(row for row in rows if row)


def _amount(translator: Translator, case: ProjectDetail) -> str:
    project = case.project
    basis = translator.basis(project.amount_basis) if project.amount_basis else translator.plain("basis not stated")
    written = amount(
        _number(project.amount_low), _number(project.amount_high), project.currency or "", translator.language
    )
    return escape(f"{written} ({basis})")


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _predecessor(translator: Translator, case: ProjectDetail) -> str:
    """Render the project that this one extends, its end and the gap after it, and the one that extends this."""
    named = case.standing.extends or case.project.predecessor
    rows = []
    if named and named != UNIDENTIFIED:
        rows.append(" · ".join([translator.mrkdwn("Extends {ref}", ref=named), *_earlier_end(translator, case)]))
    elif named or case.project.predecessor_unidentified:
        rows.append(translator.mrkdwn("Extends an earlier exemption, not identified"))
    if case.successors:
        rows.append(translator.mrkdwn("Extended by {refs}", refs=", ".join(case.successors)))
    return "\n".join(rows)


def _earlier_end(translator: Translator, case: ProjectDetail) -> list[str]:
    end = case.predecessor.valid_until if case.predecessor else None
    if end is None:
        return []
    if end.last is None:
        return [translator.mrkdwn("end not known")]
    parts = [
        translator.mrkdwn("ended {date}", date=end)
        if end.last < case.today
        else translator.mrkdwn("until {date}", date=end)
    ]
    first = case.standing.letters[0] if case.standing.letters else None
    if first and end.certainly_before(first.happened):
        parts.append(
            translator.mrkdwn("*Gap:* no exemption in force from {end} to {next}", end=end, next=first.happened)
        )
    return parts


def _axes(translator: Translator, case: ProjectDetail, headline: Headline) -> list[str]:
    standing = case.standing
    rows = [translator.mrkdwn("*Committee:* ") + _committee(translator, case, headline)]
    rows += [translator.mrkdwn("*Holds:* ") + _holds(translator, case)]
    rows += [translator.mrkdwn("*Exemption:* ") + _validity(translator, case)]
    if standing.extension:
        rows.append(translator.mrkdwn("*Extension:* ") + _extension(translator, case))
    elif standing.extension_ended and standing.extension_ended.kind in ENDINGS:
        ended = standing.extension_ended
        rows.append(translator.mrkdwn("*Extension:* ") + _stated(translator, translator.ending(ended.kind), ended))
    rows += [
        translator.mrkdwn("*Gap:* no exemption in force from {end} to {next}", end=end, next=following)
        for end, following in standing.gaps
    ]
    rows += [translator.mrkdwn("*Delivery:* ") + translator.delivery(standing.delivery)]
    rows += [
        translator.mrkdwn("*Response of the DPRK:* ")
        + _stated(translator, translator.response(standing.response), standing.responded)
    ]
    clearances = [
        escape(clearance.authority or "") + f" ({formatting.when(translator, clearance)})"
        for clearance in standing.clearances
    ]
    rows += [translator.mrkdwn("*Clearances:* ") + (", ".join(clearances) or translator.mrkdwn("none on record"))]
    return rows


def _committee(translator: Translator, case: ProjectDetail, headline: Headline) -> str:
    governing = case.standing.governing(case.today)
    label = translator.headline(headline).lower() if translator.language == "en" else translator.headline(headline)
    if governing is None:
        return label
    when, confidence = formatting.when(translator, governing), formatting.confidence(translator, governing)
    return f"{label} · {when} · {confidence} (#{governing.number})"


def _stated(translator: Translator, text: str, update: Update | None) -> str:
    return f"{text} · {formatting.when(translator, update)} (#{update.number})" if update else text


def _holds(translator: Translator, case: ProjectDetail) -> str:
    rows = [_hold(translator, case, hold) for hold in case.standing.holds]
    if not rows:
        return translator.mrkdwn("none on record")
    open_now = len(case.standing.open_holds)
    summary = (
        translator.plural("{number} open", "{number} open", open_now) if open_now else translator.mrkdwn("none open")
    )
    if not open_now and lift_reported(case.standing):
        summary = translator.mrkdwn("none open; the lift is reported, not confirmed")
    return "\n".join([summary, *(f"• {row}" for row in rows)])


def _hold(translator: Translator, case: ProjectDetail, hold: Hold) -> str:
    placed = hold.placed
    pending = any(hold is each for each in case.standing.open_holds)
    parts = [
        translator.holder(hold.holder),
        formatting.since(translator, placed.happened, case.today)
        if pending
        else translator.mrkdwn("from {date}", date=placed.happened),
    ]
    if hold.open and not pending:
        parts.append(translator.mrkdwn("no lift on record, though it was decided since"))
    if hold.lifted_by:
        text = (
            N_("lifted ({when}), official") if hold.lifted_by.official else N_("lift reported ({when}), not confirmed")
        )
        parts.append(translator.mrkdwn(text, when=formatting.when(translator, hold.lifted_by)))
    parts += [
        translator.mrkdwn("lift reported (#{number}), too weak a source to close it", number=flag.number)
        if flag.holder or flag.lift_all
        else translator.mrkdwn("approval reported (#{number})", number=flag.number)
        for flag in hold.flags
        if hold.open
    ]
    if hold.holder != UNDISCLOSED and case.council.seat(hold.holder, placed.happened) is SeatStatus.UNCHECKED:
        parts.append(translator.mrkdwn("membership not checked"))
    return " · ".join(part for part in parts if part)


def _validity(translator: Translator, case: ProjectDetail) -> str:
    standing = case.standing
    match standing.validity(case.today):
        case Validity.NONE:
            return translator.mrkdwn("none: no letter on record")
        case Validity.EXPIRED:
            text = translator.mrkdwn("ended {date}", date=standing.valid_until)
        case _:
            text = formatting.validity(translator, standing.valid_until, case.today)
    return _stated(translator, text, standing.governing_letter)


def _extension(translator: Translator, case: ProjectDetail) -> str:
    standing = case.standing
    parts = [translator.mrkdwn("asked for, not decided")]
    if standing.open_holds:
        parts.append(
            translator.mrkdwn(
                "held by {holders}", holders=translator.holders(each.holder for each in standing.open_holds)
            )
        )
    if standing.extension_reported:
        parts.append(translator.mrkdwn("approval reported, letter not seen"))
    return _stated(translator, " · ".join(parts), standing.extension)


def _timeline(translator: Translator, case: ProjectDetail, *, whole: bool) -> list[Block]:
    entries = sorted(case.history, key=lambda each: each.order, reverse=True)
    shown = entries if whole else entries[:TIMELINE]
    blocks = sections(
        translator.mrkdwn("*Timeline*, latest first") if entries else translator.mrkdwn("*Timeline:* nothing on record")
    )
    for update in shown:
        blocks += sections(_entry(translator, case, update))
    if len(shown) < len(entries):
        blocks.append(
            context(
                translator.plural(
                    "{number} earlier entry is not shown.",
                    "{number} earlier entries are not shown.",
                    len(entries) - len(shown),
                )
            )
        )
    return blocks


def _entry(translator: Translator, case: ProjectDetail, update: Update) -> str:
    head = f"{formatting.when(translator, update)} — {formatting.request_name(translator, update)}"
    removed = case.removed.get(update.number)
    if removed:
        text = N_("retracted by #{number}") if removed.retracts else N_("corrected by #{number}")
        head = f"~{head}~ " + translator.mrkdwn(text, number=removed.number)
    misfit = case.inconsistent_updates.get(update.number)
    basis = (
        ""
        if update.retracts
        else f"{formatting.confidence(translator, update)} · {formatting.sources(translator, update)} · "
    )
    rows = [head, formatting.note(update), basis + formatting.recorded(translator, update)]
    if misfit and not removed:
        rows.append(translator.mrkdwn(":warning: No longer fits the rest of the record: ") + translator.error(misfit))
    return "\n".join(row for row in rows if row)


def _basis(translator: Translator, case: ProjectDetail) -> Block:
    governing = case.standing.governing(case.today)
    given = (
        formatting.sources(translator, governing) if governing else translator.mrkdwn("no source: nothing on record")
    )
    return context(f"{formatting.as_of(translator, governing.as_of if governing else None)} · {given}")


def _buttons(translator: Translator, case: ProjectDetail, *, whole: bool) -> Block:
    buttons = share(translator, f"one {case.project.ref}")["elements"]
    if len(case.history) > TIMELINE and not whole:
        buttons = [button(translator.plain("Whole timeline"), WHOLE_TIMELINE, case.project.ref), *buttons]
    return actions([*buttons, follow_button(translator, case.project.ref)])
