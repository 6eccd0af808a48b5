"""Writing a file that is there whole or not at all, and never in the place of another one."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.errors import N_, AidError

SIDE_FILES = ("-wal", "-shm", "-journal")
"""What SQLite may put beside a file while it is open."""


@contextmanager
def create_atomically(target: Path) -> Iterator[Path]:
    """Yield a path beside ``target`` to write to, renamed to it at the end of the block, deleted after an error.

    Raises AidError where ``target`` exists or has no folder.
    """
    if target.exists():
        raise _exists(target)
    if not target.parent.is_dir():
        raise AidError(N_("There is no folder {folder}."), folder=str(target.parent))
    path = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        yield path
        _put(path, target)
    finally:
        for each in (path, *(path.with_name(path.name + end) for end in SIDE_FILES)):
            each.unlink(missing_ok=True)


def _put(path: Path, target: Path) -> None:
    """Give the file its name once it is on the disk, and never in the place of another file."""
    _sync(path)
    try:
        os.link(path, target)
    except FileExistsError as error:
        raise _exists(target) from error
    except OSError:  # a file system without hard links
        if target.exists():
            raise _exists(target) from None
        path.rename(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _exists(target: Path) -> AidError:
    return AidError(N_("{file} exists already. Give a new name."), file=str(target))
