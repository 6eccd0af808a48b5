"""Pages in the browser after an installation or a failed one, in English or Korean."""

from collections.abc import Sequence
from html import escape

from slack_bolt.oauth.callback_options import CallbackOptions, FailureArgs, SuccessArgs
from slack_bolt.request import BoltRequest
from slack_bolt.response import BoltResponse

from bot.installation.token_store import OrgInstallRejected, WorkspaceNotAllowed
from bot.installation.workspaces import INSTALL
from handlers.i18n.translator import LANGUAGES, Translator
from handlers.installation.pages import AGAIN, DONE, FAILED, INSTALLED, NOT_ALLOWED, WHOLE_ORGANISATION, explain_failure

FORBIDDEN = 403
HEADERS: dict[str, str | Sequence[str]] = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address holds a code
}
PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto; padding: 0 1rem }}</style>
<main><h1>{title}</h1><p>{text}</p>{way}</main>
</html>
"""


class InstallPages:
    """Pages shown after Slack's own. ``language`` is used if the browser asks for no supported one."""

    def __init__(self, language: str) -> None:
        self._language = language

    def options(self) -> CallbackOptions:
        return CallbackOptions(self._installed, self._failed)

    def _installed(self, done: SuccessArgs) -> BoltResponse:
        translator = self._translator(done.request)
        workspace = str(done.installation.team_name or done.installation.team_id)
        text = translator.plain(INSTALLED, workspace=workspace)
        return _page(200, translator, translator.plain(DONE), text)

    def _failed(self, failed: FailureArgs) -> BoltResponse:
        translator = self._translator(failed.request)
        if isinstance(failed.error, OrgInstallRejected | WorkspaceNotAllowed):
            whole = isinstance(failed.error, OrgInstallRejected)
            text = translator.plain(WHOLE_ORGANISATION if whole else NOT_ALLOWED, team=failed.error)
            return _page(FORBIDDEN, translator, translator.plain(FAILED), text)
        return _page(failed.suggested_status_code, translator, *explain_failure(translator, failed.reason), begin=True)

    def _translator(self, request: BoltRequest) -> Translator:
        requested = [each.strip()[:2] for each in ",".join(request.headers.get("accept-language", [])).split(",")]
        return Translator(next((each for each in requested if each in LANGUAGES), self._language))


def _page(status: int, translator: Translator, title: str, text: str, *, begin: bool = False) -> BoltResponse:
    way = f'<p><a href="{INSTALL}">{escape(translator.plain(AGAIN))}</a></p>' if begin else ""
    body = PAGE.format(language=translator.language, title=escape(title), text=escape(text), way=way)
    return BoltResponse(status=status, body=body, headers=HEADERS)
