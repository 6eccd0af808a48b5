"""Answers of /aid-alerts: what a channel will get, what it would have got, who subscribed it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from db.alerts.preview import PREVIEW_DAYS, AlertSample
from db.errors import N_
from db.models import Subscription
from db.reminders.rules import ReminderKind
from db.subscriptions.recipients import DIRECT_MESSAGE
from handlers.alerts.failure_reasons import explain
from handlers.alerts.notice_message import PEOPLE, RESUME
from handlers.alerts.reminder_message import under_way
from handlers.alerts.settings_text import describe_settings
from handlers.blocks.blockkit import LIMITS, Block, button, fit, sections
from handlers.i18n.translator import LANGUAGE_NAMES, Translator
from handlers.slack.mrkdwn import Markup


def help_text(translator: Translator, here: Subscription | None, *, unknown: str = "") -> list[Block]:
    """Render the help of the command, after a hint if a word was not understood, and this channel's settings."""
    hint = (
        translator.mrkdwn("I do not know `{typed}`. This is what there is:", typed=unknown[:100]) + "\n"
        if unknown
        else ""
    )
    now = (
        translator.mrkdwn("This channel is told of {what}.", what=_what(translator, here))
        if here
        else translator.mrkdwn("This channel has no subscription.")
    )
    return sections(
        hint
        + translator.mrkdwn(
            "*Let a channel be told when a project moves*\n"
            "`/aid-alerts on` of every project, `/aid-alerts on group:gyeonggi,io -kind:note` of some; again to change it\n"
            "`/aid-alerts on lang:ko` in Korean (`lang:en` in English)\n"
            "`/aid-alerts set threading:thread` in threads, one a project (`important`: what moves a project also in the "
            "channel; `flat`)\n"
            "`/aid-alerts set digest:daily@09:00` once a day (`digest:mon@09:00` once a week; `digest-kinds:note,notified` "
            "only these wait for it; `empty:on` also when nothing happened; `digest:off`)\n"
            "`/aid-alerts set quiet:22:00-07:00 zone:Asia/Seoul` nothing in these hours; `reminders:off` no deadlines\n"
            "`/aid-alerts off` no more; who subscribed the channel or an admin may\n"
            "`/aid-alerts list` all subscriptions of this workspace\n"
            "`/aid-alerts test` a test message, by the way that alerts take\n"
            "In my direct message the same commands are about your own messages. Filters are those of `/aid-status help`."
        )
        + "\n"
        + translator.mrkdwn(
            "`/aid-alerts` alone opens a form. In our direct message, `/aid-alerts set digest:weekdays@09:00 zone:Seoul` "
            "sets when you get alerts about the projects that you follow."
        )
        + "\n"
        + now
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
    """Render the new subscription of a channel and what changed."""
    lines = [translator.mrkdwn("I joined this channel.")] if joined else []
    lines.append(_change(translator, new, old))
    lines.append(
        translator.mrkdwn(
            "Each decision is one message, in {language}: who did what, before and after, the source. "
            "Corrections change the message that was sent.",
            language=_language(translator, new),
        )
    )
    lines += describe_settings(translator, new)
    if waiting:
        lines.append(_waiting(translator, waiting))
    lines.append(preview_text(translator, preview))
    lines += [under_way(translator, going)] if going else []
    lines.append(translator.mrkdwn("`/aid-alerts test` sends a test message, `/aid-alerts off` ends this."))
    return sections("\n".join(lines))


def confirm_settings(translator: Translator, new: Subscription) -> list[Block]:
    """Render the channel's new notification settings."""
    head = translator.mrkdwn(
        N_("Your alerts about {what} come here, in {language}:")
        if new.followed_only
        else N_("This channel is told of {what}, in {language}:"),
        what=_what(translator, new),
        language=_language(translator, new),
    )
    return sections("\n".join([head, *describe_settings(translator, new, whole=True)]))


def confirm_end(translator: Translator, subscription: Subscription) -> list[Block]:
    if subscription.channel_id.startswith(DIRECT_MESSAGE):
        return sections(
            translator.mrkdwn(
                "Alerts here are off, except about projects that you follow: those come at once. To end them too, press "
                "*Unfollow* in App Home."
            )
        )
    return sections(
        translator.mrkdwn(
            "This channel is told nothing more. It was told of {what}; `/aid-alerts on` starts anew. "
            "A message that was already on its way still arrives.",
            what=_what(translator, subscription),
        )
    )


def confirm_test(translator: Translator) -> list[Block]:
    return sections(
        translator.mrkdwn(
            "A test message is on its way by the path that alerts take; it should stand here within "
            "seconds. If it does not, tell an admin."
        )
    )


def confirm_resume(translator: Translator, channel: str, waiting: int) -> list[Block]:
    text = (
        translator.mrkdwn("<@{user}> is told again by direct message.", user=channel)
        if channel.startswith(PEOPLE)
        else translator.mrkdwn("<#{channel}> is told again.", channel=channel)
    )
    if waiting:
        text += " " + _waiting(translator, waiting)
    return sections(text)


def explain_not_blocked(translator: Translator, channel: str) -> list[Block]:
    if channel.startswith(PEOPLE):
        return sections(
            translator.mrkdwn("<@{user}> is not blocked (any more), so there was nothing to resume.", user=channel)
        )
    return sections(
        translator.mrkdwn("<#{channel}> is not blocked (any more), so there was nothing to resume.", channel=channel)
    )


def listing(
    translator: Translator, rows: Sequence[Subscription], *, here: str, may_resume: Collection[int]
) -> list[Block]:
    """Return all subscriptions, one block each, in the order given."""
    if not rows:
        return sections(
            translator.mrkdwn("No channel of this workspace is subscribed. `/aid-alerts on` subscribes this one.")
        )
    head = translator.plural("*{number} subscription*", "*{number} subscriptions*", len(rows))
    blocks = sections(head)
    shown = rows[: LIMITS["message_blocks"]]
    for row in shown:
        accessory = (
            button(translator.plain("Resume"), RESUME, str(row.id)) if row.blocked and row.id in may_resume else None
        )
        blocks += sections(_row(translator, row, here=row.channel_id == here), accessory=accessory)
    left_out = translator.plain("… and {count} more subscriptions that do not fit one message.")
    return fit(blocks, left_out, more=len(rows) - len(shown))


def _row(translator: Translator, row: Subscription, *, here: bool) -> str:
    head = f"*{_place(translator, row, here=here)}* · {_what(translator, row)} · {_language(translator, row)}"
    who = translator.mrkdwn("by <@{user}>", user=row.created_by)
    lines = [head, *describe_settings(translator, row), f"{who} · {translator.time(row.created_at)}"]
    if row.blocked:
        lines.append(_blocked(translator, row.blocked, row.blocked_at))
    return "\n".join(lines)


def _place(translator: Translator, row: Subscription, *, here: bool) -> str:
    if here:
        return translator.mrkdwn("This channel")
    if row.channel_id.startswith(DIRECT_MESSAGE):
        return translator.mrkdwn("A direct message")
    return translator.mrkdwn("<#{channel}>", channel=row.channel_id)


def _waiting(translator: Translator, number: int) -> str:
    return translator.plural(
        "{number} message that waited goes out now.", "{number} messages that waited go out now.", number
    )


def _blocked(translator: Translator, reason: str, since: datetime | None) -> str:
    text = ":no_entry: " + " ".join(
        [
            translator.mrkdwn("Blocked:"),
            explain(translator, reason),
            translator.mrkdwn("Then *Resume* (who subscribed it, or an admin); messages wait and none is lost."),
        ]
    )
    return f"{text} · {translator.time(since)}" if since else text


def _change(translator: Translator, new: Subscription, old: Subscription | None) -> str:
    if old is None:
        return translator.mrkdwn("From now on this channel is told of {what}.", what=_what(translator, new))
    if old is new:
        return translator.mrkdwn(
            "Nothing changed: this channel is told of {what}, as before.", what=_what(translator, new)
        )
    if old.filter == new.filter:  # another language, or messages could not be posted meanwhile
        return translator.mrkdwn(
            "This channel is told of {what}, as before; messages come in {language}.",
            what=_what(translator, new),
            language=_language(translator, new),
        )
    return translator.mrkdwn(
        "The subscription was changed: until now {before}, from now on {after}.",
        before=_what(translator, old),
        after=_what(translator, new),
    )


def _what(translator: Translator, row: Subscription) -> Markup:
    if row.followed_only:
        return Markup(translator.mrkdwn("followed projects"))
    if not row.filter:
        return Markup(translator.mrkdwn("every update of every project"))
    return Markup(translator.mrkdwn("updates of projects that match `{filter}`", filter=row.filter))


def _language(translator: Translator, row: Subscription) -> str:
    return translator.plain(LANGUAGE_NAMES.get(row.language, row.language))


def preview_text(translator: Translator, preview: AlertSample) -> str:
    if preview.at_least:
        return translator.mrkdwn(
            "In the last {days} days this would have been at least {count} messages.",
            days=PREVIEW_DAYS,
            count=preview.count,
        )
    if preview.last is None:
        return translator.mrkdwn("In the last {days} days this would have sent nothing.", days=PREVIEW_DAYS)
    return translator.plural(
        "In the last {days} days this would have been {number} message, on {last}.",
        "In the last {days} days this would have been {number} messages, the last on {last}.",
        preview.count,
        days=PREVIEW_DAYS,
        last=preview.last,
    )
