"""Atomic creation of files, scratch folders, both locked meanwhile, and removal of what a killed process left."""

import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from db.errors import AidError

SIDE_FILES = ("-wal", "-shm", "-journal")  # SQLite may create these beside an open file
SCRATCH = "aid-scratch-"
_EARLIER = ".aid-import-"  # of earlier versions, which lock nothing
_OURS = re.compile(rf"(?:{SCRATCH}|{re.escape(_EARLIER)}).*|\..+\.[0-9a-f]{{8}}\.part(?:{'|'.join(SIDE_FILES)})?")
ABANDONED_SECONDS = 24 * 3600  # after which what is not locked belongs to nobody


@contextmanager
def create_atomically(target: Path) -> Iterator[Path]:
    """Yield a path to write to, renamed to ``target`` at the end, deleted after an error. Raises AidError."""
    if target.exists():
        raise _exists(target)
    if not target.parent.is_dir():
        raise AidError("There is no folder {folder}.", folder=str(target.parent))
    sweep(target.parent)
    path = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield path
        _put(path, target)
    finally:
        os.close(held)
        for leftover in (path, *(path.with_name(path.name + end) for end in SIDE_FILES)):
            leftover.unlink(missing_ok=True)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a folder for temporary files, removed at the end of the block."""
    with TemporaryDirectory(prefix=SCRATCH) as folder:
        held = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield Path(folder)
        finally:
            os.close(held)


def sweep(*folders: Path) -> list[Path]:
    """Remove and return what processes that were killed left in ``folders`` and in that for temporary files."""
    places = {each.absolute() for each in (*folders, Path(gettempdir())) if each.is_dir()}
    candidates = [path for place in places for path in place.iterdir()]
    removed = [path for path in candidates if _OURS.fullmatch(path.name) and _is_abandoned(path)]
    for path in removed:
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    return removed


def _is_abandoned(path: Path) -> bool:
    main = re.sub(rf"({'|'.join(SIDE_FILES)})$", "", str(path))
    with suppress(OSError):
        if path.lstat().st_uid != os.geteuid():
            return False
        if path.name.startswith(_EARLIER):
            return time.time() - path.stat().st_mtime > ABANDONED_SECONDS
        held = os.open(main, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(held)
        return True
    return False


def _put(path: Path, target: Path) -> None:
    _sync(path)
    try:
        os.link(path, target)
    except OSError as error:
        if target.exists():
            raise _exists(target) from error
        path.rename(target)  # a file system without hard links
    _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _exists(target: Path) -> AidError:
    return AidError("{file} already exists. Choose another name.", file=str(target))
