"""Stretches of time that a record tells of: validity periods, holds, and how many projects stood where, day by day."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from db.domain.dates import UNKNOWN, PartialDate
from db.domain.enums import Headline
from db.domain.project_status import Hold, ProjectStatus, replay
from db.domain.updates import Update

MOST_DAYS = 180


@dataclass(frozen=True, slots=True)
class Period:
    """The time for which a letter lets an exemption be used; ``superseded``: the next letter's date, with no end known."""

    start: PartialDate
    end: PartialDate
    superseded: PartialDate = UNKNOWN


def periods(standing: ProjectStatus) -> list[Period]:
    """Return one for each letter that gives an end, and one for a first letter that gives none."""
    with_end = [each for at, each in enumerate(standing.letters) if at == 0 or each.letter.valid_until is not None]
    following = [*(each.happened for each in with_end), UNKNOWN][1:]
    return [
        Period(letter.happened, letter.letter.valid_until or UNKNOWN, later)
        for letter, later in zip(with_end, following, strict=True)
    ]


def end_of_hold(hold: Hold, standing: ProjectStatus) -> Update | None:
    """Return the update that ended a hold: its lift, else the decision on the request; None while it is pending."""
    if hold.lifted_by:
        return hold.lifted_by
    if any(hold is pending for pending in standing.pending_holds):
        return None
    if hold.round and hold.round.ended:
        return hold.round.ended
    decisions = [*standing.letters, *([standing.ended] if standing.ended else [])]
    return next((each for each in decisions if each.order > hold.placed.order), None)


@dataclass(frozen=True, slots=True)
class OverTime:
    """Counts of projects by headline for each of ``days`` (New York), the last of which is today."""

    projects: int
    days: tuple[date, ...]
    counts: tuple[Counter[Headline], ...]


def over_time(projects: Sequence[Sequence[Update]], today: date) -> OverTime:
    """Count headlines by day from each project's updates that stand, from its first one on (rule 6), as known now."""
    known = [live for live in projects if live]
    first = min([*(update.effective_day for live in known for update in live), today - timedelta(days=90)])
    whole = (today - first).days
    step = max(1, -(-whole // MOST_DAYS))
    days = tuple(today - timedelta(days=back) for back in reversed(range(0, whole + 1, step)))
    counts: list[Counter[Headline]] = [Counter() for _ in days]
    for live in known:
        standing, taken = ProjectStatus(), 0
        for day, count in zip(days, counts, strict=True):
            happened = [update for update in live if update.effective_day <= day]
            if len(happened) != taken:
                standing, taken = replay(happened), len(happened)
            if taken and (headline := standing.headline(day)) is not Headline.NO_RECORD:
                count[headline] += 1
    return OverTime(len(projects), days, tuple(counts))
