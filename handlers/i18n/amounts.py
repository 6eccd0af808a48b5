"""Amounts of money as each language writes them: KRW 200–300 million, 2억~3억 원. Nothing is rounded."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_decimal

MILLION, MAN, EOK = 1_000_000, 10_000, 100_000_000
KOREAN_UNITS = {"KRW": "원", "USD": "달러", "EUR": "유로", "JPY": "엔", "CHF": "프랑"}


def amount(low: Decimal | None, high: Decimal | None, currency: str, language: str) -> str:
    """Return an amount, or the range from ``low`` to ``high``; one of them may be missing. Plain text."""
    ends = list(dict.fromkeys(each for each in (low, high) if each is not None))
    return _WRITERS.get(language, _english)(ends, currency)


def _english(ends: Sequence[Decimal], currency: str) -> str:
    if all(each and each % MILLION == 0 for each in ends):
        text = "–".join(_decimal(each / MILLION, "en") for each in ends) + " million"
    else:
        text = "–".join(_decimal(each, "en") for each in ends)
    return f"{currency} {text}".strip()


def _korean(ends: Sequence[Decimal], currency: str) -> str:
    return f"{'~'.join(_in_myriads(each) for each in ends)} {KOREAN_UNITS.get(currency, currency)}".strip()


def _in_myriads(number: Decimal) -> str:
    """Render 350,000,000 as 3억 5,000만; all digits if it is no multiple of ten thousand."""
    if not number or number % MAN:
        return _decimal(number, "ko")
    eok, rest = divmod(int(number), EOK)
    parts = [f"{_decimal(Decimal(eok), 'ko')}억"] if eok else []
    return " ".join([*parts, *([f"{_decimal(Decimal(rest // MAN), 'ko')}만"] if rest else [])])


@lru_cache(maxsize=4096)
def _decimal(number: Decimal, language: str) -> str:
    return str(format_decimal(number, format="#,##0.00" if number % 1 else "#,##0", locale=language))


_WRITERS: dict[str, Callable[[Sequence[Decimal], str], str]] = {"ko": _korean}
