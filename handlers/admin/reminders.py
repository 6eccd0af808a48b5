"""/aid-admin reminders: how many days before or after what people are reminded of; admins' changes for all channels."""

from sqlalchemy.orm import Session

from db.audit import audit
from db.errors import N_, BadInput
from db.reminders.rules import ReminderKind
from db.reminders.schedule import reminder_schedule, set_days
from handlers.admin import reminder_blocks as messages
from handlers.blocks.blockkit import Block
from handlers.context import Actor, AppContext
from handlers.i18n.translator import Translator

RESET, OFF = "reset", "off"


def answer(session: Session, app_context: AppContext, person: Actor, words: Translator, rest: str) -> list[Block]:
    """Return the ladder as it is, or as it is after a change: ``KIND DAYS``, ``KIND off``, ``KIND reset``."""
    typed, _, days = rest.partition(" ")
    if not typed:
        return messages.ladder(words, reminder_schedule(session))
    kind, steps = _kind(typed), _days(days)
    before = reminder_schedule(session).days[kind.value]
    set_days(session, kind, steps, person.user_id, now=app_context.clock())
    after = reminder_schedule(session)
    if before != after.days[kind.value]:
        audit(
            session,
            person.team_id,
            person.user_id,
            "reminders",
            kind.value,
            now=app_context.clock(),
            before={"days": before},
            after={"days": after.days[kind.value]},
        )
    return messages.ladder(words, after, changed=kind)


def _kind(typed: str) -> ReminderKind:
    if typed.lower() not in set(ReminderKind):
        raise BadInput(
            N_("“{typed}” is nothing that is reminded of. There are: {allowed}."),
            field="kind",
            typed=typed,
            allowed=", ".join(f"`{kind}`" for kind in ReminderKind),
        )
    return ReminderKind(typed.lower())


def _days(typed: str) -> list[int] | None:
    """Return the days that were typed; None to have them as shipped."""
    text = typed.strip().lower()
    if text == RESET:
        return None
    parts = [] if text == OFF else [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and len(part) <= 5 for part in parts):  # noqa: PLR2004 - digits
        raise BadInput(
            N_("After how many days? `/aid-admin reminders hold 180,365`, or `off`, or `reset` as it ships."),
            field="days",
        )
    return [int(part) for part in parts]
