"""Types of files: pictures by their content, others by their name."""

import codecs
import struct
from dataclasses import dataclass
from pathlib import PurePosixPath

PICTURES = frozenset({"png", "jpg", "gif", "webp"})
_LOOKED_AT = 4096
_BY_NAME = {
    "pdf": ("pdf", "application/pdf", "PDF"),
    "csv": ("csv", "text/csv", "CSV"),
    "tsv": ("tsv", "text/tab-separated-values", "TSV"),
    "xlsx": (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "Excel Spreadsheet",
    ),
    "docx": (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "Word Document",
    ),
    "pptx": (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "PowerPoint Presentation",
    ),
    "zip": ("zip", "application/zip", "Zip"),
    "txt": ("text", "text/plain", "Plain Text"),
    "md": ("markdown", "text/plain", "Markdown (raw)"),
    "json": ("json", "text/plain", "JSON"),
    "xml": ("xml", "application/xml", "XML"),
    "html": ("html", "text/html", "HTML"),
    "htm": ("html", "text/html", "HTML"),
    "svg": ("svg", "image/svg+xml", "SVG"),
    "ics": ("ics", "text/calendar", "iCalendar"),
    "py": ("python", "text/x-python", "Python"),
    "js": ("javascript", "text/javascript", "JavaScript"),
    "yml": ("yaml", "text/plain", "YAML"),
    "yaml": ("yaml", "text/plain", "YAML"),
    "mp4": ("mp4", "video/mp4", "MPEG 4 Video"),
    "mp3": ("mp3", "audio/mpeg", "MP3"),
}
_WRITTEN = ("text", "csv", "json", "xml", "yaml", "markdown", "html", "python", "javascript")
SNIPPETS = {row[0]: row for row in _BY_NAME.values() if row[0] in _WRITTEN}
"""The snippet types that are known here, by Slack's word for them."""


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
    picture = _picture(data)
    if picture is not None:
        return picture
    text = _is_text(data)
    known = _BY_NAME.get(extension(name))
    if known is not None:
        return FileType(*known, text=text)
    return FileType("text", "text/plain", "Plain Text", text=True) if text else _BINARY


def extension(name: str) -> str:
    """Return the extension in lower case; empty without one."""
    return PurePosixPath(name).suffix.removeprefix(".").lower()


_BINARY = FileType("binary", "application/octet-stream", "Binary")


def _picture(data: bytes) -> FileType | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileType("png", "image/png", "PNG", *_pair(">II", data, 16))
    if data.startswith((b"GIF87a", b"GIF89a")):
        return FileType("gif", "image/gif", "GIF", *_pair("<HH", data, 6))
    if data.startswith(b"\xff\xd8\xff"):
        return FileType("jpg", "image/jpeg", "JPEG", *_jpeg_size(data))
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return FileType("webp", "image/webp", "WebP")
    return None


def _pair(form: str, data: bytes, place: int) -> tuple[int, int]:
    whole = len(data) >= place + struct.calcsize(form)
    first, second = struct.unpack_from(form, data, place) if whole else (0, 0)
    return int(first), int(second)


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height from the frame header, which stands behind segments of any number."""
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:  # noqa: PLR2004 - every segment begins so
        marker = data[place + 1]
        if marker in range(0xC0, 0xD0) and marker not in (0xC4, 0xC8, 0xCC):
            height, width = _pair(">HH", data, place + 5)
            return width, height
        place += 2 + int.from_bytes(data[place + 2 : place + 4])
    return 0, 0


def _is_text(data: bytes) -> bool:
    if b"\0" in data[:_LOOKED_AT]:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data[:_LOOKED_AT])
    except UnicodeDecodeError:
        return False
    return True
