"""The form of `/aid-admin import`: asking for a file, what it would do, what it did."""

import json
from dataclasses import dataclass, field

from db.domain.enums import UpdateKind
from db.imports.apply import RowResult
from db.imports.importer import ImportReport
from db.imports.table import CellLocation, Finding, some_of
from handlers.admin.project_form import label
from handlers.blocks.blockkit import Block, context, divider, field_input, modal, sections
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import clip, escape

FORM, PREVIEW, DONE = "import_file", "import_preview", "import_done"
FILE = "import_given"
ENDINGS = ("csv", "tsv", "txt", "xlsx")
MOST_SHOWN = 15
"""So many rows, errors and warnings are shown each; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A file's name and what its first rows would do."""

    name: str
    rows: list[RowResult] = field(default_factory=list)


def ask(words: Translator) -> Block:
    """Return the page that asks for the file."""
    element = {"type": "file_input", "filetypes": list(ENDINGS), "max_files": 1}
    text = words.mrkdwn(
        "A table of projects and updates as CSV or XLSX: 2 MB and 2,000 rows at most. I try it first and show what each "
        "row would do; you record it then, all of it or nothing. A file that `/aid-status export:xlsx` gave you shows "
        "the columns."
    )
    blocks = [*sections(text), field_input(FILE, words.plain("File"), element)]
    return modal(FORM, words.plain("Import a file"), blocks, submit=words.plain("Try it"), close=words.plain("Cancel"))


def waiting(words: Translator) -> Block:
    text = words.mrkdwn("The file is being read. This page changes when that is done; if you close it, I write to you.")
    return _page(words, sections(text))


def failed(words: Translator, text: str) -> Block:
    return _page(words, sections(text))


def preview(words: Translator, tried: Tried, report: ImportReport, about: dict[str, str]) -> Block:
    """Render what the file would do; *Record* only if nothing is wrong and something is new."""
    blocks = sections(f"*{escape(tried.name)}*\n" + summary(words, report))
    if report.unread:
        blocks.append(context(words.mrkdwn("These columns are not read: {columns}", columns=some_of(report.unread))))
    if report.wrong:
        blocks += _findings(words, words.mrkdwn("*What is wrong*"), report.errors)
    else:
        blocks += _rows(words, tried.rows, report.rows)
    blocks += _findings(words, words.mrkdwn("*Look again*"), report.warnings)
    if report.wrong or not (report.added or report.changed or report.recorded):
        return _page(words, blocks)
    return modal(
        PREVIEW,
        words.plain("Import a file"),
        blocks,
        submit=words.plain("Record"),
        close=words.plain("Cancel"),
        private_metadata=json.dumps(about),
    )


def recorded(words: Translator, report: ImportReport) -> Block:
    blocks = sections(summary(words, report))
    blocks += _findings(words, words.mrkdwn("*What is wrong*"), report.errors)
    if report.overdue:
        blocks.append(
            context(
                words.plural(
                    "{number} reminder was due before today; nobody gets it now.",
                    "{number} reminders were due before today; nobody gets them now.",
                    report.overdue,
                )
            )
        )
    return _page(words, blocks)


def told(words: Translator, view: Block) -> str:
    """Return a page as a message, for who has closed the form."""
    texts = [str(block["text"]["text"]) for block in view["blocks"] if block["type"] == "section"]
    if view["callback_id"] == PREVIEW:
        texts.append(words.mrkdwn("You closed the form, so nothing was recorded. `/aid-admin import` opens it again."))
    return "\n".join(texts)


def summary(words: Translator, report: ImportReport) -> str:
    if report.wrong:
        return words.plural(
            "Nothing was recorded: {number} row cannot stand as it is.",
            "Nothing was recorded: {number} rows cannot stand as they are.",
            report.wrong,
        )
    numbers = {
        "rows": report.rows,
        "added": report.added,
        "changed": report.changed,
        "recorded": report.recorded,
        "known": report.known,
    }
    if report.dry:
        return words.mrkdwn(
            "{rows} rows: {added} projects would be added and {changed} changed, {recorded} updates recorded; {known} are "
            "on record already. Nobody would be alerted.",
            **numbers,
        )
    return words.mrkdwn(
        "{rows} rows: {added} projects were added and {changed} changed, {recorded} updates recorded; {known} were on "
        "record already. Nobody was alerted.",
        **numbers,
    )


def _page(words: Translator, blocks: list[Block]) -> Block:
    return modal(DONE, words.plain("Import a file"), blocks, close=words.plain("Close"))


def _rows(words: Translator, rows: list[RowResult], total: int) -> list[Block]:
    lines = [
        f"• {place(words, each.row.place)}: *{escape(each.row.cells['ref'])}* — {effect(words, each)}" for each in rows
    ]
    more = total - len(rows)
    if more > 0:
        lines.append(words.plural("… and {number} more row", "… and {number} more rows", more))
    return [divider(), *sections("\n".join(lines))] if lines else []


def _findings(words: Translator, heading: str, found: list[Finding]) -> list[Block]:
    if not found:
        return []
    lines = [f"• {place(words, each.place)}: {clip(words.error(each.said), 500)}" for each in found[:MOST_SHOWN]]
    if len(found) > MOST_SHOWN:
        lines.append(words.mrkdwn("… and more"))
    return [divider(), *sections("\n".join([heading, *lines]))]


def place(words: Translator, at: CellLocation) -> str:
    """Return the location of a row or cell as a spreadsheet shows it."""
    parts = [words.mrkdwn("sheet “{sheet}”", sheet=at.sheet)] if at.sheet else []
    parts.append(words.mrkdwn("line {line}", line=at.line))
    parts += [words.mrkdwn("column “{heading}”", heading=at.heading)] if at.heading else []
    return ", ".join(parts)


def effect(words: Translator, done: RowResult) -> str:
    """Render the effect of a row."""
    parts: list[str] = [words.mrkdwn("new project")] if done.added else []
    if done.changed:
        parts.append(words.mrkdwn("changes {fields}", fields=", ".join(label(words, name) for name in done.changed)))
    if done.kind:
        kind = words.kind(UpdateKind(done.kind))
        parts.append(
            words.mrkdwn("{kind}, on record already", kind=kind)
            if done.known
            else words.mrkdwn("records {kind}", kind=kind)
        )
    return "; ".join(parts) or words.mrkdwn("nothing new")
