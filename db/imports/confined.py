"""Reading of a file that somebody sent, in a process of its own with little memory and time, while the bot goes on."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from itertools import islice
from pathlib import Path
from typing import Any

from db.errors import N_, AidError, BadInput
from db.imports.open_file import reading
from db.imports.table import BadFile, CellLocation, Finding, TableReader, TableRow

MEMORY_BYTES = 512 * 1024 * 1024  # address space, the interpreter and its libraries included
CPU_SECONDS, WALL_SECONDS = 20, 60
UNPACKED_BYTES = 50 * 1024 * 1024
TOO_MUCH = N_("Reading the file takes too much memory or time. Save the table alone as CSV, or split it.")

# what the child may answer with; no key of a row begins with a dollar sign
_TYPE = "$type"
_TYPES = {each.__name__: each for each in (TableReader, TableRow, CellLocation, Finding, AidError, BadInput, BadFile)}


@contextmanager
def confined_reading(path: Path, *, most: int) -> Iterator[TableReader]:
    """Open a file for reading at most ``most`` rows. Raises BadFile as ``reading`` does, and for one that takes too much."""
    command = [sys.executable, "-m", __spec__.name, str(path), str(most)]
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "LANG": "C.UTF-8"}  # no token of the bot's
    try:
        done = subprocess.run(  # noqa: S603  this module
            command, env=environment, capture_output=True, check=True, timeout=WALL_SECONDS
        )
        table: TableReader | BadFile = json.loads(done.stdout, object_hook=decode)
    except (subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        raise BadFile(TOO_MUCH) from error
    if isinstance(table, BadFile):
        raise table
    yield replace(table, rows=iter(table.rows))


def encode(value: Any) -> dict[str, object]:
    """Return what the child sends as JSON for a part of a table or an error."""
    values = (
        {"text": value.text, **value.params}
        if isinstance(value, AidError)
        else {field.name: getattr(value, field.name) for field in fields(value)}
    )
    return {_TYPE: type(value).__name__, **values}


def decode(values: dict[str, Any]) -> Any:
    """Return the part of a table or the error that ``encode`` made JSON of."""
    kind = values.pop(_TYPE, "")
    if "findings" in values:
        values["findings"] = tuple(values["findings"])
    return _TYPES[kind](**values) if kind else values


def _main(path: Path, most: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    try:
        with reading(path, unpacked=UNPACKED_BYTES) as table:
            answer: TableReader | BadFile = replace(table, rows=list(islice(table.rows, most)))  # type: ignore[arg-type]
    except BadFile as error:
        answer = error
    except MemoryError:
        answer = BadFile(TOO_MUCH)
    json.dump(answer, sys.stdout, default=encode)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), int(sys.argv[2]))
