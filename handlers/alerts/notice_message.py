"""What people are told by direct message about the outbox: a channel that cannot be reached, messages that failed."""

from collections.abc import Sequence

from db.outbox.failure_notices import Failures
from handlers.alerts.failure_reasons import why
from handlers.blocks.blockkit import actions, button, fit, sections
from handlers.blocks.formatting import left_out
from handlers.blocks.message import Outgoing
from handlers.i18n.translator import Words

RESUME = "alerts_resume"
RESUME_QUEUE = "delivery_resume"
"""*Resume* of a subscription, by its id, and of what has none, by the id of the channel or person."""

PEOPLE = ("U", "W")
"""What people's ids begin with."""


def place(words: Words, channel: str) -> str:
    """A channel, a direct message or a person told by one, as mrkdwn."""
    if channel.startswith(PEOPLE):
        return words.say("direct message to <@{user}>", user=channel)
    if channel.startswith("D"):
        return words.say("A direct message")
    return words.say("<#{channel}>", channel=channel)


def blocked(words: Words, channel: str, reason: str, subscription: int) -> Outgoing:
    """Told once to who subscribed a channel that cannot be reached."""
    text = "\n".join(
        [
            words.say(":no_entry: Alerts for <#{channel}> are waiting.", channel=channel) + " " + why(words, reason),
            words.say("Then press *Resume*: what waits goes out in its order. Nothing is lost until then."),
        ]
    )
    resume = button(words.plain("Resume"), RESUME, str(subscription), style="primary")
    return Outgoing(text=text, blocks=[*sections(text), actions([resume])])


def failed(words: Words, failures: Sequence[Failures], count: int) -> Outgoing:
    """Told to admins when messages could not be sent at all, those of a short time together."""
    lines = [
        words.count(
            ":warning: *{number} message could not be sent*", ":warning: *{number} messages could not be sent*", count
        )
    ]
    lines += [_failure(words, each) for each in failures]
    rest = count - sum(each.count for each in failures)
    if rest > 0:
        lines.append("• " + words.count("{number} more", "{number} more", rest))
    lines.append(
        words.say(
            "What was recorded stands. `/aid-admin delivery` shows each message and sends it again; "
            "`/aid-status` with *Share in channel* tells a channel by hand."
        )
    )
    text = "\n".join(lines)
    return Outgoing(text=text, blocks=fit(sections(text), left_out(words)))


def _failure(words: Words, each: Failures) -> str:
    return (
        f"• {place(words, each.channel)} · "
        + words.count("{number} message", "{number} messages", each.count)
        + f" · {why(words, each.reason)}"
    )
