"""The files of the workspace, in memory: uploads under way, files, who may see them."""

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from bot.slack_emulator.models import ApiError
from bot.slack_emulator.state.observable import Observable

MEBIBYTE = 1024 * 1024
PICTURE = "png"
"""The type that a browser may show as it is; a name that promises one is not believed."""
MIMETYPES = {
    PICTURE: "image/png",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
    "ics": "text/calendar",
    "binary": "application/octet-stream",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file. `created` in seconds since 1970; `channel` is where it was shared, empty if nowhere.

    `for_bot`: picked in a form of the bot, which may read it though it is shared nowhere.
    `length`: the bytes that an upload under way has announced.
    """

    id: str
    user: str
    name: str
    title: str
    created: float
    data: bytes = field(default=b"", repr=False)
    alt_text: str = ""
    for_bot: bool = False
    channel: str = ""
    length: int = 0

    @property
    def type(self) -> str:
        if self.data.startswith(b"\x89PNG\r\n\x1a\n"):
            return PICTURE
        ending = extension(self.name)
        return ending if ending in MIMETYPES and ending != PICTURE else "binary"


class Files:
    """Keeps files. `largest` bounds each in bytes; a larger one is refused."""

    def __init__(self, world: Observable) -> None:
        self._world = world
        self.largest = 20 * MEBIBYTE
        self.uploads: dict[str, File] = {}
        self.files: dict[str, File] = {}

    def begin(self, user: str, name: str, length: int, alt_text: str) -> File:
        with self._world.lock:
            new = self._new(user, name, length, alt_text=alt_text, length=length)
            self.uploads[new.id] = new
            return new

    def receive(self, file_id: str, data: bytes) -> None:
        with self._world.lock:
            upload = self.uploads.get(file_id)
            if upload is None or upload.data:
                raise ApiError("invalid_upload_url")
            if len(data) != upload.length:
                raise ApiError("length_mismatch", f"{upload.length} bytes were announced, {len(data)} came")
            self.uploads[file_id] = replace(upload, data=data)

    def complete(self, file_id: str, title: str) -> File:
        with self._world.lock:
            upload = self.uploads.get(file_id)
            if upload is None or not upload.data:
                raise ApiError("file_not_found")
            del self.uploads[file_id]
            return self._put(replace(upload, title=title or upload.name))

    def add(self, user: str, name: str, data: bytes, *, for_bot: bool = False) -> File:
        with self._world.lock:
            return self._put(replace(self._new(user, name, len(data), for_bot=for_bot), data=data))

    def find(self, file_id: str) -> File:
        if file_id not in self.files:
            raise ApiError("file_not_found")
        return self.files[file_id]

    def share(self, file: File, channel: str) -> File:
        with self._world.lock:
            return self._put(replace(file, channel=channel))

    def _new(self, user: str, name: str, size: int, **more: Any) -> File:
        if size > self.largest:
            raise ApiError("file_upload_size_restricted")
        file = File(self._world.new_id("F"), user, name, name, self._world.clock())
        return replace(file, **more)

    def _put(self, file: File) -> File:
        self.files[file.id] = file
        self._world.changed()
        return file


def extension(name: str) -> str:
    return PurePosixPath(name).suffix.removeprefix(".").lower()
