"""Columns of tables, each by its English name, Korean name and HXL hashtag; a row is a project, an update or both."""

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from db.domain.amounts import read_amount, read_count
from db.domain.enums import OrganisationRole
from db.errors import BadInput


@dataclass(frozen=True, slots=True)
class Column:
    """A column, ``name`` in this code, ``of`` the project, the update or the derived status."""

    name: str
    of: str
    english: str
    korean: str
    hxl: str

    def heading(self, language: str) -> str:
        return self.korean if language == "ko" else self.english


AMOUNTS, COUNTS = frozenset({"amount_low", "amount_high", "value"}), frozenset({"items", "shipments"})
_BRACKET, _JOINT = re.compile(r"(.+?)\s*[(\[（]([^()\[\]（）]+)[)\]）]", re.DOTALL), re.compile(r"\s*[\n/|·]\s*")
# What a heading may say about how its cells are filled in.
_HINT = re.compile(r"[ymd.\-]+|required|optional|필수|선택|new york|뉴욕", re.IGNORECASE)

PROJECT = "project"
UPDATE = "update"

# Each role's name in headings: Korean, and the attribute of its HXL tags.
_ROLES = {
    OrganisationRole.IMPLEMENTER: "시행기관",
    OrganisationRole.APPLICANT: "신청기관",
    OrganisationRole.SUBMITTER: "제출기관",
    OrganisationRole.FUNDER: "재정지원기관",
    OrganisationRole.PARTNER: "협력기관",
}


def _of_role(role: OrganisationRole, korean: str) -> tuple[Column, ...]:
    english = role.value.capitalize()
    return (
        Column(f"{role}_en", PROJECT, english, f"{korean}(영문)", f"#org+{role}+name+i_en"),
        Column(f"{role}_ko", PROJECT, f"{english} in Korean", korean, f"#org+{role}+name+i_ko"),
        Column(f"{role}_type", PROJECT, f"{english} type", f"{korean} 유형", f"#org+{role}+type"),
        Column(f"{role}_country", PROJECT, f"{english} country", f"{korean} 국가", f"#org+{role}+country+code"),
    )


COLUMNS = (
    Column("ref", PROJECT, "Ref", "사업 번호", "#activity+code"),
    Column("title_en", PROJECT, "Title", "사업명(영문)", "#activity+name+i_en"),
    Column("title_ko", PROJECT, "Title in Korean", "사업명", "#activity+name+i_ko"),
    Column("group", PROJECT, "Group", "구분", "#activity+type"),
    *(column for role, korean in _ROLES.items() for column in _of_role(role, korean)),
    Column("sectors", PROJECT, "Sectors", "분야", "#sector+code"),
    Column("amount_low", PROJECT, "Amount from", "최소 금액", "#value+amount+min"),
    Column("amount_high", PROJECT, "Amount to", "최대 금액", "#value+amount+max"),
    Column("amount_currency", PROJECT, "Amount currency", "금액 통화", "#currency+amount"),
    Column("amount_basis", PROJECT, "Amount basis", "금액 근거", "#description+amount+basis"),
    Column("predecessor", PROJECT, "Predecessor", "연장 대상(이전 사업)", "#activity+code+predecessor"),
    Column("same_as", PROJECT, "Same as", "같은 사업", "#activity+code+same"),
    Column("visibility", PROJECT, "Visibility", "공개 여부", "#activity+visibility"),
    Column("project_notes", PROJECT, "Project notes", "사업 비고", "#activity+description"),
    Column("project_notes_ko", PROJECT, "Project notes in Korean", "사업 비고(국문)", "#activity+description+i_ko"),
    Column("data_set", PROJECT, "Data set", "자료집", "#meta+dataset"),
    Column("number", UPDATE, "Number", "번호", "#event+code"),
    Column("kind", UPDATE, "Update", "변동", "#event+type"),
    Column("happened", UPDATE, "Date", "발생일", "#event+date"),
    Column("reported", UPDATE, "Reported on", "보도일", "#date+reported"),
    Column("confirms", UPDATE, "Confirms", "확인한 변동", "#event+code+confirms"),
    Column("differs", UPDATE, "Differs", "다르게 전한 변동", "#event+code+differs"),
    Column("confidence", UPDATE, "Source kind", "출처 종류", "#meta+source+type"),
    Column("holder", UPDATE, "Held by", "보류국", "#org+holder+code"),
    Column("stance", UPDATE, "Stance", "이사국 입장", "#event+stance"),
    Column("length", UPDATE, "Length asked for", "신청 기간", "#event+length"),
    Column("lift", UPDATE, "Lift", "해제 범위", "#event+lift"),
    Column("note", UPDATE, "Note", "메모", "#event+description"),
    Column("note_ko", UPDATE, "Note in Korean", "메모(국문)", "#event+description+i_ko"),
    Column("source", UPDATE, "Source", "출처", "#meta+source+url"),
    Column("publisher", UPDATE, "Publisher", "발행처", "#meta+source+name"),
    Column("published", UPDATE, "Published", "발행일", "#date+published"),
    Column("attributed", UPDATE, "Attributed to", "인용 출처", "#meta+source+attributed"),
    Column("letter_date", UPDATE, "Letter date", "서한 날짜", "#date+letter"),
    Column("valid_until", UPDATE, "Valid until", "유효기간 종료일", "#event+letter+end"),
    Column("period", UPDATE, "Period as stated", "명시된 기간", "#event+letter+period"),
    Column("paragraph", UPDATE, "Paragraph", "근거 조항", "#event+paragraph"),
    Column("items", UPDATE, "Items", "품목 수", "#item+num"),
    Column("value", UPDATE, "Value", "품목 금액", "#value+letter"),
    Column("value_currency", UPDATE, "Value currency", "품목 금액 통화", "#currency+letter"),
    Column("shipments", UPDATE, "Shipments", "허용 선적 횟수", "#x_shipment+num"),
    Column("deadline", UPDATE, "No-objection deadline", "무이의 절차 기한", "#date+deadline"),
    Column("authority", UPDATE, "Authority", "관계 당국", "#org+authority+name"),
    Column("outcome", UPDATE, "Outcome", "허가 결과", "#event+outcome"),
    Column("consignment", UPDATE, "Consignment", "화물 번호", "#x_shipment+code"),
    Column("contents", UPDATE, "Contents", "화물 내용", "#item+name"),
    Column("origin", UPDATE, "Shipped from", "출발지", "#loc+origin+name"),
    Column("destination", UPDATE, "Shipped to", "도착지", "#loc+destination+name"),
    Column("whole", UPDATE, "All delivered", "전량 전달", "#x_shipment+all"),
    Column("extends", UPDATE, "Extends", "연장 대상", "#event+code+extends"),
)

# Tags of earlier files, by their column.
_FORMER_TAGS = {
    **{f"{role}_country": f"#country+{role}+code" for role in _ROLES},
    "amount_basis": "#value+amount+basis",
    "happened": "#date+happened",
    "valid_until": "#date+letter+end",
    "period": "#date+letter+period",
    "shipments": "#shipment+num",
    "consignment": "#shipment+code",
    "whole": "#shipment+all",
}
# The option of a proposal that each column sets.
OPTION_OF = {
    **{name: name for name in ("reported", "source", "stance", "length", "lift", "period", "extends", "deadline")},
    **{name: name for name in ("authority", "outcome", "consignment", "contents", "paragraph", "items", "value")},
    "shipments": "shipments",
    "happened": "on",
    "confidence": "as",
    "holder": "by",
    "note_ko": "note-ko",
    "attributed": "attributed-to",
    "valid_until": "until",
    "origin": "from",
    "destination": "to",
    "whole": "all",
    "letter_date": "letter-date",
    "value_currency": "currency",
}
# Of the sentence of an error, what names an option of the command line.
_OPTION = re.compile(r"`(?:([a-z-]+):([^`]*)|#([0-9]+) (confirm|differ))`")

EDITION = "edition"
# Of a data set that ships with the bot: which edition it is, and the key of each update (db.maintenance.editions).
OF_EDITIONS = (
    Column("key", EDITION, "Key", "항목 키", "#meta+key"),
    Column("edition", EDITION, "Edition", "판", "#meta+edition"),
)

STANDING = "standing"
# Derived from the updates: an export writes these, an import only says where they differ from the record.
DERIVED = (
    Column("headline", STANDING, "Status", "상태", "#status"),
    Column("since", STANDING, "Since", "시작일", "#date+status+start"),
    Column("open_holds", STANDING, "Open holds", "보류 중인 국가", "#org+holder+open"),
    Column("ends", STANDING, "In force until", "현재 유효기간 종료일", "#date+status+end"),
    Column("days_left", STANDING, "Days left", "남은 일수", "#status+days"),
    Column("delivery", STANDING, "Delivery", "물품 반입", "#status+delivery"),
    Column("response", STANDING, "DPRK response", "북측 수용 여부", "#status+response"),
    Column("positions", STANDING, "Positions", "이사국별 입장", "#status+positions"),
    Column("clearances", STANDING, "Clearances", "인허가 현황", "#status+clearances"),
    Column("differing", STANDING, "Sources differ", "출처별 차이", "#status+differing"),
    Column("as_of", STANDING, "As of", "기준일", "#date+status"),
    Column("stated_by", STANDING, "Source of the standing", "상태의 출처", "#status+source"),
)
# Of a table with hashtags: the days among dates that may be less exact, for tools that take nothing else under #date,
# and the country. The first two show the cell of the column whose name they bear.
OF_HXL = (
    Column("happened", STANDING, "HXL date", "HXL 일자", "#date+happened+iso"),
    Column("valid_until", STANDING, "HXL valid until", "HXL 면제 만료일", "#date+letter+end+iso"),
    Column("hxl_country", STANDING, "HXL country", "HXL 국가", "#country+code"),
)

# Headings of earlier releases, by the column that each names.
_FORMER = {
    "Standing": "headline",
    "Response of the DPRK": "response",
    "사업번호": "ref",
    "금액(최소)": "amount_low",
    "금액(최대)": "amount_high",
    "선행 사업": "predecessor",
    "조치": "kind",
    "일자": "happened",
    "확인한 조치": "confirms",
    "다르게 전한 조치": "differs",
    "출처 유형": "confidence",
    "요청 기간": "length",
    "내용": "note",
    "내용(국문)": "note_ko",
    "서한 일자": "letter_date",
    "면제 만료일": "valid_until",
    "서한 문단": "paragraph",
    "품목 가액": "value",
    "품목 가액 통화": "value_currency",
    "운송 횟수": "shipments",
    "무이의 시한": "deadline",
    "허가 기관": "authority",
    "현재 상태": "headline",
    "현재 만료일": "ends",
    "현재 상태의 출처": "stated_by",
    "유효 기한": "ends",
    "전달": "delivery",
    "북한의 반응": "response",
}
_DATED = re.compile(r"\s*\(\d{4}-\d{2}-\d{2}\)$")


def column_named(heading: str) -> Column | None:
    """Return the column that ``heading`` names in any of its forms; None for an unknown one."""
    return column_and_unit(heading)[0]


def column_and_unit(heading: str) -> tuple[Column | None, str]:
    """Return the column that a heading in one or two languages names, and its unit (``Value (USD)``); None for none."""
    parts = _parts(_DATED.sub("", heading.strip()))  # the day that the days left are counted from
    columns = {column for part in parts if (column := _by_heading().get(_normalize(part)))}
    rest = [part for part in parts if _normalize(part) not in _by_heading() and not _HINT.fullmatch(part)]
    if len(columns) != 1:
        return None, ""
    (column,), unit = columns, " ".join(rest)
    return (column, unit) if not unit or _is_unit(column, unit) else (None, "")


def _parts(heading: str) -> list[str]:
    if _normalize(heading) in _by_heading() or is_hxl(heading):
        return [heading]
    if bracket := _BRACKET.fullmatch(heading):
        return [*_parts(bracket[1].strip()), *_parts(bracket[2].strip())]
    parts = _JOINT.split(heading)
    return [each for part in parts for each in _parts(part.strip())] if len(parts) > 1 else [heading.rstrip(".:")]


def _is_unit(column: Column, unit: str) -> bool:
    with suppress(BadInput):
        if column.name in COUNTS:
            return bool(read_count(f"1 {unit}", field=column.name))
        return column.name in AMOUNTS and bool(read_amount(f"1 {unit}"))
    return False


def column_of(option: str) -> str:
    """Return the column of an option, or of another field of an update."""
    return next((column for column, each in OPTION_OF.items() if each == option), option)


def name_columns(sentence: str, language: str) -> str:
    """Return the sentence of an error with columns in place of options of the command line."""

    def named(match: re.Match[str]) -> str:
        name = column_of(match[1]) if match[1] else f"{match[4]}s"
        column = next((column for column in COLUMNS if column.name == name), None)
        value = match[2] or match[3]
        return f"“{column.heading(language)}”{f': {value}' if value else ''}" if column else match[0]

    return _OPTION.sub(named, sentence)


def is_of_hxl(heading: str) -> bool:
    """Return True for a heading that an export with hashtags adds, which repeats another column's cells."""
    return _normalize(heading) in {_normalize(each) for column in OF_HXL for each in _headings(column)}


def is_hxl(heading: str) -> bool:
    return heading.strip().startswith("#")


def _normalize(heading: str) -> str:
    """Normalize a heading: no case, spaces or underscores; the attributes of an HXL tag sorted."""
    text = re.sub(r"[\s_*]+", "", unicodedata.normalize("NFKC", heading)).casefold()
    if not is_hxl(text):
        return text
    tag, *attributes = text.split("+")
    return "+".join([tag, *sorted(attributes)])


@cache
def _by_heading() -> dict[str, Column]:
    columns = {column.name: column for column in (*COLUMNS, *DERIVED)}
    named = {
        _normalize(heading): column for column in (*COLUMNS, *OF_EDITIONS, *DERIVED) for heading in _headings(column)
    }
    return named | {_normalize(heading): columns[name] for heading, name in _FORMER.items()}


def _headings(column: Column) -> tuple[str, ...]:
    return (column.name, column.english, column.korean, column.hxl, _FORMER_TAGS.get(column.name, column.hxl))
