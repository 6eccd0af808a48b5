"""/aid-admin audit: who recorded what and who changed what, page by page, filtered, or as a CSV file."""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import partial
from pathlib import Path

from slack_bolt import App, Respond
from slack_sdk import WebClient

from db.chain import Head
from db.domain.code_lists import code_lists, label_of, longest_run, meant
from db.domain.dates import COMMITTEE_ZONE, parse_date
from db.domain.text import Literals
from db.errors import N_, BadInput
from db.imports.table import escape
from db.models import AuditEntry
from db.paging import Page
from db.people import COMMAND_LINE, SHIPPED
from db.projects.queries import canonical_ref
from db.reports.audit_log import AuditFilter, AuditLine, audit_page
from handlers.admin.blocks import seat
from handlers.admin.project_form import label
from handlers.alerts.delivery_log import PAGE
from handlers.alerts.notice_message import place
from handlers.blocks import formatting
from handlers.blocks.blockkit import Block, context, fit, paragraph, sections
from handlers.blocks.project_buttons import page_action, page_actions, subject_and_number, with_page_number
from handlers.blocks.respond import replacing
from handlers.context import Actor, AppContext, Request
from handlers.exports.command import confirm_export, send_file
from handlers.i18n.translator import Translator
from handlers.slack.command_text import mentioned_user
from handlers.slack.file_upload import FileMessage
from handlers.slack.mrkdwn import Markup
from handlers.slack.payloads import Body

TURN = "audit_turn"
_REF = re.compile(r"[A-Za-z]{1,6}-?\d{1,4}")
CHUNK = 500
COLUMNS = ("at", "user", "action", "projects", "update", "what", "link", "head")
ACTIONS = {
    "grant": N_("made <@{subject}> an admin"),
    "revoke": N_("removed <@{subject}> as admin"),
    "council-add": N_("Council: {subject} {seat}"),
    "council-end": N_("Council: changed the end date of {subject}: {seat}"),
    "council-remove": N_("Council: removed {subject} {was}"),
    "project-add": N_("added project {subject}"),
    "project-edit": N_("edited {subject}: {fields}"),
    "project-withhold": N_("withheld the name of {subject}"),
    "project-show": N_("made the name of {subject} visible again"),
    "organisation-aliases": N_("changed the other names of an organisation"),
    "reminders": N_("changed reminder timing: {subject}"),
    "delivery-again": N_("sent message {subject} again"),
    "subscription-on": N_("turned on alerts: {place}"),
    "subscription-set": N_("changed alerts ({fields}): {place}"),
    "subscription-off": N_("turned off alerts: {place}"),
    "board-on": N_("set up a board: {place}"),
    "board-set": N_("changed a board ({fields}): {place}"),
    "board-off": N_("turned off a board: {place}"),
    "edition": N_("recorded an edition of {subject}"),
    "update-seen": N_("saw {subject} as second admin"),
    "suggestions": N_("changed where suggestions are posted: {place}"),
}
OTHER_ACTION = N_("{action} {subject}")


@dataclass(frozen=True, slots=True)
class AuditQuestion:
    """A question typed after ``audit``: a filter, the page, and if the log is wanted as a file."""

    wanted: AuditFilter
    page: int = 1
    export: bool = False


def register(app: App, app_context: AppContext) -> None:
    turn = replacing(app_context, lambda request, value: answer(request, subject_and_number(value)))
    app.action(page_action(TURN))(turn)


def answer(request: Request, text: str) -> list[Block]:
    asked = parse_question(text)
    if asked.export:
        return confirm_export(request.translator)
    page = audit_page(request.session, request.actor.team_id, asked.wanted, asked.page)
    return log_blocks(request.translator, page, asked.wanted, request.actor.team_id)


def parse_question(text: str) -> AuditQuestion:
    """Read what is typed after ``audit``, words of an action in either language. Raises BadInput."""
    asked, words = AuditQuestion(AuditFilter()), text.split()
    while words:
        asked, size = _read(asked, words)
        words = words[size:]
    return asked


def send_audit(
    app_context: AppContext, actor: Actor, text: str, client: WebClient, respond: Respond, body: Body
) -> None:
    asked = parse_question(text)
    if asked.export:
        with app_context.database.reading() as session:
            translator = app_context.translator_for(session, actor)
        send_file(translator, client, respond, body, partial(_write, app_context, actor, translator, asked.wanted))


def _read(asked: AuditQuestion, words: Sequence[str]) -> tuple[AuditQuestion, int]:
    """Return the question with what the first words say, and how many they are."""
    name, colon, value = words[0].partition(":")
    if PAGE.fullmatch(words[0]):
        return replace(asked, page=int(words[0])), 1
    if colon and name.lower() in {"export", "내보내기"} and value.lower() == "csv":
        return replace(asked, export=True), 1
    if colon and meant("filter", name) == "since" and (first := parse_date(value, field="filter").first):
        return _filtered(asked, since=datetime.combine(first, time(), COMMITTEE_ZONE)), 1
    if _REF.fullmatch(words[0]):
        return _filtered(asked, ref=canonical_ref(words[0])), 1
    if user := mentioned_user(words[0]):
        return _filtered(asked, user_id=user), 1
    if found := longest_run(words, partial(meant, "audit_action")):
        return _filtered(asked, action=found[0]), found[1]
    raise BadInput(
        "I can't read “{typed}”. Type after `audit` a person (`@name`), a ref, `since:2026-01`, `export:csv` or one of: "
        "{actions}.",
        typed=words[0][:100],
        actions=Literals(code_lists()["audit_action"]),
    )


def _filtered(asked: AuditQuestion, **values: str | datetime) -> AuditQuestion:
    return replace(asked, wanted=replace(asked.wanted, **values))  # type: ignore[arg-type]


def _typed(wanted: AuditFilter, action: str) -> str:
    """Return the filter as it is typed, with ``action`` for what was done."""
    user = f"<@{wanted.user_id}>" if wanted.user_id else ""
    since = f"since:{wanted.since:%Y-%m-%d}" if wanted.since else ""
    return " ".join(filter(None, (user, wanted.ref, since, action)))


def log_blocks(translator: Translator, page: Page[AuditLine], wanted: AuditFilter, team_id: str) -> list[Block]:
    """Render a page of the log, newest first. A project's values are left out: its name may be withheld."""
    typed = _typed(wanted, label_of("audit_action", wanted.action, translator.language) if wanted.action else "")
    if not page.rows:
        return paragraph(translator, N_("The log has nothing like that.") if typed else N_("The log is empty."))
    counted = translator.plural("*{number} entry*", "*{number} entries*", page.total)
    title = with_page_number(translator, counted, page)
    lines = [
        f"• {translator.time(row.at)} · {_who(translator, row, team_id)} {_said(translator, row, translator.mrkdwn)}"
        for row in page.rows
    ]
    echo = [context(translator.mrkdwn("Filter:") + f" {typed}")] if typed else []
    buttons = page_actions(translator, page, TURN, _typed(wanted, wanted.action))
    return fit(translator, [*sections(title), *echo, *sections("\n".join(lines)), *buttons])


def _who(translator: Translator, row: AuditLine, team_id: str) -> str:
    """Render who acted: a person, the data that ships, or the command line. Slack shows nobody the people of others."""
    if row.user_id == SHIPPED:
        return translator.mrkdwn("built-in data")
    if row.user_id == COMMAND_LINE:
        return translator.mrkdwn("command line")
    if row.team_id == team_id:
        return translator.mrkdwn("<@{user}>", user=row.user_id)
    return translator.mrkdwn("{user} of workspace {team}", user=row.user_id, team=row.team_id)


def _said(translator: Translator, row: AuditLine, say: Callable[..., str]) -> str:
    if row.entry:
        return _entry(translator, row.entry, say)
    if row.change is None:
        return ""
    update = row.change.update
    more = [translator.plural("{number} more", "{number} more", row.updates - 1)] if row.updates > 1 else []
    head = formatting.head(translator, update)
    return " · ".join([f"`#{update.number}`", head, formatting.concerned(translator, row.change), *more])


def _entry(translator: Translator, row: AuditEntry, say: Callable[..., str]) -> str:
    changed = [name for name in row.after or {} if name != "version"]
    return say(
        ACTIONS.get(row.action, OTHER_ACTION),
        subject=row.subject,
        place=Markup(place(translator, row.subject)),
        action=row.action,
        fields=", ".join(label(translator, name) for name in changed),
        seat=_stored_seat(translator, row.after),
        was=_stored_seat(translator, row.before),
    )


def _stored_seat(translator: Translator, kept: dict[str, str | None] | None) -> str:
    if not kept or not kept.get("from"):
        return ""
    until = kept.get("to")
    return seat(translator, date.fromisoformat(str(kept["from"])), date.fromisoformat(until) if until else None)


def _write(
    app_context: AppContext, actor: Actor, translator: Translator, wanted: AuditFilter, folder: Path
) -> FileMessage:
    """Write the log as CSV: UTF-8 with its mark, no cell a formula, each line with its head of the chain."""
    path = folder / f"aid-audit-{app_context.today()}.csv"
    with app_context.database.reading() as session, path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        number = pages = 1
        while number <= pages:
            page = audit_page(session, actor.team_id, wanted, number, CHUNK)
            table.writerows([escape(cell) for cell in _cells(translator, row)] for row in page.rows)
            number, pages = number + 1, page.pages
    text = translator.plural("{number} entry of the log", "{number} entries of the log", page.total)
    return FileMessage(path, path.name, text)


def _cells(translator: Translator, row: AuditLine) -> list[str]:
    action = label_of("audit_action", row.action, translator.language)
    update = row.change.update if row.change else None
    refs = ", ".join(row.change.refs) if row.change else ""
    what = formatting.subject(translator, update) if update else _said(translator, row, translator.plain)
    head = row.head or Head(0, "")
    number = f"#{update.number}" if update else ""
    return [row.at.isoformat(), row.user_id, action, refs, number, what, str(head.number), head.hash]
