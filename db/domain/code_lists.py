"""The code lists that people are shown: sectors, organisation types, states, kinds of source (docs/field.md, 8)."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale

from db.domain.enums import UNDISCLOSED
from db.errors import N_, BadInput


@cache
def read_data(name: str) -> dict[str, Any]:
    """Return a data file that ships with the record, read as TOML once; nobody may change what comes back."""
    return tomllib.loads((files("db") / "data" / name).read_text(encoding="utf-8"))


_ALSO_CALLED = {
    "uk": "GB",
    "usa": "US",
    "u.s.": "US",
    "russia": "RU",
    "rok": "KR",
    "south korea": "KR",
    "prc": "CN",
    "drc": "CD",
}
_NO_STATES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})


@cache
def code_lists() -> dict[str, dict[str, dict[str, str]]]:
    """Return labels by list, code and language: ``code_lists()["sector"]["12220"]["en"]``."""
    return read_data("codes.toml")


def label_of(kind: str, code: str, language: str) -> str:
    """Return the label of a code in ``language`` (en, ko), or the code itself if the list lacks it."""
    entry = code_lists()[kind].get(code, {})
    if not entry and kind == "country":
        return str(Locale.parse(language).territories.get(code, code))
    return entry.get(language) or entry.get("en") or code


def code_for(kind: str, text: str) -> str:
    """Return the code that ``text`` names in any language; ``text`` itself where the list does not have it."""
    typed = text.strip().casefold()
    entries = code_lists()[kind].items()
    return next((code for code, names in entries if typed in {name.casefold() for name in names.values()}), text)


def parse_state(text: str) -> str:
    """Return the ISO code of the state that ``text`` names, by code or by name in English or Korean, or ``undisclosed``."""
    typed = text.strip().casefold()
    if typed == UNDISCLOSED:
        return UNDISCLOSED
    for code, names in code_lists()["country"].items():
        if typed in {code.casefold(), *(name.casefold() for name in names.values())}:
            return code
    if typed in _ALSO_CALLED:
        return _ALSO_CALLED[typed]
    if _is_state(typed.upper()):
        return typed.upper()
    raise BadInput(
        N_("“{typed}” is not a state I know. Write its two-letter code, such as `by:US`, or `by:undisclosed`."),
        field="by",
        typed=text,
    )


def _is_state(code: str) -> bool:
    """Return True for the two-letter code of a country or territory."""
    return len(code) == 2 and code not in _NO_STATES and code in Locale.parse("en").territories  # noqa: PLR2004
