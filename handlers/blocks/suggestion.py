"""Suggestions as people read them: in the admins' channel, on App Home, and in the answer to their authors."""

from collections.abc import Callable, Sequence

from db.errors import N_
from db.models import Suggestion
from handlers.blocks import formatting
from handlers.blocks.blockkit import Block, actions, button, context, sections
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import Markup, clip, escape, lined, link
from handlers.slack.payloads import stamp

OPEN = "suggestion_open"
DECLINE = "suggestion_decline"
SHOWN = 5


def suggestion(
    translator: Translator,
    row: Suggestion,
    epoch: str,
    number: int | None = None,
    hide: Callable[[str], str] = lambda text: text,
) -> list[Block]:
    """Render a suggestion: with buttons, or how it was settled (as update ``number``); ``hide`` takes out withheld names."""
    by = Markup(", ".join(f"<@{author}>" for author, _ in row.authors))
    head = translator.mrkdwn("💡 *Suggestion* by {people}", people=by) + f" · {translator.time(row.created_at)}"
    links = [
        link(address, translator.plain(label))
        for address, label in ((row.source, N_("Source link")), (row.link, N_("Message")))
        if address and hide(address) == address
    ]
    about = " · ".join(filter(None, [formatting.refs(row.refs), *links]))
    blocks = sections(lined(head, formatting.quote(escape(clip(hide(row.text), formatting.NOTE_SHOWN))), about))
    if row.settled_by:
        return [*blocks, context(_outcome(translator, row, number, hide))]
    value = stamp(row.id, epoch)
    buttons = [
        button(translator.plain("Open the form"), OPEN, value, style="primary"),
        button(translator.plain("Decline"), DECLINE, value),
    ]
    return [*blocks, actions(buttons)]


def suggestions(translator: Translator, rows: Sequence[Suggestion], epoch: str) -> list[Block]:
    blocks = [block for row in rows[:SHOWN] for block in suggestion(translator, row, epoch)]
    left = len(rows) - SHOWN
    return [*blocks, context(translator.mrkdwn("… and {number} more", number=left))] if left > 0 else blocks


def settled(translator: Translator, row: Suggestion, number: int | None, hide: Callable[[str], str]) -> list[Block]:
    """Render to its authors how a suggestion was settled, ``number`` being that of the update recorded from it."""
    thanks = "" if row.reason else " " + translator.mrkdwn("Thank you.")
    text = f"{_outcome(translator, row, number, hide)}{thanks}"
    return sections(lined(text, formatting.quote(escape(clip(hide(row.text), formatting.QUOTE_SHOWN)))))


def _outcome(translator: Translator, row: Suggestion, number: int | None, hide: Callable[[str], str]) -> str:
    if row.reason:
        text = N_("<@{user}> declined this suggestion: {reason}")
        return translator.mrkdwn(text, user=row.settled_by, reason=hide(row.reason))
    return translator.mrkdwn(
        "<@{user}> recorded this suggestion: {number}.", user=row.settled_by, number=Markup(f"`#{number}`")
    )
