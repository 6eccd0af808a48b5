"""The labels that people are shown, and the code that each means when it is typed (docs/field.md, 8 and 10)."""

import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from babel import Locale

from db.domain.text import letters
from db.errors import N_, BadInput

T = TypeVar("T")
LONGEST = 8  # words of a label


@cache
def read_data(name: str) -> dict[str, Any]:
    """Return a data file that ships with the record, read as TOML once; nobody may change what comes back."""
    return tomllib.loads((files("db") / "data" / name).read_text(encoding="utf-8"))


_NO_STATES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})


@cache
def code_lists() -> dict[str, dict[str, dict[str, str]]]:
    """Return labels by list, code and language: ``code_lists()["sector"]["12220"]["en"]``."""
    return read_data("codes.toml")


@cache
def purpose_codes() -> frozenset[str]:
    """Return the CRS purpose codes that are active, and their categories of three digits."""
    codes = read_data("purpose_codes.toml")["purpose_codes"].split()
    return frozenset(codes) | {code[:3] for code in codes}


def label_of(kind: str, code: str, language: str) -> str:
    """Return the label of a code in ``language`` (en, ko), or the code itself if the list lacks it."""
    entry = code_lists()[kind].get(code, {})
    if not entry and kind == "country":
        return str(Locale.parse(language).territories.get(code, code))
    return entry.get(language) or entry.get("en") or code


def meant(kind: str, text: str) -> str | None:
    """Return the code that ``text`` names: itself, its label in any language, or another word; None if it names none."""
    return _codes_named(kind).get(letters(text))


def code_for(kind: str, text: str) -> str:
    """Return the code that ``text`` names; ``text`` itself where the list does not have it."""
    found = meant(kind, text)
    return text if found is None else found


def longest_run(words: Sequence[str], names: Callable[[str], T | None]) -> tuple[T, int] | None:
    """Return what the first words name, as many of them as name something, and how many they are; None for nothing."""
    for size in range(min(len(words), LONGEST), 0, -1):
        if letters(words[size - 1]) and (found := names(" ".join(words[:size]))) is not None:
            return found, size
    return None


def parse_state(text: str) -> str:
    """Return the ISO code of the state that ``text`` names, by code or by name in English or Korean, or ``undisclosed``."""
    code = meant("country", text)
    if code is None:
        raise BadInput(
            N_("“{typed}” is not a state I know. Write its two-letter code, such as `by:US`, or `by:undisclosed`."),
            field="by",
            typed=text,
        )
    return code


@cache
def _codes_named(kind: str) -> dict[str, str]:
    """Return the codes of a list by the letters of every word for them; what stands first in it goes first."""
    country = kind == "country"
    labels = code_lists().get(kind, {}) | (code_lists()["holder"] if country else {})
    others = read_data("typed_words.toml").get(kind, {})
    words = [(code, code) for code in (*labels, *others)]
    words += [(label, code) for code, names in labels.items() for label in names.values()]
    words += [(word, code) for code, typed in others.items() for word in typed]
    words += _states() if country else []
    return {letters(word): code for word, code in reversed(words) if letters(word)}


def _states() -> Iterator[tuple[str, str]]:
    """Yield every state and territory by its code and its name in the languages that people are shown."""
    for language in code_lists()["country"]["KP"]:
        for key, name in Locale.parse(language).territories.items():
            code = str(key)
            if len(code) == 2 and code not in _NO_STATES:  # noqa: PLR2004
                yield from ((code, code), (str(name), code))
