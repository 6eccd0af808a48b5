"""Translation into the reader's language; ``mrkdwn`` escapes every value, ``plain`` is for labels, titles and errors."""

import gettext
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO

from babel.numbers import format_decimal

from db.domain.code_lists import label_of
from db.domain.dates import PartialDate, Precision
from db.domain.enums import UNDISCLOSED
from db.domain.rules import RuleWarning
from db.domain.text import Code, Codes, HoldList, Literals
from db.errors import N_, AidError, BatchRefused, Refusals
from handlers.slack.mrkdwn import Markup, escape

LANGUAGE_NAMES = {"en": N_("English"), "ko": N_("Korean")}
LANGUAGES = tuple(LANGUAGE_NAMES)
MILLION, MAN, EOK = 1_000_000, 10_000, 100_000_000
KOREAN_UNITS = {"KRW": "원", "USD": "달러", "EUR": "유로", "JPY": "엔", "CHF": "프랑"}


def _labels_of(kind: str) -> Callable[["Translator", str | None], str]:
    """Return the method that gives the label of a code; empty where there is none, the text itself where none is known."""
    return lambda translator, code: label_of(kind, code or "", translator.language)


class Translator:
    """The words of one language (en, ko)."""

    headline, kind, group, response = map(_labels_of, ("headline", "kind", "group", "response"))
    stance, outcome, role, delivery = map(_labels_of, ("stance", "outcome", "role", "delivery"))
    basis, source_name, source_kind = map(_labels_of, ("amount_basis", "source_name", "source_kind"))

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self._translations = catalogue(self.language)

    def plain(self, text: str, **params: object) -> str:
        return self._fill(self._translations.gettext(text), params, lambda value: value)

    def mrkdwn(self, text: str, **params: object) -> str:
        """Return the sentence ``text`` in this language, as mrkdwn with every value escaped."""
        return self._fill(self._translations.gettext(text), params, escape)

    def plural(self, one: str, many: str, number: int, **params: object) -> str:
        """Render ``one`` or ``many`` by the number, which they may show as ``{number}``."""
        template = self._translations.ngettext(one, many, number)
        return self._fill(template, {**params, "number": self.number(number)}, escape)

    def error(self, error: AidError | RuleWarning) -> str:
        """Return an error's sentence as mrkdwn; a refused batch names each project's reason."""
        text = self.mrkdwn(error.text, **error.params)
        if isinstance(error, BatchRefused):
            text = "\n".join([text, *self.reasons(error.refusals)])
        return error.said(text, self.language) if isinstance(error, AidError) else text

    def reasons(self, refusals: Refusals) -> list[str]:
        """Return the first sentence of each reason as mrkdwn, a line each, with the projects that it refuses."""
        refs: dict[str, list[str]] = {}
        for ref, refusal in refusals:
            sentence, stop, _ = self.error(refusal).partition(". ")
            refs.setdefault(sentence + stop.strip(), []).append(escape(ref))
        return [f"• *{', '.join(concerned)}* {reason}" for reason, concerned in refs.items()]

    def plain_error(self, error: AidError) -> str:
        """Return an error's sentence as plain text, for the field of a form."""
        text = self.plain(error.text, **error.params)
        if isinstance(error, BatchRefused):
            text = " ".join([text, *(f"{ref}: {self.plain_error(each)}" for ref, each in error.refusals)])
        return error.said(text, self.language)

    def date(self, value: PartialDate | date, *, month: str = "yMMM") -> str:
        """Return a calendar date, the same in every zone: an exact day as it is typed, another in words."""
        if isinstance(value, date):
            return value.isoformat()
        if not value.first:
            return self.plain("date not known")
        match value.precision:
            case Precision.MONTH:
                from babel.dates import format_skeleton  # noqa: PLC0415  it reads the zone of this machine

                return str(format_skeleton(month, value.first, locale=self.language))
            case Precision.HALF:
                text = N_("first half of {year}") if value.text.endswith("1") else N_("second half of {year}")
                return self.plain(text, year=str(value.first.year))
        return value.text

    def time(self, moment: datetime) -> str:
        """Return a moment in the reader's own zone (Slack's date markup, with UTC where a client cannot show it)."""
        fallback = moment.strftime("%Y-%m-%d %H:%M UTC")
        shown = self.plain("{day} at {time}", day="{date_short_pretty}", time="{time}")
        return f"<!date^{int(moment.timestamp())}^{shown}|{fallback}>"

    def number(self, value: Decimal | int | str) -> str:
        return _number(str(value), self.language)

    def period(self, text: str) -> str:
        """Return a period as people say it: ``12m`` is 12 months."""
        number = int(text[:-1])
        match text[-1]:
            case "d":
                return self.plural("{number} day", "{number} days", number)
            case "w":
                return self.plural("{number} week", "{number} weeks", number)
            case "y":
                return self.plural("{number} year", "{number} years", number)
        return self.plural("{number} month", "{number} months", number)

    def holder(self, code: str) -> str:
        return label_of("holder" if code == UNDISCLOSED else "country", code, self.language)

    def holders(self, codes: Iterable[str]) -> str:
        return ", ".join(self.holder(code) for code in codes)

    def sector(self, code: str) -> str:
        return escape(label_of("sector", code, self.language))

    def _fill(self, template: str, params: dict[str, object], guard: Callable[[str], str]) -> str:
        if not params:
            return template
        filled = {key: guard(each) if type(each) is str else self._value(each, guard) for key, each in params.items()}
        return template.format(**filled)

    def _value(self, value: object, guard: Callable[[str], str]) -> str:
        match value:
            case Code():
                return self.holder(value)
            case Codes():
                return self.holders(value)
            case HoldList():
                return ", ".join(f"{self.holder(code)} (#{number})" for code, number in value)
            case PartialDate() | date():
                return self.date(value)
            case Literals() | Markup() | int() | None:
                return str(value)
        return guard(str(value))


@lru_cache(maxsize=4096)
def _number(value: str, language: str) -> str:
    return str(format_decimal(Decimal(value), locale=language))


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the catalogue of a language, read from its .po file; English is the text in the code."""
    if language == LANGUAGES[0]:
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo  # noqa: PLC0415  English does without
    from babel.messages.pofile import read_po  # noqa: PLC0415

    source = files("handlers") / "locale" / language / "LC_MESSAGES" / "aid.po"
    compiled = BytesIO()
    with source.open("rb") as stream:
        write_mo(compiled, read_po(stream, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def amount(low: Decimal | None, high: Decimal | None, currency: str, language: str) -> str:
    """Return an amount, or the range from ``low`` to ``high``; one of them may be missing. Plain text."""
    ends = list(dict.fromkeys(each for each in (low, high) if each is not None))
    if language == "ko":
        return f"{'~'.join(_in_myriads(each) for each in ends)} {KOREAN_UNITS.get(currency, currency)}".strip()
    if all(each and each % MILLION == 0 for each in ends):
        text = "–".join(_decimal(each / MILLION, "en") for each in ends) + " million"
    else:
        text = "–".join(_decimal(each, "en") for each in ends)
    return f"{currency} {text}".strip()


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
