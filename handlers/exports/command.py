"""``/aid-status … export:xlsx``: the filter's matches as a file, sent to the person by direct message."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from slack_bolt import Respond
from slack_sdk import WebClient

from db.domain.text import Literals, straighten
from db.errors import BadInput
from db.maintenance.atomic_file import scratch_folder
from db.past import AsOf, reading_as_of
from db.search.filter import Filter, parse_filter
from handlers.blocks.as_of import heading, split_as_of
from handlers.blocks.blockkit import Block, paragraph
from handlers.context import AppContext, actor_of
from handlers.errors import error_texts
from handlers.exports.rows import ExportQuery
from handlers.exports.writers import KINDS, write_export
from handlers.i18n.translator import Translator
from handlers.slack.command_text import unescape
from handlers.slack.file_upload import FileMessage, upload_to_user
from handlers.slack.payloads import Body

_EXPORT = re.compile(r"(?:^|\s)(?:export|내보내기):(?P<kind>\S*)(?=\s|$)", re.IGNORECASE)

_EXCLUDED, _NO_WORD = re.compile(r"(^|\s)-"), re.compile(r"\W+")
_REF = re.compile(r"\b[a-z]{1,6}-\d+\b")  # a filter has no capitals


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """A file extension such as ``.xlsx``, the filter for its content, and the point in the past that it is of."""

    kind: str
    project_filter: Filter
    as_of: AsOf | None = None


def parse_export(text: str, now: datetime) -> ExportRequest | None:
    """Parse a line with ``export:KIND``, None if it has none. Raises BadInput for an unknown kind or a bad filter."""
    text = straighten(unescape(text))
    match = _EXPORT.search(text)
    if match is None:
        return None
    kind = f".{match['kind'].lower().lstrip('.')}"
    if kind not in KINDS:
        raise BadInput(
            "I can't export as “{typed}”. Use one of: {kinds}.",
            field="filter",
            typed=match["kind"],
            kinds=Literals(f"export:{extension.lstrip('.')}" for extension in KINDS),
        )
    rest, as_of = split_as_of(text[: match.start()] + " " + text[match.end() :], now)
    return ExportRequest(kind, parse_filter(rest), as_of)


def confirm_export(translator: Translator) -> list[Block]:
    return paragraph(translator, "I'll send you the file in a direct message.")


def send_file(
    translator: Translator, client: WebClient, respond: Respond, body: Body, write: Callable[[Path], FileMessage]
) -> None:
    try:
        with scratch_folder() as folder:
            upload_to_user(client, actor_of(body).user_id, write(folder))
    except Exception as error:  # noqa: BLE001  error_texts logs those it does not know
        text, _ = error_texts(error, body, translator)
        respond(text=text, replace_original=False)


def _slug(filter_text: str) -> str:
    words = _REF.sub(lambda ref: ref[0].upper(), _EXCLUDED.sub(r"\1not-", filter_text))
    return _NO_WORD.sub("-", words)[:60].strip("-") or "projects"


def write_file(app_context: AppContext, export: ExportRequest, translator: Translator, folder: Path) -> FileMessage:
    as_of, database = export.as_of, app_context.database
    today = as_of.day if as_of else app_context.today()
    path = folder / f"aid-{_slug(export.project_filter.text)}-{today}{export.kind}"
    with reading_as_of(database, as_of) if as_of else database.reading() as session:
        now, reporter = app_context.clock(), app_context.reporter
        query = ExportQuery(session, export.project_filter, today, now, translator, reporter)
        written = write_export(query, path, export.kind)
    lines = [
        translator.plural(
            "{number} project, exported {day}", "{number} projects, exported {day}", written.projects, day=today
        )
    ]
    if as_of:
        lines.append(heading(translator, as_of))
    if export.project_filter.text:
        lines.append(translator.mrkdwn("Filter: `{filter}`", filter=export.project_filter.text))
    lines += [translator.error(remark) for remark in written.remarks]
    return FileMessage(path, path.name, "\n".join(lines), written.description)
