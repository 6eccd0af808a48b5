"""The App Home: my projects, what changed since I looked, what is next, who holds; for admins the forms and the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass

from db.errors import N_
from db.outbox.deliveries import DeliveryState
from db.reminders.rules import ReminderKind
from db.reports.home import HolderCount, Overview, UpcomingDeadline
from db.reports.portfolio import ProjectRow
from handlers.blocks import formatting
from handlers.blocks.blockkit import LIMITS, Block, actions, button, context, divider, header, option, sections
from handlers.blocks.formatting import change
from handlers.blocks.page_buttons import page_buttons
from handlers.i18n.translator import LANGUAGES, Translator
from handlers.slack.mrkdwn import escape
from handlers.status.follow_buttons import stop_button

RECORD = "home_record"
ADD_PROJECT = "home_project"
SEEN = "home_seen"
TURN = "home_turn"
LANGUAGE = "home_language"
TABLES = "home_tables"
AS_SLACK = "slack"
LANGUAGE_NAMES = {"en": N_("English"), "ko": N_("Korean")}
ENDS = {
    ReminderKind.DELIVERY: N_("the exemption ends"),
    ReminderKind.NO_OBJECTION: N_("end of the no-objection procedure"),
}
STATES = {
    DeliveryState.PENDING: N_("waiting: {number}"),
    DeliveryState.UNCERTAIN: N_("being found out: {number}"),
    DeliveryState.BLOCKED: N_("blocked: {number}"),
    DeliveryState.FAILED: N_("failed: {number}"),
    DeliveryState.GATHERED: N_("waiting for a digest: {number}"),
}
"""What still has to happen, or did not; what was sent is in the delivery log, and grows for ever."""


@dataclass(frozen=True, slots=True)
class Own:
    """Reader's choices (language, None for Slack's; tables) and, for admins, the state of the outbox."""

    language: str | None = None
    tables: bool = False
    outbox: Mapping[DeliveryState, int] | None = None


def view(words: Translator, shown: Overview, own: Own) -> Block:
    """Return the whole tab."""
    blocks = [
        *_admin(words, own.outbox),
        *_mine(words, shown),
        *_changes(words, shown),
        *_deadlines(words, shown),
        *_holds(words, shown),
        divider(),
        _settings(words, own),
        context(
            words.mrkdwn("Days are days in New York, where the Committee sits. `/aid-status help` says what to ask.")
        ),
    ]
    return {"type": "home", "blocks": blocks[: LIMITS["view_blocks"]]}


def _admin(words: Translator, outbox: Mapping[DeliveryState, int] | None) -> list[Block]:
    if outbox is None:
        return []
    counts = " · ".join(words.mrkdwn(text, number=outbox[state]) for state, text in STATES.items() if outbox.get(state))
    return [
        actions(
            [
                button(words.plain("Record an update"), RECORD, style="primary"),
                button(words.plain("Add a project"), ADD_PROJECT),
            ]
        ),
        context(words.mrkdwn("Messages:") + " " + (counts or words.mrkdwn("none waits or has failed"))),
    ]


def _mine(words: Translator, shown: Overview) -> list[Block]:
    blocks: list[Block] = [header(words.plain("My projects"))]
    if not shown.mine.total:
        return [
            *blocks,
            *sections(words.mrkdwn("You follow no project. `/aid-status GG-1` shows one, with the button *Follow*.")),
        ]
    for line in shown.mine.rows:
        text = (
            f"*{escape(line.project.ref)}* {formatting.title(words, line.project)}\n"
            f"{formatting.status(words, line, shown.today)}"
        )
        blocks += sections(f"{text}\n{_basis(words, line)}", accessory=stop_button(words, line.project.ref))
    buttons = page_buttons(words, shown.mine, TURN)
    return [*blocks, actions(buttons)] if buttons else blocks


def _basis(words: Translator, line: ProjectRow) -> str:
    source = formatting.sources(words, line.governing) if line.governing else words.mrkdwn("no source given")
    return f"{formatting.as_of(words, line.as_of)} · {source}"


def _changes(words: Translator, shown: Overview) -> list[Block]:
    blocks: list[Block] = [header(words.plain("What changed since you looked"))]
    blocks.append(context(words.mrkdwn("Recorded since") + " " + words.time(shown.looked_at)))
    if not shown.changes:
        return [*blocks, *sections(words.mrkdwn("Nothing was recorded."))]
    for each in shown.changes:
        blocks += sections(f"{change(words, each)}\n{formatting.recorded(words, each.update)}")
    left = shown.changed - len(shown.changes)
    if left:
        blocks.append(context(words.mrkdwn("… and {number} more", number=left)))
    return [*blocks, actions([button(words.plain("I have seen this"), SEEN)])]


def _deadlines(words: Translator, shown: Overview) -> list[Block]:
    rows = [_deadline(words, each, shown) for each in shown.deadlines] or [words.mrkdwn("none known")]
    return [header(words.plain("Next deadlines")), *sections("\n".join(rows))]


def _deadline(words: Translator, each: UpcomingDeadline, shown: Overview) -> str:
    left = words.plural(
        "{date} ({number} day left)", "{date} ({number} days left)", (each.day - shown.today).days, date=each.day
    )
    return f"• *{escape(each.ref)}* · {words.mrkdwn(ENDS[each.kind])} · {left}"


def _holds(words: Translator, shown: Overview) -> list[Block]:
    rows = [_held(words, each, shown) for each in shown.holds] or [words.mrkdwn("none open")]
    return [header(words.plain("Who holds")), *sections("\n".join(rows))]


def _held(words: Translator, each: HolderCount, shown: Overview) -> str:
    number = words.plural("{number} project", "{number} projects", each.number)
    since = (
        words.plural(
            "the oldest since {date} (at least {number} day)",
            "the oldest since {date} (at least {number} days)",
            max(0, (shown.today - each.since).days),
            date=each.since,
        )
        if each.since
        else ""
    )
    return " · ".join(part for part in (f"• *{words.holder(each.holder)}*", number, since) if part)


def _settings(words: Translator, own: Own) -> Block:
    choices = [option(words.plain("Language as in Slack"), AS_SLACK)]
    choices += [option(words.plain(LANGUAGE_NAMES[each]), each) for each in LANGUAGES]
    chosen = next((each for each in choices if each["value"] == (own.language or AS_SLACK)), choices[0])
    table = option(words.plain("Lists as tables"), "on")
    tables: Block = {"type": "checkboxes", "action_id": TABLES, "options": [table]}
    if own.tables:
        tables["initial_options"] = [table]
    language = {"type": "static_select", "action_id": LANGUAGE, "options": choices, "initial_option": chosen}
    return actions([language, tables])
