"""Notices by direct message about the outbox: a channel that cannot be reached, messages that failed."""

from collections.abc import Sequence

from db.outbox.failure_notices import Failures
from handlers.alerts.failure_reasons import why
from handlers.blocks.blockkit import actions, button, fit, sections
from handlers.blocks.formatting import overflow_note
from handlers.blocks.message import OutgoingMessage
from handlers.i18n.translator import Translator

# Action ids of *Resume*; the value is the id of a subscription, or of a channel or person without one.
RESUME = "alerts_resume"
RESUME_QUEUE = "delivery_resume"

PEOPLE = ("U", "W")  # first letter of user ids


def place(translator: Translator, channel: str) -> str:
    """Render a channel, a direct message or a person who gets one, as mrkdwn."""
    if channel.startswith(PEOPLE):
        return translator.mrkdwn("direct message to <@{user}>", user=channel)
    if channel.startswith("D"):
        return translator.mrkdwn("A direct message")
    return translator.mrkdwn("<#{channel}>", channel=channel)


def blocked(translator: Translator, channel: str, reason: str, subscription: int) -> OutgoingMessage:
    """Render the notice to the subscriber of a channel that cannot be reached."""
    text = "\n".join(
        [
            translator.mrkdwn(":no_entry: Alerts for <#{channel}> are waiting.", channel=channel)
            + " "
            + why(translator, reason),
            translator.mrkdwn("Then press *Resume*: what waits goes out in its order. Nothing is lost until then."),
        ]
    )
    resume = button(translator.plain("Resume"), RESUME, str(subscription), style="primary")
    return OutgoingMessage(text=text, blocks=[*sections(text), actions([resume])])


def failed(translator: Translator, failures: Sequence[Failures], count: int) -> OutgoingMessage:
    """Render the notice to admins of messages that could not be sent, those of a short time together."""
    lines = [
        translator.plural(
            ":warning: *{number} message could not be sent*", ":warning: *{number} messages could not be sent*", count
        )
    ]
    lines += [_failure(translator, failure) for failure in failures]
    rest = count - sum(each.count for each in failures)
    if rest > 0:
        lines.append("• " + translator.plural("{number} more", "{number} more", rest))
    lines.append(
        translator.mrkdwn(
            "What was recorded stands. `/aid-admin delivery` shows each message and sends it again; "
            "`/aid-status` with *Share in channel* tells a channel by hand."
        )
    )
    text = "\n".join(lines)
    return OutgoingMessage(text=text, blocks=fit(sections(text), overflow_note(translator)))


def _failure(translator: Translator, failure: Failures) -> str:
    return (
        f"• {place(translator, failure.channel)} · "
        + translator.plural("{number} message", "{number} messages", failure.count)
        + f" · {why(translator, failure.reason)}"
    )
