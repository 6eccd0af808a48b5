"""What the surfaces that record share: from a proposal to a receipt or a preview, with undo."""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from db.errors import AidError, BadInput, sentence
from db.models import Act
from db.projects.queries import ids_matching, ids_of_refs, load_projects
from db.recording.drafts import keep_draft, take_draft
from db.recording.proposal import Proposal
from db.recording.receipts import Plan, Receipt, Recorder, find_act, receipt_of
from db.recording.record import plan, record, retract
from db.search.filter import parse_filter
from db.updates.history import News, last_number, recorded_since, updates_of_act
from handlers.context import Person, Services
from handlers.slack.payloads import not_mine

UNDO_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be recorded, waiting as a draft; ``news`` is what others recorded since it was last shown."""

    draft: str
    proposal: Proposal
    plan: Plan
    news: tuple[News, ...] = ()


class Overtaken(AidError):
    """Others recorded ``news`` about the projects since the person looked, so nothing was recorded yet."""

    def __init__(self, news: tuple[News, ...]) -> None:
        super().__init__(sentence("Others recorded something about this since you opened it. Look again."))
        self.news = news


@dataclass(frozen=True, slots=True)
class Recorded:
    """A receipt; where nothing new was written, ``draft`` records it all the same."""

    receipt: Receipt
    draft: str | None = None


def resolve(session: Session, services: Services, refs: tuple[str, ...], filters: str) -> tuple[str, ...]:
    """The refs named and those of the projects that a filter finds."""
    if not filters:
        return refs
    ids = ids_matching(session, parse_filter(filters), services.today())
    if not ids:
        raise BadInput(sentence("No project matches `{filter}`, so nothing was recorded."), filter=filters)
    views = load_projects(session, ids)
    return tuple(dict.fromkeys([*refs, *(views[key].ref for key in ids)]))


def submit(
    session: Session,
    services: Services,
    person: Person,
    proposal: Proposal,
    key: str,
    *,
    origin: str,
    seen: int | None = None,
) -> Preview | Recorded:
    """Record for one project at once; for several, or where a duplicate is likely, keep a draft and preview it.

    ``seen`` is the last update that the person could have known of; raises Overtaken where others recorded
    something about the projects after it. ``session`` writes.
    Raises what ``db.recording.record`` raises; then nothing is kept.
    """
    recorder = recorder_of(person, proposal, key, origin)
    earlier = find_act(session, recorder, services.clock())
    if earlier:
        return _already(session, services, person, proposal, earlier)
    ids_of_refs(session, proposal.refs, lock=True)
    planned = plan(session, proposal, now=services.clock(), by=person.user_id)
    news = () if seen is None else recorded_since(session, proposal.refs, seen, besides=person.user_id)
    if news:
        raise Overtaken(news)
    if len(planned.touched) > 1 or planned.duplicates:
        return Preview(
            keep_draft(session, person.team_id, person.user_id, proposal, now=services.clock()), proposal, planned
        )
    return Recorded(record(session, proposal, recorder, now=services.clock()))


def record_draft(
    session: Session, services: Services, person: Person, draft_id: str, *, again: bool
) -> Preview | Recorded:
    """Record what a draft of this person holds; a second time it gives the same receipt.

    Where others recorded something about its projects since it was shown, it is shown again with that.
    """
    draft = take_draft(session, draft_id, person.team_id, person.user_id)
    if draft.act_id is not None:
        return Recorded(receipt_of(session, draft.act_id, already=True))
    proposal = Proposal.from_json(draft.content)
    recorder = recorder_of(person, proposal, f"draft:{draft.id}", "draft", again=again)
    earlier = find_act(session, recorder, services.clock())
    if earlier:
        return _already(session, services, person, proposal, earlier)
    ids_of_refs(session, proposal.refs, lock=True)
    seen = draft.content.get("seen", last_number(session))
    news = recorded_since(session, proposal.refs, seen, besides=person.user_id)
    if news:
        draft.content = {**draft.content, "seen": last_number(session)}
        return Preview(draft.id, proposal, plan(session, proposal, now=services.clock(), by=person.user_id), news)
    receipt = record(session, proposal, recorder, now=services.clock())
    draft.act_id, draft.used_at = receipt.act, services.clock()
    return Recorded(receipt)


def undo(session: Session, services: Services, person: Person, act_id: int) -> Receipt:
    """Take back an act within ten minutes; any admin may."""
    act = session.get(Act, act_id)
    if act is None:
        raise not_mine()
    numbers = [each.number for each in updates_of_act(session, act_id)]
    if services.clock() - act.recorded_at > UNDO_FOR:
        raise AidError(
            sentence(
                "The ten minutes for *Undo* are over. To take it back, type `/aid-update #{number} retract` and why."
            ),
            number=numbers[-1],
        )
    return take_back(session, services, person, numbers, f"undo:{act_id}")


def take_back(
    session: Session,
    services: Services,
    person: Person,
    numbers: list[int],
    key: str,
    *,
    refs: tuple[str, ...] = (),
    note: str = "",
) -> Receipt:
    """Retract updates, for all of their projects or for ``refs``."""
    fingerprint = _fingerprint(person, [numbers, list(refs), note])
    recorder = Recorder(person.team_id, person.user_id, "retract", key, fingerprint)
    earlier = find_act(session, recorder, services.clock())
    if earlier:
        return receipt_of(session, earlier.id, already=True)
    return retract(session, numbers, recorder, now=services.clock(), refs=refs, note=note)


def recorder_of(person: Person, proposal: Proposal, key: str, origin: str, *, again: bool = False) -> Recorder:
    return Recorder(person.team_id, person.user_id, origin, key, _fingerprint(person, proposal.as_json()), again=again)


def _already(session: Session, services: Services, person: Person, proposal: Proposal, earlier: Act) -> Recorded:
    draft = keep_draft(session, person.team_id, person.user_id, proposal, now=services.clock())
    return Recorded(receipt_of(session, earlier.id, already=True), draft)


def _fingerprint(person: Person, content: object) -> str:
    text = json.dumps([person.team_id, person.user_id, content], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
