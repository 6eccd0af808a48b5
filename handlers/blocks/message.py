"""Content of a message, apart from where it goes."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """The words of one message.

    ``text`` is what notifications and screen readers get, and all there is without ``blocks`` (Block Kit as
    plain data). ``reply_broadcast`` shows a thread's reply in the channel too.
    """

    text: str
    blocks: list[dict[str, Any]] | None = None
    reply_broadcast: bool = False
