"""`/aid-admin import`: a file given in a form, tried first; its author records exactly what the trial showed."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from db.audit import Editor
from db.errors import N_, AidError, BadInput
from db.imports.apply import RowResult
from db.imports.importer import ImportReport, import_file
from db.imports.table import BadFile, Finding
from handlers.admin import import_form as messages
from handlers.admin.deferred_view import DeferredView, respond_with_view
from handlers.admin.import_form import FILE, FORM, PREVIEW, Tried
from handlers.blocks.blockkit import LIMITS, Block
from handlers.context import AppContext, actor_of
from handlers.errors import error_texts
from handlers.i18n.translator import Translator
from handlers.slack.file_download import SlackFile, download, slack_file_from
from handlers.slack.mrkdwn import clip
from handlers.slack.payloads import read_metadata

MOST_ROWS = 2000
"""More of them take longer than somebody waits before a form; a longer file goes in by the command line."""


def register(app: App, app_context: AppContext) -> None:
    """Register the two pages of the form."""

    @app.view(FORM)
    def give(ack: Ack, body: dict[str, Any], view: dict[str, Any], client: WebClient) -> None:
        words = _words(app_context, body)
        try:
            given = _given(view)
            given.check()
        except AidError as error:
            ack(response_action="errors", errors={FILE: clip(words.plain_error(error), LIMITS["error"])})
            return
        work = _guarded(body, words, lambda: _tried(app_context, client, body, words, given))
        respond_with_view(app_context, ack, client, body, _slow(words, work))

    @app.view(PREVIEW)
    def record(ack: Ack, body: dict[str, Any], view: dict[str, Any], client: WebClient) -> None:
        words = _words(app_context, body)
        about = read_metadata(view, file=str, sha256=str)
        work = _guarded(body, words, lambda: _recorded(app_context, client, body, words, about))
        respond_with_view(app_context, ack, client, body, _slow(words, work))


def _words(app_context: AppContext, body: dict[str, Any]) -> Translator:
    with app_context.database.reading() as session:
        return app_context.translator_for(session, actor_of(body))


def _given(view: dict[str, Any]) -> SlackFile:
    files = view["state"]["values"].get(FILE, {}).get(FILE, {}).get("files") or []
    if not files:
        raise BadInput(N_("Choose a file, CSV or XLSX."))
    return slack_file_from(files[0])


def _slow(words: Translator, work: Callable[[], Block]) -> DeferredView:
    return DeferredView(messages.waiting(words), work, lambda view: messages.told(words, view))


def _guarded(body: dict[str, Any], words: Translator, work: Callable[[], Block]) -> Callable[[], Block]:
    """``work`` with what goes wrong in it as the form's page."""

    def guarded() -> Block:
        try:
            return work()
        except Exception as error:  # noqa: BLE001  the funnel words it and logs what it does not know
            return messages.failed(words, error_texts(error, body, words)[0])

    return guarded


def _tried(
    app_context: AppContext, client: WebClient, body: dict[str, Any], words: Translator, given: SlackFile
) -> Block:
    """Try the file and render what it would do, with a button that records it if nothing is wrong."""
    tried = Tried(given.name)

    def tell(told: RowResult | Finding) -> None:
        if isinstance(told, RowResult) and len(tried.rows) < messages.MOST_SHOWN:
            tried.rows.append(told)

    with TemporaryDirectory(prefix="aid-import-") as folder:
        path, digest = download(client, given.id, Path(folder))
        report = _import(app_context, body, path, dry_run=True, tell=tell)
    return messages.preview(words, tried, report, {"file": given.id, "sha256": digest})


def _recorded(
    app_context: AppContext, client: WebClient, body: dict[str, Any], words: Translator, about: dict[str, Any]
) -> Block:
    """Record the file that was tried; one that has changed since is refused."""
    with TemporaryDirectory(prefix="aid-import-") as folder:
        path, digest = download(client, about.get("file", ""), Path(folder))
        if digest != about.get("sha256"):
            raise BadFile(
                N_("The file has changed since you saw what it does, so nothing was recorded. Give it again.")
            )
        report = _import(app_context, body, path, dry_run=False)
    app_context.notify_sender()
    return messages.recorded(words, report)


def _import(
    app_context: AppContext,
    body: dict[str, Any],
    path: Path,
    *,
    dry_run: bool,
    tell: Callable[[RowResult | Finding], None] = lambda _: None,
) -> ImportReport:
    person = actor_of(body)
    editor = Editor(person.team_id, person.user_id, app_context.clock())
    return import_file(app_context.database, path, editor, dry_run=dry_run, tell=tell, step=_not_too_long)


def _not_too_long(done: int, _total: int) -> None:
    """Refuse a table with too many filled rows; a workbook may claim far more than are filled, so count them."""
    if done > MOST_ROWS:
        text = N_(
            "The file has more than {most} rows, the most here. `python -m bot import` on the bot's machine takes "
            "longer ones."
        )
        raise BadFile(text, most=MOST_ROWS)
