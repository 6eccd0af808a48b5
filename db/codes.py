"""The code lists that people are shown: sectors, organisation types, states, kinds of source (docs/field.md, 8)."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from db.errors import BadInput, sentence
from db.vocabulary import UNDISCLOSED


def read_data(name: str) -> dict[str, Any]:
    """A data file that ships with the record, read as TOML."""
    return tomllib.loads((files("db") / "data" / name).read_text(encoding="utf-8"))


@cache
def code_lists() -> dict[str, dict[str, dict[str, str]]]:
    """``code_lists()["sector"]["12220"]["en"]``: list, code, language."""
    return read_data("codes.toml")


def name_of(kind: str, code: str, language: str) -> str:
    """What a code means in ``language`` (en, ko); the code itself where the list does not have it."""
    entry = code_lists()[kind].get(code, {})
    return entry.get(language) or entry.get("en") or code


def read_holder(text: str) -> str:
    """The ISO code of the state that ``text`` names, by code or by name in English or Korean, or ``undisclosed``."""
    typed = text.strip().casefold()
    if typed == UNDISCLOSED:
        return UNDISCLOSED
    for code, names in code_lists()["country"].items():
        if typed in {code.casefold(), *(name.casefold() for name in names.values())}:
            return code
    if len(typed) == 2 and typed.isascii() and typed.isalpha():  # noqa: PLR2004
        return typed.upper()
    raise BadInput(sentence("“{typed}” is not a state I know. Write its two-letter code, such as `by:US`, "
                            "or `by:undisclosed`."), field="by", typed=text)
