"""Alert messages: one a decision, its edit when the decision is corrected or retracted, thread notes."""

from collections import defaultdict
from collections.abc import Sequence

from db.alerts.content import AlertFacts
from db.domain.enums import Headline
from db.domain.updates import Update
from db.errors import N_
from handlers.blocks import formatting
from handlers.blocks.blockkit import Block, context, fit, header, sections
from handlers.blocks.formatting import overflow_note
from handlers.blocks.message import OutgoingMessage
from handlers.i18n.translator import Translator


def alert(words: Translator, facts: AlertFacts) -> OutgoingMessage:
    """Return the message about an act, as the record has it now."""
    main = facts.main
    title = f"{words.kind(main.kind)}: {project_list(words, [each.ref for each in facts.projects])}"
    if facts.all_removed:
        taken_back = all(each.retracts for each in facts.changes)
        title = words.plain(N_("Taken back: {title}") if taken_back else N_("Corrected: {title}"), title=title)
    blocks: list[Block] = [header(title)]
    if facts.changes:
        blocks += sections(
            "\n".join(
                words.mrkdwn(
                    _CHANGED[bool(each.retracts)], number=main.number, change=each.number, user=each.recorded_by
                )
                + _after_change(words, each)
                for each in facts.changes
            )
        )
    for update in facts.updates:
        of_some = facts.concerned[update.number] if len(facts.concerned[update.number]) < len(facts.projects) else ()
        refs = f"\n{words.mrkdwn('Projects:')} {formatting.refs(of_some)}" if of_some else ""
        blocks += sections(_update(words, update, struck=facts.all_removed) + refs)
    blocks += sections(transitions(words, facts))
    blocks.append(context(f"{formatting.as_of(words, main.as_of)} · {formatting.recorded(words, main)}"))
    return OutgoingMessage(text=title, blocks=fit(blocks, overflow_note(words)), reply_broadcast=_important(facts))


def _important(facts: AlertFacts) -> bool:
    """Return True if a headline changed: such a message is also shown outside its thread, if the channel asked for that."""
    return any(each.before is not each.after for each in facts.projects)


def repeat(words: Translator) -> Block:
    """Return the note under a message that may have been posted before."""
    return context(
        words.mrkdwn(":repeat: This message may be a repeat: Slack did not say whether the first one arrived.")
    )


def thread_note(words: Translator, change: Update) -> OutgoingMessage:
    """Render the note in the thread of an alert whose change set was corrected or retracted."""
    text = words.mrkdwn(
        _CHANGED[bool(change.retracts)],
        number=change.retracts or change.corrects,
        change=change.number,
        user=change.recorded_by,
    ) + _after_change(words, change)
    return OutgoingMessage(text=text, blocks=sections(text))


def test(words: Translator, asked_by: str) -> OutgoingMessage:
    """The message that ``/aid-alerts test`` sends."""
    text = words.mrkdwn(
        ":white_check_mark: Test asked for by <@{user}>: alerts reach this channel. Nothing was recorded.",
        user=asked_by,
    )
    return OutgoingMessage(text=text, blocks=sections(text))


_CHANGED = {
    True: N_(":leftwards_arrow_with_hook: #{number} was taken back by <@{user}> (#{change})."),
    False: N_(":pencil2: #{number} was corrected by <@{user}> (#{change}):"),
}


def _after_change(words: Translator, change: Update) -> str:
    if change.retracts:
        return f"\n{formatting.note(change)}" if change.note else ""
    return "\n" + _update(words, change)


def project_list(words: Translator, refs: Sequence[str]) -> str:
    """Return the projects of a title: named, or counted where they are many."""
    return ", ".join(refs) if len(refs) <= 3 else words.plural("{number} project", "{number} projects", len(refs))  # noqa: PLR2004


def _update(words: Translator, update: Update, *, struck: bool = False) -> str:
    head = f"{formatting.when(words, update)} — {formatting.request_name(words, update)}"
    rows = [
        f"~{head}~" if struck else head,
        formatting.note(update),
        f"{formatting.confidence(words, update)} · {formatting.sources(words, update)}",
    ]
    return "\n".join(row for row in rows if row)


def transitions(words: Translator, facts: AlertFacts) -> str:
    """Before → after, projects that went the same way together; and where they stand now if that is another."""
    same_way: dict[tuple[Headline, Headline, Headline, str], list[str]] = defaultdict(list)
    for each in facts.projects:
        clause = formatting.qualifier(words, each.standing, each.now)
        same_way[(each.before, each.after, each.now, clause)].append(each.ref)
    rows = []
    for (before, after, now, clause), refs in same_way.items():
        row = f"*{formatting.refs(refs)}*: {words.headline(before)} → *{words.headline(after)}*"
        rows.append(row if now is after else row + " · " + words.mrkdwn("now {headline}", headline=words.headline(now)))
        rows[-1] += f" · {clause}" if clause else ""
    return "\n".join(rows)
