"""Reminders and digests: what is coming up, what has lasted too long, what happened since the last digest."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from db.alerts.content import AlertFacts
from db.errors import N_
from db.reminders.delivery import ReminderItem
from db.reminders.rules import ELAPSED_KINDS, ReminderKind
from handlers.alerts.alert_message import project_list, transitions
from handlers.blocks import formatting
from handlers.blocks.blockkit import Block, context, fit, header, sections
from handlers.blocks.formatting import overflow_note
from handlers.blocks.message import OutgoingMessage
from handlers.i18n.translator import Translator

TITLES = {
    ReminderKind.FILE_EXTENSION: N_(":hourglass_flowing_sand: Time to ask for an extension"),
    ReminderKind.DELIVERY: N_(":calendar: The exemption ends"),
    ReminderKind.NO_OBJECTION: N_(":calendar: Deadline of the no-objection procedure"),
    ReminderKind.HOLD: N_(":no_entry: On hold for long"),
    ReminderKind.LETTER: N_(":question: Approval reported, no letter seen"),
    ReminderKind.HOLDER_LEAVES: N_(":information_source: A holder leaves the Council"),
    ReminderKind.HOLDER_LEFT: N_(":information_source: A holder has left the Council"),
}
ADVICE = {
    ReminderKind.FILE_EXTENSION: N_(
        "Who asks: the applicant, through the member state or agency that submitted the request."
    ),
    ReminderKind.DELIVERY: N_("What is not shipped by then needs an extension, asked for by the applicant."),
    ReminderKind.NO_OBJECTION: N_("After it without an objection, wait for the letter: only it makes an approval."),
    ReminderKind.HOLD: N_("Who acts: the holder, whom the applicant can address through the Committee's Chair."),
    ReminderKind.LETTER: N_("Ask the applicant for the letter and record it: a bank or customs office needs it."),
    ReminderKind.HOLDER_LEAVES: N_("Whether its hold ends with its membership is not settled; ask before that day."),
    ReminderKind.HOLDER_LEFT: N_("Find out whether the hold still stands, and record what you learn."),
}
UNDER_WAY = {
    ReminderKind.FILE_EXTENSION: N_("time to ask for an extension: {number}"),
    ReminderKind.DELIVERY: N_("exemption ends soon: {number}"),
    ReminderKind.NO_OBJECTION: N_("no-objection deadline near: {number}"),
    ReminderKind.HOLD: N_("on hold for long: {number}"),
    ReminderKind.LETTER: N_("approval reported, no letter seen: {number}"),
    ReminderKind.HOLDER_LEAVES: N_("holder leaves the Council: {number}"),
    ReminderKind.HOLDER_LEFT: N_("holder has left the Council: {number}"),
}


def reminder(words: Translator, due: Sequence[ReminderItem]) -> OutgoingMessage:
    """Return one message for all that is due: what, which projects, how many days; who acts. ``due`` is not empty."""
    groups: dict[ReminderKind, list[ReminderItem]] = defaultdict(list)
    for each in due:
        groups[each.kind].append(each)
    refs = list(dict.fromkeys(each.ref for each in due))
    title = words.plain(N_("Reminder: {what}"), what=project_list(words, refs))
    blocks: list[Block] = [header(title)]
    for kind in (kind for kind in ReminderKind if kind in groups):
        rows = [f"*{words.mrkdwn(TITLES[kind])}*", *_rows(words, groups[kind]), f"_{words.mrkdwn(ADVICE[kind])}_"]
        blocks += sections("\n".join(rows))
    as_of = max((each.standing.as_of for each in due if each.standing.as_of), default=None)
    blocks.append(context(formatting.as_of(words, as_of)))
    return OutgoingMessage(text=title, blocks=fit(blocks, overflow_note(words)))


def under_way(words: Translator, found: Mapping[ReminderKind, int]) -> str:
    """Render one line about reminders already due when somebody subscribes; empty if there are none."""
    if not found:
        return ""
    parts = [words.mrkdwn(UNDER_WAY[kind], number=number) for kind, number in found.items()]
    return words.mrkdwn("Already under way:") + " " + " · ".join(parts)


def digest(words: Translator, how: str, told: Sequence[AlertFacts]) -> OutgoingMessage:
    """Render a digest, oldest update first; ``how`` is ``daily``, ``weekly`` or empty."""
    number = len(told)
    title = {
        "daily": words.plural("Daily digest: {number} update", "Daily digest: {number} updates", number),
        "weekly": words.plural("Weekly digest: {number} update", "Weekly digest: {number} updates", number),
    }.get(how) or words.plural("Digest: {number} update", "Digest: {number} updates", number)
    blocks: list[Block] = [header(title)]
    if not told:
        blocks += sections(words.mrkdwn("Nothing was recorded for this channel since the last digest."))
    for facts in told:
        blocks += sections(_entry(words, facts))
    return OutgoingMessage(text=title, blocks=fit(blocks, overflow_note(words)))


def _entry(words: Translator, facts: AlertFacts) -> str:
    main = facts.main
    refs = project_list(words, [each.ref for each in facts.projects])
    head = f"*{refs}* · {formatting.when(words, main)} — {formatting.request_name(words, main)}"
    rows = [f"~{head}~" if facts.all_removed else head]
    rows += [
        words.mrkdwn("Taken back: #{number}", number=each.number)
        if each.retracts
        else words.mrkdwn("Corrected: {what}", what="")
        + f"{formatting.when(words, each)} — {formatting.request_name(words, each)}"
        for each in facts.changes
    ]
    rows += [
        transitions(words, facts),
        formatting.note(main),
        f"{formatting.confidence(words, main)} · {formatting.sources(words, main)} · {formatting.recorded(words, main)}",
    ]
    return "\n".join(row for row in rows if row)


def _rows(words: Translator, due: Sequence[ReminderItem]) -> list[str]:
    """Return one line for all projects of which the same is said."""
    same: dict[str, list[str]] = defaultdict(list)
    for each in due:
        same[_said(words, each)].append(each.ref)
    return [f"• *{formatting.refs(refs)}* · {said}" for said, refs in same.items()]


def _said(words: Translator, each: ReminderItem) -> str:
    parts = [_distance(words, each.kind, each.day, each.today), *_ABOUT[each.kind](words, each)]
    return " · ".join(part for part in parts if part)


def _distance(words: Translator, kind: ReminderKind, day: date, today: date) -> str:
    if kind in ELAPSED_KINDS:
        return words.plural("since {date} ({number} day)", "since {date} ({number} days)", (today - day).days, date=day)
    left = (day - today).days
    if left < 0:
        return words.plural("{date} ({number} day ago)", "{date} ({number} days ago)", -left, date=day)
    if left == 0:
        return words.mrkdwn("{date}, today", date=day)
    return words.plural("{date} ({number} day left)", "{date} ({number} days left)", left, date=day)


def _holders(words: Translator, each: ReminderItem) -> list[str]:
    return [words.mrkdwn("held by {holders}", holders=words.holders(hold.holder for hold in each.standing.open_holds))]


def _letter(words: Translator, each: ReminderItem) -> list[str]:
    letter = each.standing.governing_letter
    return [formatting.sources(words, letter), words.delivery(each.standing.delivery)] if letter else []


def _approval(words: Translator, each: ReminderItem) -> list[str]:
    reported = each.standing.approval_reported
    return [formatting.sources(words, reported)] if reported else []


_About = Callable[[Translator, ReminderItem], list[str]]
_ABOUT: dict[ReminderKind, _About] = {
    ReminderKind.FILE_EXTENSION: _letter,
    ReminderKind.DELIVERY: _letter,
    ReminderKind.NO_OBJECTION: lambda _words, _each: [],
    ReminderKind.HOLD: _holders,
    ReminderKind.LETTER: _approval,
    ReminderKind.HOLDER_LEAVES: _holders,
    ReminderKind.HOLDER_LEFT: _holders,
}
