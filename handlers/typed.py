"""Text as people type it and Slack hands it over: entities, escapes and typographic characters undone."""

import re

_QUOTES = str.maketrans(
    {
        "“": '"',
        "”": '"',
        "„": '"',
        "‟": '"',
        "‘": "'",
        "’": "'",
        "‚": "'",
        "‛": "'",
        "\u00a0": " ",
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "–": "-",
        "—": "-",
        "−": "-",
        "：": ":",
        "，": ",",
        "\u3000": " ",
    }
)
_ENTITY = re.compile(r"<([^<>]*)>")


def unescape(text: str) -> str:
    """The text that was meant: ``<url|text>`` becomes the address, ``<@U1|name>`` stays a mention of U1."""
    return _ENTITY.sub(_entity, text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def tidy(text: str) -> str:
    """``text`` with straight quotes, plain dashes and single spaces, for words that the bot interprets."""
    return text.translate(_QUOTES)


def mentioned_user(text: str) -> str | None:
    """The id in ``<@U1|name>`` or ``<@U1>``, or a bare id."""
    match = re.fullmatch(r"\s*(?:<@)?([UW][A-Z0-9]{2,20})(?:\|[^>]*)?>?\s*", text)
    return match[1] if match else None


def _entity(match: re.Match[str]) -> str:
    inner = match[1]
    if inner.startswith(("@", "#", "!")):
        return match[0]
    return inner.split("|", 1)[0]
