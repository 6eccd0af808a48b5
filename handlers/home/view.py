"""The App Home: what needs attention, my projects, what is new since my last visit; for admins the forms and the outbox."""

from collections.abc import Mapping, Sequence

from db.domain.dates import new_york_date
from db.errors import N_
from db.models import Suggestion
from db.outbox.deliveries import DeliveryState
from db.people import ReaderPreferences
from db.reminders.rules import ReminderKind
from db.reports.home import HolderCount, Overview, UpcomingDeadline
from handlers.blocks import formatting
from handlers.blocks.blockkit import (
    LIMITS,
    Block,
    actions,
    button,
    context,
    divider,
    header,
    option,
    paragraph,
    sections,
)
from handlers.blocks.formatting import change
from handlers.blocks.forms import choice
from handlers.blocks.project_buttons import ask_button, page_actions, stop_button
from handlers.blocks.suggestion import suggestions
from handlers.i18n.translator import LANGUAGE_NAMES, LANGUAGES, Translator
from handlers.slack.mrkdwn import dotted, escape

RECORD = "home_record"
ADD_PROJECT = "home_project"
IMPORT = "home_import"
SEEN = "home_seen"
TURN = "home_turn"
LANGUAGE = "home_language"
TABLES = "home_tables"
AS_SLACK = "slack"
ENDS = {ReminderKind.DELIVERY: N_("exemption expires"), ReminderKind.NO_OBJECTION: N_("no-objection deadline")}
STATES = {
    DeliveryState.PENDING: N_("waiting: {number}"),
    DeliveryState.UNCERTAIN: N_("checking: {number}"),
    DeliveryState.BLOCKED: N_("paused: {number}"),
    DeliveryState.FAILED: N_("failed: {number}"),
    DeliveryState.GATHERED: N_("waiting for a digest: {number}"),
}
"""What still has to happen, or did not; what was sent is in the delivery log, and grows for ever."""


def view(
    translator: Translator,
    overview: Overview,
    preferences: ReaderPreferences,
    *,
    outbox: Mapping[DeliveryState, int] | None = None,
    waiting: Sequence[Suggestion] = (),
    epoch: str = "",
) -> Block:
    """Render the tab, for admins with the ``outbox`` and the suggestions that wait."""
    blocks = [
        *paragraph(
            translator,
            "I show where aid projects for the DPRK stand with the UN 1718 Committee. Ask with `/aid-status`, or write "
            "to me in *Messages*.",
        ),
        actions(
            [
                ask_button(translator.plain("All projects"), "list", 0),
                ask_button(translator.plain("Figures"), "figures", 1),
                ask_button(translator.plain("What can I ask?"), "help", 2),
            ]
        ),
        *([header(translator.plain("Suggestions that wait"))] if waiting else []),
        *suggestions(translator, waiting, epoch),
        *_listed(
            translator,
            translator.plain("Upcoming deadlines"),
            [_deadline(translator, each, overview) for each in overview.deadlines],
        ),
        *_listed(
            translator, translator.plain("Open holds"), [_held(translator, each, overview) for each in overview.holds]
        ),
        *_mine(translator, overview),
        *_changes(translator, overview),
        *_admin(translator, outbox),
        divider(),
        _settings(translator, preferences),
        context(translator.mrkdwn("Days are counted in New York, where the Committee sits.")),
    ]
    return {"type": "home", "blocks": blocks[: LIMITS["view_blocks"]]}


def _admin(translator: Translator, outbox: Mapping[DeliveryState, int] | None) -> list[Block]:
    if outbox is None:
        return []
    counts = " · ".join(
        translator.mrkdwn(text, number=outbox[state]) for state, text in STATES.items() if outbox.get(state)
    )
    return [
        header(translator.plain("For admins")),
        actions(
            [
                button(translator.plain("Record an update"), RECORD, style="primary"),
                button(translator.plain("Add a project"), ADD_PROJECT),
                button(translator.plain("Import a file"), IMPORT),
            ]
        ),
        context(
            translator.mrkdwn(
                "People: `/aid-admin people` · Messages sent: `/aid-admin delivery` · Reminders: `/aid-admin reminders`"
            )
        ),
        context(translator.mrkdwn("Messages:") + " " + (counts or translator.mrkdwn("none waiting or failed"))),
    ]


def _mine(translator: Translator, overview: Overview) -> list[Block]:
    blocks: list[Block] = [header(translator.plain("Projects you follow"))]
    if not overview.mine.total:
        text = N_("You're not following any projects. Open one, such as `/aid-status GG-1`, and press *Follow*.")
        return [*blocks, *paragraph(translator, text)]
    for line in overview.mine.rows:
        stated = line.standing.statement(overview.today)
        text = (
            f"*{escape(line.project.ref)}* {formatting.title(translator, line.project)}\n"
            f"{formatting.status(translator, line.standing, stated, overview.today)}"
        )
        basis = formatting.statement(translator, stated, overview.today, no_news=line.no_news)
        blocks += sections(f"{text}\n{basis}", accessory=stop_button(translator, line.project.ref))
    return [*blocks, *page_actions(translator, overview.mine, TURN)]


def _changes(translator: Translator, overview: Overview) -> list[Block]:
    blocks: list[Block] = [header(translator.plain("New since your last visit"))]
    blocks.append(context(translator.mrkdwn("Recorded since") + " " + translator.time(overview.looked_at)))
    if not overview.changes:
        return [*blocks, *paragraph(translator, "Nothing new.")]
    for recent in overview.changes:
        blocks += sections(f"{change(translator, recent)}\n{formatting.recorded(translator, recent.update)}")
    left = overview.changed - len(overview.changes)
    if left:
        blocks.append(context(translator.mrkdwn("… and {number} more", number=left)))
    since = new_york_date(overview.looked_at)
    buttons = [
        button(translator.plain("Mark as read"), SEEN),
        ask_button(translator.plain("All that changed"), f"since:{since}"),
    ]
    return [*blocks, actions(buttons)]


def _listed(translator: Translator, heading: str, rows: list[str]) -> list[Block]:
    return [header(heading), *sections("\n".join(rows or [translator.mrkdwn("none on record")]))]


def _deadline(translator: Translator, deadline: UpcomingDeadline, overview: Overview) -> str:
    left = translator.plural(
        "{date} ({number} day left)",
        "{date} ({number} days left)",
        (deadline.day - overview.today).days,
        date=deadline.day,
    )
    return f"• *{escape(deadline.ref)}* · {translator.mrkdwn(ENDS[deadline.kind])} · {left}"


def _held(translator: Translator, hold: HolderCount, overview: Overview) -> str:
    number = translator.plural("{number} project", "{number} projects", hold.number)
    since = (
        translator.plural(
            "the oldest dated one since {date} (at least {number} day)",
            "the oldest dated one since {date} (at least {number} days)",
            max(0, (overview.today - hold.since).days),
            date=hold.since,
        )
        if hold.since
        else ""
    )
    return dotted(f"• *{translator.holder(hold.holder)}*", number, since)


def _settings(translator: Translator, preferences: ReaderPreferences) -> Block:
    choices = [option(translator.plain("Same language as Slack"), AS_SLACK)]
    choices += [option(translator.plain(LANGUAGE_NAMES[each]), each) for each in LANGUAGES]
    chosen = preferences.language if preferences.language in LANGUAGES else AS_SLACK
    shown = option(translator.plain("Show lists as tables"), "on")
    tables = choice("checkboxes", [shown], ["on"] if preferences.tables else ())
    language = choice("static_select", choices, [chosen])
    return actions([{**language, "action_id": LANGUAGE}, {**tables, "action_id": TABLES}])
