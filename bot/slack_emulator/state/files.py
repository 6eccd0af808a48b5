"""The files of the workspace, in memory: uploads under way, files, who may see them."""

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from bot.slack_emulator.models import ApiError
from bot.slack_emulator.state.observable import Observable

MEBIBYTE = 1024 * 1024
PICTURE = "png"  # the type that a browser may show as it is; a name that promises one is not believed
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
    """A file, perhaps shared in a `channel`. One picked `for_bot` in a form may be read by it, shared or not."""

    id: str
    user: str
    name: str
    title: str
    created: float
    data: bytes = field(default=b"", repr=False)
    alt_text: str = ""
    for_bot: bool = False
    channel: str = ""

    @property
    def type(self) -> str:
        if self.data.startswith(b"\x89PNG\r\n\x1a\n"):
            return PICTURE
        ending = extension(self.name)
        return ending if ending in MIMETYPES and ending != PICTURE else "binary"


class Files:
    def __init__(self, world: Observable) -> None:
        self._world = world
        self.uploads: dict[str, File] = {}
        self.files: dict[str, File] = {}

    def begin(self, user: str, name: str, alt_text: str) -> File:
        with self._world.lock:
            new = self._new(user, name, alt_text=alt_text)
            self.uploads[new.id] = new
            return new

    def receive(self, file_id: str, data: bytes) -> None:
        with self._world.lock:
            self.uploads[file_id] = replace(self.uploads[file_id], data=data)

    def complete(self, file_id: str, title: str) -> File:
        with self._world.lock:
            upload = self.uploads.pop(file_id)
            return self._put(replace(upload, title=title or upload.name))

    def add(self, user: str, name: str, data: bytes, *, for_bot: bool = False) -> File:
        with self._world.lock:
            return self._put(self._new(user, name, data=data, for_bot=for_bot))

    def find(self, file_id: str) -> File:
        if file_id not in self.files:
            raise ApiError("file_not_found")
        return self.files[file_id]

    def share(self, file: File, channel: str) -> File:
        with self._world.lock:
            return self._put(replace(file, channel=channel))

    def _new(self, user: str, name: str, **more: Any) -> File:
        return File(self._world.new_id("F"), user, name, name, self._world.clock(), **more)

    def _put(self, file: File) -> File:
        self.files[file.id] = file
        self._world.changed()
        return file


def extension(name: str) -> str:
    return PurePosixPath(name).suffix.removeprefix(".").lower()
