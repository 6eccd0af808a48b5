"""Proof of the record: rebuild its chain, and compare it with heads that were kept elsewhere."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.admin.projects import fields_not_as_audited
from db.chain import START, Head, contents, last_head, next_head
from db.errors import BadInput
from db.integrity.check import read_one_moment
from db.models import AuditEntry, ChainLink, ChangeSet

MOST_MISSING = 5
_HEAD = re.compile(r"([0-9]{1,9}) ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Proof:
    """The outcome of a proof: a sentence per finding, none where all is well; the last head; how many heads agreed."""

    findings: tuple[str, ...]
    head: Head
    agreed: int


def prove(session: Session, kept: Iterable[Head] = ()) -> Proof:
    """Rebuild the chain, and compare it with ``kept`` heads; a session that has read nothing sees one moment."""
    read_one_moment(session)
    heads = dict(session.execute(select(ChainLink.number, ChainLink.head)).all())
    kept = sorted(set(kept))
    findings = [*_first_break(session), *_unlinked(session), *_compared(heads, kept)]
    for ref, names in fields_not_as_audited(session).items():
        findings.append(f"{ref}: {', '.join(names)} not as the last edit in the audit left it")
    return Proof(tuple(findings), last_head(session), sum(heads.get(number) == head for number, head in kept))


def parse_heads(text: str) -> list[Head]:
    """Return the heads of lines of a number and a hash, as ``check --prove`` writes them. Raises BadInput."""
    heads = []
    for count, line in enumerate(filter(None, map(str.strip, text.splitlines())), start=1):
        if not (match := _HEAD.fullmatch(line)):
            raise BadInput("Line {number} is not a head as `check --prove` writes it.", number=count)
        heads.append(Head(int(match[1]), match[2]))
    return heads


def _first_break(session: Session) -> Iterator[str]:
    """Find the first link that does not follow from the rows; what comes after a break says nothing new."""
    links = session.execute(
        select(ChainLink.number, ChainLink.act_id, ChainLink.audit_id, ChainLink.head).order_by(ChainLink.number)
    ).all()
    keys = [(link.act_id is None, link.act_id if link.act_id is not None else link.audit_id) for link in links]
    head = START
    for link, (key, content) in zip(links, contents(session, keys), strict=True):
        name = f"audit entry {key[1]}" if key[0] else f"act {key[1]}"
        if link.number != head.number + 1:
            yield f"link {head.number + 1} of the chain was taken out"
            return
        if content is None:
            yield f"{name} was taken out (link {link.number} of the chain)"
            return
        head = next_head(head, content)
        if head.hash != link.head:
            yield f"{name} is not as it was recorded, or not in its place (link {link.number} of the chain)"
            return


def _unlinked(session: Session) -> Iterator[str]:
    for name, model, column in (("act", ChangeSet, ChainLink.act_id), ("audit entry", AuditEntry, ChainLink.audit_id)):
        linked = select(column).where(column.is_not(None))
        missing = session.scalars(
            select(model.id).where(model.id.not_in(linked)).order_by(model.id).limit(MOST_MISSING)
        )
        yield from (f"{name} {key} is not in the chain: it was not recorded by the bot" for key in missing)


def _compared(heads: dict[int, str], kept: list[Head]) -> Iterator[str]:
    """Name the first kept head that the chain does not have."""
    for number, head in kept:
        if number not in heads:
            yield f"the chain ends at link {max(heads, default=0)}, and a kept head has number {number}: its end was cut off"
            return
        if heads[number] != head:
            yield f"link {number} of the chain has another head than was kept: the record was changed at or before it"
            return
