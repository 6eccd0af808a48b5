"""What /aid-admin reminders answers: each kind of reminder, its days, and whether they are as shipped."""

from db.errors import sentence
from db.reminders.rules import AFTERWARDS, ReminderKind
from db.reminders.schedule import Ladder
from handlers.blocks.blockkit import Block, sections
from handlers.i18n.translator import Words

OF_WHAT = {
    ReminderKind.FILE_EXTENSION: sentence("the end of an exemption, to ask for an extension"),
    ReminderKind.DELIVERY: sentence("the end of an exemption, to ship and deliver"),
    ReminderKind.NO_OBJECTION: sentence("the deadline of the no-objection procedure"),
    ReminderKind.HOLD: sentence("a hold was placed that is still open"),
    ReminderKind.LETTER: sentence("an approval was reported for which no letter was seen"),
    ReminderKind.HOLDER_LEAVES: sentence("the holder of an open hold leaves the Council"),
    ReminderKind.HOLDER_LEFT: sentence("the holder of an open hold left the Council"),
}


def ladder(words: Words, known: Ladder, *, changed: ReminderKind | None = None) -> list[Block]:
    """All kinds, the one that was changed marked; how to change them."""
    rows = [words.say("*Reminders*, the same for every channel that wants them:")]
    rows += [_row(words, known, kind, changed=kind is changed) for kind in ReminderKind]
    rows.append(
        words.say(
            "`/aid-admin reminders hold 180,365` other days, `off` none, `reset` as it ships. None of these days is a "
            "rule of the Committee."
        )
    )
    return sections("\n".join(rows))


def _row(words: Words, known: Ladder, kind: ReminderKind, *, changed: bool) -> str:
    days, what = known.days[kind.value], words.plain(OF_WHAT[kind])
    listed = ", ".join(map(str, days))
    if not days:
        text = words.say("not at all: {what}", what=what)
    elif kind in AFTERWARDS:
        text = words.say("{days} days after {what}", days=listed, what=what)
    else:
        text = words.say("{days} days before {what}", days=listed, what=what)
    marks = [words.say("set by an admin")] if days != known.shipped[kind.value] else []
    return " · ".join([f"`{kind}`", text, *marks, *([":white_check_mark:"] if changed else [])])
