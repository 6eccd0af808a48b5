"""Amounts of money in English and Korean, as they are shown and as people write them."""

from decimal import Decimal

import pytest

from db.domain.amounts import read_amount, read_count
from db.errors import BadInput
from handlers.i18n.translator import amount


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


AMOUNTS = [
    ("63,000", "", "63000", ""),
    ("367883.80", "", "367883.80", ""),
    ("200000000.0", "", "200000000", ""),
    ("12 000", "", "12000", ""),
    ("12’000", "", "12000", ""),
    ("2억원", "KRW", "200000000", "KRW"),
    ("3억 5,000만 원", "", "350000000", "KRW"),
    ("₩200,000,000", "", "200000000", "KRW"),
    ("1.2 million USD", "", "1200000", "USD"),
    ("미화 63,000달러", "", "63000", "USD"),
    ("$63,000", "", "63000", "USD"),
    ("$63,000", "CAD", "63000", "CAD"),
    ("€ 5", "EUR", "5", "EUR"),
]
NO_AMOUNTS = [
    *("", "-5", "1,23,456", "12.000", "12.000,00", "€12.000,00", "1e6", "63k", "200m", "200-300 million won"),
    *("2억~3억", "약 2억", "12 34", "5 apples", "1.234", "9" * 19),
]


@pytest.mark.parametrize(("text", "stated", "value", "currency"), AMOUNTS)
def test_read_amount(text: str, stated: str, value: str, currency: str) -> None:
    assert read_amount(text, stated) == (value, currency)


@pytest.mark.parametrize("text", NO_AMOUNTS)
def test_read_amount_guesses_nothing(text: str) -> None:
    with pytest.raises(BadInput, match="is not an amount"):
        read_amount(text)


@pytest.mark.parametrize(("text", "stated"), [("USD 5", "KRW"), ("$5", "KRW"), ("$5 KRW", ""), ("5 EUR USD", "")])
def test_read_amount_names_two_currencies(text: str, stated: str) -> None:
    with pytest.raises(BadInput, match="Correct one of them"):
        read_amount(text, stated)


@pytest.mark.parametrize(
    ("text", "field", "number"),
    [("35 items", "items", 35), ("20종", "items", 20), ("1,200", "items", 1200), ("3회", "shipments", 3)],
)
def test_read_count(text: str, field: str, number: int) -> None:
    assert read_count(text, field=field) == number


@pytest.mark.parametrize("text", ["3회", "many", "1234567", "1.5", "2 of 3"])
def test_read_count_refuses_what_does_not_fit(text: str) -> None:
    with pytest.raises(BadInput, match="is not a whole number"):
        read_count(text, field="items")
