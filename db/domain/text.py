"""Values inside sentences that each surface words in its own language (``str()`` gives the plain code), typed text."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

_EMOJI = "©®‼⁉™ℹ\u2190-\u21ff\u2300-\u23ffⓂ\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff〰〽㊗㊙\U0001f000-\U0001faff"
# What an emoji is made of, although it cannot be seen: variants, joiners, the tags of a flag.
_ONE = f"[{_EMOJI}](?:[\ufe0e\ufe0f]|[\U000e0020-\U000e007e]+\U000e007f)?"
_WHOLE = f"{_ONE}(?:\u200d{_ONE})*|[0-9#*]\ufe0f\u20e3"
# What Unicode calls default ignorable: zero width, direction marks, soft hyphen, byte order mark, fillers.
_INVISIBLE = (
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_UNSEEN = re.compile(f"({_WHOLE})|{_INVISIBLE}")
_INVISIBLE_CHARACTER = re.compile(_INVISIBLE)
LAYERS = 9  # times that an address within another one is encoded; a text that is nothing but this must end
_LINE_END = re.compile("\r\n?|[\u0085\u2028\u2029]")
_SPACE = re.compile("[\t\u000b\u000c\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000\x01-\x08\x0e-\x1f\x7f-\x9f]")
# One character for one, so that a position in straight text is one in the text as typed.
_STRAIGHT = str.maketrans(
    {
        **{chr(wide): chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)},  # letters, digits, signs of full width
        **dict.fromkeys("“”„‟«»″〝〞", '"'),
        **dict.fromkeys("‘’‚‛′ʼ", "'"),
        **dict.fromkeys("‐‑‒–—―−﹘﹣", "-"),
        "、": ",",
        "。": ".",
    }
)


def settle(text: str) -> str:
    """Return what people type, paste, fill in or upload as it is kept: with their own letters, quotes and dashes.

    Hangul is composed, whatever keyboard or file it came from. What cannot be seen is left out, but for what emoji are
    made of. Every kind of space is a space, every end of a line the same.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.encode("utf-8", "ignore").decode().replace("\0", "")  # halves of surrogate pairs stand for nothing
    text = _SPACE.sub(" ", _LINE_END.sub("\n", without_unseen(text)))
    return unicodedata.normalize("NFC", text)


def without_unseen(text: str) -> str:
    """Return ``text`` without zero-width characters and controls of direction, but for what emoji are made of."""
    return text if text.isascii() else _UNSEEN.sub(lambda match: match[1] or "", text)


def straighten(text: str) -> str:
    """Return settled text, as long as it was, with plain quotes, dashes and letters: for words that are read, not kept."""
    return text if text.isascii() else text.translate(_STRAIGHT)


def normalize(text: str) -> str:
    """Return text as words are compared: settled, straight, without case."""
    if text.isascii() and text.isprintable():
        return text.casefold()
    return unicodedata.normalize("NFC", straighten(settle(text)).casefold())


def readings(text: str) -> tuple[str, ...]:
    """Return the canonical forms in which texts that look alike are alike: nothing invisible, ``%EA%B2%BD`` decoded."""
    forms = [_visible(text)]
    for encoding in ("utf-8", "cp949"):
        form = forms[0]
        for _ in range(LAYERS if "%" in form else 0):
            form = _visible(unquote(form, encoding))
        forms.append(form)
    return tuple(dict.fromkeys(forms))


def _visible(text: str) -> str:
    """Return ``text`` with letters of one form and width, and without what cannot be seen, the joiners of emoji included."""
    if text.isascii():
        return text
    normal = unicodedata.normalize("NFKC", _INVISIBLE_CHARACTER.sub("", text))
    return "".join(char for char in _INVISIBLE_CHARACTER.sub("", normal) if unicodedata.category(char) != "Cf")


def decimal_text(amount: str) -> str:
    """Return a decimal amount such that equal amounts are equal texts: ``63000``, ``367883.80``."""
    whole, _, fraction = amount.partition(".")
    fraction = fraction.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{fraction:0<2}" if fraction else "")


class Literals(tuple[str, ...]):
    """Words that people type as they are, shown as code."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(f"`{word}`" for word in self)


@lru_cache(maxsize=4096)
def letters(text: str) -> str:
    """Return the letters and digits of ``text`` without case, as labels are compared: spacing and punctuation vary."""
    return "".join(filter(str.isalnum, normalize(text)))


class Code(str):
    """An ISO country code, or ``undisclosed``."""

    __slots__ = ()


class Codes(tuple[Code, ...]):
    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(self)


class HoldList(tuple[tuple[Code, int], ...]):
    """Open holds: the holder and the number of each."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(f"{code} (#{number})" for code, number in self)
