"""Fields of a project that admins set in a form: normalized and checked one by one."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from db.domain.amounts import read_amount, read_currency
from db.domain.code_lists import code_lists, meant, parse_sectors
from db.domain.enums import UNDISCLOSED, UNIDENTIFIED, Group, OrganisationRole, Visibility
from db.domain.text import settle, straighten
from db.errors import N_, AidError, BadInput

Value = TypeVar("Value")
TITLE_LENGTH = 300
BASIS_LENGTH = 64
NOTES_LENGTH = 3000
_REF = re.compile(r"[A-Z]{1,6}-[0-9]{1,4}")
FORMER_NAMES = {"applicant": "organisation"}  # names that fields had before, which audit entries and open forms keep


@dataclass(frozen=True, slots=True)
class ProjectFields:
    """A project's values as text, empty where not stated.

    ``organisation`` is the key of the organisation named first, in the role ``organisation_role``; ``roles`` are the
    others, each a role and a key. ``predecessor`` is a ref or ``unidentified``, ``same_as`` the ref of the leading
    record of the same request. Amounts are decimal texts in units of ``currency``.
    """

    ref: str = ""
    title_en: str = ""
    title_ko: str = ""
    group: str = ""
    organisation: str = ""
    organisation_role: str = OrganisationRole.APPLICANT.value
    roles: tuple[tuple[str, str], ...] = ()
    sectors: tuple[str, ...] = ()
    amount_low: str = ""
    amount_high: str = ""
    currency: str = ""
    amount_basis: str = ""
    predecessor: str = ""
    same_as: str = ""
    notes: str = ""
    notes_ko: str = ""
    visibility: str = Visibility.PUBLIC.value


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """An organisation not on record, empty for none; ``distinct``: it is none of those on record with a name like it."""

    organisation_en: str = ""
    organisation_ko: str = ""
    organisation_type: str = ""
    organisation_country: str = ""
    distinct: bool = False

    @property
    def named(self) -> bool:
        return bool(self.organisation_en or self.organisation_ko)


class FieldErrors(AidError):
    """Some fields cannot stand as typed: ``errors`` by the field's name."""

    def __init__(self, errors: dict[str, AidError]) -> None:
        super().__init__(N_("Fix these fields: {fields}."), fields=", ".join(errors))
        self.errors = errors


def normalize_fields(submitted: ProjectFields) -> tuple[ProjectFields, dict[str, AidError]]:
    """Return the values as they are kept, and what is wrong with those that cannot be, by the field's name."""
    errors: dict[str, AidError] = {}
    values = {name: _read(read, name, getattr(submitted, name), errors) for name, read in _READERS.items()}
    for name in ("amount_low", "amount_high"):
        typed, values[name], currency = getattr(submitted, name), "", values["currency"]
        if typed.strip():  # an amount, and the currency that is typed beside it if none is given
            read = partial(read_amount, typed, currency)
            values[name], values["currency"] = _tried(read, name, ("", currency), errors)
    sectors: tuple[str, ...] = _tried(partial(parse_sectors, ";".join(submitted.sectors)), "sectors", (), errors)
    fields = replace(
        submitted,
        **values,
        sectors=tuple(sorted(set(sectors))),
        roles=tuple(sorted((role, key) for role, key in set(submitted.roles) if role in set(OrganisationRole))),
    )
    if fields.amount_low and fields.amount_high and Decimal(fields.amount_high) < Decimal(fields.amount_low):
        errors["amount_high"] = BadInput("The maximum amount is below the minimum ({low}).", low=fields.amount_low)
    if (fields.amount_low or fields.amount_high) and not fields.currency and "currency" not in errors:
        errors["currency"] = BadInput("An amount needs its currency, such as KRW, USD or EUR.")
    return fields, errors


def normalize_organisation(
    submitted: NewOrganisation, fields: ProjectFields
) -> tuple[NewOrganisation, dict[str, AidError]]:
    """Normalize a new organisation's fields; one of those on record may be chosen instead."""
    errors: dict[str, AidError] = {}
    values: dict[str, Any] = {
        name: _read(read, name, getattr(submitted, name), errors) for name, read in _ORGANISATION.items()
    }
    organisation = replace(submitted, **values)
    if organisation.named and fields.organisation:
        errors["organisation_en"] = BadInput("Choose an organisation that is on record or name a new one, not both.")
    elif not organisation.named and (organisation.organisation_type or organisation.organisation_country):
        errors["organisation_en"] = BadInput("Type and country belong to a new organisation: name it, or empty them.")
    if (organisation.named or fields.organisation) and not fields.organisation_role:
        errors["organisation_role"] = BadInput("Choose the role of the organisation.")
    return organisation, errors


def _read(read: Callable[[str], str], name: str, value: str, errors: dict[str, AidError]) -> str:
    text = settle(value).strip()
    return _tried(partial(read, text) if text else partial(_require, name), name, "", errors)


def _tried(read: Callable[[], Value], name: str, default: Value, errors: dict[str, AidError]) -> Value:
    try:
        return read()
    except BadInput as error:
        errors[name] = error
        return default


def _require(name: str) -> str:
    if name == "ref":
        raise BadInput("A project needs a ref such as GG-1.")
    if name == "group":
        raise BadInput("Choose a group: {groups}.", groups=", ".join(Group))
    return Visibility.PUBLIC.value if name == "visibility" else ""


def _ref(text: str) -> str:
    ref = straighten(text).upper()
    if not _REF.fullmatch(ref):
        raise BadInput(
            "“{typed}” is not a valid ref. Use 1–6 letters, a hyphen and 1–4 digits, such as GG-1.", typed=text
        )
    return ref


def _predecessor(text: str) -> str:
    return UNIDENTIFIED if straighten(text).lower() == UNIDENTIFIED else _ref(text)


def _country(text: str) -> str:
    code = meant("country", text)
    if code in {None, UNDISCLOSED}:
        raise BadInput("“{typed}” is not a country I know. Use its two-letter code, such as KR.", typed=text)
    return str(code)


def _up_to(length: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > length:
            raise BadInput("Too long: {length} characters (maximum {limit}).", length=len(text), limit=length)
        return text

    return read


def _one_of(allowed: list[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise BadInput(
                "“{typed}” is not an option here. Choose one of: {allowed}.", typed=text, allowed=", ".join(allowed)
            )
        return text

    return read


_READERS: dict[str, Callable[[str], str]] = {
    "ref": _ref,
    "title_en": _up_to(TITLE_LENGTH),
    "title_ko": _up_to(TITLE_LENGTH),
    "group": _one_of(list(Group)),
    "organisation_role": _one_of(list(OrganisationRole)),
    "currency": read_currency,
    "amount_basis": _up_to(BASIS_LENGTH),
    "predecessor": _predecessor,
    "same_as": _ref,
    "notes": _up_to(NOTES_LENGTH),
    "notes_ko": _up_to(NOTES_LENGTH),
    "visibility": _one_of(list(Visibility)),
}
_ORGANISATION: dict[str, Callable[[str], str]] = {
    "organisation_en": _up_to(TITLE_LENGTH),
    "organisation_ko": _up_to(TITLE_LENGTH),
    "organisation_type": lambda text: _one_of([*code_lists()["organisation_type"]])(text),  # noqa: PLW0108  reads a file
    "organisation_country": _country,
}
