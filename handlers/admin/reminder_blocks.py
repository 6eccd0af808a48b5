"""Answer of /aid-admin reminders: each kind of reminder, its days, and whether they are the defaults."""

from db.errors import N_
from db.reminders.rules import ELAPSED_KINDS, ReminderKind
from db.reminders.schedule import ReminderSchedule
from handlers.blocks.blockkit import Block, sections
from handlers.i18n.translator import Translator

OF_WHAT = {
    ReminderKind.FILE_EXTENSION: N_("an exemption expires (to request an extension)"),
    ReminderKind.DELIVERY: N_("an exemption expires (to ship and deliver)"),
    ReminderKind.NO_OBJECTION: N_("a no-objection deadline"),
    ReminderKind.HOLD: N_("a hold was placed, while it is still open"),
    ReminderKind.LETTER: N_("an approval was reported, if no letter was seen"),
    ReminderKind.HOLDER_LEAVES: N_("a state with an open hold leaves the Council"),
    ReminderKind.HOLDER_LEFT: N_("a state with an open hold left the Council"),
    ReminderKind.END_UNKNOWN: N_("a letter whose end is not known"),
    ReminderKind.NO_NEWS: N_("the day that the newest source speaks for"),
}


def ladder(translator: Translator, schedule: ReminderSchedule, *, changed: ReminderKind | None = None) -> list[Block]:
    """Return all kinds, the one that was changed marked; how to change them."""
    rows = [translator.mrkdwn("*Reminders*, the same for every channel that gets them:")]
    rows += [_row(translator, schedule, kind, changed=kind is changed) for kind in ReminderKind]
    rows.append(
        translator.mrkdwn(
            "`/aid-admin reminders hold 180,365` changes the days, `off` turns a reminder off, `reset` "
            "restores the default. These days are not Committee rules."
        )
    )
    return sections("\n".join(rows))


def _row(translator: Translator, schedule: ReminderSchedule, kind: ReminderKind, *, changed: bool) -> str:
    days, what = schedule.days[kind.value], translator.plain(OF_WHAT[kind])
    listed = ", ".join(map(str, days))
    if not days:
        text = translator.mrkdwn("off: {what}", what=what)
    elif kind in ELAPSED_KINDS:
        text = translator.mrkdwn("{days} days after {what}", days=listed, what=what)
    else:
        text = translator.mrkdwn("{days} days before {what}", days=listed, what=what)
    marks = [translator.mrkdwn("set by an admin")] if days != schedule.shipped[kind.value] else []
    return " · ".join([f"`{kind}`", text, *marks, *([":white_check_mark:"] if changed else [])])
