"""The first word of what was typed after a command, which says what to do, and the rest."""

import re
import unicodedata

from handlers.typed import tidy, unescape

_TOKEN = re.compile(r'"[^"]*"|\S+')


def split_verb(text: str) -> tuple[str, str]:
    """The first word in lower case and what follows it, both as they were meant; empty where nothing was typed."""
    first, _, rest = " ".join(printable(tidy(unescape(text))).split()).partition(" ")
    return first.lower(), rest


def take_options(text: str, names: tuple[str, ...]) -> tuple[str, dict[str, str]]:
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
