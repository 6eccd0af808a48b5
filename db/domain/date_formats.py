"""Dates as people and spreadsheets write them, brought into the form that this project keeps."""

import re
from collections.abc import Callable

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_UNKNOWN = {"미상", "모름", "알수없음"}
_SPACED = re.compile(r"(?<=\d)\s*([-./])\s*(?=\d)")
_MIDNIGHT = re.compile(r"(?<=\d)[T ]00:00(?::00(?:\.0+)?)?$")

_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(\d{4})(\d\d)(\d\d)"), lambda at: _joined(*at.groups())),
    (re.compile(r"(\d{4})\s*년?\s*(상|하)반기"), lambda at: f"{at[1]}-H{'상하'.index(at[2]) + 1}"),
    (re.compile(r"(\d{4})\s*년(?:\s*(\d{1,2})\s*월(?:\s*(\d{1,2})\s*일)?)?"), lambda at: _joined(*at.groups())),
    (re.compile(r"(first|second) half of (\d{4})"), lambda at: f"{at[2]}-H{1 + (at[1] == 'second')}"),
    (re.compile(r"(\d{4}) (H[12])", re.IGNORECASE), lambda at: f"{at[1]}-{at[2]}"),
    (re.compile(r"(H[12]) (\d{4})", re.IGNORECASE), lambda at: f"{at[2]}-{at[1]}"),
    (
        re.compile(r"(?:(\d{1,2})(?:st|nd|rd|th)?[ -])?([a-z]{3,9})\.?[ -](\d{4})"),
        lambda at: _named(at[3], at[2], at[1]),
    ),
    (re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})"), lambda at: _named(at[3], at[1], at[2])),
)


def normalize_date(text: str) -> str:
    """Rewrite ``5 Feb 2026``, ``2026. 2. 5.``, ``2026년 2월 5일`` as ``2026-02-05``, ``2025년 상반기`` as ``2025-H1``.

    Other text is left as it is. What may mean two days, such as ``05/02/2026``, is among it.
    """
    plain = _SPACED.sub(r"\1", " ".join(_MIDNIGHT.sub("", text.strip()).split())).rstrip(".")
    if plain.replace(" ", "") in _UNKNOWN:
        return "unknown"
    for form, read in _FORMS:
        if match := form.fullmatch(plain.lower()):
            return read(match)
    return plain


def _joined(*parts: str | None) -> str:
    return "-".join(part for part in parts if part)


def _named(year: str, month: str, day: str | None) -> str:
    """Return a date whose month is a word; nothing that is a date where the word is no month."""
    number = next((str(each) for each, name in enumerate(_MONTHS, start=1) if name.startswith(month)), month)
    return _joined(year, number, day)
