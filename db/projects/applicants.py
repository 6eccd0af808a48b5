"""Applicants: the organisations on record, finding one, and adding one that is new."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.errors import N_, AidError, BadInput
from db.models import Organisation
from db.projects.fields import NewOrganisation

KEY_LENGTH = 48


def find_organisations(session: Session, text: str, *, limit: int) -> list[Organisation]:
    """Return applicants on record whose name or key holds ``text``, in alphabetical order."""
    typed = text.strip()
    names = (Organisation.name_en, Organisation.name_ko, Organisation.key)
    found = (
        names[0].icontains(typed, autoescape=True)
        | names[1].icontains(typed, autoescape=True)
        | names[2].icontains(typed, autoescape=True)
    )
    query = select(Organisation).where(found).order_by(Organisation.name_en, Organisation.id).limit(limit)
    return list(session.scalars(query))


def organisation_of(session: Session, key: str) -> Organisation | None:
    """Return the applicant with this key."""
    return session.scalar(select(Organisation).where(Organisation.key == key))


def add_organisation(session: Session, typed: NewOrganisation) -> Organisation:
    """Add an organisation that was typed, with a key made of its English name."""
    base = re.sub(r"[^a-z0-9]+", "-", typed.organisation_en.lower()).strip("-")[:KEY_LENGTH] or "organisation"
    key, number = base, 1
    while organisation_of(session, key):
        number += 1
        key = f"{base}-{number}"
    row = Organisation(
        key=key,
        name_en=typed.organisation_en or None,
        name_ko=typed.organisation_ko or None,
        type_code=typed.organisation_type or None,
        country=typed.organisation_country or None,
    )
    session.add(row)
    session.flush()
    return row


def organisation_named(session: Session, *names: str) -> Organisation | None:
    """Return the applicant on record with one of these names, whatever its capitals."""
    wanted = {name.casefold() for name in names if name}
    for name in sorted(wanted):
        for row in find_organisations(session, name, limit=100):
            if wanted & {(known or "").casefold() for known in (row.name_en, row.name_ko)}:
                return row
    return None


def known_name(session: Session, organisation: NewOrganisation) -> dict[str, AidError]:
    """Return an error where an applicant of one of these names is on record, whatever its capitals."""
    for field in ("organisation_en", "organisation_ko"):
        if organisation_named(session, getattr(organisation, field)):
            return {
                field: BadInput(N_("An applicant of this name is on record. Choose it above and empty this field."))
            }
    return {}
