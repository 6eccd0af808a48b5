"""A list of projects as Slack's own data table, for who prefers it; some clients do not show it, so it is a setting."""

from collections.abc import Collection, Sequence
from datetime import date

from db.domain.enums import Headline
from db.domain.project_status import ProjectStatus, Statement
from db.reports.portfolio import ProjectRow
from db.updates.status_cache import lift_reported
from handlers.blocks import formatting
from handlers.blocks.blockkit import Block
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import clip

CELL = 300


def project_table(
    translator: Translator, rows: Sequence[ProjectRow], today: date, caption: str, unseen: Collection[int] = ()
) -> Block:
    """Return one row a project, with its basis; at least one row. Cells are plain text: nothing comes to life in them."""
    head = [
        translator.plain("Ref"),
        translator.plain("Project"),
        translator.plain("Status"),
        translator.plain("Since / until"),
        translator.plain("Held by"),
        translator.plain("As of"),
        translator.plain("Source"),
    ]
    body = [_row(translator, line, today, unseen) for line in rows]
    return {
        "type": "data_table",
        "caption": caption,
        "rows": [[{"type": "raw_text", "text": clip(each, CELL) or "–"} for each in row] for row in [head, *body]],
        "page_size": len(body),
        "row_header_column_index": 0,
    }


def _row(translator: Translator, row: ProjectRow, today: date, unseen: Collection[int]) -> list[str]:
    stated = row.standing.statement(today)
    waits = any(update.number in unseen for update in row.standing.updates)
    notes = [translator.plain("not yet seen by a second admin")] if waits else []
    return [
        row.project.ref,
        formatting.plain_title(translator, row.project),
        ", ".join([_status(translator, row.standing, stated), *notes]),
        _when(translator, row.standing, stated, today),
        translator.holders(hold.holder for hold in row.standing.open_holds),
        _as_of(translator, row, stated, today),
        _source(translator, stated),
    ]


def _as_of(translator: Translator, row: ProjectRow, stated: Statement, today: date) -> str:
    """Render the day without its title, which the column has, its age and whether there was no news for long."""
    if stated.as_of is None:
        return ""
    age = stated.age(today) or 0
    text = translator.date(stated.as_of)
    if age:
        text = translator.plural("{date} ({number} day ago)", "{date} ({number} days ago)", age, date=stated.as_of)
    return ", ".join([text, translator.plain("no news for long")]) if row.no_news else text


def _status(translator: Translator, standing: ProjectStatus, stated: Statement) -> str:
    text = translator.headline(stated.headline)
    if clauses := formatting.second_clauses(translator, standing, stated.headline):
        return ", ".join([text, *clauses])
    if lift_reported(standing):
        return f"{text} ({translator.plain('hold reported lifted, not confirmed')})"
    return text


def _when(translator: Translator, standing: ProjectStatus, stated: Statement, today: date) -> str:
    if stated.headline is Headline.APPROVED:
        return formatting.validity(translator, standing.valid_until, today)
    if stated.headline is Headline.EXPIRED:
        return formatting.since(translator, standing.valid_until, today)
    return formatting.since(translator, stated.update.happened if stated.update else None, today)


def _source(translator: Translator, stated: Statement) -> str:
    if stated.update is None:
        return translator.plain("nothing on record")
    names = [translator.source_name(source.publisher or "") or source.url or "" for source in stated.sources]
    kind = translator.source_kind(stated.update.confidence)
    return f"{kind}: {', '.join(name for name in names if name)}" if any(names) else kind
