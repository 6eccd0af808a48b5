"""Types of files: pictures by their content, others by their name."""

import struct
from dataclasses import dataclass
from pathlib import PurePosixPath

PICTURES = frozenset({"png", "jpg", "gif"})
_PNG_HEAD = 24
_BY_NAME = {
    "pdf": ("pdf", "application/pdf", "PDF"),
    "csv": ("csv", "text/csv", "CSV"),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel Spreadsheet"),
    "xml": ("xml", "application/xml", "XML"),
    "ics": ("ics", "text/calendar", "iCalendar"),
}


@dataclass(frozen=True, slots=True)
class FileType:
    """A type as file objects tell it; `width` and `height` in pixels, 0 where unknown."""

    filetype: str
    mimetype: str
    pretty: str
    width: int = 0
    height: int = 0
    text: bool = False

    @property
    def picture(self) -> bool:
        """Return True if a browser can show it as it is."""
        return self.filetype in PICTURES


def kind_of(name: str, data: bytes) -> FileType:
    """Return the type of a file. A name that promises a picture is not believed."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= _PNG_HEAD:
        return FileType("png", "image/png", "PNG", *struct.unpack_from(">II", data, 16))
    if data.startswith((b"GIF87a", b"GIF89a")):
        return FileType("gif", "image/gif", "GIF")
    if data.startswith(b"\xff\xd8\xff"):
        return FileType("jpg", "image/jpeg", "JPEG")
    text = _is_text(data)
    known = _BY_NAME.get(extension(name))
    if known is not None:
        return FileType(*known, text=text)
    return FileType("text", "text/plain", "Plain Text", text=True) if text else _BINARY


def extension(name: str) -> str:
    """Return the extension in lower case; empty without one."""
    return PurePosixPath(name).suffix.removeprefix(".").lower()


_BINARY = FileType("binary", "application/octet-stream", "Binary")


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode()
    except UnicodeDecodeError:
        return False
