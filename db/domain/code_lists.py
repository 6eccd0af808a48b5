"""The labels that people are shown, and the code that each means when it is typed (docs/field.md, 8 and 10)."""

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, TypeVar

from babel import Locale

from db.domain.text import letters
from db.errors import BadInput

T = TypeVar("T")
LONGEST = 8  # words of a label


@cache
def read_data(name: str) -> dict[str, Any]:
    """Return a data file that ships with the record, read as TOML once; nobody may change what comes back."""
    return tomllib.loads((files("db") / "data" / name).read_text(encoding="utf-8"))


_SECTOR = re.compile(r"[0-9]{3}(?:[0-9]{2})?")
# The categories of the CRS purpose codes, whose numbers begin with theirs; codes.toml names those that the field uses.
_CATEGORIES = re.compile(
    "11[1-4]|12[123]|130|140|15[12]|160|210|220|23[0-6]|240|250|31[123]|32[123]|33[12]|410|430|5[123]0|600|7[234]0|9[123]0|998"
)
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


@lru_cache(maxsize=4096)
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
            "“{typed}” is not a country code I know. Use a two-letter code such as `by:US`, or `by:undisclosed`.",
            field="by",
            typed=text,
        )
    return code


def parse_sectors(text: str) -> tuple[str, ...]:
    """Return the CRS codes that ``text`` names, each by its code, its label or both. Raises BadInput for other words."""
    return tuple(each for part in re.split(r"[,;\n]", text) if part.strip() for each in _sectors(part.strip()))


def _sectors(part: str) -> list[str]:
    """Return the codes of one part: a label, a code with or without its label, or codes with spaces between them."""
    code, _, label = re.sub(r"^([0-9]+)(?:\.0+)?\b\W*", r"\1 ", part).partition(" ")
    named = meant("sector", part) or (code if label and meant("sector", label) == code else None)
    codes = [named] if named else [code, *label.split()]
    if all(_SECTOR.fullmatch(each) and _CATEGORIES.match(each) for each in codes):
        return codes
    raise BadInput(
        "“{typed}” is not a sector that I know. Write its CRS code, such as 12220.", field="sectors", typed=part
    )


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
