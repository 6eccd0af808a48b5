"""The files of the workspace, in memory and bounded: uploads under way, files, who may see them."""

from dataclasses import dataclass, field, replace

from bot.slack_emulator.models import ApiError, Message
from bot.slack_emulator.state.file_types import SNIPPETS, FileType, kind_of
from bot.slack_emulator.state.observable import Observable

MEBIBYTE = 1024 * 1024
TICKET_SECONDS = 3600
TICKETS = 1000


@dataclass(frozen=True, slots=True)
class Share:
    """Place where a file was shared: the message that carries it."""

    channel: str
    ts: str
    thread_ts: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file. `created` in seconds since 1970; `granted` are those who may see it wherever it is shared."""

    id: str
    user: str
    name: str
    title: str
    data: bytes = field(repr=False)
    kind: FileType
    created: float
    alt_text: str = ""
    granted: frozenset[str] = frozenset()
    shares: tuple[Share, ...] = ()

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.data)


@dataclass(slots=True)
class Ticket:
    """An upload under way; `data` is None until the bytes came."""

    id: str
    file_id: str
    user: str
    name: str
    length: int
    created: float
    alt_text: str = ""
    snippet: str = ""
    data: bytes | None = field(default=None, repr=False)


class Files:
    """Keeps files. `largest` bounds one file, `room` all together, in bytes; beyond them a file is refused."""

    def __init__(self, world: Observable) -> None:
        self._world = world
        self.largest = 20 * MEBIBYTE
        self.room = 200 * MEBIBYTE
        self._tickets: dict[str, Ticket] = {}
        self._files: dict[str, File] = {}

    def clear(self) -> None:
        """Forget every file."""
        with self._world.lock:
            self._tickets.clear()
            self._files.clear()

    # -- uploads of the bot -----------------------------------------------------------------------

    def ticket(self, user: str, name: str, length: int, alt_text: str = "", snippet: str = "") -> Ticket:
        """Make way for an upload of `length` bytes. Raises ApiError when it is too large."""
        with self._world.lock:
            self._forget_tickets()
            self.fits(length)
            world = self._world
            ticket_id = f"Cw{world.number():08d}"
            ticket = Ticket(ticket_id, world.new_id("F"), user, name, length, world.clock(), alt_text, snippet)
            self._tickets[ticket_id] = ticket
            return ticket

    def waiting(self, ticket_id: str) -> Ticket | None:
        """Return the ticket of an upload address that was not used yet."""
        with self._world.lock:
            ticket = self._tickets.get(ticket_id)
            return ticket if ticket is not None and ticket.data is None else None

    def receive(self, ticket_id: str, data: bytes) -> None:
        """Take the bytes of an upload, once. Raises ApiError when they are not what was announced."""
        with self._world.lock:
            ticket = self.waiting(ticket_id)
            if ticket is None:
                raise ApiError("invalid_upload_url")
            if len(data) != ticket.length:
                raise ApiError("length_mismatch", f"{ticket.length} bytes were announced, {len(data)} came")
            self.fits(len(data))
            ticket.data = data

    def uploaded(self, file_id: str, user: str) -> Ticket:
        """Return the finished upload of a file id. Raises ApiError when there is none of this user's."""
        with self._world.lock:
            for ticket in self._tickets.values():
                if (ticket.file_id, ticket.user) == (file_id, user) and ticket.data is not None:
                    return ticket
        raise ApiError("file_not_found")

    def complete(self, ticket: Ticket, title: str) -> File:
        """Make a file of a finished upload."""
        with self._world.lock:
            del self._tickets[ticket.id]
            snippet = SNIPPETS.get(ticket.snippet)
            data = ticket.data or b""
            kind = FileType(*snippet, text=True) if snippet else kind_of(ticket.name, data)
            return self._put(
                File(
                    ticket.file_id,
                    ticket.user,
                    ticket.name,
                    title or ticket.name,
                    data,
                    kind,
                    self._world.clock(),
                    ticket.alt_text,
                ),
            )

    # -- files ------------------------------------------------------------------------------------

    def add(self, user: str, name: str, data: bytes, granted: frozenset[str] = frozenset()) -> File:
        """Keep a file that a person has picked. Raises ApiError when it is too large."""
        with self._world.lock:
            self.fits(len(data))
            kind, file_id = kind_of(name, data), self._world.new_id("F")
            return self._put(File(file_id, user, name, name, data, kind, self._world.clock(), granted=granted))

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

    def shared(self, file: File, message: Message) -> File:
        """Note that a message carries a file."""
        with self._world.lock:
            share = Share(message.channel, message.ts, message.thread_ts)
            return self._put(replace(self.find(file.id), shares=(*self.find(file.id).shares, share)))

    # -- bounds -----------------------------------------------------------------------------------

    @property
    def used(self) -> int:
        """Bytes in memory."""
        with self._world.lock:
            waiting = sum(len(ticket.data or b"") for ticket in self._tickets.values())
            return waiting + sum(file.size for file in self._files.values())

    def fits(self, *lengths: int) -> None:
        """Raise ApiError unless files of these lengths can be taken."""
        if any(length > self.largest for length in lengths):
            raise ApiError("file_upload_size_restricted")
        if self.used + sum(lengths) > self.room:
            raise ApiError("storage_limit_reached")

    def _put(self, file: File) -> File:
        self._files[file.id] = file
        self._world.changed()
        return file

    def _forget_tickets(self) -> None:
        """Uploads that nobody finishes do not stay."""
        oldest = self._world.clock() - TICKET_SECONDS
        kept = [ticket for ticket in self._tickets.values() if ticket.created > oldest][-(TICKETS - 1) :]
        self._tickets = {ticket.id: ticket for ticket in kept}
