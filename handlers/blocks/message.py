"""Content of a message, apart from where it goes."""

from dataclasses import dataclass

from handlers.blocks.blockkit import Block, first_line


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """The words of one message.

    ``text`` is what notifications and screen readers get, and all there is without ``blocks`` (Block Kit as
    plain data). ``reply_broadcast`` shows a thread's reply in the channel too.
    """

    text: str
    blocks: list[Block] | None = None
    reply_broadcast: bool = False

    @classmethod
    def of(cls, blocks: list[Block], *, reply_broadcast: bool = False) -> "OutgoingMessage":
        return cls(first_line(blocks), blocks, reply_broadcast)
