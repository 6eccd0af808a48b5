"""Notification settings in words: threads, digest, quiet hours, reminders."""

from db.domain.enums import UpdateKind
from db.errors import N_
from db.models import Subscription
from db.subscriptions.recipients import IMPORTANT, THREAD
from db.subscriptions.settings import WEEKLY, WORKDAYS
from handlers.i18n.translator import Translator

THREADING = {
    THREAD: N_("Messages about a project are posted in one thread."),
    IMPORTANT: N_("Messages about a project are posted in one thread; status changes also appear in the channel."),
}
FLAT = N_("Each message is posted in the channel.")
DAYS = (N_("Mondays"), N_("Tuesdays"), N_("Wednesdays"), N_("Thursdays"), N_("Fridays"), N_("Saturdays"), N_("Sundays"))


def describe_settings(translator: Translator, row: Subscription, *, whole: bool = False) -> list[str]:
    """Return a line for each setting that is not as it ships; for every one of them with ``whole``."""
    lines = [translator.mrkdwn(THREADING[row.threading])] if row.threading in THREADING else []
    if whole and not lines:
        lines = [translator.mrkdwn(FLAT)]
    lines += _digest(translator, row) if row.digest else []
    if whole and not row.digest:
        lines.append(translator.mrkdwn("Updates are posted right away."))
    if row.quiet:
        lines.append(
            translator.mrkdwn(
                "Quiet hours {hours} ({zone}): messages wait until they end.", hours=row.quiet, zone=row.zone
            )
        )
    if not row.reminders:
        lines.append(translator.mrkdwn("Deadline reminders are off."))
    elif whole:
        lines.append(translator.mrkdwn("Deadline reminders are on."))
    if row.data_table:
        lines.append(translator.mrkdwn("Lists are shown as tables."))
    return lines


def _digest(translator: Translator, row: Subscription) -> list[str]:
    when = (
        translator.mrkdwn(
            "on {day} at {clock} ({zone})",
            day=translator.plain(DAYS[row.digest_day or 0]),
            clock=row.digest_at,
            zone=row.zone,
        )
        if row.digest == WEEKLY
        else translator.mrkdwn(
            N_("Monday to Friday at {clock} ({zone})")
            if row.digest == WORKDAYS
            else N_("every day at {clock} ({zone})"),
            clock=row.digest_at,
            zone=row.zone,
        )
    )
    if row.digest_kinds is None:
        lines = [translator.mrkdwn("Updates are collected in one digest, {when}.", when=when)]
    else:
        kinds = ", ".join(translator.kind(UpdateKind(kind)) for kind in row.digest_kinds)
        lines = [
            translator.mrkdwn(
                "Collected in a digest {when}: {kinds}. Everything else is posted right away.", when=when, kinds=kinds
            )
        ]
    if row.digest_empty:
        lines.append(translator.mrkdwn("The digest is sent even when nothing happened."))
    return lines
