"""``/aid-status … export:xlsx``: what the filter finds as a file, in the person's direct message with the bot."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from slack_bolt import Respond
from slack_sdk import WebClient

from db.errors import N_, BadInput
from db.search.filter import Filter, parse_filter
from handlers.blocks.blockkit import Block, sections
from handlers.context import AppContext, actor_of
from handlers.errors import error_texts
from handlers.exports.writers import KINDS, write_export
from handlers.i18n.translator import Translator
from handlers.slack.command_text import straighten, unescape
from handlers.slack.file_upload import FileMessage, upload_to_user

_WISH = re.compile(r"(?:^|\s)(?:export|내보내기):(?P<kind>\S*)(?=\s|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """An export to make: the file's extension, such as ``.xlsx``, and a filter."""

    kind: str
    wanted: Filter


def parse_export(typed: str) -> ExportRequest | None:
    """Return the export that a line asks for; None where it asks for none. Raises BadInput."""
    text = straighten(unescape(typed))
    match = _WISH.search(text)
    if match is None:
        return None
    kind = f".{match['kind'].lower().lstrip('.')}"
    if kind not in KINDS:
        raise BadInput(
            N_("I cannot write “{typed}”. There are {kinds}."),
            field="filter",
            typed=match["kind"],
            kinds=", ".join(f"`export:{each.lstrip('.')}`" for each in KINDS),
        )
    return ExportRequest(kind, parse_filter(text[: match.start()] + " " + text[match.end() :]))


def export_started(words: Translator) -> list[Block]:
    """Render the immediate answer; the file takes a moment."""
    return sections(words.mrkdwn("The file comes to you in a direct message."))


def send_export(
    app_context: AppContext,
    wish: ExportRequest,
    words: Translator,
    client: WebClient,
    respond: Respond,
    body: dict[str, Any],
) -> None:
    """Write the file and send it to who asked; what goes wrong is said under the command."""
    try:
        with TemporaryDirectory(prefix="aid-export-") as folder:
            today = app_context.today()
            path = Path(folder) / f"aid-projects-{today}{wish.kind}"
            said, alt = _write(app_context, wish, words, path, today, app_context.clock())
            upload_to_user(client, actor_of(body).user_id, FileMessage(path, path.name, said, alt))
    except Exception as error:  # noqa: BLE001  the funnel words it and logs what it does not know
        text, _ = error_texts(error, body, words)
        respond(text=text, replace_original=False)


def _write(
    app_context: AppContext, wish: ExportRequest, words: Translator, path: Path, today: date, now: datetime
) -> tuple[str, str]:
    """Write the file; return the comment beside it and, for a picture, its alternative text."""
    with app_context.database.reading() as session:
        written = write_export(session, path, wish.kind, wish.wanted, today, now, words)
    said = [
        words.plural("{number} project, as of {day}", "{number} projects, as of {day}", written.projects, day=today)
    ]
    if wish.wanted.text:
        said.append(words.mrkdwn("Filter: `{filter}`", filter=wish.wanted.text))
    if written.left_out:
        said.append(
            words.mrkdwn(
                "Left out are {count}, of which no day is known that the form asks for.", count=written.left_out
            )
        )
    return "\n".join(said), written.said
