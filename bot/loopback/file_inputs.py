"""What a `file_input` takes."""

from collections.abc import Sequence

from bot.loopback.file_types import extension
from bot.loopback.files import MEBIBYTE
from bot.loopback.model import Json

MOST_FILES = 10
LARGEST = 10 * MEBIBYTE
_SAME = {"jpeg": "jpg", "tif": "tiff", "htm": "html"}


def most_files(element: Json) -> int:
    """How many files an element takes."""
    return int(element.get("max_files") or MOST_FILES)


def endings(element: Json) -> list[str]:
    """The endings of names that it takes, without a dot; none: all."""
    return [str(ending).lower().removeprefix(".") for ending in element.get("filetypes") or ()]


def files_problem(element: Json, files: Sequence[Json]) -> str:
    """Why it would not take these files (`name`, `size` in bytes); empty if it would."""
    allowed, most = endings(element), most_files(element)
    known = {_SAME.get(ending, ending) for ending in allowed}
    for file in files:
        ending = extension(file["name"])
        if known and _SAME.get(ending, ending) not in known:
            return f"{file['name']} is of a type that is not accepted here; accepted: {', '.join(allowed)}."
        if file["size"] > LARGEST:
            return f"{file['name']} is larger than {LARGEST // MEBIBYTE} MB."
    if len(files) > most:
        return f"Please choose no more than {most} {'file' if most == 1 else 'files'}."
    return ""
