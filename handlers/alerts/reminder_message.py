"""Reminders and digests: what is coming up, what has lasted too long, what happened since the last digest."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from db.alerts.content import AlertFacts
from db.errors import sentence
from db.reminders.delivery import Reminded
from db.reminders.rules import AFTERWARDS, ReminderKind
from handlers.alerts.alert_message import transitions, whom
from handlers.blocks import formatting
from handlers.blocks.blockkit import Block, context, fit, header, sections
from handlers.blocks.formatting import left_out
from handlers.blocks.message import Outgoing
from handlers.i18n.translator import Words

TITLES = {
    ReminderKind.FILE_EXTENSION: sentence(":hourglass_flowing_sand: Time to ask for an extension"),
    ReminderKind.DELIVERY: sentence(":calendar: The exemption ends"),
    ReminderKind.NO_OBJECTION: sentence(":calendar: Deadline of the no-objection procedure"),
    ReminderKind.HOLD: sentence(":no_entry: On hold for long"),
    ReminderKind.LETTER: sentence(":question: Approval reported, no letter seen"),
    ReminderKind.HOLDER_LEAVES: sentence(":information_source: A holder leaves the Council"),
    ReminderKind.HOLDER_LEFT: sentence(":information_source: A holder has left the Council"),
}
ADVICE = {
    ReminderKind.FILE_EXTENSION: sentence(
        "Who asks: the applicant, through the member state or agency that submitted the request."
    ),
    ReminderKind.DELIVERY: sentence("What is not shipped by then needs an extension, asked for by the applicant."),
    ReminderKind.NO_OBJECTION: sentence(
        "After it without an objection, wait for the letter: only it makes an approval."
    ),
    ReminderKind.HOLD: sentence("Who acts: the holder, whom the applicant can address through the Committee's Chair."),
    ReminderKind.LETTER: sentence("Ask the applicant for the letter and record it: a bank or customs office needs it."),
    ReminderKind.HOLDER_LEAVES: sentence(
        "Whether its hold ends with its membership is not settled; ask before that day."
    ),
    ReminderKind.HOLDER_LEFT: sentence("Find out whether the hold still stands, and record what you learn."),
}
UNDER_WAY = {
    ReminderKind.FILE_EXTENSION: sentence("time to ask for an extension: {number}"),
    ReminderKind.DELIVERY: sentence("exemption ends soon: {number}"),
    ReminderKind.NO_OBJECTION: sentence("no-objection deadline near: {number}"),
    ReminderKind.HOLD: sentence("on hold for long: {number}"),
    ReminderKind.LETTER: sentence("approval reported, no letter seen: {number}"),
    ReminderKind.HOLDER_LEAVES: sentence("holder leaves the Council: {number}"),
    ReminderKind.HOLDER_LEFT: sentence("holder has left the Council: {number}"),
}


def reminder(words: Words, due: Sequence[Reminded]) -> Outgoing:
    """One message for all that is due: what, which projects, how many days; who acts. ``due`` is not empty."""
    groups: dict[ReminderKind, list[Reminded]] = defaultdict(list)
    for each in due:
        groups[each.kind].append(each)
    refs = list(dict.fromkeys(each.ref for each in due))
    title = words.plain(sentence("Reminder: {what}"), what=whom(words, refs))
    blocks: list[Block] = [header(title)]
    for kind in (kind for kind in ReminderKind if kind in groups):
        rows = [f"*{words.say(TITLES[kind])}*", *_rows(words, groups[kind]), f"_{words.say(ADVICE[kind])}_"]
        blocks += sections("\n".join(rows))
    as_of = max((each.standing.as_of for each in due if each.standing.as_of), default=None)
    blocks.append(context(formatting.as_of(words, as_of)))
    return Outgoing(text=title, blocks=fit(blocks, left_out(words)))


def under_way(words: Words, found: Mapping[ReminderKind, int]) -> str:
    """What is past a step already when somebody subscribes: one line, empty where there is nothing."""
    if not found:
        return ""
    parts = [words.say(UNDER_WAY[kind], number=number) for kind, number in found.items()]
    return words.say("Already under way:") + " " + " · ".join(parts)


def digest(words: Words, how: str, told: Sequence[AlertFacts]) -> Outgoing:
    """All that waited for the digest, in the order of its recording; ``how`` is ``daily``, ``weekly`` or empty."""
    number = len(told)
    title = {
        "daily": words.count("Daily digest: {number} update", "Daily digest: {number} updates", number),
        "weekly": words.count("Weekly digest: {number} update", "Weekly digest: {number} updates", number),
    }.get(how) or words.count("Digest: {number} update", "Digest: {number} updates", number)
    blocks: list[Block] = [header(title)]
    if not told:
        blocks += sections(words.say("Nothing was recorded for this channel since the last digest."))
    for facts in told:
        blocks += sections(_entry(words, facts))
    return Outgoing(text=title, blocks=fit(blocks, left_out(words)))


def _entry(words: Words, facts: AlertFacts) -> str:
    main = facts.main
    refs = whom(words, [each.ref for each in facts.projects])
    head = f"*{refs}* · {formatting.when(words, main)} — {formatting.what(words, main)}"
    rows = [f"~{head}~" if facts.all_removed else head]
    rows += [
        words.say("Taken back: #{number}", number=each.number)
        if each.retracts
        else words.say("Corrected: {what}", what="") + f"{formatting.when(words, each)} — {formatting.what(words, each)}"
        for each in facts.changes
    ]
    rows += [
        transitions(words, facts),
        formatting.note(main),
        f"{formatting.confidence(words, main)} · {formatting.sources(words, main)} · {formatting.recorded(words, main)}",
    ]
    return "\n".join(row for row in rows if row)


def _rows(words: Words, due: Sequence[Reminded]) -> list[str]:
    """One line for all projects of which the same is said."""
    same: dict[str, list[str]] = defaultdict(list)
    for each in due:
        same[_said(words, each)].append(each.ref)
    return [f"• *{formatting.refs(refs)}* · {said}" for said, refs in same.items()]


def _said(words: Words, each: Reminded) -> str:
    parts = [_distance(words, each.kind, each.day, each.today), *_ABOUT[each.kind](words, each)]
    return " · ".join(part for part in parts if part)


def _distance(words: Words, kind: ReminderKind, day: date, today: date) -> str:
    if kind in AFTERWARDS:
        return words.count("since {date} ({number} day)", "since {date} ({number} days)", (today - day).days, date=day)
    left = (day - today).days
    if left < 0:
        return words.count("{date} ({number} day ago)", "{date} ({number} days ago)", -left, date=day)
    if left == 0:
        return words.say("{date}, today", date=day)
    return words.count("{date} ({number} day left)", "{date} ({number} days left)", left, date=day)


def _holders(words: Words, each: Reminded) -> list[str]:
    return [words.say("held by {holders}", holders=words.holders(hold.holder for hold in each.standing.open_holds))]


def _letter(words: Words, each: Reminded) -> list[str]:
    letter = each.standing.governing_letter
    return [formatting.sources(words, letter), words.delivery(each.standing.delivery)] if letter else []


def _approval(words: Words, each: Reminded) -> list[str]:
    reported = each.standing.approval_reported
    return [formatting.sources(words, reported)] if reported else []


_About = Callable[[Words, Reminded], list[str]]
_ABOUT: dict[ReminderKind, _About] = {
    ReminderKind.FILE_EXTENSION: _letter,
    ReminderKind.DELIVERY: _letter,
    ReminderKind.NO_OBJECTION: lambda _words, _each: [],
    ReminderKind.HOLD: _holders,
    ReminderKind.LETTER: _approval,
    ReminderKind.HOLDER_LEAVES: _holders,
    ReminderKind.HOLDER_LEFT: _holders,
}
