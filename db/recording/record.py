"""Recording: one act in one writing session; rules checked, updates, statuses and alerts written, or nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from db.alerts.alerts import Event, event_recipients, queue_alerts, revise_alerts
from db.chain import link_at_commit
from db.council import load_council
from db.database import write_rows
from db.domain.dates import day, new_york_date
from db.domain.enums import UNIDENTIFIED, UpdateKind
from db.domain.project_status import replay, status_of
from db.domain.rules import RuleContext, RuleWarning, check, inconsistent_updates
from db.domain.updates import Source, Update, effective_updates, superseded_by
from db.epoch import current_epoch, next_numbers
from db.errors import BatchRefused, NotFound, Refusal
from db.models import ChangeSet, UpdateProject
from db.projects.queries import ids_of_refs, load_projects
from db.recording.duplicates import find_duplicates
from db.recording.proposal import Proposal, parse_proposal
from db.recording.receipts import HeadlineChange, Plan, Receipt, RecordingContext, find_change_set, receipt_of
from db.recording.suggestions import record_suggestion
from db.reminders.schedule import plan_reminders
from db.subscriptions.recipients import Audience, audience
from db.updates.history import as_row, load_histories, load_updates, project_ids_of, touch_row
from db.updates.status_cache import store_statuses

PROVISIONAL = 10**12  # numbers an update that another of the same act has to count with; higher than any recorded


def plan(session: Session, proposal: Proposal, *, now: datetime, by: str) -> Plan:
    """Check a proposal and say what it would change. Raises BadInput, NotFound, Refusal (one project) or BatchRefused."""
    ids = ids_of_refs(session, proposal.refs)
    histories = load_histories(session, ids.values(), names=True)
    facts = RuleContext(new_york_date(now), load_council(session))
    planned = plan_against(session, proposal, ids, histories, facts, now=now, by=by)
    return replace(planned, duplicates=find_duplicates(session, planned.main, list(ids.values())))


def plan_against(
    session: Session,
    proposal: Proposal,
    ids: Mapping[str, int],
    histories: Mapping[int, list[Update]],
    facts: RuleContext,
    *,
    now: datetime,
    by: str,
) -> Plan:
    """Plan upon the given histories of the projects, by id, without looking for duplicate letters."""
    update = parse_proposal(proposal, now=now, by=by)
    if update.corrects:
        update = _as_correction(update, ids, histories)
    live = {ref: effective_updates(histories[project_id]) for ref, project_id in ids.items()}
    before = {ref: replay(updates) for ref, updates in live.items()}
    if update.is_report and not update.corrects:  # what a corrected report is about was checked with it
        _check_report(update, ids, histories)
    _check_extends(session, update, list(ids))
    parts = {ref: _with_lift(update, live[ref]) for ref in ids}
    warnings = (*_check_all(parts, live, facts), *_newly_inconsistent(histories, ids, parts, facts))
    after = {ref: status_of(_with(histories[project_id], parts[ref])) for ref, project_id in ids.items()}
    touched = tuple(
        HeadlineChange(ref, before[ref].headline(facts.today), after[ref].headline(facts.today)) for ref in ids
    )
    lifted = tuple(ids[ref] for ref in ids if len(parts[ref]) > 1)
    lift = [(parts[ref][0], lifted) for ref in ids if len(parts[ref]) > 1][:1]
    return Plan((*lift, (update, tuple(ids.values()))), touched, warnings, (), histories)


def prepare(session: Session, proposal: Proposal, recorder: RecordingContext, *, now: datetime) -> Plan | ChangeSet:
    """Lock the projects; return the change set that recorded ``proposal`` before, else its plan. Raises as ``plan`` does."""
    ids_of_refs(session, proposal.refs, lock=True)
    return find_change_set(session, recorder, now) or plan(session, proposal, now=now, by=recorder.user_id)


def record_plan(session: Session, planned: Plan, recorder: RecordingContext, *, now: datetime) -> Receipt:
    """Record a plan of ``prepare`` in the same transaction: the lock keeps others from recording in between."""
    receipt = write_change_set(session, planned.parts, planned.histories, recorder, now)
    if recorder.suggestion:
        record_suggestion(session, recorder.team_id, recorder.suggestion, recorder.user_id, now, receipt.act)
    return replace(receipt, warnings=planned.warnings)


def planned_audience(session: Session, planned: Plan, team_id: str, *, now: datetime) -> Audience:
    """Return who will be told of a plan once it is recorded, as the workspace ``team_id`` may know it."""
    parts = [(replace(update, number=PROVISIONAL + index), ids) for index, (update, ids) in enumerate(planned.parts)]
    added = {key: [update for update, ids in parts if key in ids] for key in planned.histories}
    event = Event(
        ChangeSet(),
        tuple(update for update, _ in parts),
        {update.number: ids for update, ids in parts},
        load_projects(session, planned.histories),
        {key: status_of(updates) for key, updates in planned.histories.items()},
        {key: status_of([*updates, *added[key]]) for key, updates in planned.histories.items()},
        now,
    )
    return audience(event_recipients(session, event), team_id)


def retract(
    session: Session,
    numbers: Sequence[int],
    recorder: RecordingContext,
    *,
    now: datetime,
    refs: Sequence[str] = (),
    note: str = "",
) -> Receipt:
    """Take updates back, for all of their projects or for ``refs`` only; never refused (rule 10).

    What is out already stays out: where nothing is left to take back, the receipt says ``already``. Raises
    NotFound for a number that does not exist or a project that the update does not concern.
    """
    earlier = find_change_set(session, replace(recorder, repeat=True), now)
    if earlier:
        return receipt_of(session, earlier.id)
    targets = load_updates(session, numbers)
    for number in numbers:
        if number not in targets:
            raise NotFound("There is no update #{number}.", number=number)
    concerned = _lock_concerned(session, list(numbers), refs)
    histories = load_histories(session, {project_id for ids in concerned.values() for project_id in ids}, names=True)
    project_ids: dict[int, set[int]] = defaultdict(set)
    earlier_acts = list[int]()
    for number, ids in concerned.items():
        for project_id in ids:
            chain, before = _with_corrections(number, histories[project_id])
            earlier_acts += [before.act] if before else []
            for corrected in chain:
                project_ids[corrected].add(project_id)
    if not project_ids:
        return receipt_of(session, max(earlier_acts))
    retraction = Update(UpdateKind.NOTE, now, day(new_york_date(now)), recorded_by=recorder.user_id, note=note)
    parts = [(replace(retraction, retracts=each), tuple(sorted(ids))) for each, ids in sorted(project_ids.items())]
    return write_change_set(session, parts, histories, recorder, now)


def _with_corrections(number: int, history: list[Update]) -> tuple[list[int], Update | None]:
    """Return what to retract so that ``number`` is not effective in any form, or the update that took it back already."""
    removed = superseded_by(history)
    chain = [number]
    while (change := removed.get(chain[-1])) and change.corrects:
        chain.append(change.number)
    return ([], change) if change else (chain, None)


def _as_correction(update: Update, ids: Mapping[str, int], histories: Mapping[int, list[Update]]) -> Update:
    """Give a correction the place of its target, which must still be effective for each of its projects."""
    for ref, project_id in ids.items():
        target = _target(int(update.corrects or 0), ref, histories[project_id])
        if reported := target.confirms or target.differs:
            _check_kind(reported, target.kind, update.kind)
        live = {each.number: each for each in effective_updates(histories[project_id])}
        placed = live.get(target.number, target)
        same_addresses = [each.url for each in target.sources if each.url] == [each.url for each in update.sources]
        update = replace(
            update,
            place=placed.place or placed.number,
            first_recorded=placed.first_recorded or placed.recorded_at,
            sources=_with_attribution(target.sources, update) if same_addresses else update.sources,
            confirms=target.confirms,
            differs=target.differs,
        )
    return update


def _with_attribution(sources: tuple[Source, ...], update: Update) -> tuple[Source, ...]:
    """Return sources whose addresses were not changed, with whom the correction says that the first one cites."""
    if not sources:
        return update.sources
    attributed_to = update.sources[0].attributed_to if update.sources else None
    return (replace(sources[0], attributed_to=attributed_to), *sources[1:])


def _check_report(update: Update, ids: Mapping[str, int], histories: Mapping[int, list[Update]]) -> None:
    """Check that a confirmation or a differing report is about an effective update of the same kind (rule 11)."""
    for ref, project_id in ids.items():
        target = _target(int(update.confirms or update.differs or 0), ref, histories[project_id])
        if target.is_report:
            raise Refusal(
                "#{number} is itself a report of #{target}. Confirm #{target}, or record how it differs.",
                number=target.number,
                target=target.confirms or target.differs,
            )
        same_values = all(target.values.get(name) == value for name, value in update.values.items())
        if update.differs and same_values and update.reported in {None, target.reported}:
            raise Refusal(
                "Your source says the same. Add it with `#{number} confirm`.", field="text", number=target.number
            )
        _check_kind(target.number, target.kind, update.kind)


def _check_kind(number: int, kind: UpdateKind, other: UpdateKind) -> None:
    if kind is not other:
        raise Refusal(
            "#{number} is `{kind}`, and another report of it cannot be `{other}`.",
            number=number,
            kind=kind,
            other=other,
        )


def _target(number: int, ref: str, history: list[Update]) -> Update:
    """Return an update that another one corrects or reports of; raise where it is not effective."""
    target = next((each for each in history if each.number == number), None)
    if target is None:
        raise NotFound("Update #{number} is not about {ref}.", number=number, ref=ref)
    later = superseded_by(history).get(number)
    if later:
        raise Refusal(
            "#{number} was changed by #{later} in the meantime. Look at it again, and use #{later} if it still "
            "needs it.",
            number=number,
            later=later.number,
        )
    if target.retracts:
        raise Refusal(
            "#{number} takes #{target} back, and there is nothing in it to correct or confirm. Retract "
            "#{number} to bring #{target} back.",
            number=number,
            target=target.retracts,
        )
    return target


def _check_extends(session: Session, update: Update, refs: list[str]) -> None:
    if not update.extends or update.extends == UNIDENTIFIED:
        return
    ids_of_refs(session, [update.extends])
    if update.extends in refs:
        raise Refusal(
            "{ref} cannot extend itself. Name the earlier project, or use `extends:unidentified`.",
            field="extends",
            ref=update.extends,
        )


def _with_lift(update: Update, live: Iterable[Update]) -> tuple[Update, ...]:
    """Add the lift of every hold that is open before a letter with ``lift:all`` (rule 4)."""
    if update.lift_all and update.kind is not UpdateKind.HOLD_LIFTED:
        names = ("recorded_at", "recorded_by", "happened", "reported", "confidence", "sources")
        lift = Update(UpdateKind.HOLD_LIFTED, **{name: getattr(update, name) for name in names}, lift_all=True)
        before = replay(other for other in live if other.comes_before(update))
        return (lift, update) if before.open_holds else (update,)
    return (update,)


def _check_all(
    parts: dict[str, tuple[Update, ...]], live: dict[str, list[Update]], facts: RuleContext
) -> tuple[tuple[str, RuleWarning], ...]:
    refusals: list[tuple[str, Refusal]] = []
    warnings: list[tuple[str, RuleWarning]] = []
    for ref, updates in parts.items():
        considered = [*(replace(lift, number=PROVISIONAL) for lift in updates[:-1]), updates[-1]]
        try:
            for index, update in enumerate(considered):
                warnings += [(ref, warn) for warn in check(update, [*live[ref], *considered[:index]], facts)]
        except Refusal as refusal:
            refusals.append((ref, refusal))
    if refusals and len(parts) == 1:
        raise refusals[0][1]
    if refusals:
        raise BatchRefused(refusals)
    return tuple(warnings)


def _newly_inconsistent(
    histories: Mapping[int, list[Update]],
    ids: Mapping[str, int],
    parts: dict[str, tuple[Update, ...]],
    facts: RuleContext,
) -> list[tuple[str, RuleWarning]]:
    """Return a warning for each update already recorded that will no longer fit beside what is recorded now (rule 10)."""
    found = []
    for ref, project_id in ids.items():
        live = effective_updates(histories[project_id])
        now = effective_updates(_with(histories[project_id], parts[ref]))
        unfit = set(inconsistent_updates(now, facts)) - set(inconsistent_updates(live, facts))
        found += [
            (
                ref,
                RuleWarning(
                    "With this update, #{number} (`{kind}`, {happened}) no longer fits the record. It is "
                    "kept and flagged. Check both dates.",
                    {"number": update.number, "kind": update.kind, "happened": update.happened},
                ),
            )
            for update in live
            if update.number in unfit
        ]
    return found


def _with(history: list[Update], parts: tuple[Update, ...]) -> list[Update]:
    """Return a history with the updates considered, as if they were recorded next."""
    following = max((update.number for update in history), default=0) + 1
    return [*history, *(replace(update, number=number) for number, update in enumerate(parts, following))]


def _lock_concerned(session: Session, numbers: list[int], refs: Sequence[str]) -> dict[int, tuple[int, ...]]:
    """Return the projects of each update, locked; only those of ``refs`` where some are named."""
    concerned = project_ids_of(session, numbers)
    views = load_projects(session, {project_id for ids in concerned.values() for project_id in ids})
    ids_of_refs(session, [view.ref for view in views.values()], lock=True)
    chosen = set(ids_of_refs(session, refs).values()) if refs else set(views)
    for number in numbers:
        if not chosen & set(concerned[number]):
            raise NotFound("Update #{number} is not about {ref}.", number=number, ref=", ".join(refs))
    return {number: tuple(project_id for project_id in concerned[number] if project_id in chosen) for number in numbers}


def write_change_set(
    session: Session,
    parts: Sequence[tuple[Update, tuple[int, ...]]],
    histories: Mapping[int, list[Update]],
    recorder: RecordingContext,
    now: datetime,
) -> Receipt:
    """Write updates of projects (by id) unchecked, with statuses and alerts; ``histories`` are those of before."""
    act_number, update_number = next_numbers(session, now)
    act = recorder.change_set(act_number, now)
    session.add(act)
    session.flush()
    link_at_commit(session, act)
    updates_by_project = {project_id: list(histories[project_id]) for _, ids in parts for project_id in ids}
    today = new_york_date(now)
    first = {project_id: status_of(updates) for project_id, updates in updates_by_project.items()}
    standings, written, touches = dict(first), [], []
    for update, ids in parts:
        row = as_row(update, act_id=act.id, team_id=recorder.team_id)
        if update_number:
            row.id, update_number = update_number, None
        session.add(row)
        session.flush()
        numbered = replace(update, number=row.id, act=act.id)
        written.append(numbered)
        for project_id in ids:
            before = standings[project_id].headline(today)
            updates_by_project[project_id].append(numbered)
            standings[project_id] = status_of(updates_by_project[project_id])
            after = standings[project_id].headline(today)
            touches.append(touch_row(row.id, project_id, before.value, after.value))
    write_rows(session, UpdateProject, touches)
    store_statuses(session, standings, now)
    plan_reminders(session, standings, now)
    concerned = {each.number: frozenset(ids) for each, (_, ids) in zip(written, parts, strict=True)}
    event = Event(act, tuple(written), concerned, load_projects(session, standings), first, standings, now)
    if not recorder.quiet:
        revises = any(update.corrects or update.retracts for update in written)
        (revise_alerts if revises else queue_alerts)(session, event)
    touched = tuple(
        HeadlineChange(
            event.projects[project_id].ref, first[project_id].headline(today), standings[project_id].headline(today)
        )
        for project_id in standings
    )
    return Receipt(act.id, tuple(written), touched, now, epoch=current_epoch(session).key)
