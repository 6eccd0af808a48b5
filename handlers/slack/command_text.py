"""Command text: decoding Slack's entities and escapes, replacing typographic characters, splitting off options."""

import re

from db.domain.text import settle, straighten

_ENTITY = re.compile(r"<([^<>]*)>")


def unescape(text: str) -> str:
    """Settle text, its escapes decoded: ``<url|text>`` becomes the address, ``<@U1|name>`` stays a mention of U1."""
    return settle(_ENTITY.sub(_entity, text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def mentioned_user(text: str) -> str | None:
    """Return the user id in ``<@U1|name>``, ``<@U1>`` or a bare id, None for other text."""
    match = re.fullmatch(r"\s*(?:<@)?([UW][A-Z0-9]{2,20})(?:\|[^>]*)?>?\s*", text)
    return match[1] if match else None


def parse_channel(text: str) -> str | None:
    """Return the channel id in ``<#C1|name>``, ``<#C1>`` or a bare id, None for other text."""
    match = re.fullmatch(r"\s*(?:<#)?([CDG][A-Z0-9]{2,20})(?:\|[^>]*)?>?\s*", text)
    return match[1] if match else None


def _entity(match: re.Match[str]) -> str:
    inner = match[1]
    if inner.startswith(("@", "#", "!")):
        return match[0]
    return inner.split("|", 1)[0]


_TOKEN = re.compile(r'"[^"]*"|\S+')


def split_subcommand(text: str) -> tuple[str, str]:
    """Return the first word in lower case and the rest, both decoded; empty if there is none."""
    first, _, rest = " ".join(straighten(unescape(text)).split()).partition(" ")
    return first.lower(), rest


def extract_options(text: str, names: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """Split ``text`` into its other words and its ``name:value`` options; the last of a name counts."""
    words, options = [], {}
    for word in _TOKEN.findall(text):
        name, colon, value = word.partition(":")
        if colon and name.lower() in names:
            options[name.lower()] = value
        else:
            words.append(word)
    return " ".join(words), options
