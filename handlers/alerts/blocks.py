"""Answers of /aid-alerts: what a channel will get and would have got, its settings, who subscribed it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from db.alerts.preview import PREVIEW_DAYS, AlertSample
from db.domain.enums import UpdateKind
from db.errors import N_
from db.models import Subscription
from db.outbox.deliveries import SubscriptionPayload
from db.reminders.rules import ReminderKind
from db.subscriptions.channels import DELETED, REST
from db.subscriptions.channels import RESUME as WENT_ON
from db.subscriptions.recipients import DIRECT_MESSAGE, IMPORTANT, RESTING, THREAD
from db.subscriptions.settings import WEEKLY, WORKDAYS
from db.subscriptions.subscriptions import END, SET
from handlers.alerts.failure_reasons import explain
from handlers.alerts.notice_message import PEOPLE, RESUME, place
from handlers.alerts.reminder_message import under_way
from handlers.blocks.blockkit import LIMITS, Block, OutgoingMessage, actions, button, fit, paragraph, sections
from handlers.i18n.translator import LANGUAGE_NAMES, Translator
from handlers.slack.mrkdwn import Markup, dotted, lined
from handlers.slack.payloads import stamp

TURN_OFF = "alerts_end"  # the action id of *Turn off*; the value is the id of a subscription
THREADING = {
    THREAD: N_("Messages about a project are posted in one thread."),
    IMPORTANT: N_("Messages about a project are posted in one thread; status changes also appear in the channel."),
}
FLAT = N_("Each message is posted in the channel.")
DAYS = (N_("Mondays"), N_("Tuesdays"), N_("Wednesdays"), N_("Thursdays"), N_("Fridays"), N_("Saturdays"), N_("Sundays"))


def help_text(translator: Translator, here: Sequence[Subscription], *, unknown: str = "") -> list[Block]:
    hint = translator.mrkdwn("I don't know `{typed}`. You can use:", typed=unknown[:100]) + "\n" if unknown else ""
    alerts = [row for row in here if not row.board]
    now = [translator.mrkdwn("This channel gets alerts for {what}.", what=_what(translator, row)) for row in alerts]
    now += [] if alerts else [translator.mrkdwn("This channel gets no alerts.")]
    now += [translator.mrkdwn("It has {what}.", what=_what(translator, row)) for row in here if row.board]
    return sections(
        hint
        + translator.mrkdwn(
            "*Get alerts in this channel*\n"
            "`/aid-alerts on` for every project, `/aid-alerts on group:gyeonggi,io -kind:note` for some; run "
            "it again to change it\n"
            "`/aid-alerts on lang:ko` in Korean (`lang:en` in English)\n"
            "`/aid-alerts set threading:thread` one thread per project (`important`: status changes also in "
            "the channel; `flat`: no threads)\n"
            "`/aid-alerts set digest:daily@09:00` once a day (`digest:mon@09:00` once a week; "
            "`digest-kinds:note,notified` only these kinds; `empty:on` even if nothing happened; `digest:off`)\n"
            "`/aid-alerts set quiet:22:00-07:00 zone:Asia/Seoul` no messages in these hours; `reminders:off` "
            "no deadline reminders\n"
            "`/aid-alerts off` stops alerts (the subscriber or an admin), `/aid-alerts off #channel` those of another "
            "channel\n"
            "`/aid-alerts list` all subscriptions in this workspace\n"
            "`/aid-alerts test` sends a test message the way alerts are sent\n"
            "In our direct message the same commands change your own alerts. For filters, see `/aid-status help`."
        )
        + "\n"
        + translator.mrkdwn(
            "`/aid-alerts` alone opens a form. In our direct message, `/aid-alerts set digest:weekdays@09:00 zone:Seoul` "
            "sets when you get alerts about the projects that you follow."
        )
        + "\n"
        + translator.mrkdwn(
            "`/aid-alerts board on` posts and pins a message that always shows how all projects stand, `/aid-alerts board "
            "on group:io` how some do; `/aid-alerts board off` ends it"
        )
        + "\n"
        + " ".join(now)
    )


def confirm_subscription(
    translator: Translator,
    new: Subscription,
    old: Subscription | None,
    preview: AlertSample,
    going: Mapping[ReminderKind, int],
    *,
    joined: bool,
    waiting: int,
) -> list[Block]:
    lines = [translator.mrkdwn("I joined this channel.")] if joined else []
    lines.append(_change(translator, new, old))
    lines.append(
        translator.mrkdwn(
            "One message per update, in {language}: what happened, the status before and after, and the "
            "source. If an update is corrected, its message is edited.",
            language=_language(translator, new),
        )
    )
    lines += describe_settings(translator, new)
    if waiting:
        lines.append(_waiting(translator, waiting))
    lines.append(preview_text(translator, preview))
    lines += [under_way(translator, going)] if going else []
    lines.append(translator.mrkdwn("Type `/aid-alerts test` for a test message, `/aid-alerts off` to stop."))
    return sections("\n".join(lines))


def confirm_settings(translator: Translator, new: Subscription) -> list[Block]:
    head = translator.mrkdwn(
        N_("Your alerts about {what} come here, in {language}:")
        if new.followed_only
        else N_("This channel gets alerts for {what}, in {language}:"),
        what=_what(translator, new),
        language=_language(translator, new),
    )
    return sections("\n".join([head, *describe_settings(translator, new, whole=True)]))


def confirm_board(translator: Translator, row: Subscription, *, joined: bool) -> list[Block]:
    text = translator.mrkdwn(
        "This channel has {what}, in {language}. I pin it and update it within a minute when something changes. Type "
        "`/aid-alerts board off` to end it.",
        what=_what(translator, row),
        language=_language(translator, row),
    )
    return sections(lined(translator.mrkdwn("I joined this channel.") if joined else "", text))


def confirm_end(translator: Translator, subscription: Subscription, *, here: bool) -> list[Block]:
    if subscription.board:
        return paragraph(translator, "The board is off. Within a minute its message says so and is unpinned.")
    if here and subscription.channel_id.startswith(DIRECT_MESSAGE):
        return paragraph(
            translator,
            "Alerts here are off, except about projects that you follow: those come at once. To end them too, press "
            "*Unfollow* in App Home.",
        )
    return paragraph(
        translator,
        N_(
            "Alerts in this channel are off. It was getting {what}; type `/aid-alerts on` to start again. A "
            "message already on its way may still arrive."
        )
        if here
        else N_("Alerts are off: {channel}. It was getting {what}. A message already on its way may still arrive."),
        what=_what(translator, subscription),
        channel=Markup(place(translator, subscription.channel_id)),
    )


def confirm_resume(translator: Translator, channel: str, waiting: int) -> list[Block]:
    text = (
        translator.mrkdwn("Direct messages to <@{user}> are on again.", user=channel)
        if channel.startswith(PEOPLE)
        else translator.mrkdwn("Alerts in <#{channel}> are on again.", channel=channel)
    )
    if waiting:
        text += " " + _waiting(translator, waiting)
    return sections(text)


def explain_not_blocked(translator: Translator, channel: str) -> list[Block]:
    if channel.startswith(PEOPLE):
        return paragraph(
            translator, "Alerts for <@{user}> are not paused, so there was nothing to resume.", user=channel
        )
    return paragraph(
        translator, "Alerts for <#{channel}> are not paused, so there was nothing to resume.", channel=channel
    )


CHANGES = {
    SET: N_("<@{user}> changed alerts that you set up: {channel}."),
    END: N_("<@{user}> turned off alerts that you set up: {channel}."),
    REST: N_(":no_entry: Alerts rest: {channel}."),
    WENT_ON: N_("Alerts are on again: {channel}."),
    DELETED: N_("{channel} was deleted, and with it the alerts that you set up there."),
}


def tell_owner(
    translator: Translator, about: SubscriptionPayload, before: Subscription, after: Subscription, epoch: str
) -> OutgoingMessage:
    change, where = about["change"], Markup(place(translator, after.channel_id))
    if after.board:
        where = Markup(translator.mrkdwn("board in {channel}", channel=where))
    lines = [translator.mrkdwn(CHANGES[change], user=about["by"], channel=where)]
    if change == SET:
        for text, row in ((N_("Before: {what}"), before), (N_("Now: {what}"), after)):
            settings = " ".join(describe_settings(translator, row))
            what = dotted(_what(translator, row), _language(translator, row), settings)
            lines.append(translator.mrkdwn(text, what=Markup(what)))
    elif change == REST:
        lines[0] += " " + explain(translator, after.blocked or "")
    elif change == END and not after.board:
        lines.append(translator.mrkdwn("To get them again, type `/aid-alerts on` there."))
    if about["ended"]:
        lines.append(
            translator.plural(
                "{number} message that waited is not sent any more; `/aid-status` shows what happened.",
                "{number} messages that waited are not sent any more; `/aid-status` shows what happened.",
                about["ended"],
            )
        )
    resume = [actions([button(translator.plain("Resume"), RESUME, stamp(after.id, epoch))])] if change == REST else []
    return OutgoingMessage.of([*sections("\n".join(lines)), *resume])


def listing(
    translator: Translator, rows: Sequence[Subscription], *, here: str, own: Collection[int], epoch: str
) -> list[Block]:
    """Return all subscriptions in the order given, those of the reader's ``own`` with the way to end or resume them."""
    if not rows:
        return paragraph(
            translator, "No channel in this workspace gets alerts. Type `/aid-alerts on` to start them here."
        )
    head = translator.plural("*{number} subscription*", "*{number} subscriptions*", len(rows))
    blocks = sections(head)
    shown = rows[: LIMITS["message_blocks"]]
    for row in shown:
        buttons = [button(translator.plain("Resume"), RESUME, stamp(row.id, epoch))] if row.blocked else []
        buttons.append(button(translator.plain("Turn off"), TURN_OFF, stamp(row.id, epoch)))
        mine = row.id in own
        blocks += sections(_row(translator, row, here=row.channel_id == here), accessory=buttons[0] if mine else None)
        if mine and row.blocked:
            blocks.append(actions(buttons[1:]))
    return fit(translator, blocks, N_("… and {count} more subscriptions"), more=len(rows) - len(shown))


def _row(translator: Translator, row: Subscription, *, here: bool) -> str:
    where = translator.mrkdwn("This channel") if here else place(translator, row.channel_id)
    head = f"*{where}* · {_what(translator, row)} · {_language(translator, row)}"
    who = translator.mrkdwn("by <@{user}>", user=row.created_by)
    lines = [head, *describe_settings(translator, row), f"{who} · {translator.time(row.created_at)}"]
    if row.blocked:
        lines.append(_blocked(translator, row.blocked, row.blocked_at))
    return "\n".join(lines)


def _waiting(translator: Translator, number: int) -> str:
    return translator.plural("Sending {number} waiting message now.", "Sending {number} waiting messages now.", number)


def _blocked(translator: Translator, reason: str, since: datetime | None) -> str:
    then = N_("Then the subscriber or an admin presses *Resume*. Waiting messages are kept until then.")
    then = N_("Then the subscriber or an admin presses *Resume*.") if reason in RESTING else then
    paused = translator.mrkdwn("Paused:")
    text = f":no_entry: {paused} {explain(translator, reason)} {translator.mrkdwn(then)}"
    return f"{text} · {translator.time(since)}" if since else text


def _change(translator: Translator, new: Subscription, old: Subscription | None) -> str:
    if old is None:
        return translator.mrkdwn("This channel now gets alerts for {what}.", what=_what(translator, new))
    if old is new:
        return translator.mrkdwn("No change: this channel already gets alerts for {what}.", what=_what(translator, new))
    if old.filter == new.filter:  # another language, or messages could not be posted meanwhile
        return translator.mrkdwn(
            "This channel still gets alerts for {what}; messages are now in {language}.",
            what=_what(translator, new),
            language=_language(translator, new),
        )
    return translator.mrkdwn(
        "Subscription changed. Before: {before}. Now: {after}.",
        before=_what(translator, old),
        after=_what(translator, new),
    )


def _what(translator: Translator, row: Subscription) -> Markup:
    if row.board:
        text = N_("a board of projects that match `{filter}`") if row.filter else N_("a board of all projects")
    elif row.followed_only:
        text = N_("followed projects")
    else:
        text = N_("updates of projects that match `{filter}`") if row.filter else N_("every update of every project")
    return Markup(translator.mrkdwn(text, filter=row.filter))


def _language(translator: Translator, row: Subscription) -> str:
    return translator.plain(LANGUAGE_NAMES.get(row.language, row.language))


def preview_text(translator: Translator, preview: AlertSample) -> str:
    if preview.at_least:
        return translator.mrkdwn(
            "Over the last {days} days, that would have been at least {count} messages.",
            days=PREVIEW_DAYS,
            count=preview.count,
        )
    if preview.last is None:
        return translator.mrkdwn("Over the last {days} days, that would have been no messages.", days=PREVIEW_DAYS)
    return translator.plural(
        "Over the last {days} days, that would have been {number} message, on {last}.",
        "Over the last {days} days, that would have been {number} messages, the last on {last}.",
        preview.count,
        days=PREVIEW_DAYS,
        last=preview.last,
    )


def describe_settings(translator: Translator, row: Subscription, *, whole: bool = False) -> list[str]:
    """Return a line for each setting that is not as it ships; for every one of them with ``whole``."""
    threads = THREADING.get(row.threading) or (FLAT if whole else "")
    lines = [translator.mrkdwn(threads)] if threads else []
    if row.digest:
        lines += _digest(translator, row)
    elif whole:
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
    text = {WEEKLY: N_("on {day} at {clock} ({zone})"), WORKDAYS: N_("Monday to Friday at {clock} ({zone})")}.get(
        row.digest or "", N_("every day at {clock} ({zone})")
    )
    day = translator.plain(DAYS[row.digest_day or 0])
    when = translator.mrkdwn(text, day=day, clock=row.digest_at, zone=row.zone)
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
