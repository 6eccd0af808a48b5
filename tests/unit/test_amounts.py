"""Amounts of money in English and Korean."""

from decimal import Decimal

import pytest

from handlers.i18n.amounts import amount


@pytest.mark.parametrize(
    ("low", "high", "currency", "english", "korean"),
    [
        ("200000000", "300000000", "KRW", "KRW 200–300 million", "2억~3억 원"),
        ("350000000", None, "KRW", "KRW 350 million", "3억 5,000만 원"),
        (None, "1200000000", "KRW", "KRW 1,200 million", "12억 원"),
        ("63000", "63000", "USD", "USD 63,000", "63,000 달러"),
        ("367883.80", None, "USD", "USD 367,883.80", "367,883.80 달러"),
        ("50000", "90000", "KRW", "KRW 50,000–90,000", "5만~9만 원"),
        ("12345678", None, "SEK", "SEK 12,345,678", "12,345,678 SEK"),
        ("500", None, "", "500", "500"),
    ],
)
def test_amount_follows_the_language(
    low: str | None, high: str | None, currency: str, english: str, korean: str
) -> None:
    ends = [Decimal(each) if each else None for each in (low, high)]
    assert amount(*ends, currency, "en") == english
    assert amount(*ends, currency, "ko") == korean
