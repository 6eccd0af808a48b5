"""The message of a board, and the notices to who set it up."""

from db.errors import N_
from db.models import Subscription
from db.outbox.deliveries import DELETED_AGAIN, UNPINNED
from db.reports.portfolio import Portfolio
from db.search.filter import Filter
from handlers.alerts.failure_reasons import explain
from handlers.alerts.notice_message import RESUME, place
from handlers.blocks import formatting, portfolio_parts
from handlers.blocks.blockkit import Block, OutgoingMessage, actions, button, context, fit, header, sections
from handlers.blocks.project_buttons import ask_button
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import Markup
from handlers.slack.payloads import stamp

_PINS = {
    "too_many_pins": N_("The channel has as many pins as Slack allows. Unpin something there."),
    **dict.fromkeys(
        ("permission_denied", "restricted_action", "not_pinnable"),
        N_("Pinning is restricted in this channel. A channel manager must allow me to pin."),
    ),
    **dict.fromkeys(
        ("missing_scope", "no_permission"),
        N_("The app does not have the optional permission `pins:write`. The person who runs the bot can add it."),
    ),
}


def board(translator: Translator, row: Subscription, whole: Portfolio, project_filter: Filter) -> OutgoingMessage:
    owner = context(
        translator.mrkdwn(
            "I update this message when something changes · set up by <@{user}> with `/aid-alerts board on`",
            user=row.created_by,
        )
    )
    found = project_filter.terms
    echo = [context(formatting.filter_echo(translator, project_filter))] if found else []
    if not whole.total:
        return OutgoingMessage.of([header(translator.plain("No project matches.")), *echo, owner])
    blocks = [
        portfolio_parts.title(translator, whole),
        *echo,
        *portfolio_parts.summary(translator, whole),
        *portfolio_parts.activity(translator, whole),
        owner,
        *([actions([ask_button(translator.plain("View projects"), row.filter)])] if found else []),
    ]
    return OutgoingMessage.of(fit(translator, blocks))


def ended(translator: Translator, row: Subscription) -> OutgoingMessage:
    text = translator.mrkdwn("This board is off and no longer updated. `/aid-status` shows how the projects stand.")
    who = [translator.mrkdwn("by <@{user}>", user=row.ended_by)] if row.ended_by else []
    when = [translator.time(row.ended_at)] if row.ended_at else []
    return OutgoingMessage.of([*sections(text), context(" · ".join([*who, *when]))])


def ask_owner(translator: Translator, row: Subscription, reason: str, epoch: str) -> OutgoingMessage:
    line, where = f"/aid-alerts board on {row.filter}".strip(), Markup(place(translator, row.channel_id))
    buttons: list[Block] = []
    if reason == DELETED_AGAIN:
        text = translator.mrkdwn(
            "The board was deleted again, so I did not post it another time: {channel}. Press *Resume* to post it, or "
            "type `/aid-alerts board off` there.",
            channel=where,
        )
        buttons = [actions([button(translator.plain("Resume"), RESUME, stamp(row.id, epoch), style="primary")])]
    elif reason == UNPINNED:
        text = translator.mrkdwn(
            "Somebody unpinned the board again, so I left it unpinned: {channel}. Type `{line}` there to pin it.",
            channel=where,
            line=line,
        )
    else:
        text = translator.mrkdwn("The board is kept up to date, but not pinned: {channel}.", channel=where)
        text += " " + (translator.mrkdwn(_PINS[reason]) if reason in _PINS else explain(translator, reason))
    return OutgoingMessage.of([*sections(text), *buttons])
