"""Loading the data files that ship with the record: the Council's members and the 17 projects of the article."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.database import Lock, advisory_lock
from db.domain.code_lists import read_data
from db.domain.enums import UNIDENTIFIED, UpdateKind
from db.domain.updates import Source
from db.models import CouncilMember, Organisation, Project
from db.people import EVERY_WORKSPACE, SHIPPED
from db.recording.proposal import Proposal, parse_proposal
from db.recording.receipts import RecordingContext, find_change_set
from db.recording.record import write_change_set
from db.updates.history import load_histories
from db.updates.status_cache import initialize_projects

ARTICLE_SET = "donga-2026-02-07"
ARTICLE = f"{ARTICLE_SET}.toml"


def seed_council(session: Session) -> int:
    """Enter the membership rows that ship, unless there are rows already; returns how many were entered."""
    advisory_lock(session, Lock.SEED)
    if session.scalar(select(CouncilMember.id).limit(1)):
        return 0
    rows = [
        CouncilMember(code=entry["code"], since=entry["from"], until=entry.get("to"))
        for entry in read_data("council.toml")["member"]
    ]
    session.add_all(rows)
    session.flush()
    return len(rows)


def seed_article(session: Session, *, now: datetime) -> int:
    """Enter the 17 projects and their two shared updates; returns how many projects were new. Alerts nobody."""
    advisory_lock(session, Lock.SEED)
    content = read_data(ARTICLE)
    entries = list(_projects(content))
    existing = set(session.scalars(select(Project.ref).where(Project.ref.in_([entry["ref"] for entry in entries]))))
    organisations = _organisations(session, content)
    added = [_row(entry, content, organisations, now) for entry in entries if entry["ref"] not in existing]
    session.add_all(added)
    session.flush()
    initialize_projects(session, added)
    for index, update in enumerate(content["update"]):
        _record(session, content, update, [entry["ref"] for entry in entries], f"{content['data_set']}:{index}", now)
    return len(added)


def portfolio_note(language: str) -> str:
    """Return what the article says about the 17 as a whole."""
    note: dict[str, str] = read_data(ARTICLE)["portfolio_note"]
    return note.get(language, note["en"])


def _projects(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for series in content["series"]:
        for index, ref in enumerate(series["refs"]):
            number = series.get("first", 1) + index
            yield {
                **series,
                "ref": ref,
                "title_en": series["title_en"].format(n=number),
                "title_ko": series["title_ko"].format(n=number),
            }


def _organisations(session: Session, content: dict[str, Any]) -> dict[str, Organisation]:
    keys = [entry["key"] for entry in content["organisation"]]
    found = {row.key: row for row in session.scalars(select(Organisation).where(Organisation.key.in_(keys)))}
    for entry in content["organisation"]:
        if entry["key"] not in found:
            found[entry["key"]] = Organisation(
                key=entry["key"],
                name_en=entry["name_en"],
                name_ko=entry["name_ko"],
                type_code=entry["type"],
                country=entry.get("country"),
            )
    session.add_all(found.values())
    session.flush()
    return found


def _row(
    entry: dict[str, Any], content: dict[str, Any], organisations: dict[str, Organisation], now: datetime
) -> Project:
    organisation = organisations.get(entry.get("organisation", ""))
    amount = content["amount"]
    return Project(
        ref=entry["ref"],
        title_en=entry["title_en"],
        title_ko=entry["title_ko"],
        group=entry["group"],
        applicant_id=organisation.id if organisation else None,
        amount_low=amount["low"],
        amount_high=amount["high"],
        currency=amount["currency"],
        amount_basis=amount["basis"],
        notes=entry.get("notes", ""),
        predecessor_unidentified=entry.get("predecessor") == UNIDENTIFIED,
        data_set=content["data_set"],
        created_at=now,
        created_by=SHIPPED,
    )


def _record(
    session: Session, content: dict[str, Any], entry: dict[str, str], refs: list[str], key: str, now: datetime
) -> None:
    recorder = RecordingContext(EVERY_WORKSPACE, SHIPPED, "seed", key, key, repeat=True, quiet=True)
    if find_change_set(session, recorder, now):
        return
    source = Source(**content["source"])
    options: dict[str, str] = {name: entry[name] for name in ("on", "by", "reported") if name in entry}
    proposal = Proposal(tuple(refs), UpdateKind(entry["kind"]), options, entry["note"])
    update = replace(parse_proposal(proposal, now=now, by=SHIPPED), sources=(source,))
    ids = session.scalars(select(Project.id).where(Project.ref.in_(refs)).order_by(Project.id)).all()
    write_change_set(session, [(update, tuple(ids))], load_histories(session, ids), recorder, now)
