"""Content of a message, apart from where it goes."""

import json
from dataclasses import dataclass
from hashlib import sha256

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

    @property
    def digest(self) -> str:
        """Return a hash of what people see."""
        return sha256(json.dumps([self.text, self.blocks], sort_keys=True).encode()).hexdigest()[:16]

    @classmethod
    def of(cls, blocks: list[Block], *, reply_broadcast: bool = False) -> "OutgoingMessage":
        return cls(first_line(blocks), blocks, reply_broadcast)
