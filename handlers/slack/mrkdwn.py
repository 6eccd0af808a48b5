"""Escaping, links, clipping and splitting of mrkdwn text."""


def escape(text: str) -> str:
    """Escape ``text`` so that Slack shows it literally, without mentions, links or commands."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(url: str, label: str) -> str:
    """Return a link; the label is escaped."""
    safe = url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E")
    return f"<{safe}|{escape(label).replace('|', '¦')}>"


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
