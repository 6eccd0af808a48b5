"""TODO."""


def escape(text: str) -> str:
    """``text`` so that Slack shows it as it is: no mention, link or command can come to life in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(url: str, label: str) -> str:
    """Return a link with a label; the label may be anybody's text."""
    safe = url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E")
    return f"<{safe}|{escape(label).replace('|', '¦')}>"


def clip(text: str, limit: int) -> str:
    """``text``, or its beginning with a count of what is left out; never longer than ``limit``."""
    if len(text) <= limit:
        return text
    mark = f" … [+{len(text) - limit + 16}]"
    kept = text[: limit - len(mark)]
    return _whole_entity(kept, first=0) + mark


def split(text: str, limit: int) -> list[str]:
    """``text`` in parts of at most ``limit`` characters, cut at line ends or spaces, never inside an entity or link."""
    parts = []
    rest = text
    while len(rest) > limit:
        cut = max(rest.rfind("\n", 0, limit), 0) or max(rest.rfind(" ", 0, limit), 0) or limit
        head = _whole_entity(rest[:cut])
        parts.append(head)
        rest = rest[len(head) :].lstrip("\n ")
    return [*parts, rest] if rest or not parts else parts


def _whole_entity(text: str, *, first: int = 1) -> str:
    """``text`` without an entity or a link that was cut at its end, if that begins at ``first`` or later."""
    for opening, closing in (("&", ";"), ("<", ">")):
        start = text.rfind(opening)
        if start >= first and closing not in text[start:] and (opening == "<" or len(text) - start < 6):  # noqa: PLR2004
            text = text[:start]
    return text
