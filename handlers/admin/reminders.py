"""/aid-admin reminders: the reminder schedule of all channels, in days before or after an event."""

from db.domain.text import Literals
from db.errors import N_, BadInput
from db.reminders.rules import ELAPSED_KINDS, Days, ReminderKind
from db.reminders.schedule import reminder_days, set_days, shipped_days
from handlers.blocks.blockkit import Block, sections
from handlers.context import Request
from handlers.i18n.translator import Translator

RESET, OFF = "reset", "off"
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


def answer(request: Request, rest: str) -> list[Block]:
    """Show the schedule, after changing it if ``rest`` is ``KIND DAYS``, ``KIND off`` or ``KIND reset``."""
    session, actor, now = request.session, request.actor, request.now
    kind_text, _, days_text = rest.partition(" ")
    if not kind_text:
        return ladder(request.translator, reminder_days(session))
    kind, days = _kind(kind_text), _days(days_text)
    before = reminder_days(session)[kind.value]
    set_days(session, kind, days, actor.user_id, now=now)
    after = reminder_days(session)
    if before != after[kind.value]:
        now_set = {"days": after[kind.value]}
        request.editor.audit(session, "reminders", kind.value, before={"days": before}, after=now_set)
    return ladder(request.translator, after, changed=kind)


def _kind(text: str) -> ReminderKind:
    if text.lower() not in set(ReminderKind):
        raise BadInput(
            "“{typed}” is not a kind of reminder. Use one of: {allowed}.",
            field="kind",
            typed=text,
            allowed=Literals(ReminderKind),
        )
    return ReminderKind(text.lower())


def _days(text: str) -> list[int] | None:
    """Parse a list of days, [] for ``off``, None for ``reset`` (the defaults)."""
    text = text.strip().lower()
    if text == RESET:
        return None
    parts = [] if text == OFF else [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and len(part) <= 5 for part in parts):  # noqa: PLR2004 - digits
        raise BadInput(
            "How many days? For example `/aid-admin reminders hold 180,365`; `off` turns the reminder off, "
            "`reset` restores the default.",
            field="days",
        )
    return [int(part) for part in parts]


def ladder(translator: Translator, days: Days, *, changed: ReminderKind | None = None) -> list[Block]:
    rows = [translator.mrkdwn("*Reminders*, the same for every channel that gets them:")]
    rows += [_row(translator, kind, days[kind.value], changed=kind is changed) for kind in ReminderKind]
    rows.append(
        translator.mrkdwn(
            "`/aid-admin reminders hold 180,365` changes the days, `off` turns a reminder off, `reset` "
            "restores the default. These days are not Committee rules."
        )
    )
    return sections("\n".join(rows))


def _row(translator: Translator, kind: ReminderKind, days: list[int], *, changed: bool) -> str:
    what = translator.plain(OF_WHAT[kind])
    listed = ", ".join(map(str, days))
    if not days:
        text = translator.mrkdwn("off: {what}", what=what)
    elif kind in ELAPSED_KINDS:
        text = translator.mrkdwn("{days} days after {what}", days=listed, what=what)
    else:
        text = translator.mrkdwn("{days} days before {what}", days=listed, what=what)
    marks = [translator.mrkdwn("set by an admin")] if days != shipped_days()[kind.value] else []
    return " · ".join([f"`{kind}`", text, *marks, *([":white_check_mark:"] if changed else [])])
