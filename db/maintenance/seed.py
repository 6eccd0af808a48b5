"""Loading the data files that ship with the record: the Council's members and the 17 projects of the article."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.database import Lock, advisory_lock
from db.domain.code_lists import read_data
from db.domain.council import Membership
from db.domain.dates import utc_now
from db.domain.enums import OrganisationRole, SourceKind, UpdateKind
from db.maintenance.editions import Edition, EditionReport, ShippedUpdate, apply_edition
from db.models import AuditEntry, CouncilMember, HoldRow
from db.projects.fields import NewOrganisation, ProjectFields
from db.projects.organisations import find_or_add
from db.recording.proposal import Proposal
from db.reminders.schedule import reschedule

ARTICLE_SET = "donga-2026-02-07"
ARTICLE = f"{ARTICLE_SET}.toml"


def seed_council(session: Session) -> int:
    """Enter the membership rows that ship and are missing; return how many. Admins' rows and removals stay.

    A row that overlaps one on record of the same state stays out, unless an earlier edition of the list cut off the
    one on record: that one then begins as the shipped one does.
    """
    advisory_lock(session, Lock.SEED)
    content = read_data("council.toml")
    decided, added, changed = _membership_edits(session), [], set()
    on_record = session.scalars(select(CouncilMember).order_by(CouncilMember.since)).all()
    for shipped in (Membership(entry["code"], entry["from"], entry.get("to")) for entry in content["member"]):
        if any(edited.shares_a_day(shipped) for edited in decided):
            continue
        rows = [row for row in on_record if Membership(row.code, row.since, row.until).shares_a_day(shipped)]
        if not rows:
            added.append(CouncilMember(code=shipped.code, since=shipped.since, until=shipped.until))
        elif rows[0].since in content["cut_off"] and shipped.since < rows[0].since:
            rows[0].since = shipped.since
        else:
            continue
        changed.add(shipped.code)
    session.add_all(added)
    session.flush()
    held = session.scalars(select(HoldRow.project_id).where(HoldRow.holder.in_(changed)).distinct())
    reschedule(session, held.all(), utc_now())
    return len(added)


def _membership_edits(session: Session) -> list[Membership]:
    """Return the memberships that admins entered, changed or removed, before and after."""
    entries = session.execute(
        select(AuditEntry.subject, AuditEntry.before, AuditEntry.after).where(AuditEntry.action.startswith("council-"))
    )
    return [
        Membership(code, date.fromisoformat(row["from"]), date.fromisoformat(row["to"]) if row["to"] else None)
        for code, *rows in entries
        for row in rows
        if row
    ]


def seed_article(session: Session, *, now: datetime) -> EditionReport:
    """Enter the 17 projects and their shared updates, or bring them to this edition. Alerts nobody. Raises AidError."""
    advisory_lock(session, Lock.SEED)
    return apply_edition(session, article_edition(session), now=now)


def article_edition(session: Session) -> Edition:
    """Return the article as it ships; its organisations are added to the record."""
    content = read_data(ARTICLE)
    organisations = {}
    for entry in content["organisation"]:
        named = NewOrganisation(entry["name_en"], entry["name_ko"], entry["type"], entry.get("country", ""))
        organisations[entry["key"]] = find_or_add(session, named, entry["key"]).key
    projects = [_project(entry, content, organisations) for entry in _projects(content)]
    refs = tuple(project.ref for project in projects)
    updates = [_update(entry, content, refs) for entry in content["update"]]
    return Edition(content["data_set"], content["edition"], "seed", projects, updates)


def portfolio_note(language: str) -> str:
    """Return what the article says about the 17 as a whole."""
    note: dict[str, str] = read_data(ARTICLE)["portfolio_note"]
    return note.get(language, note["en"])


def _projects(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for series in content["series"]:
        for index, ref in enumerate(series["refs"]):
            number = series.get("first", 1) + index
            titles = {name: series[name].format(n=number) for name in ("title_en", "title_ko")}
            yield {**series, "ref": ref, **titles}


def _project(entry: dict[str, Any], content: dict[str, Any], organisations: dict[str, str]) -> ProjectFields:
    low, high, currency, basis = (content["amount"][name] for name in ("low", "high", "currency", "basis"))
    names = ("ref", "title_en", "title_ko", "group", "predecessor", "notes", "notes_ko")
    amount = ProjectFields(amount_low=low, amount_high=high, currency=currency, amount_basis=basis)
    stated = replace(amount, **{name: entry[name] for name in names if name in entry})
    if "organisation" not in entry:
        return stated
    organisation = organisations[entry["organisation"]]
    return replace(stated, organisation=organisation, organisation_role=OrganisationRole.IMPLEMENTER.value)


def _update(entry: dict[str, Any], content: dict[str, Any], refs: tuple[str, ...]) -> ShippedUpdate:
    source = content["source"][entry["source"]]
    options = {
        **entry["options"],
        "as": SourceKind.PRESS.value,
        "source": source["url"],
        "attributed-to": source["attributed_to"],
        "note-ko": entry["note_ko"],
    }
    proposal = Proposal(
        refs,
        UpdateKind(entry["kind"]),
        options,
        entry["note"],
        publisher=source["publisher"],
        published=str(source.get("published", "")),
    )
    data_set = content["data_set"]
    report = ("differs", f"{data_set}:{entry['differs']}") if "differs" in entry else None
    return ShippedUpdate(f"{data_set}:{entry['key']}", proposal, report)
