"""Atomic creation of a file, which never replaces another one."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.errors import N_, AidError

SIDE_FILES = ("-wal", "-shm", "-journal")  # SQLite may create these beside an open file


@contextmanager
def create_atomically(target: Path) -> Iterator[Path]:
    """Yield a path beside ``target`` to write to; rename it at the end of the block, delete it after an error.

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
        for leftover in (path, *(path.with_name(path.name + end) for end in SIDE_FILES)):
            leftover.unlink(missing_ok=True)


def _put(path: Path, target: Path) -> None:
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
    return AidError(N_("{file} already exists. Choose another name."), file=str(target))
