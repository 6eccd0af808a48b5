"""/aid-admin reminders: the reminder schedule of all channels, in days before or after an event."""

from db.domain.text import Literals
from db.errors import BadInput
from db.reminders.rules import ReminderKind
from db.reminders.schedule import reminder_schedule, set_days
from handlers.admin import reminder_blocks as messages
from handlers.blocks.blockkit import Block
from handlers.context import Request

RESET, OFF = "reset", "off"


def answer(request: Request, rest: str) -> list[Block]:
    """Show the schedule, after changing it if ``rest`` is ``KIND DAYS``, ``KIND off`` or ``KIND reset``."""
    session, actor, now = request.session, request.actor, request.now
    kind_text, _, days_text = rest.partition(" ")
    if not kind_text:
        return messages.ladder(request.translator, reminder_schedule(session))
    kind, days = _kind(kind_text), _days(days_text)
    before = reminder_schedule(session).days[kind.value]
    set_days(session, kind, days, actor.user_id, now=now)
    after = reminder_schedule(session)
    if before != after.days[kind.value]:
        now_set = {"days": after.days[kind.value]}
        request.editor.audit(session, "reminders", kind.value, before={"days": before}, after=now_set)
    return messages.ladder(request.translator, after, changed=kind)


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
