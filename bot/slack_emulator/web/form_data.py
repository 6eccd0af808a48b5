"""The forms of the page as they come in, files included."""

from pathlib import PureWindowsPath

from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from bot.slack_emulator.state.files import MEBIBYTE
from bot.slack_emulator.users.uploads import LocalFile

Form = MultiDictProxy[str | LocalFile]
"""Texts, and `LocalFile` for files."""

LARGEST_FORM = 64 * MEBIBYTE


async def read_form(request: web.Request) -> Form:
    """A form's fields; a file field in which nothing was picked is left out."""
    try:
        sent = await request.clone(client_max_size=LARGEST_FORM).post()
    except web.HTTPRequestEntityTooLarge as refusal:
        refusal.text = f"This is too much at once: files of {LARGEST_FORM // MEBIBYTE} MB together at most."
        raise
    form: MultiDict[str | LocalFile] = MultiDict()
    for name, value in sent.items():
        if isinstance(value, web.FileField):
            form.add(name, LocalFile(PureWindowsPath(value.filename).name, value.file.read()))
            value.file.close()
        elif isinstance(value, str):
            form.add(name, value)
    return MultiDictProxy(form)
