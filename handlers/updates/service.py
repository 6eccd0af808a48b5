"""Recording service shared by command, form and workflow step: proposals become previews or receipts; undo."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db.domain.enums import SourceKind, UpdateKind
from db.errors import AidError, BadInput, BatchRefused, Refusals
from db.models import ChangeSet, Draft
from db.projects.queries import canonical_ref, ids_matching, load_projects
from db.recording.drafts import keep_draft, take_draft
from db.recording.proposal import Proposal
from db.recording.receipts import Plan, Receipt, RecordingContext, find_change_set, receipt_of
from db.recording.record import planned_audience, prepare, record_plan, retract
from db.search.filter import parse_filter
from db.subscriptions.recipients import Audience
from db.updates.history import RecentChange, last_number, updates_of_act, updates_since
from handlers.context import Actor, Request
from handlers.slack.payloads import unknown_payload

UNDO_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Preview:
    """A draft with its plan and who will be told.

    ``left_out`` are projects that cannot take it, with the reason; ``news`` are updates that others recorded since it
    was last shown.
    """

    draft: str
    proposal: Proposal
    plan: Plan
    told: Audience
    left_out: Refusals = ()
    news: tuple[RecentChange, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        return missing_options(self.proposal)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A receipt; ``draft`` is set if it was recorded before, and records it a second time."""

    receipt: Receipt
    draft: str | None = None


def resolve(request: Request, refs: tuple[str, ...], filters: str) -> tuple[str, ...]:
    if not filters:
        return refs
    ids = ids_matching(request.session, parse_filter(filters), request.today)
    if not ids:
        raise BadInput("No project matches `{filter}`, so nothing was recorded.", filter=filters)
    views = load_projects(request.session, ids)
    return tuple(dict.fromkeys([*refs, *(views[key].ref for key in ids)]))


def submit(
    request: Request,
    proposal: Proposal,
    key: str,
    *,
    origin: str,
    seen: int | None = None,
    show_first: bool = False,
    suggestion: int | None = None,
) -> Preview | Recorded:
    """Record an update of one project that is complete; else, or to ``show_first``, store a draft and return a preview.

    ``seen`` is the last update that the actor could have known of: what others recorded after it is shown first, too.
    ``suggestion`` is the one that it settles. The request's session writes.
    Raises what ``db.recording.record`` raises; then nothing is kept.
    """
    recorder = replace(_recorder(request.actor, proposal, key, origin), suggestion=suggestion)
    return _record_or_show(request, proposal, recorder, seen, show_first=show_first)


def _record_or_show(
    request: Request,
    proposal: Proposal,
    recorder: RecordingContext,
    seen: int | None,
    *,
    show_first: bool = False,
    draft: Draft | None = None,
) -> Preview | Recorded:
    """Record a proposal, or preview it; a ``draft``, which was previewed before, only for what has changed since."""
    session, user_id, now = request.session, request.actor.user_id, request.now
    proposal, left_out, planned = _prepare(session, proposal, recorder, now=now)
    if isinstance(planned, ChangeSet):
        return Recorded(receipt_of(session, planned.id), keep_draft(session, recorder, proposal, now=now))
    news = () if seen is None else updates_since(session, proposal.refs, seen, besides=user_id)
    doubtful = planned.duplicates or planned.warnings or missing_options(proposal) or len(planned.touched) > 1
    if news or left_out or show_first or (doubtful and draft is None):
        if draft:
            draft.content = {**draft.content, **proposal.as_json(), "seen": last_number(session)}
        draft_id = draft.id if draft else keep_draft(session, recorder, proposal, now=now)
        told = planned_audience(session, planned, request.actor.team_id, now=now)
        return Preview(draft_id, proposal, planned, told, left_out, news)
    receipt = record_plan(session, planned, recorder, now=now)
    if draft:
        draft.act_id, draft.used_at = receipt.act, now
    return Recorded(receipt)


def _prepare(
    session: Session, proposal: Proposal, recorder: RecordingContext, *, now: datetime
) -> tuple[Proposal, Refusals, Plan | ChangeSet]:
    """Prepare a proposal for the projects that can take it, and name the others (rule 12). Raises BatchRefused for none."""
    try:
        return proposal, (), prepare(session, proposal, recorder, now=now)
    except BatchRefused as error:
        refused = dict(error.refusals)
        rest = replace(proposal, refs=tuple(ref for ref in proposal.refs if canonical_ref(ref) not in refused))
        if not rest.refs:
            raise
        return rest, error.refusals, prepare(session, rest, recorder, now=now)


def missing_options(proposal: Proposal) -> tuple[str, ...]:
    """Return the options without which an update is previewed: the kind of source, and a date; a note needs neither."""
    if proposal.kind is UpdateKind.NOTE or proposal.confirms or proposal.differs:
        return ()
    given = {name for name, value in proposal.options.items() if value and value != SourceKind.NOT_STATED}
    return tuple(names[0] for names in (("as",), ("on", "reported")) if given.isdisjoint(names))


def record_draft(request: Request, draft_id: str, *, repeat: bool) -> Preview | Recorded:
    """Record the actor's draft; a second call returns the same receipt.

    Where others recorded something about its projects since it was shown, it is shown again with that, and without those
    that it does not fit any more.
    """
    session, actor, now = request.session, request.actor, request.now
    draft = take_draft(session, draft_id, actor.team_id, actor.user_id)
    if draft.act_id is not None:
        return Recorded(receipt_of(session, draft.act_id))
    if "retracts" in draft.content:
        content, key = draft.content, f"draft:{draft.id}"
        refs, note = tuple(content["refs"]), content["note"]
        receipt = take_back(request, [content["retracts"]], key, refs=refs, note=note)
        draft.act_id, draft.used_at = receipt.act, now
        return Recorded(receipt)
    typed = Proposal.from_json(draft.content)
    recorder = _recorder(actor, typed, f"draft:{draft.id}", "draft", repeat=repeat)
    fingerprint = draft.content.get("fingerprint", recorder.fingerprint)
    recorder = replace(recorder, fingerprint=fingerprint, suggestion=draft.content.get("suggestion"))
    return _record_or_show(request, typed, recorder, draft.content.get("seen"), draft=draft)


def undo(request: Request, act_id: int) -> Receipt:
    """Retract a change set within ten minutes; any admin may."""
    act = request.session.get(ChangeSet, act_id)
    if act is None:
        raise unknown_payload()
    numbers = [update.number for update in updates_of_act(request.session, act_id)]
    if request.now - act.recorded_at > UNDO_FOR:
        raise AidError(
            "*Undo* works for ten minutes only. To retract the update now, type `/aid-update #{number} "
            "retract` and a reason.",
            number=numbers[-1],
        )
    return take_back(request, numbers, f"undo:{act_id}")


def take_back(request: Request, numbers: list[int], key: str, *, refs: tuple[str, ...] = (), note: str = "") -> Receipt:
    session, actor, now = request.session, request.actor, request.now
    fingerprint = _fingerprint(actor, [numbers, list(refs), note])
    recorder = RecordingContext(actor.team_id, actor.user_id, "retract", key, fingerprint)
    earlier = find_change_set(session, recorder, now)
    if earlier:
        return receipt_of(session, earlier.id)
    return retract(session, numbers, recorder, now=now, refs=refs, note=note)


def _recorder(actor: Actor, proposal: Proposal, key: str, origin: str, *, repeat: bool = False) -> RecordingContext:
    return RecordingContext(
        actor.team_id, actor.user_id, origin, key, _fingerprint(actor, proposal.as_json()), repeat=repeat
    )


def _fingerprint(actor: Actor, content: object) -> str:
    text = json.dumps([actor.team_id, actor.user_id, content], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
