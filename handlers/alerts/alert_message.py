"""Alert messages: one per act, edited when the act is corrected or retracted; thread notes and test messages."""

from collections import defaultdict
from collections.abc import Sequence

from db.alerts.content import AlertFacts
from db.domain.enums import Headline, UpdateKind
from db.domain.updates import Update
from db.errors import N_
from handlers.blocks import formatting
from handlers.blocks.blockkit import Block, OutgoingMessage, actions, context, fit, header, paragraph, sections
from handlers.blocks.project_buttons import ask_button, follow_button, seen_buttons
from handlers.i18n.translator import Translator

MOST_BUTTONS = 5
_CHANGED = {
    True: N_(":leftwards_arrow_with_hook: <@{user}> retracted #{number} (#{change})."),
    False: N_(":pencil2: <@{user}> corrected #{number} (#{change}):"),
}


def alert(translator: Translator, facts: AlertFacts, epoch: str) -> OutgoingMessage:
    """Render the message about an act, as recorded now; ``epoch`` is that of the record, for the button *Seen*."""
    main = facts.main
    title = _title(translator, facts)
    blocks: list[Block] = [header(title)]
    blocks += sections("\n".join([*_reported(translator, facts), transitions(translator, facts)]))
    if facts.changes:
        blocks += sections(
            "\n".join(
                translator.mrkdwn(
                    _CHANGED[bool(change.retracts)], number=main.number, change=change.number, user=change.recorded_by
                )
                + _after_change(translator, change)
                for change in facts.changes
            )
        )
    for update in facts.updates:
        refs = facts.concerned[update.number]
        some = refs and len(refs) < len(facts.projects)
        projects = f"\n{translator.mrkdwn('Projects:')} {formatting.refs(refs)}" if some else ""
        blocks += sections(formatting.entry(translator, update, struck=facts.all_removed) + projects)
    blocks.append(context(f"{formatting.as_of(translator, main.as_of)} · {formatting.recorded(translator, main)}"))
    if facts.unseen:
        blocks.append(context(formatting.unseen(translator, facts.unseen)))
    # A changed headline matters enough to show a thread's reply in the channel too, if the channel wants that.
    important = any(project.before is not project.after for project in facts.projects)
    buttons = _buttons(translator, [each.ref for each in facts.projects])
    blocks.append(actions([*buttons, *seen_buttons(translator, facts.unseen, epoch)]))
    return OutgoingMessage.of(fit(translator, blocks), reply_broadcast=important)


def _buttons(translator: Translator, refs: Sequence[str]) -> list[Block]:
    if len(refs) == 1:
        return [ask_button(translator.plain("View project"), refs[0]), follow_button(translator, refs[0])]
    return [ask_button(ref, ref, number) for number, ref in enumerate(refs[:MOST_BUTTONS])]


def _title(translator: Translator, facts: AlertFacts) -> str:
    """Render what happened to which projects and whether it is confirmed; what was taken back says so first."""
    main, projects = facts.main, project_list(translator, [each.ref for each in facts.projects])
    subject = formatting.subject(translator, main)
    if main.is_report:
        text = N_("Confirmed: {what} on {projects}") if main.confirms else N_("Differing report: {what} on {projects}")
        title = translator.plain(text, what=subject[:1].lower() + subject[1:], projects=projects)
    else:
        stated = main.kind is UpdateKind.NOTE or main.official
        text = N_("{what}: {projects}") if stated else N_("{what}, not confirmed: {projects}")
        title = translator.plain(text, what=subject, projects=projects)
    if facts.all_removed:
        taken_back = all(each.retracts for each in facts.changes)
        return translator.plain(N_("Retracted: {title}") if taken_back else N_("Corrected: {title}"), title=title)
    moved = {project.after for project in facts.projects if project.before is not project.after}
    return f"{formatting.mark(moved.pop())} {title}" if len(moved) == 1 else title


def _reported(translator: Translator, facts: AlertFacts) -> list[str]:
    number = facts.main.number
    for project in facts.projects if facts.main.is_report else ():
        for update in project.standing.updates:
            if any(report.number == number for report in update.reports):
                parts = [formatting.head(translator, update), formatting.confidence(translator, update)]
                return [" · ".join(parts), *filter(None, [formatting.differing(translator, update)])]
    return []


def thread_note(translator: Translator, change: Update) -> OutgoingMessage:
    text = translator.mrkdwn(
        _CHANGED[bool(change.retracts)],
        number=change.retracts or change.corrects,
        change=change.number,
        user=change.recorded_by,
    ) + _after_change(translator, change)
    return OutgoingMessage.of(sections(text))


def test(translator: Translator, asked_by: str) -> OutgoingMessage:
    text = N_(":white_check_mark: Test requested by <@{user}>. Alerts reach this channel; nothing was recorded.")
    return OutgoingMessage.of(paragraph(translator, text, user=asked_by))


def _after_change(translator: Translator, change: Update) -> str:
    if change.retracts:
        return f"\n{formatting.note(translator, change)}" if change.note else ""
    return "\n" + formatting.entry(translator, change)


def project_list(translator: Translator, refs: Sequence[str]) -> str:
    return ", ".join(refs) if len(refs) <= 3 else translator.plural("{number} project", "{number} projects", len(refs))  # noqa: PLR2004


def transitions(translator: Translator, facts: AlertFacts) -> str:
    """Render headlines before → after, and now if different; projects with equal ones share a line."""
    groups: dict[tuple[Headline, Headline, Headline, str], list[str]] = defaultdict(list)
    for project in facts.projects:
        clause = formatting.qualifier(translator, project.standing, project.now)
        groups[(project.before, project.after, project.now, clause)].append(project.ref)
    rows = []
    for (before, after, now, clause), refs in groups.items():
        parts = [f"*{formatting.refs(refs)}*: {formatting.move(translator, before, after)}"]
        if now is not after:
            parts.append(translator.mrkdwn("now {headline}", headline=translator.headline(now)))
        rows.append(" · ".join([*parts, clause] if clause else parts))
    return "\n".join(rows)
