"""A list of projects as Slack's own data table, for who prefers it; some clients do not show it, so it is a setting."""

from collections.abc import Sequence
from datetime import date

from db.domain.enums import Headline
from db.reports.portfolio import ProjectRow
from handlers.blocks import formatting
from handlers.blocks.blockkit import Block
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import clip

CELL = 300


def project_table(translator: Translator, rows: Sequence[ProjectRow], today: date, caption: str) -> Block:
    """Return one row a project, with its basis; at least one row. Cells are plain text: nothing comes to life in them."""
    head = [
        translator.plain("Ref"),
        translator.plain("Project"),
        translator.plain("Standing"),
        translator.plain("Since / until"),
        translator.plain("Held by"),
        translator.plain("As of"),
        translator.plain("Source"),
    ]
    body = [_row(translator, line, today) for line in rows]
    return {
        "type": "data_table",
        "caption": caption,
        "rows": [[_cell(each) for each in row] for row in [head, *body]],
        "page_size": len(body),
        "row_header_column_index": 0,
    }


def _row(translator: Translator, line: ProjectRow, today: date) -> list[str]:
    standing = translator.headline(line.headline)
    if line.extension_pending and line.headline is Headline.APPROVED:
        standing = f"{standing}, {translator.plain('extension pending')}"
    elif line.lift_reported:
        standing = f"{standing} ({translator.plain('lift of the hold reported, not confirmed')})"
    return [
        line.project.ref,
        formatting.plain_title(translator, line.project),
        standing,
        _when(translator, line, today),
        translator.holders(line.holders),
        translator.date(line.as_of) if line.as_of else "",
        _source(translator, line),
    ]


def _when(translator: Translator, line: ProjectRow, today: date) -> str:
    if line.headline is Headline.APPROVED:
        return formatting.validity(translator, line.valid_until, today)
    return formatting.since(translator, line.since, today)


def _source(translator: Translator, line: ProjectRow) -> str:
    if line.governing is None:
        return translator.plain("nothing on record")
    names = [each.publisher or each.url or "" for each in line.governing.sources]
    kind = translator.source_kind(line.governing.confidence)
    return f"{kind}: {', '.join(name for name in names if name)}" if any(names) else kind


def _cell(text: str) -> Block:
    return {"type": "raw_text", "text": clip(text, CELL) or "–"}
