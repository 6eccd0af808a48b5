"""Korean words in filters: a key, a value, or a word alone that names a group or a status (db/data/filter_words.toml)."""

import unicodedata
from functools import cache
from typing import Any

from db.domain.code_lists import read_data

ALONE = ("group", "status")
"""What a word alone may name, in this order."""


def key_of(typed: str) -> str:
    """Return the filter's key that was typed in Korean; any other word as it is."""
    return _words()["keys"].get(normalize_alias(typed), typed.lower())


def value_of(key: str, typed: str) -> str:
    """Return a value that was typed in Korean as the filter ``key`` writes it; any other as it is."""
    return _words().get(key, {}).get(normalize_alias(typed), typed)


def alias_of(typed: str) -> tuple[str, str] | None:
    """Return the filter and value that a Korean word alone names, such as 경기도 or 보류; None for any other word."""
    return next(
        ((key, _words()[key][normalize_alias(typed)]) for key in ALONE if normalize_alias(typed) in _words()[key]), None
    )


def normalize_alias(text: str) -> str:
    """Compose ``text`` and drop spaces and case, as Korean is compared: people space it in more than one way."""
    return "".join(unicodedata.normalize("NFC", text).split()).casefold()


@cache
def _words() -> dict[str, dict[str, str]]:
    """Return, for each section, what each Korean word means."""
    data: dict[str, Any] = read_data("filter_words.toml")
    return {
        section: {word: meaning for meaning, words in entries.items() for word in words}
        for section, entries in data.items()
    }
