"""The Korean catalogue: complete, true to the English messages, in the field's words (docs/field.md, section 10)."""

import ast
import re
from collections.abc import Callable, Iterator
from string import Formatter
from typing import Any

import pytest
from babel.messages.catalog import Message
from sqlalchemy import select

from db.database import Database
from db.domain.enums import UpdateKind
from db.errors import Refusal
from db.maintenance.seed import seed_article
from db.models import Delivery
from db.recording.record import plan
from db.reports.portfolio import list_page, portfolio
from db.reports.project import project_detail, update_detail
from db.search.filter import parse_filter
from db.subscriptions.recipients import Audience
from db.subscriptions.subscriptions import subscribe
from handlers.alerts.renderer import render
from handlers.i18n.translator import Translator
from handlers.status import blocks as status_blocks
from handlers.status import project_card as cards
from handlers.updates import blocks as update_blocks
from handlers.updates import form_view
from handlers.updates.service import Preview
from tests.support.proposals import ADMIN, NOW, TEAM, TODAY, proposal, say, take_back
from tests.tools.extract_messages import FLOORS, KEYWORDS, ROOT, catalogue, messages

FOUND = {each.id for each in messages() if each.id}
KEPT = [each for each in catalogue("ko") if each.id]
KO = Translator("ko")

FORBIDDEN = re.compile(
    "북조선|완화|조치|업데이트|철회|종결|면제 종료|무이의 [기시]한|이의 제기|운송|호응|반응|이행 기관|미기재|구독 해지"
    "|막힘|답글|구성원|보관 해제|십시오|(?:승인|보류|면제|연장|변경|지원) 요청|물품 인도"
)
"""Words for which the field, or Slack, has another one."""

ALLOWED = {"Nothing: the request was withdrawn. A new request is a project of its own.": {"철회"}}
"""Messages with such a word in the one sense that it has: an applicant withdraws a request."""

NORTH_APPROVES = re.compile(r"(북한|북측)(이|의|에서)?\s*승인")
"""The Committee approves; the DPRK accepts."""

CODE = re.compile(r"`[^`\n]+`")
TOUCHING = re.compile(r"(\w)?(?:`[^`\n]+`|\*[^*`\n]+\*)(\w)?")
"""Code and bold text with a letter right before or behind, where Slack may show the marks instead."""

PARTICLE = re.compile(r"\}(이|가|을|를|은|는|과|와|로|으로)(?=[\s.,)]|$)")
"""A particle whose form depends on how the value before it ends."""


def test_catalogue_has_every_message_and_no_other() -> None:
    kept = {each.id for each in KEPT}
    assert FOUND - kept == set(), "run `make messages`, then translate what came in"
    assert kept - FOUND == set(), "run `make messages`"
    assert [each.id for each in KEPT if each.fuzzy or not all(_korean(each))] == []


EMOJI = re.compile(r":[a-z_0-9]+:(?=\s)")
WRONG: dict[str, Callable[[str, str], object]] = {
    "fields, code and lines": lambda english, korean: _frame(english) != _frame(korean),
    "emoji": lambda english, korean: EMOJI.findall(english) != EMOJI.findall(korean),
    "words of the field": lambda english, korean: (
        {*FORBIDDEN.findall(korean)} - ALLOWED.get(english, set()) or NORTH_APPROVES.search(korean)
    ),
    "particles": lambda _, korean: PARTICLE.search(korean),
    "marks beside letters": lambda _, korean: any(match[1] or match[2] for match in TOUCHING.finditer(korean)),
}


@pytest.mark.parametrize("what", WRONG)
def test_translations_keep_to_the_rules(what: str) -> None:
    assert [text for each in KEPT for text in _korean(each) if WRONG[what](_english(each), text)] == []


def test_amounts_name_their_basis() -> None:
    assert KO.basis("press estimate") == "언론 추정"
    assert KO.basis("Approved") == "Approved"


def test_every_template_is_extracted() -> None:
    """Find each template literally in its call, or marked with ``sentence``."""
    hidden = [f"{path}:{call.lineno} {text}" for path, call in _calls() for text in _unmarked(call)]
    assert hidden == []


def test_labels_fit_their_limits() -> None:
    forms = [form_view.view(KO, form_view.Form()), form_view.view(KO, form_view.Form(corrects=999_999_999))]
    forms += [form_view.view(KO, form_view.Form(kind=kind)) for kind in UpdateKind]
    assert [text for form in forms for text in _texts(form) if "… [+" in text] == []


def test_korean_alert_has_no_english(sqlite_database: Database) -> None:
    """Render the seeded record; notes and names stay as recorded."""
    english = [part for each in FOUND for part in _literal_parts(each) if not _is_korean(part)]
    text = "\n".join(text for blocks in _rendered(sqlite_database) for text in _texts(blocks))
    assert "보류 해제" in text
    assert [part for part in english if part in text] == []


def _rendered(database: Database) -> Iterator[Any]:
    with database.writing() as session:
        seed_article(session, now=NOW)
        subscribe(session, TEAM, "C0ALERTS", ADMIN, "", "ko", now=NOW)
    receipts = [
        say(database, line)
        for line in (
            "GG-1 approved on:2026-02-06 until:2027-02-06 as:letter value:63000 currency:USD items:12 shipments:3",
            "GG-2,GG-3 approval-reported on:2026-02-05 as:press",
            "IO-1 hold on:2026-03-01 by:undisclosed",
            "IO-1 hold-lifted on:2026-03-02 by:undisclosed as:letter",
            "GG-1 extension-requested on:2026-03-02",
            "GG-1 clearance on:2026-03-03 authority:OFAC outcome:refused",
            "GG-1 position on:2026-03-04 by:RU stance:asks-time as:press",
            "GG-1 shipped on:2026-03-04 consignment:1/3 as:applicant",
            "GG-1 accepted on:2026-03-05",
        )
    ]
    wrong = say(database, "IO-2 shipped on:2026-03-03")
    retraction = take_back(database, wrong.main.number)
    with database.reading() as session:
        yield status_blocks.portfolio(KO, portfolio(session, TODAY))
        page = list_page(session, parse_filter("group:gyeonggi,io"), TODAY, number=1, size=status_blocks.PAGE_SIZE)
        yield status_blocks.listing(KO, parse_filter("group:gyeonggi,io"), page, TODAY)
        for ref in ("GG-1", "GG-2", "IO-1", "IO-2", "NGO-1"):
            yield cards.card(KO, project_detail(session, ref, TODAY), whole=True)
        yield cards.update_card(KO, update_detail(session, wrong.main.number))
        for receipt in (*receipts, wrong):
            yield update_blocks.receipt_form(KO, receipt, draft="1")
        yield update_blocks.confirm_undo(KO, retraction)
        both = proposal("KR-1,KR-2 hold on:2026-03-09 by:US")
        planned = plan(session, both, now=NOW, by=ADMIN)
        refusal = Refusal("Your source says the same. Add it with `#{number} confirm`.", number=1)
        told = Audience(("C1",) * 11, 1, 2)
        yield update_blocks.outcome_form(KO, Preview("draft", both, planned, told, [("KR-3", refusal)]))
        for delivery in session.scalars(select(Delivery)):
            message = render(session, delivery, TODAY)
            yield message.blocks
            yield [{"text": message.text}]


def _texts(node: Any) -> Iterator[str]:
    """Yield all visible text in a piece of Block Kit."""
    if isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for child in node:
            yield from _texts(child)


def _literal_parts(message: str | tuple[str, ...]) -> Iterator[str]:
    """Yield the parts between the fields of a message that have more than two words."""
    for text in (message,) if isinstance(message, str) else message:
        for part in re.split(r"\{[^}]*\}", text):
            if len(re.findall(r"[A-Za-z]{2,}", CODE.sub("", part))) > 2:
                yield part.strip()


def _is_korean(part: str) -> bool:
    return any(part in text for each in KEPT for text in _korean(each))


def _english(message: Message) -> str:
    """Return the English message, in its plural if it has one."""
    return message.id if isinstance(message.id, str) else message.id[1]


def _korean(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def _frame(text: str) -> tuple[object, ...]:
    """Return the parts that a translation keeps: fields, code, line ends, and blanks at the ends."""
    fields = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    blanks = (text[:1].isspace(), text[-1:].isspace())
    return fields, sorted(CODE.findall(text)), text.count("\n"), blanks


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
                if name in KEYWORDS and len(node.args) >= len(KEYWORDS[name] or "1"):
                    yield str(path.relative_to(ROOT)), node


def _unmarked(call: ast.Call) -> Iterator[str]:
    """Yield texts of a call's message that the extraction does not find."""
    first = call.args[0]
    if isinstance(first, ast.Constant):
        extracted = {each for message in FOUND for each in ([message] if isinstance(message, str) else message)}
        if isinstance(first.value, str) and first.value not in extracted:
            yield first.value
        return
    if isinstance(first, ast.IfExp | ast.JoinedStr | ast.BinOp):
        marked = {inner for node in ast.walk(first) if isinstance(node, ast.Call) for inner in ast.walk(node)}
        for node in ast.walk(first):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in marked:
                yield node.value
