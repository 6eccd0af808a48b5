"""Dates as people and spreadsheets write them, brought into the form that this project keeps."""

import re
from collections.abc import Callable

from db.domain.text import normalize

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_UNKNOWN = frozenset({"unknown", "미상", "모름", "알수없음"})
_NOTHING = re.compile(r"[-?/…]+|n/a|tb[acd]|미정|추후확정|해당없음")
_SPACED = re.compile(r"(?<=\d)\s*([-./])\s*(?=\d)")
_HOUR = re.compile(r"(?<=\d)[t ](?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.0+)?)?$")
_DAY_NAME = r"(mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|rsday|rs|nesday|urday)?"
_WEEKDAY = re.compile(
    rf"^{_DAY_NAME}[.,]? |\s*\((?:{_DAY_NAME}|([월화수목금토일])(?:요일)?)\)$|(?<=[\d.일])\s*([월화수목금토일])요일$"
)
_WEEK = ("mon월", "tue화", "wed수", "thu목", "fri금", "sat토", "sun일")

_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(\d{4})(\d\d)(\d\d)"), lambda at: _joined(*at.groups())),
    (re.compile(r"(\d{4})\s*년?\s*(상|하)반기"), lambda at: f"{at[1]}-H{'상하'.index(at[2]) + 1}"),
    (re.compile(r"(상|하)반기\s*(\d{4})년?"), lambda at: f"{at[2]}-H{'상하'.index(at[1]) + 1}"),
    (re.compile(r"(\d{4})\s*년(?:\s*(\d{1,2})\s*월(?:\s*(\d{1,2})\s*일)?)?"), lambda at: _joined(*at.groups())),
    (re.compile(r"(first|second) half of (\d{4})"), lambda at: f"{at[2]}-H{1 + (at[1] == 'second')}"),
    (re.compile(r"(\d{4}) (?:h([12])|([12])h)"), lambda at: f"{at[1]}-H{at[2] or at[3]}"),
    (re.compile(r"(?:h([12])|([12])h) (\d{4})"), lambda at: f"{at[3]}-H{at[1] or at[2]}"),
    (
        re.compile(r"(?:(\d{1,2})(?:st|nd|rd|th)?[ -])?([a-z]{3,9})\.?,?[ -](\d{4})"),
        lambda at: _named(at[3], at[2], at[1]),
    ),
    (re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})"), lambda at: _named(at[3], at[1], at[2])),
)
_YEAR_LAST = re.compile(r"(\d{1,2})([-./])(\d{1,2})\2(\d{4})")
# Years that a spreadsheet may have made of another text: the number 2025.1 was typed as 2025.10, 2010/11 is a year
# that begins in one and ends in the next.
_TENTH, _TWO_YEARS = re.compile(r"(\d{4})\.1"), re.compile(r"(\d{2})(\d{2})/(\d{2})")


def normalize_date(text: str) -> str:
    """Rewrite ``5 Feb 2026``, ``2026. 2. 5.``, ``2026년 2월 5일`` as ``2026-02-05``, ``2025년 상반기`` as ``2025-H1``.

    Other text is left as it is. What may mean two days, such as ``05/02/2026``, is among it.
    """
    plain = _plain(text)
    if plain.replace(" ", "") in _UNKNOWN or says_nothing(text):
        return "unknown"
    for form, read in _FORMS:
        if match := form.fullmatch(plain):
            return read(match)
    readings = readings_of(text)
    return readings[0] if len(readings) == 1 else plain


def says_nothing(text: str) -> bool:
    """Return True for what people write into a cell whose value is not known: ``-``, ``N/A``, ``TBC``, ``미정``."""
    return _NOTHING.fullmatch("".join(normalize(text).split()).rstrip(".")) is not None


def weekday_in(text: str) -> int | None:
    """Return the day of the week that is written beside a date, from 0 for Monday."""
    match = _WEEKDAY.search(_HOUR.sub("", " ".join(normalize(text).split())))
    named = next(filter(None, match.groups())) if match else ""
    return next((number for number, names in enumerate(_WEEK) if named and named in names), None)


def readings_of(text: str) -> list[str]:
    """Return the dates that two numbers, or a text with its year at the end, may mean."""
    plain = _plain(text)
    if match := _YEAR_LAST.fullmatch(plain):
        pairs = {(int(match[1]), int(match[3])), (int(match[3]), int(match[1]))}
        return [f"{match[4]}-{month:02}-{day:02}" for month, day in sorted(pairs) if month <= len(_MONTHS)]
    if match := _TENTH.fullmatch(plain):
        return [f"{match[1]}-01", f"{match[1]}-10"]
    if (match := _TWO_YEARS.fullmatch(plain)) and int(match[3]) == int(match[2]) + 1 <= len(_MONTHS):
        return [f"{match[1]}{match[2]}-{match[3]}", f"{match[1]}{match[2]}"]
    return []


def _plain(text: str) -> str:
    """Return a text without the hour and the day of the week."""
    plain = _HOUR.sub("", " ".join(normalize(text).split()))
    return _SPACED.sub(r"\1", _WEEKDAY.sub("", plain)).rstrip(".")


def _joined(*parts: str | None) -> str:
    return "-".join(part for part in parts if part)


def _named(year: str, month: str, day: str | None) -> str:
    """Return a date whose month is a word; nothing that is a date where the word is no month."""
    number = next((str(each) for each, name in enumerate(_MONTHS, start=1) if name.startswith(month)), month)
    return _joined(year, number, day)
