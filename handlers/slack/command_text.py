"""Text as people type it and Slack hands it over: entities, escapes and typographic characters undone."""

import re
import unicodedata

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
    """Return the text that was meant: ``<url|text>`` becomes the address, ``<@U1|name>`` stays a mention of U1."""
    return _ENTITY.sub(_entity, text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def straighten(text: str) -> str:
    """``text`` with straight quotes, plain dashes and single spaces, for words that the bot interprets."""
    return text.translate(_QUOTES)


def mentioned_user(text: str) -> str | None:
    """Return the id in ``<@U1|name>`` or ``<@U1>``, or a bare id."""
    match = re.fullmatch(r"\s*(?:<@)?([UW][A-Z0-9]{2,20})(?:\|[^>]*)?>?\s*", text)
    return match[1] if match else None


def _entity(match: re.Match[str]) -> str:
    inner = match[1]
    if inner.startswith(("@", "#", "!")):
        return match[0]
    return inner.split("|", 1)[0]


_TOKEN = re.compile(r'"[^"]*"|\S+')


def split_subcommand(text: str) -> tuple[str, str]:
    """Return the first word in lower case and what follows it, both as they were meant; empty where nothing was typed."""
    first, _, rest = " ".join(printable(straighten(unescape(text))).split()).partition(" ")
    return first.lower(), rest


def extract_options(text: str, names: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """``text`` without its words of the form ``name:value``, and those values by name; the last of a name counts."""
    words, options = [], {}
    for word in _TOKEN.findall(text):
        name, colon, value = word.partition(":")
        if colon and name.lower() in names:
            options[name.lower()] = value
        else:
            words.append(word)
    return " ".join(words), options


def printable(text: str) -> str:
    """``text`` with a space for every character that controls rather than shows something."""
    if text.isprintable():
        return text
    return "".join(" " if unicodedata.category(each) in {"Cc", "Cs"} else each for each in text)
