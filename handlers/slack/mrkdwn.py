"""Escaping, links, clipping and splitting of mrkdwn text."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from db.domain.text import without_unseen

# Invisible (combining grapheme joiner), and unlike spaces and the joiners of general punctuation nothing next to which
# Slack's clients let a mark of style begin or end. What is pasted back loses it (`settle`).
INERT = "\u034f"
_STYLE = re.compile(r"(?P<before>(?<![^\W_])(?<![*_~`]))?(?P<mark>([*_~`])\3*)(?P<after>(?![^\W_]))?")
_EMOJI = re.compile(r":(?=(?=[\w+'-]*[^\W\d]|[+-]\d|\d{3,}:)[\w+'-]+:)")  # its name, not the colons of 14:30:15
_ALIVE = re.compile("[^ -~가-힣–—·…]|[&<>*_~`:@#]")  # without one of these there is nothing to escape
_NAME = re.compile(r"(?<![\w<])(?:@(?=\w)|#(?=[^\W\d]))")  # of people and channels
_QUOTE = re.compile(r"^(?=[>\uff1e])", re.MULTILINE)
_ADDRESS = re.compile(r"(https?://[^\s<>|]+)")


class Markup(str):
    """Text that is mrkdwn already, which a sentence shows as it is."""

    __slots__ = ()


def escape(text: str) -> str:
    """Escape ``text`` so that Slack shows it as written: no styles, emoji, mentions or commands come alive in it.

    Slack knows no escape for marks of style and names, so something invisible stands beside those that could act. An
    address is left as it is, to be opened and copied. What earlier versions stored and cannot be seen, such as a change of
    direction, is left out.
    """
    if isinstance(text, Markup) or not _ALIVE.search(text):
        return text
    text = without_unseen(text)
    inert = "".join(part if index % 2 else _inert(part) for index, part in enumerate(_ADDRESS.split(text)))
    return _QUOTE.sub(INERT, inert).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _inert(text: str) -> str:
    def guard(match: re.Match[str]) -> str:
        before, after = (INERT if match[side] is not None else "" for side in ("before", "after"))
        return f"{before}{match['mark']}{after}"

    return without_emoji(_NAME.sub(lambda match: match[0] + INERT, _STYLE.sub(guard, text)))


def without_emoji(text: str) -> str:
    """Put something invisible into names of emoji, so that they stay words."""
    return _EMOJI.sub(lambda match: match[0] + INERT, text)


def dotted(*parts: str) -> str:
    """Return the parts that say something in one line, a dot between them."""
    return " · ".join(filter(None, parts))


def lined(*rows: str) -> str:
    """Return the rows that say something, one below the other."""
    return "\n".join(filter(None, rows))


def link(url: str, label: str) -> str:
    safe = without_unseen(url).replace("|", "%7C").replace("<", "%3C").replace(">", "%3E")
    return f"<{safe}|{escape(label).replace('|', '¦')}>"


@lru_cache(maxsize=4096)
def host_of(url: str) -> str:
    """Return where an address leads, whatever stands before the host; letters of other scripts as they are sent."""
    try:
        host = urlsplit(without_unseen(url)).hostname or ""
        return host.encode("idna").decode().removeprefix("www.")
    except ValueError:
        return url


def clip(text: str, limit: int) -> str:
    """Cut ``text`` to ``limit`` characters, ending in the number of characters left out."""
    if len(text) <= limit:
        return text
    mark = f" … [+{len(text) - limit + 16}]"
    return _whole_entity(text[: limit - len(mark)], first=0) + mark


def split(text: str, limit: int) -> list[str]:
    """Split ``text`` at line ends or spaces into parts of at most ``limit`` characters, never inside an entity or link."""
    parts = []
    rest = text
    while len(rest) > limit:
        cut = max(rest.rfind("\n", 0, limit), 0) or max(rest.rfind(" ", 0, limit), 0) or limit
        head = _whole_entity(rest[:cut])
        parts.append(head)
        rest = rest[len(head) :].lstrip("\n ")
    return [*parts, rest] if rest or not parts else parts


def _whole_entity(text: str, *, first: int = 1) -> str:
    """Remove an entity or link that was cut at the end of ``text``, if it begins at ``first`` or later."""
    for opening, closing in (("&", ";"), ("<", ">")):
        start = text.rfind(opening)
        if start >= first and closing not in text[start:] and (opening == "<" or len(text) - start < 6):  # noqa: PLR2004
            text = text[:start]
    return text
