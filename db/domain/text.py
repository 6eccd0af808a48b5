"""Values inside sentences that each surface words in its own language (``str()`` gives the plain code), typed text."""

import unicodedata


def strip_control(text: str) -> str:
    """Strip NUL and halves of surrogate pairs, which stand for nothing and which not every database takes."""
    return text.encode("utf-8", "ignore").decode().replace("\0", "")


def normalize(text: str) -> str:
    """Compose Hangul, whatever keyboard or file it came from, and fold case, as words are compared."""
    return unicodedata.normalize("NFC", text).casefold()


class Code(str):
    """An ISO country code, or ``undisclosed``."""

    __slots__ = ()


class Codes(tuple[Code, ...]):
    """Several codes."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(self)


class HoldList(tuple[tuple[Code, int], ...]):
    """Open holds: the holder and the number of each."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(f"{code} (#{number})" for code, number in self)
