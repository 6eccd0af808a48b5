"""Answers about the past: ``known:2026-02-10`` and ``on:2026-02-10`` beside whatever else is asked."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from db.domain.dates import COMMITTEE_ZONE, new_york_date, parse_date
from db.errors import N_, BadInput
from db.past import AsOf, reading_as_of
from db.search.filter import PAST
from handlers.blocks.blockkit import Block, fit, sections
from handlers.blocks.project_buttons import ASK
from handlers.context import Request
from handlers.i18n.translator import Translator

POINT = re.compile(rf"(?:^|\s)(?P<axis>{'|'.join(PAST)}):(?P<value>\S*)", re.IGNORECASE)
_OF_STATUS = (ASK, "status_share", "status_turn", "status_timeline")
"""Buttons that lead to answers of the same point in the past; all others act on the present and are left out."""


def split_as_of(text: str, now: datetime) -> tuple[str, AsOf | None]:
    """Return the text without ``known:`` and ``on:``, and the point in the past that they give.

    A day of ``known:`` is meant to its end in New York; a time without a zone is New York's. Raises BadInput.
    """
    points: dict[str, datetime | date] = {}
    for match in POINT.finditer(text):
        axis = PAST[match["axis"].lower()]
        points[axis] = _time(match["value"], now) if axis == "known" else _day(match["value"], now, "on")
    if not points:
        return text, None
    return POINT.sub("", text).strip(), AsOf(**points)  # type: ignore[arg-type]


def typed(as_of: AsOf) -> str:
    known = f"known:{as_of.known.isoformat()}" if as_of.known else ""
    return " ".join(filter(None, (known, f"on:{as_of.on}" if as_of.on else "")))


def answer_as_of(request: Request, text: str, render: Callable[[Request, str], list[Block]]) -> list[Block]:
    """Render the answer to ``text``, as of then where it names a point in the past."""
    text, as_of = split_as_of(text, request.now)
    if as_of is None:
        return render(request, text)
    with reading_as_of(request.app_context.database, as_of) as session:
        blocks = render(replace(request, session=session, as_of=as_of), text)
    translator = request.translator
    led = [each for block in blocks if (each := _led(block, typed(as_of)))]
    return fit(translator, [*sections(heading(translator, as_of)), *led])


def heading(translator: Translator, as_of: AsOf) -> str:
    known = as_of.known and _in_words(translator, as_of.known)
    if known and as_of.on:
        return translator.mrkdwn(
            "*Not today's status:* what stood on {on}, by what this record said {known}. Read by today's rules.",
            on=as_of.on,
            known=known,
        )
    if known:
        return translator.mrkdwn(
            "*Not today's status:* what this record said {known}. Read by today's rules.", known=known
        )
    return translator.mrkdwn("*Not today's status:* what stood on {on}, as it is known now.", on=as_of.on)


def _in_words(translator: Translator, known: datetime) -> str:
    local = known.astimezone(COMMITTEE_ZONE)
    if (local + timedelta(microseconds=1)).time() == time():
        return translator.plain("at the end of {day} (New York)", day=local.date())
    return translator.plain("at {time} (New York)", time=f"{local:%Y-%m-%d %H:%M}")


def _time(value: str, now: datetime) -> datetime:
    if "T" not in value.upper():
        day = _day(value, now, "known")
        end = datetime.combine(day + timedelta(days=1), time(), COMMITTEE_ZONE) - timedelta(microseconds=1)
        return min(end, now).astimezone(now.tzinfo)
    try:
        moment = datetime.fromisoformat(value.upper())
    except ValueError as error:
        raise BadInput(
            N_("`known:{typed}` is no time. Type a day, such as `known:2026-02-10`, or `known:2026-02-10T15:00`."),
            typed=value,
        ) from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=COMMITTEE_ZONE)
    if moment > now:
        raise _future("known", value)
    return moment.astimezone(now.tzinfo)


def _day(value: str, now: datetime, axis: str) -> date:
    """Return the last day that a date may mean, today where that is still to come."""
    given = parse_date(value, field=axis)
    if given.first is None or given.last is None:
        raise BadInput(N_("`{axis}:{typed}` names no day. Type one: `{axis}:2026-02-10`."), axis=axis, typed=value)
    if given.first > new_york_date(now):
        raise _future(axis, value)
    return min(given.last, new_york_date(now))


def _future(axis: str, value: str) -> BadInput:
    return BadInput(N_("`{axis}:{typed}` is in the future. Name a day until today."), axis=axis, typed=value)


def _led(block: Block, point: str) -> Block | None:
    """Return the block with its buttons leading to answers as of then, without those that act on the present."""
    if block["type"] == "actions":
        elements = [each for element in block["elements"] if (each := _led_element(element, point))]
        return {**block, "elements": elements} if elements else None
    if "accessory" in block:
        accessory = _led_element(block["accessory"], point)
        rest = {name: value for name, value in block.items() if name != "accessory"}
        return {**rest, "accessory": accessory} if accessory else rest
    return block


def _led_element(element: Block, point: str) -> Block | None:
    if not str(element.get("action_id", "")).startswith(_OF_STATUS):
        return element if "url" in element else None
    if "options" in element:
        options = [{**option, "value": f"{option['value']} {point}"} for option in element["options"]]
        return {**element, "options": options}
    return {**element, "value": f"{element['value']} {point}"}
