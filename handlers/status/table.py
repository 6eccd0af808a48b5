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


def project_table(words: Translator, rows: Sequence[ProjectRow], today: date, caption: str) -> Block:
    """Return one row a project, with its basis; at least one row. Cells are plain text: nothing comes to life in them."""
    head = [
        words.plain("Ref"),
        words.plain("Project"),
        words.plain("Standing"),
        words.plain("Since / until"),
        words.plain("Held by"),
        words.plain("As of"),
        words.plain("Source"),
    ]
    body = [_row(words, line, today) for line in rows]
    return {
        "type": "data_table",
        "caption": caption,
        "rows": [[_cell(each) for each in row] for row in [head, *body]],
        "page_size": len(body),
        "row_header_column_index": 0,
    }


def _row(words: Translator, line: ProjectRow, today: date) -> list[str]:
    standing = words.headline(line.headline)
    if line.extension_pending and line.headline is Headline.APPROVED:
        standing = f"{standing}, {words.plain('extension pending')}"
    elif line.lift_reported:
        standing = f"{standing} ({words.plain('lift of the hold reported, not confirmed')})"
    return [
        line.project.ref,
        formatting.plain_title(words, line.project),
        standing,
        _when(words, line, today),
        words.holders(line.holders),
        words.date(line.as_of) if line.as_of else "",
        _source(words, line),
    ]


def _when(words: Translator, line: ProjectRow, today: date) -> str:
    if line.headline is Headline.APPROVED:
        return formatting.validity(words, line.valid_until, today)
    return formatting.since(words, line.since, today)


def _source(words: Translator, line: ProjectRow) -> str:
    if line.governing is None:
        return words.plain("nothing on record")
    names = [each.publisher or each.url or "" for each in line.governing.sources]
    kind = words.source_kind(line.governing.confidence)
    return f"{kind}: {', '.join(name for name in names if name)}" if any(names) else kind


def _cell(text: str) -> Block:
    return {"type": "raw_text", "text": clip(text, CELL) or "–"}
