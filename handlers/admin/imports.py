"""`/aid-admin import`: a file uploaded in a form, run dry first; its author then records exactly what the preview showed."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from slack_bolt import Ack, App
from slack_sdk import WebClient

from db.errors import N_, AidError, BadInput
from db.imports.apply import RowResult
from db.imports.confined import confined_reading
from db.imports.importer import ImportReport, import_file
from db.imports.table import BadFile, Finding
from db.maintenance.atomic_file import scratch_folder
from handlers.admin import import_form as messages
from handlers.admin.import_form import FILE, FORM, PREVIEW
from handlers.blocks.blockkit import Block, sections
from handlers.blocks.deferred_view import respond_with_view
from handlers.blocks.respond import reject_fields
from handlers.context import AppContext, Request
from handlers.errors import error_texts
from handlers.slack.file_download import check_file, download
from handlers.slack.payloads import Body, FileObject, SlackView, read_metadata

# more rows take longer than people wait at a form; the command line takes longer files
MOST_ROWS = 2000


def register(app: App, app_context: AppContext) -> None:
    @app.view(FORM)
    def upload(ack: Ack, body: Body, view: SlackView, client: WebClient) -> None:
        with app_context.reading(body) as request:
            translator = request.translator
        try:
            file = _uploaded_file(view)
            check_file(file)
        except AidError as error:
            reject_fields(ack, translator, {FILE: error})
            return
        _respond(ack, client, body, request, lambda: _preview(request, client, file))

    @app.view(PREVIEW)
    def record(ack: Ack, body: Body, view: SlackView, client: WebClient) -> None:
        with app_context.reading(body) as request:
            metadata = read_metadata(view, file=str, sha256=str)
        _respond(ack, client, body, request, lambda: _record(request, client, metadata))


def _uploaded_file(view: SlackView) -> FileObject:
    files = view["state"]["values"].get(FILE, {}).get(FILE, {}).get("files") or []
    if not files:
        raise BadInput("Choose a file: CSV, XLSX or ODS.")
    return files[0]


def _respond(ack: Ack, client: WebClient, body: Body, request: Request, work: Callable[[], Block]) -> None:
    translator = request.translator

    def guarded() -> Block:
        try:
            return work()
        except Exception as error:  # noqa: BLE001  error_texts logs those it does not know
            return messages.page(translator, sections(error_texts(error, body, translator)[0]))

    waiting, as_text = messages.render_waiting(translator), partial(messages.render_message, translator)
    respond_with_view(request.app_context, ack, client, body, waiting, guarded, as_text, "import")


def _preview(request: Request, client: WebClient, file: FileObject) -> Block:
    tried: list[RowResult] = []

    def collect(result: RowResult | Finding) -> None:
        if isinstance(result, RowResult) and len(tried) < messages.MOST_SHOWN:
            tried.append(result)

    with scratch_folder() as folder:
        path, digest = download(client, file["id"], folder)
        report = _import(request, path, dry_run=True, tell=collect)
    about = {"file": file["id"], "sha256": digest}
    return messages.preview(request.translator, file["name"], tried, report, about)


def _record(request: Request, client: WebClient, metadata: dict[str, str]) -> Block:
    """Record the previewed file. Raises BadFile if it has changed since."""
    with scratch_folder() as folder:
        path, digest = download(client, metadata.get("file", ""), folder)
        if digest != metadata.get("sha256"):
            raise BadFile("The file changed after the preview, so nothing was recorded. Upload it again.")
        report = _import(request, path, dry_run=False)
    request.app_context.notify_sender()
    return messages.render_result(request.translator, report)


def _import(
    request: Request, path: Path, *, dry_run: bool, tell: Callable[[RowResult | Finding], None] = lambda _: None
) -> ImportReport:
    database = request.app_context.database
    read = partial(confined_reading, most=MOST_ROWS + 1)
    return import_file(database, path, request.editor, dry_run=dry_run, tell=tell, step=_limit_rows, read=read)


def _limit_rows(done: int, _total: int) -> None:
    # counted, since a workbook may claim far more rows than are filled
    if done > MOST_ROWS:
        text = N_(
            "The file has more than {most} rows, the maximum here. For longer files, run `python -m bot "
            "import` on the bot's server."
        )
        raise BadFile(text, most=MOST_ROWS)
