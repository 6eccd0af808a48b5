"""The files of the workspace, in memory: uploads under way, files, who may see them."""

from dataclasses import dataclass, field, replace

from bot.slack_emulator.models import ApiError
from bot.slack_emulator.state.file_types import FileType, kind_of
from bot.slack_emulator.state.observable import Observable

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class File:
    """A file. `created` in seconds since 1970; `channel` is where it was shared, empty if nowhere.

    `for_bot`: picked in a form of the bot, which may read it though it is shared nowhere.
    """

    id: str
    user: str
    name: str
    title: str
    data: bytes = field(repr=False)
    kind: FileType
    created: float
    alt_text: str = ""
    for_bot: bool = False
    channel: str = ""

    @property
    def size(self) -> int:
        return len(self.data)


@dataclass(slots=True)
class Ticket:
    """An upload under way; `data` is None until the bytes came."""

    id: str
    file_id: str
    name: str
    length: int
    alt_text: str = ""
    data: bytes | None = field(default=None, repr=False)


class Files:
    """Keeps files. `largest` bounds each in bytes; a larger one is refused."""

    def __init__(self, world: Observable) -> None:
        self._world = world
        self.largest = 20 * MEBIBYTE
        self._tickets: dict[str, Ticket] = {}
        self._files: dict[str, File] = {}

    def clear(self) -> None:
        with self._world.lock:
            self._tickets.clear()
            self._files.clear()

    # -- uploads of the bot -----------------------------------------------------------------------

    def ticket(self, name: str, length: int, alt_text: str) -> Ticket:
        """Make way for an upload of `length` bytes. Raises ApiError when it is too large."""
        with self._world.lock:
            self.fits(length)
            ticket = Ticket(f"Cw{self._world.number():08d}", self._world.new_id("F"), name, length, alt_text)
            self._tickets[ticket.id] = ticket
            return ticket

    def receive(self, ticket_id: str, data: bytes) -> None:
        """Take the bytes of an upload, once. Raises ApiError when they are not what was announced."""
        with self._world.lock:
            ticket = self._tickets.get(ticket_id)
            if ticket is None or ticket.data is not None:
                raise ApiError("invalid_upload_url")
            if len(data) != ticket.length:
                raise ApiError("length_mismatch", f"{ticket.length} bytes were announced, {len(data)} came")
            ticket.data = data

    def complete(self, file_id: str, user: str, title: str) -> File:
        """Make a file of a finished upload. Raises ApiError when there is none."""
        with self._world.lock:
            for ticket in self._tickets.values():
                if ticket.file_id == file_id and ticket.data is not None:
                    del self._tickets[ticket.id]
                    kind, now = kind_of(ticket.name, ticket.data), self._world.clock()
                    name, data = ticket.name, ticket.data
                    return self._put(File(file_id, user, name, title or name, data, kind, now, ticket.alt_text))
        raise ApiError("file_not_found")

    # -- files ------------------------------------------------------------------------------------

    def add(self, user: str, name: str, data: bytes, *, for_bot: bool = False) -> File:
        """Keep a file that a person has picked. Raises ApiError when it is too large."""
        with self._world.lock:
            self.fits(len(data))
            kind, file_id = kind_of(name, data), self._world.new_id("F")
            return self._put(File(file_id, user, name, name, data, kind, self._world.clock(), for_bot=for_bot))

    def find(self, file_id: str) -> File:
        """Return the file of an id. Raises ApiError `file_not_found`."""
        with self._world.lock:
            found = self._files.get(file_id)
            if found is None:
                raise ApiError("file_not_found")
            return found

    def every(self) -> list[File]:
        """Return all files, the newest first."""
        with self._world.lock:
            return list(reversed(self._files.values()))

    def share(self, file: File, channel: str) -> File:
        with self._world.lock:
            return self._put(replace(file, channel=channel))

    def fits(self, *lengths: int) -> None:
        """Raise ApiError unless files of these lengths can be taken."""
        if any(length > self.largest for length in lengths):
            raise ApiError("file_upload_size_restricted")

    def _put(self, file: File) -> File:
        self._files[file.id] = file
        self._world.changed()
        return file
