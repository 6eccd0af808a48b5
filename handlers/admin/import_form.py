"""The form of `/aid-admin import`: asking for a file, what it would do, what it did."""

import json

from db.domain.enums import UpdateKind
from db.errors import N_
from db.imports.apply import RowResult
from db.imports.importer import ImportReport
from db.imports.open_file import ENDINGS
from db.imports.table import CellLocation, Finding, some_of
from handlers.blocks.blockkit import Block, context, divider, sections
from handlers.blocks.forms import field_input, modal
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import clip, escape

FORM, PREVIEW, DONE = "import_file", "import_preview", "import_done"
FILE = "import_given"
MOST_SHOWN = 15  # so many rows, errors and warnings are shown each; the rest is counted


def ask(translator: Translator) -> Block:
    element = {"type": "file_input", "filetypes": list(ENDINGS), "max_files": 1}
    text = translator.mrkdwn(
        "A table of projects and updates as CSV, XLSX or ODS: 2 MB and 2,000 rows at most. I try it first and show what "
        "each row would do; you record it then, all of it or nothing. A file that `/aid-status export:xlsx` gave you shows "
        "the columns."
    )
    blocks = [*sections(text), field_input(FILE, translator.plain("File"), element)]
    return modal(translator, FORM, translator.plain("Import a file"), blocks, submit=translator.plain("Preview"))


def render_waiting(translator: Translator) -> Block:
    text = translator.mrkdwn(
        "Reading the file. This view updates when it's done; if you close it, I'll send you a message."
    )
    return page(translator, sections(text))


def preview(
    translator: Translator, name: str, tried: list[RowResult], report: ImportReport, about: dict[str, str]
) -> Block:
    """Render what the file and the rows tried would do; *Record* only if nothing is wrong and something is new."""
    blocks = sections(f"*{escape(name)}*\n" + summary(translator, report))
    if report.unread:
        blocks.append(context(translator.mrkdwn("Ignored columns: {columns}", columns=some_of(report.unread))))
    if report.wrong:
        blocks += _findings(translator, translator.mrkdwn("*Errors*"), report.errors)
    else:
        blocks += _rows(translator, tried, report.rows)
    blocks += _findings(translator, translator.mrkdwn("*Warnings*"), report.warnings)
    if report.wrong or not (report.added or report.changed or report.recorded):
        return page(translator, blocks)
    return modal(
        translator,
        PREVIEW,
        translator.plain("Import a file"),
        blocks,
        submit=translator.plain("Record"),
        private_metadata=json.dumps(about),
    )


def render_result(translator: Translator, report: ImportReport) -> Block:
    blocks = sections(summary(translator, report))
    blocks += _findings(translator, translator.mrkdwn("*Errors*"), report.errors)
    if report.overdue:
        blocks.append(
            context(
                translator.plural(
                    "{number} reminder was due before today and will not be sent.",
                    "{number} reminders were due before today and will not be sent.",
                    report.overdue,
                )
            )
        )
    return page(translator, blocks)


def render_message(translator: Translator, view: Block) -> str:
    texts = [str(block["text"]["text"]) for block in view["blocks"] if block["type"] == "section"]
    if view["callback_id"] == PREVIEW:
        texts.append(
            translator.mrkdwn(
                "You closed the form, so nothing was recorded. Type `/aid-admin import` to open it again."
            )
        )
    return "\n".join(texts)


def summary(translator: Translator, report: ImportReport) -> str:
    if report.wrong:
        return translator.plural(
            "Nothing was recorded: {number} row has errors.",
            "Nothing was recorded: {number} rows have errors.",
            report.wrong,
        )
    numbers = {name: getattr(report, name) for name in ("rows", "added", "changed", "recorded", "known")}
    if report.dry:
        return translator.mrkdwn(
            "*{rows}* rows. Projects to add: *{added}*, to change: *{changed}*. Updates to record: *{recorded}* "
            "({known} already on record). No alerts will be sent.",
            **numbers,
        )
    return translator.mrkdwn(
        "*{rows}* rows. Projects added: *{added}*, changed: *{changed}*. Updates recorded: *{recorded}* ({known} "
        "already on record). No alerts were sent.",
        **numbers,
    )


def page(translator: Translator, blocks: list[Block]) -> Block:
    return modal(translator, DONE, translator.plain("Import a file"), blocks)


def _rows(translator: Translator, rows: list[RowResult], total: int) -> list[Block]:
    lines = [
        f"• {place(translator, result.row.place)}: *{escape(result.row.cells['ref'])}* — {effect(translator, result)}"
        for result in rows
    ]
    more = total - len(rows)
    if more > 0:
        lines.append(translator.plural("… and {number} more row", "… and {number} more rows", more))
    return [divider(), *sections("\n".join(lines))] if lines else []


def _findings(translator: Translator, heading: str, findings: list[Finding]) -> list[Block]:
    if not findings:
        return []
    lines = [
        f"• {place(translator, finding.place)}: {clip(translator.error(finding.error), 500)}"
        for finding in findings[:MOST_SHOWN]
    ]
    if len(findings) > MOST_SHOWN:
        lines.append(translator.mrkdwn("… and more"))
    return [divider(), *sections("\n".join([heading, *lines]))]


def place(translator: Translator, at: CellLocation) -> str:
    parts = [translator.mrkdwn("sheet “{sheet}”", sheet=at.sheet)] if at.sheet else []
    parts += [translator.mrkdwn("line {line}", line=at.line)] if at.line else []
    parts += [translator.mrkdwn("column “{heading}”", heading=at.heading)] if at.heading else []
    return ", ".join(parts)


def effect(translator: Translator, result: RowResult) -> str:
    parts: list[str] = [translator.mrkdwn("new project")] if result.added else []
    if result.changed:
        parts.append(translator.mrkdwn("changes {fields}", fields=", ".join(result.changed)))
    if result.kind:
        kind = translator.kind(UpdateKind(result.kind))
        text = N_("{kind}, on record already") if result.known else N_("records {kind}")
        parts.append(translator.mrkdwn(N_("{kind}, as in another row") if result.repeats else text, kind=kind))
    return "; ".join(parts) or translator.mrkdwn("no change")
