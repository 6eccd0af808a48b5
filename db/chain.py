"""Chain over the record: each link hashes one change set or audit entry together with the head before it.

Links are added at the end of the recording's own transaction. Whoever changes, removes or inserts a row by hand breaks
the chain from there on; whoever builds it again gets other heads than those that were posted with the alerts. The
content of a link is canonical JSON (RFC 8785), so that any language can rebuild it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import rfc8785
from sqlalchemy import Row, Select, Table, bindparam, event, select
from sqlalchemy.orm import Session

from db.column_types import plain_value
from db.database import Lock, advisory_lock, fetch, write_rows
from db.models import AuditEntry, Base, ChainLink, ChangeSet
from db.paging import in_parts

CHUNK = 500
_PENDING = "rows for the chain"


class Head(NamedTuple):
    """The number of a link and its hash: what is kept outside to prove the record up to there."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number} {self.hash}"


_LAST = select(ChainLink.number, ChainLink.head).order_by(ChainLink.number.desc()).limit(1)
_HEADS = select(ChainLink.act_id, ChainLink.number, ChainLink.head).where(
    ChainLink.act_id.in_(bindparam("acts", expanding=True))
)
START = Head(0, "")
Key = tuple[bool, int]  # A row of the chain: True for an audit entry, False for an act; and its id


def link_at_commit(session: Session, *rows: ChangeSet | AuditEntry) -> None:
    """Link the rows when their transaction ends: then all that belongs to them is written, and nobody waits for long."""
    if _PENDING not in session.info:
        session.info[_PENDING] = []
        event.listen(session, "before_commit", _link_pending)
    session.info[_PENDING] += rows


def last_head(session: Session) -> Head:
    """Return the head of the whole chain, ``START`` where nothing is recorded."""
    row = fetch(session, _LAST).first()
    return Head(*row) if row else START


def heads_of_acts(session: Session, act_ids: Collection[int]) -> dict[int, Head]:
    """Return the heads up to these acts, by act; those that are not in the chain are left out."""
    if not act_ids:
        return {}
    rows = session.execute(_HEADS, {"acts": list(act_ids)})
    return {act_id: Head(number, head) for act_id, number, head in rows if act_id is not None}


def link_earlier_rows(session: Session) -> None:
    """Link what was recorded before there was a chain, by time; does nothing where one has begun."""
    if last_head(session) != START:
        return
    session.flush()
    acts = [(at, False, key) for at, key in session.execute(select(ChangeSet.recorded_at, ChangeSet.id))]
    entries = [(at, True, key) for at, key in session.execute(select(AuditEntry.at, AuditEntry.id))]
    _append(session, [(audit, key) for _, audit, key in sorted(acts + entries)])


def contents(session: Session, keys: Sequence[Key]) -> Iterator[tuple[Key, bytes | None]]:
    """Yield each key with the content of its row, None where the row is gone."""
    for part in in_parts(keys, CHUNK):
        acts = _acts(session, [key for audit, key in part if not audit])
        entries = _rows(session, _AUDIT, [key for audit, key in part if audit])
        found: dict[Key, dict[str, Any]] = {(False, key): act for key, act in acts.items()}
        found |= {(True, key): {"audit": rows[0]} for key, rows in entries.items()}
        yield from ((key, rfc8785.dumps(found[key]) if key in found else None) for key in part)


def next_head(head: Head, content: bytes) -> Head:
    return Head(head.number + 1, hashlib.sha256(head.hash.encode() + b"\n" + content).hexdigest())


def _link_pending(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint ends, not the transaction
        return
    session.flush()
    rows, session.info[_PENDING] = session.info[_PENDING], []
    advisory_lock(session, Lock.CHAIN)
    _append(session, [(isinstance(row, AuditEntry), row.id) for row in rows])


def _append(session: Session, keys: Sequence[Key]) -> None:
    head, links = last_head(session), []
    for (audit, key), content in contents(session, keys):
        head = next_head(head, content or b"")
        row = {"act_id": None, "audit_id": None, ("audit_id" if audit else "act_id"): key}
        links.append({"number": head.number, "head": head.hash, **row})
    write_rows(session, ChainLink, links)


def _acts(session: Session, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return the content of acts: their row, the updates, and of each the sources and projects."""
    if not ids:
        return {}
    acts, updates = _rows(session, _ACTS, ids), _rows(session, _UPDATES, ids)
    numbers = [row["id"] for rows in updates.values() for row in rows]
    sources = _rows(session, _SOURCES, numbers)
    touches = _rows(session, _TOUCHES, numbers)
    return {
        key: {
            "act": row,
            "updates": [
                {**update, "sources": sources.get(update["id"], []), "projects": touches.get(update["id"], [])}
                for update in updates.get(key, [])
            ],
        }
        for key, (row,) in acts.items()
    }


def _by(name: str, column: str) -> tuple[Table, str, Select[*tuple[object, ...]]]:
    table = Base.metadata.tables[name]
    found = table.c[column].in_(bindparam("ids", expanding=True))
    return table, column, select(table).where(found).order_by(*table.primary_key)


# Built once: each recording asks them all.
_ACTS, _AUDIT, _UPDATES = _by("acts", "id"), _by("audit", "id"), _by("updates", "act_id")
_SOURCES, _TOUCHES = _by("update_sources", "update_id"), _by("update_projects", "update_id")


def _rows(
    session: Session, by: tuple[Table, str, Select[*tuple[object, ...]]], ids: Sequence[int]
) -> dict[int, list[dict[str, Any]]]:
    """Return rows by the column that ``by`` names, each as JSON has it, in the order of their keys."""
    table, column, query = by
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in fetch(session, query, ids=ids) if ids else ():
        found[getattr(row, column)].append(_plain(table, row))
    return found


def _plain(table: Table, row: Row[*tuple[object, ...]]) -> dict[str, Any]:
    # What is not set is left out, so that a column which a later version adds changes no hash.
    return {
        column.name: plain_value(value)
        for column, value in zip(table.columns, row, strict=True)
        if value is not None and (column.nullable or not (value is False or value == ""))
    }
