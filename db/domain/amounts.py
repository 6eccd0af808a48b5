"""Amounts and counts as people write them: with separators, units, currencies, and words such as million or 억."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from babel import Locale

from db.domain.text import decimal_text, normalize, straighten
from db.errors import BadInput

_CURRENCY = re.compile(r"[A-Z]{3}")
DIGITS = 18  # of an amount before the point
_SCALES: Mapping[str, int] = {
    "": 0, "천": 3, "thousand": 3, "만": 4, "백만": 6, "million": 6, "천만": 7, "억": 8, "billion": 9, "십억": 9, "조": 12,
}  # fmt: skip
_NUMBER = r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?:'[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+|[0-9]+"
_PART = rf"((?:{_NUMBER})(?:\.[0-9]+)?)\s*({'|'.join(sorted(_SCALES, key=len, reverse=True))})"
_AMOUNT = re.compile(rf"([^0-9]*)({_PART}(?:\s*{_PART})*)([^0-9]*)")
_THREE_DECIMALS = re.compile(r"\.[0-9]{3}$")  # in much of Europe the point parts thousands
_COUNT = re.compile(rf"({_NUMBER})(?:\.0+)?\s*([^0-9\s]*)")
_COUNT_DIGITS = 6
_COUNTED = {
    "items": {
        *("", "item", "items", "piece", "pieces", "kinds", "types"),
        *("종", "종류", "개", "품목", "개품목", "건", "점"),
    },
    "shipments": {
        *("", "shipment", "shipments", "consignment", "consignments", "time", "times"),
        *("회", "번", "건", "차례"),
    },
}
_DOLLAR = "$"  # without a code beside it that of the United States, as the United Nations write
_CURRENCIES = {
    **dict.fromkeys(("$", "dollar", "dollars", "달러"), _DOLLAR),
    **dict.fromkeys(("us$", "usdollar", "usdollars", "미화", "미화$", "미화달러", "미달러", "불", "미화불"), "USD"),
    **dict.fromkeys(("₩", "원", "won", "한화", "한화원"), "KRW"),
    **dict.fromkeys(("€", "euro", "euros", "유로"), "EUR"),
    **dict.fromkeys(("yen", "엔"), "JPY"),
    **dict.fromkeys(("yuan", "rmb", "위안"), "CNY"),
}


def read_amount(text: str, currency: str = "") -> tuple[str, str]:
    """Return an amount, equal ones as equal texts, and its currency: the given one, or that beside it. Raises BadInput."""
    match = _AMOUNT.fullmatch(normalize(text).strip())
    words = _currencies(f"{match[1]} {match[match.re.groups]}") if match else None
    value = _sum(match[2]) if match else None
    if value is None or words is None or value >= 10**DIGITS or value != round(value, 2):
        raise BadInput("“{typed}” is not an amount. Write it like 63000 or 367,883.80.", field="value", typed=text)
    found = [code for code in dict.fromkeys([*words, currency]) if code not in {"", _DOLLAR}]
    if _DOLLAR in words and not any(code.endswith("D") for code in found):
        found = ["USD", *found]
    if len(found) > 1:
        raise BadInput(
            "“{typed}” is in {found}, but the currency beside it is {currency}. Correct one of them.",
            field="value",
            typed=text,
            found=found[0],
            currency=found[1],
        )
    return decimal_text(f"{value:f}"), "".join(found)


def read_currency(text: str) -> str:
    """Return a currency's code as typed beside an amount. Raises BadInput."""
    currency = straighten(text).upper()
    if not _CURRENCY.fullmatch(currency):
        raise BadInput("“{typed}” is not a currency code such as USD, EUR or KRW.", field="currency", typed=text)
    return currency


def read_count(text: str, *, field: str) -> int:
    """Return a whole number, which may have a unit that fits the field: ``35 items``, ``20종``. Raises BadInput."""
    match = _COUNT.fullmatch(normalize(text).strip())
    digits = _digits(match[1]) if match else ""
    if match is None or len(digits) > _COUNT_DIGITS or match[2] not in _COUNTED[field]:
        raise BadInput("“{typed}” is not a whole number.", field=field, typed=text)
    return int(digits)


def _sum(parts: str) -> Decimal | None:
    """Return the number that its parts make, such as ``3억 5,000만``; None where they do not make one."""
    found = re.findall(_PART, parts)
    scales = [_SCALES[scale] for _, scale in found]
    if scales != sorted(set(scales), reverse=True) or (not scales[-1] and _THREE_DECIMALS.search(found[-1][0])):
        return None
    return sum(
        (Decimal(_digits(number)).scaleb(scale) for (number, _), scale in zip(found, scales, strict=True)), Decimal()
    )


def _digits(number: str) -> str:
    return re.sub(r"[, ']", "", number)


def _currencies(words: str) -> list[str] | None:
    """Return the currencies that are written beside an amount; None where a word is none."""
    whole = _currency("".join(words.split()))
    found = [whole] if whole is not None else [_currency(word) for word in words.split()]
    return None if None in found else [code for code in found if code is not None]


def _currency(word: str) -> str | None:
    code = word.upper()
    return code if not word or code in _codes() else _CURRENCIES.get(word)


@cache
def _codes() -> frozenset[str]:
    return frozenset(map(str, Locale("en").currencies))
