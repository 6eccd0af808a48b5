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


def card(words: Translator, case: ProjectDetail, *, whole: bool = False) -> list[Block]:
    """Return the card of a project; ``whole`` shows its entire timeline as far as a message takes it."""
    project, headline = case.project, case.standing.headline(case.today)
    clause = formatting.qualifier(words, case.standing, headline)
    blocks = [
        header(" · ".join(part for part in (project.ref, words.headline(headline), clause) if part)),
        *sections(f"*{formatting.title(words, project)}*\n{_about(words, case)}"),
        *sections("\n".join(_axes(words, case, headline))),
        *sections(words.mrkdwn("*What comes next:* ") + words.mrkdwn(next_step(headline))),
    ]
    blocks += [divider(), *_timeline(words, case, whole=whole), _basis(words, case)]
    return fit([*blocks, _buttons(words, case, whole=whole)], overflow_note(words))


def update_card(words: Translator, shown: UpdateDetail) -> list[Block]:
    """Return one recorded update in full."""
    update = shown.update
    refs = tuple(project.ref for project in shown.projects)
    rows = [
        f"{formatting.when(words, update)} — {formatting.request_name(words, update)}",
        formatting.note(update, 2000),
        f"{formatting.confidence(words, update)} · {formatting.sources(words, update)}",
        words.mrkdwn("Projects:") + f" {formatting.refs(refs)}",
        formatting.recorded(words, update),
    ]
    for number in sorted({each.number for each in shown.removed.values()}):
        touched = tuple(ref for ref, each in shown.removed.items() if each.number == number)
        rows.append(words.mrkdwn("Changed by #{number} for", number=number) + f" {formatting.refs(touched)}")
    return fit(
        [
            header(f"#{update.number}"),
            *sections("\n".join(row for row in rows if row)),
            context(formatting.as_of(words, update.as_of)),
        ],
        overflow_note(words),
    )


def _about(words: Translator, case: ProjectDetail) -> str:
    project = case.project
    group = words.group(project.group)
    named = dict.fromkeys([formatting.applicant(words, project), group])
    rows = [words.mrkdwn("Applicant:") + f" {' · '.join(named)}"]
    rows.append(
        words.mrkdwn("Sector:")
        + " "
        + (", ".join(words.sector(code) for code in project.sectors) or words.mrkdwn("not stated"))
    )
    if project.amount_low or project.amount_high:
        rows.append(words.mrkdwn("Amount:") + f" {_amount(words, case)}")
    rows += [_predecessor(words, case), escape(project.notes[: formatting.NOTE_SHOWN])]
    return "\n".join(row for row in rows if row)


def _amount(words: Translator, case: ProjectDetail) -> str:
    project = case.project
    basis = words.basis(project.amount_basis) if project.amount_basis else words.plain("basis not stated")
    written = amount(_number(project.amount_low), _number(project.amount_high), project.currency or "", words.language)
    return escape(f"{written} ({basis})")


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _predecessor(words: Translator, case: ProjectDetail) -> str:
    """Render the project that this one extends, its end and the gap after it, and the one that extends this."""
    named = case.standing.extends or case.project.predecessor
    rows = []
    if named and named != UNIDENTIFIED:
        rows.append(" · ".join([words.mrkdwn("Extends {ref}", ref=named), *_earlier_end(words, case)]))
    elif named or case.project.predecessor_unidentified:
        rows.append(words.mrkdwn("Extends an earlier exemption, not identified"))
    if case.successors:
        rows.append(words.mrkdwn("Extended by {refs}", refs=", ".join(case.successors)))
    return "\n".join(rows)


def _earlier_end(words: Translator, case: ProjectDetail) -> list[str]:
    end = case.predecessor.valid_until if case.predecessor else None
    if end is None:
        return []
    if end.last is None:
        return [words.mrkdwn("end not known")]
    parts = [
        words.mrkdwn("ended {date}", date=end) if end.last < case.today else words.mrkdwn("until {date}", date=end)
    ]
    first = case.standing.letters[0] if case.standing.letters else None
    if first and end.certainly_before(first.happened):
        parts.append(words.mrkdwn("*Gap:* no exemption in force from {end} to {next}", end=end, next=first.happened))
    return parts


def _axes(words: Translator, case: ProjectDetail, headline: Headline) -> list[str]:
    standing = case.standing
    rows = [words.mrkdwn("*Committee:* ") + _committee(words, case, headline)]
    rows += [words.mrkdwn("*Holds:* ") + _holds(words, case)]
    rows += [words.mrkdwn("*Exemption:* ") + _validity(words, case)]
    if standing.extension:
        rows.append(words.mrkdwn("*Extension:* ") + _extension(words, case))
    elif standing.extension_ended and standing.extension_ended.kind in ENDINGS:
        ended = standing.extension_ended
        rows.append(words.mrkdwn("*Extension:* ") + _stated(words, words.ending(ended.kind), ended))
    rows += [
        words.mrkdwn("*Gap:* no exemption in force from {end} to {next}", end=end, next=following)
        for end, following in standing.gaps
    ]
    rows += [words.mrkdwn("*Delivery:* ") + words.delivery(standing.delivery)]
    rows += [
        words.mrkdwn("*Response of the DPRK:* ") + _stated(words, words.response(standing.response), standing.responded)
    ]
    clearances = [escape(each.authority or "") + f" ({formatting.when(words, each)})" for each in standing.clearances]
    rows += [words.mrkdwn("*Clearances:* ") + (", ".join(clearances) or words.mrkdwn("none on record"))]
    return rows


def _committee(words: Translator, case: ProjectDetail, headline: Headline) -> str:
    governing = case.standing.governing(case.today)
    label = words.headline(headline).lower() if words.language == "en" else words.headline(headline)
    if governing is None:
        return label
    return f"{label} · {formatting.when(words, governing)} · {formatting.confidence(words, governing)} (#{governing.number})"


def _stated(words: Translator, text: str, update: Update | None) -> str:
    return f"{text} · {formatting.when(words, update)} (#{update.number})" if update else text


def _holds(words: Translator, case: ProjectDetail) -> str:
    rows = [_hold(words, case, hold) for hold in case.standing.holds]
    if not rows:
        return words.mrkdwn("none on record")
    open_now = len(case.standing.open_holds)
    summary = words.plural("{number} open", "{number} open", open_now) if open_now else words.mrkdwn("none open")
    if not open_now and lift_reported(case.standing):
        summary = words.mrkdwn("none open; the lift is reported, not confirmed")
    return "\n".join([summary, *(f"• {row}" for row in rows)])


def _hold(words: Translator, case: ProjectDetail, hold: Hold) -> str:
    placed = hold.placed
    pending = any(hold is each for each in case.standing.open_holds)
    parts = [
        words.holder(hold.holder),
        formatting.since(words, placed.happened, case.today)
        if pending
        else words.mrkdwn("from {date}", date=placed.happened),
    ]
    if hold.open and not pending:
        parts.append(words.mrkdwn("no lift on record, though it was decided since"))
    if hold.lifted_by:
        text = (
            N_("lifted ({when}), official") if hold.lifted_by.official else N_("lift reported ({when}), not confirmed")
        )
        parts.append(words.mrkdwn(text, when=formatting.when(words, hold.lifted_by)))
    parts += [
        words.mrkdwn("lift reported (#{number}), too weak a source to close it", number=flag.number)
        if flag.holder or flag.lift_all
        else words.mrkdwn("approval reported (#{number})", number=flag.number)
        for flag in hold.flags
        if hold.open
    ]
    if hold.holder != UNDISCLOSED and case.council.seat(hold.holder, placed.happened) is SeatStatus.UNCHECKED:
        parts.append(words.mrkdwn("membership not checked"))
    return " · ".join(part for part in parts if part)


def _validity(words: Translator, case: ProjectDetail) -> str:
    standing = case.standing
    match standing.validity(case.today):
        case Validity.NONE:
            return words.mrkdwn("none: no letter on record")
        case Validity.EXPIRED:
            text = words.mrkdwn("ended {date}", date=standing.valid_until)
        case _:
            text = formatting.validity(words, standing.valid_until, case.today)
    return _stated(words, text, standing.governing_letter)


def _extension(words: Translator, case: ProjectDetail) -> str:
    standing = case.standing
    parts = [words.mrkdwn("asked for, not decided")]
    if standing.open_holds:
        parts.append(
            words.mrkdwn("held by {holders}", holders=words.holders(each.holder for each in standing.open_holds))
        )
    if standing.extension_reported:
        parts.append(words.mrkdwn("approval reported, letter not seen"))
    return _stated(words, " · ".join(parts), standing.extension)


def _timeline(words: Translator, case: ProjectDetail, *, whole: bool) -> list[Block]:
    entries = sorted(case.history, key=lambda each: each.order, reverse=True)
    shown = entries if whole else entries[:TIMELINE]
    blocks = sections(
        words.mrkdwn("*Timeline*, latest first") if entries else words.mrkdwn("*Timeline:* nothing on record")
    )
    for update in shown:
        blocks += sections(_entry(words, case, update))
    if len(shown) < len(entries):
        blocks.append(
            context(
                words.plural(
                    "{number} earlier entry is not shown.",
                    "{number} earlier entries are not shown.",
                    len(entries) - len(shown),
                )
            )
        )
    return blocks


def _entry(words: Translator, case: ProjectDetail, update: Update) -> str:
    head = f"{formatting.when(words, update)} — {formatting.request_name(words, update)}"
    removed = case.removed.get(update.number)
    if removed:
        text = N_("retracted by #{number}") if removed.retracts else N_("corrected by #{number}")
        head = f"~{head}~ " + words.mrkdwn(text, number=removed.number)
    misfit = case.inconsistent_updates.get(update.number)
    basis = (
        "" if update.retracts else f"{formatting.confidence(words, update)} · {formatting.sources(words, update)} · "
    )
    rows = [head, formatting.note(update), basis + formatting.recorded(words, update)]
    if misfit and not removed:
        rows.append(words.mrkdwn(":warning: No longer fits the rest of the record: ") + words.error(misfit))
    return "\n".join(row for row in rows if row)


def _basis(words: Translator, case: ProjectDetail) -> Block:
    governing = case.standing.governing(case.today)
    given = formatting.sources(words, governing) if governing else words.mrkdwn("no source: nothing on record")
    return context(f"{formatting.as_of(words, governing.as_of if governing else None)} · {given}")


def _buttons(words: Translator, case: ProjectDetail, *, whole: bool) -> Block:
    buttons = share(words, f"one {case.project.ref}")["elements"]
    if len(case.history) > TIMELINE and not whole:
        buttons = [button(words.plain("Whole timeline"), WHOLE_TIMELINE, case.project.ref), *buttons]
    return actions([*buttons, follow_button(words, case.project.ref)])
