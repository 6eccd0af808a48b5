"""Every label that the bot shows is understood when it is typed back: in filters, in the line and in files."""

import re
from collections.abc import Callable, Iterator

import pytest

from db.domain.code_lists import code_lists, letters, meant, parse_sectors, read_data
from db.domain.enums import (
    ClearanceOutcome,
    DeliveryStatus,
    Group,
    Headline,
    OrganisationRole,
    Response,
    SourceKind,
    Stance,
    UpdateKind,
    Visibility,
)
from db.imports.columns import COLUMNS, column_named
from db.imports.project_row import LABELLED, _fields, _typed
from db.imports.update_row import CHOICES, OPTION_OF, proposal_of
from db.recording.proposal import LISTS, Proposal, parse_proposal
from db.search.filter import ALONE, FILTER_KEYS, KEYS, Filter, parse_filter
from handlers.i18n.translator import LANGUAGES, Translator
from handlers.updates.line_parser import parse_line
from tests.support.proposals import NOW

Labels = list[tuple[str, str]]
ENUMS = {
    "headline": Headline,
    "kind": UpdateKind,
    "group": Group,
    "stance": Stance,
    "outcome": ClearanceOutcome,
    "role": OrganisationRole,
    "response": Response,
    "delivery": DeliveryStatus,
    "source_kind": SourceKind,
    "visibility": Visibility,
}
# The kind with which an option goes, and the column of a file that says the same.
OF_OPTION = {"by": "hold", "as": "note", "stance": "position", "outcome": "clearance", "all": "delivered"}


def labels(kind: str) -> Labels:
    """Return the codes of a list, each with the labels that are shown for it."""
    return [(code, label) for code, names in code_lists()[kind].items() for label in names.values()]


def ways(label: str) -> Iterator[str]:
    """Yield what people make of a label: as shown, in other case, without spaces."""
    yield from (label, label.upper(), label.lower(), label.replace(" ", ""), label.replace(" ", "  "))


def typed(*lists: str) -> Labels:
    return [(code, way) for kind in lists for code, label in labels(kind) for way in ways(label)]


def of_filters(*, quoted: bool) -> list[tuple[str, str, str]]:
    return [
        (key, code, f'{key}:"{way}"' if quoted else f"{key}:{way}")
        for key in KEYS
        if FILTER_KEYS[key].labels
        for code, way in typed(FILTER_KEYS[key].labels)
    ]


@pytest.mark.parametrize("kind", ENUMS)
def test_labels_of_every_value(kind: str) -> None:
    assert {*code_lists()[kind]} - {""} == {*ENUMS[kind]}
    assert all({*names} == {*LANGUAGES} for names in code_lists()[kind].values())


@pytest.mark.parametrize("kind", sorted({*code_lists()} | {*read_data("typed_words.toml")}))
def test_no_word_means_two_things_of_a_list(kind: str) -> None:
    others = read_data("typed_words.toml").get(kind, {})
    entries = code_lists().get(kind, {})
    words = {code: {code, *names.values(), *others.get(code, ())} for code, names in entries.items()}
    words |= {code: {code, *others[code]} for code in others if code not in entries}
    assert others.keys() <= entries.keys() or not entries
    assert {(word, code): meant(kind, word) for code in words for word in words[code] if letters(word)} == {
        (word, code): code for code in words for word in words[code] if letters(word)
    }


@pytest.mark.parametrize("quoted", [True, False])
def test_label_behind_a_filter(quoted: bool) -> None:
    wrong = [
        (text, filtered.text)
        for key, code, text in of_filters(quoted=quoted)
        if (filtered := parse_filter(f"{text} -water")).text
        != f"{key}:{code.lower() if key == 'sector' else code} -water"
    ]
    assert wrong == []


def test_label_alone() -> None:
    """A word for several filters means the first of them: 면제 승인 is a status, 보류 해제 a kind."""
    wrong = []
    for key in ALONE:
        before = ALONE[: ALONE.index(key)]
        for code, way in typed(FILTER_KEYS[key].labels):
            first = next((each for each in before if meant(FILTER_KEYS[each].labels, way)), key)
            right = f"{first}:{meant(FILTER_KEYS[first].labels, way)}"
            if (first == key and right != f"{key}:{code}") or parse_filter(
                f"GG-1 -{way} water"
            ).text != f"gg-1 -{right} water":
                wrong.append((way, parse_filter(way).text))
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "right"),
    [
        *(("보류 중", "status:on-hold"), ("승인 보도", "status:approval-reported"), ("On hold", "status:on-hold")),
        *(("hold", "status:on-hold"), ("Approved", "status:approved"), ("delivered", "status:delivered")),
        ("경기도 보류 해제", "group:gyeonggi kind:hold-lifted"),
        ("상태:보류 중,면제 승인, 만료일 미상 물", "status:on-hold,approved-end-unknown 물"),
        ("holder:프랑스,United States water", "holder:FR,US water"),
        *(("country:네팔", "country:NP"), ("holder:비공개 이사국", "holder:undisclosed")),
        ('sector:140,"기초 보건"', "sector:140,12220"),
        *(("무응답", "response:no-response"), ("확인되지 않음, 수용", "response:unknown,accepted")),
        ("not known Gyeonggi", "response:unknown group:gyeonggi"),
        *(("선적", "delivery:shipped"), ("일부 전달", "delivery:partly-delivered")),
        ("Nothing shipped on record", "delivery:not-started"),
        ("북측수용여부:거절 반입:전달 완료", "response:declined delivery:delivered"),
        *((text, text) for text in ("on water", "water,보류", "approved-water", "all water")),
        *((word, "") for word in ("전체", "all", "list", "목록", "ALL", " List ")),
    ],
)
def test_filter_of_labels_and_words(text: str, right: str) -> None:
    assert parse_filter(text).text == right
    assert parse_filter(right) == (parse_filter(text) if right else Filter())


@pytest.mark.parametrize("target", ["GG-1", "경기도"])
def test_label_of_a_kind_in_the_line(target: str) -> None:
    wrong = []
    for code, way in [*typed("kind"), *((kind.value, kind.value) for kind in UpdateKind)]:
        line = parse_line(f"{target} {way} – said by:US so")
        if (line.verb, line.note, line.options) != (code, "– said so", {"by": "US"}):
            wrong.append((way, line))
    assert wrong == []


def test_label_of_a_group_in_the_line() -> None:
    wrong = [
        way
        for code, way in typed("group")
        if (line := parse_line(f"{way} note x")).filters != f"group:{code}" or (line.verb, line.note) != ("note", "x")
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "refs", "filters", "verb"),
    [
        ("GG-2 보류 by:프랑스", ("GG-2",), "", "hold"),
        ("경기도 보류 중 보류 해제", (), "group:gyeonggi status:on-hold", "hold-lifted"),
        ("경기도,국제기구 면제 승인", (), "group:gyeonggi,io", "approved"),
        ('status:"On hold" Hold lifted', (), "status:on-hold", "hold-lifted"),
        ("status:On hold Hold lifted", (), "status:on-hold", "hold-lifted"),
        ("International organisations", (), "group:io", ""),
    ],
)
def test_labels_of_targets_in_the_line(text: str, refs: tuple[str, ...], filters: str, verb: str) -> None:
    line = parse_line(text)
    assert (line.refs, line.filters, line.verb) == (refs, filters, verb)


@pytest.mark.parametrize("quoted", [True, False])
@pytest.mark.parametrize("option", LISTS)
def test_label_of_an_option_in_the_line(option: str, quoted: bool) -> None:
    wrong = []
    for code, way in typed(LISTS[option], *(["holder"] if option == "by" else [])):
        value = f'"{way}"' if quoted else way
        line = parse_line(f"GG-1 {OF_OPTION[option]} {option}:{value} – said on:2026-02-05")
        if line.note != "– said" or _said(Proposal(line.refs, line.kind, line.options), option) != code:
            wrong.append((way, line))
    assert wrong == []


@pytest.mark.parametrize("option", LISTS)
def test_label_in_a_cell_of_an_update(option: str) -> None:
    column = next(column for column, each in OPTION_OF.items() if each == option)
    wrong = []
    for code, way in typed(LISTS[option], *(["holder"] if option == "by" else [])):
        proposal = proposal_of(("GG-1",), {"kind": OF_OPTION[option], column: way})
        if _said(proposal, option) != code or (option in CHOICES and proposal.options[option] != code):
            wrong.append((way, proposal))
    assert wrong == []


def test_label_in_a_cell_of_a_project_or_kind() -> None:
    assert [way for code, way in typed("kind") if proposal_of((), {"kind": way}).kind != code] == []
    cells = [(column, code, way) for column in sorted(LABELLED) for code, way in typed(column)]
    assert [way for column, code, way in cells if _fields({column: way}) != {column: code}] == []
    for code, way in typed("organisation_type"):
        made = next(_typed(OrganisationRole.FUNDER, {"funder_en": "F", "funder_type": way}))
        assert made.organisation_type == code, way


def test_label_in_a_cell_of_sectors() -> None:
    for code, way in typed("sector"):
        for cell in (way, f"{code} {way}", f"{way}; 140"):
            assert parse_sectors(cell)[0] == code, cell


@pytest.mark.parametrize("language", LANGUAGES)
def test_heading_of_every_column(language: str) -> None:
    headings = [(column, way) for column in COLUMNS for way in ways(column.heading(language))]
    assert [way for column, way in headings if column_named(way) is not column] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translator_shows_these_labels(language: str) -> None:
    words = Translator(language)
    names = ("headline", "kind", "group", "stance", "outcome", "role", "response", "delivery", "source_kind")
    shown: dict[str, Callable[..., str]] = {name: getattr(words, name) for name in names}
    assert [each for kind in shown for each in ENUMS[kind] if meant(kind, shown[kind](each)) != each] == []
    assert meant("country", words.holder("undisclosed")) == "undisclosed"
    if language == "ko":
        assert all(re.search("[가-힣]", shown[kind](each)) for kind in shown for each in ENUMS[kind])


def _said(proposal: Proposal, option: str) -> str | None:
    """Return what an option says in the update of a proposal."""
    update = parse_proposal(proposal, now=NOW, by="U1")
    whole = "yes" if update.consignment.whole else "no"
    said = {"by": update.holder, "as": update.confidence, "stance": update.stance, "outcome": update.outcome or ""}
    return whole if option == "all" else said[option]
