"""`/aid-admin import`: a file given in a form, tried first; its author records exactly what the trial showed."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from db.audit import Editor
from db.errors import AidError, BadInput, sentence
from db.imports.apply import Done
from db.imports.importer import Report, import_file
from db.imports.table import BadFile, Finding
from handlers.admin import import_form as messages
from handlers.admin.deferred_view import SlowAnswer, answer_form
from handlers.admin.import_form import FILE, FORM, PREVIEW, Tried
from handlers.blocks.blockkit import LIMITS, Block
from handlers.context import Services, person_of
from handlers.errors import worded
from handlers.i18n.translator import Words
from handlers.slack.file_download import Given, fetch, given_in
from handlers.slack.mrkdwn import clip
from handlers.slack.payloads import kept

MOST_ROWS = 2000
"""More of them take longer than somebody waits before a form; a longer file goes in by the command line."""


def register(app: App, services: Services) -> None:
    """The two pages of the form."""

    @app.view(FORM)
    def give(ack: Ack, body: dict[str, Any], view: dict[str, Any], client: WebClient) -> None:
        words = _words(services, body)
        try:
            given = _given(view)
            given.check()
        except AidError as error:
            ack(response_action="errors", errors={FILE: clip(words.plain_error(error), LIMITS["error"])})
            return
        work = _guarded(body, words, lambda: _tried(services, client, body, words, given))
        answer_form(services, ack, client, body, _slow(words, work))

    @app.view(PREVIEW)
    def record(ack: Ack, body: dict[str, Any], view: dict[str, Any], client: WebClient) -> None:
        words = _words(services, body)
        about = kept(view, file=str, sha256=str)
        work = _guarded(body, words, lambda: _recorded(services, client, body, words, about))
        answer_form(services, ack, client, body, _slow(words, work))


def _words(services: Services, body: dict[str, Any]) -> Words:
    with services.database.reading() as session:
        return services.words(session, person_of(body))


def _given(view: dict[str, Any]) -> Given:
    files = view["state"]["values"].get(FILE, {}).get(FILE, {}).get("files") or []
    if not files:
        raise BadInput(sentence("Choose a file, CSV or XLSX."))
    return given_in(files[0])


def _slow(words: Words, work: Callable[[], Block]) -> SlowAnswer:
    return SlowAnswer(messages.waiting(words), work, lambda view: messages.told(words, view))


def _guarded(body: dict[str, Any], words: Words, work: Callable[[], Block]) -> Callable[[], Block]:
    """``work`` with what goes wrong in it as the form's page."""

    def guarded() -> Block:
        try:
            return work()
        except Exception as error:  # noqa: BLE001  the funnel words it and logs what it does not know
            return messages.failed(words, worded(error, body, words)[0])

    return guarded


def _tried(services: Services, client: WebClient, body: dict[str, Any], words: Words, given: Given) -> Block:
    """What the file would do, with a button that records it where nothing is wrong."""
    tried = Tried(given.name)

    def tell(told: Done | Finding) -> None:
        if isinstance(told, Done) and len(tried.rows) < messages.MOST_SHOWN:
            tried.rows.append(told)

    with TemporaryDirectory(prefix="aid-import-") as folder:
        path, digest = fetch(client, given.id, Path(folder))
        report = _import(services, body, path, dry_run=True, tell=tell)
    return messages.preview(words, tried, report, {"file": given.id, "sha256": digest})


def _recorded(
    services: Services, client: WebClient, body: dict[str, Any], words: Words, about: dict[str, Any]
) -> Block:
    """Record the file that was tried; one that has changed since is refused."""
    with TemporaryDirectory(prefix="aid-import-") as folder:
        path, digest = fetch(client, about.get("file", ""), Path(folder))
        if digest != about.get("sha256"):
            raise BadFile(
                sentence("The file has changed since you saw what it does, so nothing was recorded. Give it again.")
            )
        report = _import(services, body, path, dry_run=False)
    services.wake()
    return messages.recorded(words, report)


def _import(
    services: Services,
    body: dict[str, Any],
    path: Path,
    *,
    dry_run: bool,
    tell: Callable[[Done | Finding], None] = lambda _: None,
) -> Report:
    person = person_of(body)
    editor = Editor(person.team_id, person.user_id, services.clock())
    return import_file(services.database, path, editor, dry_run=dry_run, tell=tell, step=_not_too_long)


def _not_too_long(done: int, _total: int) -> None:
    """A workbook may say that it has far more rows than are filled, so they are counted."""
    if done > MOST_ROWS:
        text = sentence(
            "The file has more than {most} rows, the most here. `python -m bot import` on the bot's machine takes "
            "longer ones."
        )
        raise BadFile(text, most=MOST_ROWS)
