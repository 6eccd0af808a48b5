"""Messages of reminders (upcoming dates, holds and approvals that last long) and of digests."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from db.alerts.content import AlertFacts
from db.errors import N_
from db.reminders.delivery import ReminderItem
from db.reminders.rules import ELAPSED_KINDS, ReminderKind
from handlers.alerts.alert_message import project_list, transitions
from handlers.blocks import formatting
from handlers.blocks.blockkit import Block, OutgoingMessage, context, fit, header, paragraph, sections
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import dotted, lined

TITLES = {
    ReminderKind.FILE_EXTENSION: N_(":hourglass_flowing_sand: The exemption ends, no extension on record"),
    ReminderKind.DELIVERY: N_(":calendar: Exemption expires"),
    ReminderKind.NO_OBJECTION: N_(":calendar: No-objection deadline"),
    ReminderKind.HOLD: N_(":no_entry: On hold for a long time"),
    ReminderKind.LETTER: N_(":question: Approval reported, letter not seen"),
    ReminderKind.HOLDER_LEAVES: N_(":information_source: A state with an open hold is leaving the Council"),
    ReminderKind.HOLDER_LEFT: N_(":information_source: A state with an open hold has left the Council"),
    ReminderKind.END_UNKNOWN: N_(":question: Approved, end not known"),
    ReminderKind.NO_NEWS: N_(":question: No news for long"),
}
ADVICE = {
    ReminderKind.FILE_EXTENSION: N_("More time is for the applicant to ask; no request for it is on record."),
    ReminderKind.DELIVERY: N_("Record what was shipped and delivered, and any extension."),
    ReminderKind.NO_OBJECTION: N_("Record what you learn: a hold, more time, or the letter."),
    ReminderKind.HOLD: N_("Record what you learn: a position, a lift, or who holds."),
    ReminderKind.LETTER: N_("Find the letter and record it: until then the approval is reported, not confirmed."),
    ReminderKind.HOLDER_LEAVES: N_(
        "Whether a hold ends with the membership of its holder is not known. Ask before that day."
    ),
    ReminderKind.HOLDER_LEFT: N_("Find out whether the hold still stands, and record the answer."),
    ReminderKind.END_UNKNOWN: N_(
        "Find the end in the letter and record it: `/aid-update #12 differ until:DATE`, with the letter's own number."
    ),
    ReminderKind.NO_NEWS: N_("Look whether this still stands, and record what you learn."),
}
UNDER_WAY = {
    ReminderKind.FILE_EXTENSION: N_("no extension on record: {number}"),
    ReminderKind.DELIVERY: N_("exemption expires soon: {number}"),
    ReminderKind.NO_OBJECTION: N_("no-objection deadline near: {number}"),
    ReminderKind.HOLD: N_("on hold for a long time: {number}"),
    ReminderKind.LETTER: N_("approval reported, letter not seen: {number}"),
    ReminderKind.HOLDER_LEAVES: N_("state with an open hold leaving the Council: {number}"),
    ReminderKind.HOLDER_LEFT: N_("state with an open hold has left the Council: {number}"),
    ReminderKind.END_UNKNOWN: N_("approved, end not known: {number}"),
    ReminderKind.NO_NEWS: N_("no news for long: {number}"),
}


def reminder(translator: Translator, due: Sequence[ReminderItem]) -> OutgoingMessage:
    groups: dict[ReminderKind, list[ReminderItem]] = defaultdict(list)
    for item in due:
        groups[item.kind].append(item)
    refs = list(dict.fromkeys(each.ref for each in due))
    title = translator.plain(N_("Reminder: {what}"), what=project_list(translator, refs))
    blocks: list[Block] = [header(title)]
    for kind in (kind for kind in ReminderKind if kind in groups):
        rows = [
            f"*{translator.mrkdwn(TITLES[kind])}*",
            *_rows(translator, groups[kind]),
            f"_{translator.mrkdwn(ADVICE[kind])}_",
        ]
        blocks += sections("\n".join(rows))
    days = [as_of for item in due if (as_of := item.standing.statement(item.today).as_of)]
    blocks.append(context(formatting.as_of(translator, max(days, default=None))))
    return OutgoingMessage.of(fit(translator, blocks))


def under_way(translator: Translator, counts: Mapping[ReminderKind, int]) -> str:
    if not counts:
        return ""
    parts = [translator.mrkdwn(UNDER_WAY[kind], number=number) for kind, number in counts.items()]
    return translator.mrkdwn("Already due:") + " " + " · ".join(parts)


def digest(translator: Translator, how: str, alerts: Sequence[AlertFacts]) -> OutgoingMessage:
    """Render all alerts gathered for the digest, in the order recorded; ``how`` is ``daily``, ``weekly`` or empty."""
    number = len(alerts)
    title = {
        "daily": translator.plural("Daily digest: {number} update", "Daily digest: {number} updates", number),
        "weekly": translator.plural("Weekly digest: {number} update", "Weekly digest: {number} updates", number),
    }.get(how) or translator.plural("Digest: {number} update", "Digest: {number} updates", number)
    blocks: list[Block] = [header(title)]
    if not alerts:
        blocks += paragraph(translator, "Nothing was recorded for this channel since the last digest.")
    for facts in alerts:
        blocks += sections(_entry(translator, facts))
    return OutgoingMessage.of(fit(translator, blocks))


def _entry(translator: Translator, facts: AlertFacts) -> str:
    main = facts.main
    refs = project_list(translator, [each.ref for each in facts.projects])
    head = f"*{refs}* · {formatting.head(translator, main)}"
    rows = [f"~{head}~" if facts.all_removed else head]
    rows += [
        translator.mrkdwn("Retracted: #{number}", number=change.number)
        if change.retracts
        else translator.mrkdwn("Corrected: {what}", what="") + formatting.head(translator, change)
        for change in facts.changes
    ]
    basis = f"{formatting.basis(translator, main)} · {formatting.recorded(translator, main)}"
    unseen = formatting.unseen(translator, facts.unseen)
    return lined(*rows, transitions(translator, facts), formatting.note(translator, main), basis, unseen)


def _rows(translator: Translator, due: Sequence[ReminderItem]) -> list[str]:
    """Render the reminders; projects with equal text share a line."""
    groups: dict[str, list[str]] = defaultdict(list)
    for item in due:
        distance = _distance(translator, item.kind, item.day, item.today)
        groups[dotted(distance, *_DETAILS[item.kind](translator, item))].append(item.ref)
    return [f"• *{formatting.refs(refs)}* · {text}" for text, refs in groups.items()]


def _distance(translator: Translator, kind: ReminderKind, day: date, today: date) -> str:
    if kind in ELAPSED_KINDS:
        return translator.plural(
            "since {date} ({number} day)", "since {date} ({number} days)", (today - day).days, date=day
        )
    left = (day - today).days
    if left < 0:
        return translator.plural("{date} ({number} day ago)", "{date} ({number} days ago)", -left, date=day)
    if left == 0:
        return translator.mrkdwn("{date}, today", date=day)
    return translator.plural("{date} ({number} day left)", "{date} ({number} days left)", left, date=day)


def _held(translator: Translator, item: ReminderItem) -> list[str]:
    return [formatting.held(translator, item.standing.open_holds)]


def _letter(translator: Translator, item: ReminderItem) -> list[str]:
    standing, letter = item.standing, item.standing.governing_letter
    if letter is None:
        return []
    counted = formatting.consignments(translator, standing.delivered_count, standing.consignments)
    parts = [formatting.sources(translator, letter), formatting.differing(translator, letter)]
    return [*parts, counted or translator.delivery(standing.delivery)]


def _approval(translator: Translator, item: ReminderItem) -> list[str]:
    approval = item.standing.approval_reported
    return [formatting.sources(translator, approval)] if approval else []


def _end_unknown(translator: Translator, item: ReminderItem) -> list[str]:
    letter = item.standing.governing_letter
    return [formatting.period(translator, letter), *_letter(translator, item)] if letter else []


def _statement(translator: Translator, item: ReminderItem) -> list[str]:
    stated = item.standing.statement(item.today)
    return [translator.headline(stated.headline), formatting.statement(translator, stated, item.today)]


_DETAILS: dict[ReminderKind, Callable[[Translator, ReminderItem], list[str]]] = {
    ReminderKind.FILE_EXTENSION: _letter,
    ReminderKind.DELIVERY: _letter,
    ReminderKind.NO_OBJECTION: lambda _words, _item: [],
    ReminderKind.HOLD: _held,
    ReminderKind.LETTER: _approval,
    ReminderKind.HOLDER_LEAVES: _held,
    ReminderKind.HOLDER_LEFT: _held,
    ReminderKind.END_UNKNOWN: _end_unknown,
    ReminderKind.NO_NEWS: _statement,
}
