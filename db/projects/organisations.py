"""Organisations on record: finding one by any of its names, and adding one that is new."""

import re
from collections.abc import Collection
from itertools import product

from rapidfuzz import fuzz
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.domain.code_lists import read_data
from db.domain.text import letters, normalize
from db.errors import N_, AidError, BadInput
from db.models import Organisation
from db.projects.fields import NewOrganisation

KEY_LENGTH = 48
NEAR_ENOUGH = 88  # how alike (0-100) two names are that are asked about
_BRACKET = re.compile(r"\s*\([^()]*\)\s*$")
_ABBREVIATED = re.compile(r"(.+?)\s*\(([A-Za-z0-9&.-]*[A-Z][A-Za-z0-9&.-]*[A-Z][A-Za-z0-9&.-]*)\)")


def find_organisations(session: Session, text: str, *, limit: int | None = None) -> list[Organisation]:
    """Return organisations of which a name, an alias or the key holds ``text``, in alphabetical order."""
    typed = normalize(text.strip())
    found = Organisation.names_folded.contains(typed, autoescape=True) | Organisation.key.contains(
        typed, autoescape=True
    )
    query = select(Organisation).where(found).order_by(Organisation.name_en, Organisation.id).limit(limit)
    return list(session.scalars(query))


def organisations_of(session: Session, keys: Collection[str]) -> dict[str, Organisation]:
    """Return the organisations with these keys, by key; keys that do not exist are left out."""
    return {row.key: row for row in session.scalars(select(Organisation).where(Organisation.key.in_(keys)))}


def organisation_named(session: Session, *names: str) -> Organisation | None:
    """Return the organisation known by one of these names, or alone as “Name (ABBR)” by either part."""
    typed = sorted({normalize(name.strip()) for name in names if name.strip()})
    for known in (all_names, _parts_of_names):
        for name in typed:
            found = [row for row in find_organisations(session, name) if name in map(normalize, known(row))]
            if found and (known is all_names or len(found) == 1):
                return found[0]
    return None


def organisations_like(session: Session, *names: str) -> str:
    """Return the names of up to three organisations that one of ``names`` may mean, best first; empty for none."""
    typed = {letters(form) for name in names for form in (name, _BRACKET.sub("", name)) if letters(form)}
    alike: dict[str, float] = {}
    for row in session.scalars(select(Organisation)):
        forms = {letters(form) for name in all_names(row) for form in (name, _BRACKET.sub("", name))}
        best = max(fuzz.ratio(*pair) for pair in product(typed, forms))
        if best >= NEAR_ENOUGH:
            alike[row.name_en or row.name_ko or row.key] = best
    return ", ".join(sorted(alike, key=lambda name: -alike[name])[:3])


def _parts_of_names(row: Organisation) -> list[str]:
    matches = map(_ABBREVIATED.fullmatch, all_names(row))
    return [part for match in matches if match for part in match.groups()]


def all_names(row: Organisation) -> list[str]:
    return [name for name in (row.name_en, row.name_ko, *row.aliases) if name]


def usual_aliases(*names: str | None) -> list[str]:
    """Return the other names of the organisation known by one of ``names`` (db/data/organisations.toml)."""
    known = {normalize(name) for name in names if name}
    groups = [group for group in read_data("organisations.toml")["names"] if known & set(map(normalize, group))]
    return [name for group in groups for name in group if normalize(name) not in known]


def find_or_add(session: Session, named: NewOrganisation, key: str = "") -> Organisation:
    """Return the organisation of one of these names, completed, or a new one, with ``key`` if given."""
    found = organisation_named(session, named.organisation_en, named.organisation_ko)
    if found is None:
        return add_organisation(session, named, key)
    found.type_code = found.type_code or named.organisation_type or None
    found.country = found.country or named.organisation_country or None
    return found


def add_organisation(session: Session, typed: NewOrganisation, key: str = "") -> Organisation:
    """Add an organisation that was typed, with ``key`` or else one made of its English name."""
    base = key or re.sub(r"[^a-z0-9]+", "-", typed.organisation_en.lower()).strip("-")[:KEY_LENGTH] or "organisation"
    key, number = base, 1
    while organisations_of(session, [key]):
        number += 1
        key = f"{base}-{number}"
    row = Organisation(
        key=key,
        name_en=typed.organisation_en or None,
        name_ko=typed.organisation_ko or None,
        aliases=usual_aliases(typed.organisation_en, typed.organisation_ko),
        type_code=typed.organisation_type or None,
        country=typed.organisation_country or None,
    )
    session.add(row)
    session.flush()
    return row


def name_errors(session: Session, organisation: NewOrganisation) -> dict[str, AidError]:
    """Return an error where an organisation of one of these names is on record, or of one like it that may be the same."""
    names = {field: name for field in ("organisation_en", "organisation_ko") if (name := getattr(organisation, field))}
    for field, name in names.items():
        if organisation_named(session, name):
            return {field: BadInput("An organisation of this name is on record. Choose it above and empty this field.")}
    if not organisation.distinct and (like := organisations_like(session, *names.values())):
        text = N_(
            "This looks like {like}. Choose that above and empty this field, or tick below that it is another one."
        )
        return {next(iter(names)): BadInput(text, like=like)}
    return {}
