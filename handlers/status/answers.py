"""First lines of answers to plain questions: what is on record, in the words of db/data/questions.toml."""

from collections.abc import Callable, Iterable, Mapping

from db.domain.dates import new_york_date, parse_date
from db.domain.enums import DeliveryStatus, UpdateKind
from db.domain.project_status import Hold, Validity
from db.domain.updates import Update
from db.questions.understand import Question
from db.questions.words import table
from db.reports.project import ProjectDetail
from db.updates.status_cache import lift_reported
from handlers.blocks import formatting
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import Markup, dotted, escape
from handlers.status.next_steps import next_steps


def say(translator: Translator, entry: Mapping[str, str], **values: object) -> str:
    """Return an entry of the table in the reader's language, as mrkdwn; rendered texts are taken as they are."""
    marked = {name: Markup(value) if isinstance(value, str) else value for name, value in values.items()}
    return translator.mrkdwn(entry[translator.language], **marked).strip()


def answered(translator: Translator, intent: str, case: str, **values: object) -> str:
    return say(translator, table()["intents"][intent]["answers"][case], **values)


def first_line(translator: Translator, question: Question, detail: ProjectDetail) -> str:
    ref = escape(detail.project.ref)
    if question.intent not in _CASES:
        return say(translator, table()["replies"]["rest-unclear"], ref=ref)
    case, values = _CASES[question.intent](translator, question, detail)
    status = formatting.status(translator, detail.standing, detail.standing.statement(detail.today), detail.today)
    answer = answered(translator, question.intent, case, **{"ref": ref, "status": status, **values})
    letter = detail.standing.governing_letter if question.intent in {"approved", "until"} else None
    differing = formatting.differing(translator, letter) if letter else ""
    answer = f"{answer} {differing}".rstrip()
    if not question.unknown:
        return answer
    words = escape(", ".join(question.unknown))
    return say(translator, table()["replies"]["words-unknown"], words=words, answer=answer)


Case = tuple[str, dict[str, object]]


def _approved(translator: Translator, question: Question, detail: ProjectDetail) -> Case:
    standing = detail.standing
    if standing.approved and standing.ended is None:
        return _until(translator, question, detail)
    return ("reported" if standing.approval_reported and standing.undecided else "none"), {}


def _until(translator: Translator, _question: Question, detail: ProjectDetail) -> Case:
    standing = detail.standing
    match standing.validity(detail.today):
        case Validity.NONE:
            return "none", {}
        case Validity.EXPIRED:
            return "expired", {"validity": translator.mrkdwn("expired {date}", date=standing.valid_until)}
        case Validity.END_NOT_KNOWN:
            return "end-not-known", {}
    return "in-force", {"validity": formatting.validity(translator, standing.valid_until, detail.today)}


def _holder(translator: Translator, question: Question, detail: ProjectDetail) -> Case:
    standing, named = detail.standing, question.value("holder")
    case, values = "none", dict[str, object]()
    if standing.open_holds:
        since = formatting.since(translator, _oldest(standing.open_holds).placed.happened, detail.today)
        case, values = "held", {"holders": dotted(_holders(translator, standing.open_holds), since)}
    elif standing.holds:
        case = "lift-reported" if lift_reported(standing) else "over"
        lifted = max((hold.lifted_by for hold in standing.holds if hold.lifted_by), key=lambda update: update.order)
        values = {"holders": _holders(translator, standing.holds), "when": formatting.when(translator, lifted)}
    if named and named not in {hold.holder for hold in standing.holds}:
        rest = answered(translator, "holder", case, ref=escape(detail.project.ref), **values)
        return "not-by", {"named": translator.holder(named), "rest": rest}
    return case, values


def _holders(translator: Translator, holds: Iterable[Hold]) -> str:
    return escape(translator.holders(dict.fromkeys(hold.holder for hold in holds)))


def _oldest(holds: Iterable[Hold]) -> Hold:
    return min(holds, key=lambda hold: hold.placed.order)


def _since(translator: Translator, question: Question, detail: ProjectDetail) -> Case:
    standing, stated = detail.standing, detail.standing.statement(detail.today)
    update, lasts, what = stated.update, True, translator.headline(stated.headline)
    if "hold" in question.asks:
        hold = _oldest(standing.open_holds) if standing.open_holds else next(reversed(standing.holds), None)
        update, lasts = (hold.placed if hold else None), bool(standing.open_holds)
    elif "submit" in question.asks:
        update, lasts = next((each for each in standing.updates if each.kind is UpdateKind.SUBMITTED), None), False
    elif {"approve", "letter"} & question.asks:
        update = next(iter(standing.letters), None)
        lasts = standing.ended is None and standing.validity(detail.today) is not Validity.EXPIRED
    if update is None:
        return "none", {}
    if update is not stated.update:
        what = formatting.request_name(translator, update)
    values: dict[str, object] = {"what": what, "when": formatting.when(translator, update)}
    if not lasts:
        return "not-now", values
    since = formatting.since(translator, update.happened, detail.today)
    return ("dated" if since else "not-known"), {**values, "since": since}


def _next(translator: Translator, _question: Question, detail: ProjectDetail) -> Case:
    return "next", {"next": next_steps(translator, detail.standing, detail.standing.statement(detail.today))}


def _shipped(translator: Translator, _question: Question, detail: ProjectDetail) -> Case:
    standing = detail.standing
    counted = formatting.consignments(translator, standing.delivered_count, standing.consignments)
    last = max((*standing.shipments, *standing.deliveries), key=lambda update: update.order, default=None)
    values: dict[str, object] = {
        "delivery": dotted(translator.delivery(standing.delivery), counted),
        "last": _entry(translator, last) if last else "",
    }
    return ("none" if standing.delivery is DeliveryStatus.NOT_STARTED else "some"), values


def _dprk(translator: Translator, _question: Question, detail: ProjectDetail) -> Case:
    if (update := detail.standing.responded) is None:
        return "none", {}
    when, confidence = formatting.when(translator, update), formatting.confidence(translator, update)
    return "some", {"response": translator.response(detail.standing.response), "when": when, "confidence": confidence}


def _source(translator: Translator, _question: Question, detail: ProjectDetail) -> Case:
    stated = detail.standing.statement(detail.today)
    sure = formatting.confidence(translator, stated.update) if stated.update else ""
    source = formatting.statement(translator, stated, detail.today, no_news=detail.no_news)
    return "source", {"headline": translator.headline(stated.headline), "source": dotted(sure, source)}


def _changed(translator: Translator, question: Question, detail: ProjectDetail) -> Case:
    updates, since = detail.standing.updates, question.value("since")
    first = parse_date(since).first if since else None
    if first:
        updates = [each for each in updates if each.effective_day >= first or new_york_date(each.recorded_at) >= first]
    if not updates:
        return ("nothing", {"date": parse_date(since)}) if since else ("none", {})
    values: dict[str, object] = {"change": _entry(translator, max(updates, key=lambda each: each.order))}
    return ("one-since", {**values, "date": parse_date(since), "number": len(updates)}) if first else ("one", values)


def _entry(translator: Translator, update: Update) -> str:
    return f"{formatting.head(translator, update)} · {formatting.basis(translator, update)} (#{update.number})"


def _position(translator: Translator, question: Question, detail: ProjectDetail) -> Case:
    named = question.value("holder")
    stated = [each.stated for each in detail.standing.positions if named in {"", each.stated.holder}]
    if not stated:
        return ("not-by", {"named": translator.holder(named)}) if named else ("none", {})
    rows = [
        f"{escape(formatting.subject(translator, update))}, {formatting.when(translator, update)} "
        f"({formatting.confidence(translator, update)}, #{update.number})"
        for update in stated
    ]
    return "some", {"positions": "; ".join(rows)}


def _organisation(translator: Translator, _question: Question, detail: ProjectDetail) -> Case:
    named = formatting.roles(translator, detail.project)
    return ("named", {"organisations": " · ".join(named)}) if named else ("none", {})


_CASES: dict[str, Callable[[Translator, Question, ProjectDetail], Case]] = {
    "status": lambda *_: ("status", {}),
    "approved": _approved,
    "holder": _holder,
    "since": _since,
    "until": _until,
    "next": _next,
    "shipped": _shipped,
    "dprk": _dprk,
    "source": _source,
    "changed": _changed,
    "permission": lambda *_: ("record", {}),
    "position": _position,
    "compare": lambda *_: ("line", {}),
    "organisation": _organisation,
    "follow": lambda *_: ("how", {}),
}
