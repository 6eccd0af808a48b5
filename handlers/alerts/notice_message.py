"""Notices by direct message: a channel that cannot be reached, failed messages, an upgrade, an edition of shipped data."""

from collections.abc import Sequence

from db.errors import N_
from db.models import Suggestion
from db.outbox.deliveries import EditionPayload, FailureItem
from handlers.alerts.failure_reasons import explain
from handlers.blocks.blockkit import OutgoingMessage, actions, button, fit, paragraph, sections
from handlers.blocks.suggestion import suggestions
from handlers.i18n.translator import Translator
from handlers.slack.payloads import stamp

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


def render_blocked(translator: Translator, channel: str, reason: str, subscription: int, epoch: str) -> OutgoingMessage:
    paused = translator.mrkdwn(":no_entry: Alerts for <#{channel}> are paused.", channel=channel)
    kept = translator.mrkdwn("Then press *Resume* to send the waiting messages in order. They are kept until then.")
    resume = button(translator.plain("Resume"), RESUME, stamp(subscription, epoch), style="primary")
    return OutgoingMessage.of([*sections(f"{paused} {explain(translator, reason)}\n{kept}"), actions([resume])])


def render_failures(translator: Translator, failures: Sequence[FailureItem], count: int) -> OutgoingMessage:
    lines = [
        translator.plural(
            ":warning: *{number} message could not be sent*", ":warning: *{number} messages could not be sent*", count
        )
    ]
    lines += [_failure(translator, failure) for failure in failures]
    rest = count - sum(each["count"] for each in failures)
    if rest > 0:
        lines.append("• " + translator.plural("{number} more", "{number} more", rest))
    lines.append(
        translator.mrkdwn(
            "The record itself is safe. See and resend messages with `/aid-admin delivery`, or post the status "
            "yourself with `/aid-status` and *Share in channel*."
        )
    )
    return OutgoingMessage.of(fit(translator, sections("\n".join(lines))))


def _failure(translator: Translator, failure: FailureItem) -> str:
    number = translator.plural("{number} message", "{number} messages", failure["count"])
    return f"• {place(translator, failure['channel'])} · {number} · {explain(translator, failure['reason'])}"


def render_old_suggestions(translator: Translator, waiting: Sequence[Suggestion], epoch: str) -> OutgoingMessage:
    title = translator.plural(
        "{number} suggestion has waited for a week. Record or decline it:",
        "{number} suggestions have waited for a week. Record or decline them:",
        len(waiting),
    )
    return OutgoingMessage.of([*sections(title), *suggestions(translator, waiting, epoch)])


def render_edition(translator: Translator, edition: EditionPayload) -> OutgoingMessage:
    text = N_(
        "Edition {edition} of `{data_set}` was recorded. Projects edited or added: {projects}, updates recorded: "
        "{updates}, left as you made them: {left}. No channel was alerted. `/aid-status set:{data_set}` shows it."
    )
    return OutgoingMessage.of(paragraph(translator, text, **edition))


def render_interrupted(translator: Translator, form: str) -> OutgoingMessage:
    text = N_(
        "I was interrupted before I could show the result of “{form}”. Look at what is on record and open the form "
        "again if it is missing. Nothing is recorded twice."
    )
    return OutgoingMessage.of(paragraph(translator, text, form=form))


def render_upgrade(translator: Translator) -> OutgoingMessage:
    """Render the notice to admins of what is typed otherwise, and what changed, since the record got the field's terms."""
    lines = [
        translator.mrkdwn(":sparkles: *The bot was upgraded. Some lines are typed differently now:*"),
        translator.mrkdwn(
            "• `as:` has no default any more. Without it the source is not stated, and you get a preview: "
            "`/aid-update GG-1 circulated on:2026-03-02 as:press`"
        ),
        translator.mrkdwn(
            "• `by:` is asked for with `hold`, `hold-lifted` and `position`: "
            "`/aid-update GG-1 hold-lifted by:undisclosed on:2026-03-02 as:press`, or `lift:all` for all holds"
        ),
        translator.mrkdwn(
            "• `outcome:` is asked for with `clearance`: "
            "`/aid-update GG-1 clearance authority:MOU outcome:granted on:2026-03-02 as:government`"
        ),
        translator.mrkdwn(
            "• `delivered` is about one consignment: `/aid-update GG-1 delivered consignment:1/3 on:2026-03-02 "
            "as:applicant`. `all:yes` says that all was delivered. What you recorded earlier counts as all."
        ),
        translator.mrkdwn(
            "• The 17: who placed the hold is not disclosed, and that the United States supports the exemptions is a "
            "position. `python -m bot seed --dry-run` lists what differs in your record, `seed` records it; what you "
            "changed stays."
        ),
    ]
    return OutgoingMessage.of(sections("\n".join(lines)))
