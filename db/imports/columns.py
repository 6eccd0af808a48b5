"""Columns of imported and exported tables, in which a row is a project, an update of it, or both.

Each has an English name, a Korean one and an HXL hashtag (docs/import.md); an import accepts any of them.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from db.domain.enums import OrganisationRole


@dataclass(frozen=True, slots=True)
class Column:
    """A column, ``name`` in this code, ``of`` the project, the update or the derived status."""

    name: str
    of: str
    english: str
    korean: str
    hxl: str

    def heading(self, language: str) -> str:
        """Return its heading in ``language`` (en, ko)."""
        return self.korean if language == "ko" else self.english


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
        Column(f"{role}_country", PROJECT, f"{english} country", f"{korean} 국가", f"#country+{role}+code"),
    )


COLUMNS = (
    Column("ref", PROJECT, "Ref", "사업번호", "#activity+code"),
    Column("title_en", PROJECT, "Title", "사업명(영문)", "#activity+name+i_en"),
    Column("title_ko", PROJECT, "Title in Korean", "사업명", "#activity+name+i_ko"),
    Column("group", PROJECT, "Group", "구분", "#activity+type"),
    *(column for role, korean in _ROLES.items() for column in _of_role(role, korean)),
    Column("sectors", PROJECT, "Sectors", "분야", "#sector+code"),
    Column("amount_low", PROJECT, "Amount from", "금액(최소)", "#value+amount+min"),
    Column("amount_high", PROJECT, "Amount to", "금액(최대)", "#value+amount+max"),
    Column("amount_currency", PROJECT, "Amount currency", "금액 통화", "#currency+amount"),
    Column("amount_basis", PROJECT, "Amount basis", "금액 근거", "#value+amount+basis"),
    Column("predecessor", PROJECT, "Predecessor", "선행 사업", "#activity+code+predecessor"),
    Column("same_as", PROJECT, "Same as", "같은 사업", "#activity+code+same"),
    Column("visibility", PROJECT, "Visibility", "공개 여부", "#activity+visibility"),
    Column("project_notes", PROJECT, "Project notes", "사업 비고", "#activity+description"),
    Column("project_notes_ko", PROJECT, "Project notes in Korean", "사업 비고(국문)", "#activity+description+i_ko"),
    Column("data_set", PROJECT, "Data set", "자료집", "#meta+dataset"),
    Column("number", UPDATE, "Number", "번호", "#event+code"),
    Column("kind", UPDATE, "Update", "조치", "#event+type"),
    Column("happened", UPDATE, "Date", "일자", "#date+happened"),
    Column("reported", UPDATE, "Reported on", "보도일", "#date+reported"),
    Column("confirms", UPDATE, "Confirms", "확인한 조치", "#event+code+confirms"),
    Column("differs", UPDATE, "Differs", "다르게 전한 조치", "#event+code+differs"),
    Column("confidence", UPDATE, "Source kind", "출처 유형", "#meta+source+type"),
    Column("holder", UPDATE, "Held by", "보류국", "#org+holder+code"),
    Column("stance", UPDATE, "Stance", "이사국 입장", "#event+stance"),
    Column("length", UPDATE, "Length asked for", "요청 기간", "#event+length"),
    Column("lift", UPDATE, "Lift", "해제 범위", "#event+lift"),
    Column("note", UPDATE, "Note", "내용", "#event+description"),
    Column("note_ko", UPDATE, "Note in Korean", "내용(국문)", "#event+description+i_ko"),
    Column("source", UPDATE, "Source", "출처", "#meta+source+url"),
    Column("publisher", UPDATE, "Publisher", "발행처", "#meta+source+name"),
    Column("published", UPDATE, "Published", "발행일", "#date+published"),
    Column("attributed", UPDATE, "Attributed to", "인용 출처", "#meta+source+attributed"),
    Column("letter_date", UPDATE, "Letter date", "서한 일자", "#date+letter"),
    Column("valid_until", UPDATE, "Valid until", "면제 만료일", "#date+letter+end"),
    Column("period", UPDATE, "Period as stated", "명시된 기간", "#date+letter+period"),
    Column("paragraph", UPDATE, "Paragraph", "서한 문단", "#event+paragraph"),
    Column("items", UPDATE, "Items", "품목 수", "#item+num"),
    Column("value", UPDATE, "Value", "품목 가액", "#value+letter"),
    Column("value_currency", UPDATE, "Value currency", "품목 가액 통화", "#currency+letter"),
    Column("shipments", UPDATE, "Shipments", "운송 횟수", "#shipment+num"),
    Column("deadline", UPDATE, "No-objection deadline", "무이의 시한", "#date+deadline"),
    Column("authority", UPDATE, "Authority", "허가 기관", "#org+authority+name"),
    Column("outcome", UPDATE, "Outcome", "허가 결과", "#event+outcome"),
    Column("consignment", UPDATE, "Consignment", "화물 번호", "#shipment+code"),
    Column("contents", UPDATE, "Contents", "화물 내용", "#item+name"),
    Column("origin", UPDATE, "Shipped from", "출발지", "#loc+origin+name"),
    Column("destination", UPDATE, "Shipped to", "도착지", "#loc+destination+name"),
    Column("whole", UPDATE, "All delivered", "전량 전달", "#shipment+all"),
    Column("extends", UPDATE, "Extends", "연장 대상", "#event+code+extends"),
)

EDITION = "edition"
# Of a data set that ships with the bot: which edition it is, and the key of each update (db.maintenance.editions).
OF_EDITIONS = (
    Column("key", EDITION, "Key", "항목 키", "#meta+key"),
    Column("edition", EDITION, "Edition", "판", "#meta+edition"),
)

STANDING = "standing"
# Derived from the updates: an export writes these, an import only says where they differ from the record.
DERIVED = (
    Column("headline", STANDING, "Standing", "현재 상태", "#status"),
    Column("since", STANDING, "Since", "시작일", "#date+status+start"),
    Column("open_holds", STANDING, "Open holds", "보류 중인 국가", "#org+holder+open"),
    Column("ends", STANDING, "In force until", "유효 기한", "#date+status+end"),
    Column("days_left", STANDING, "Days left", "남은 일수", "#status+days"),
    Column("delivery", STANDING, "Delivery", "전달", "#status+delivery"),
    Column("response", STANDING, "Response of the DPRK", "북한의 반응", "#status+response"),
    Column("positions", STANDING, "Positions", "이사국별 입장", "#status+positions"),
    Column("clearances", STANDING, "Clearances", "인허가 현황", "#status+clearances"),
    Column("differing", STANDING, "Sources differ", "출처별 차이", "#status+differing"),
    Column("as_of", STANDING, "As of", "기준일", "#date+status"),
    Column("stated_by", STANDING, "Source of the standing", "현재 상태의 출처", "#status+source"),
)


def column_named(heading: str) -> Column | None:
    """Return the column that ``heading`` names in any of its forms; None for an unknown one."""
    return _by_heading().get(_normalize(heading))


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
    return {
        _normalize(heading): column for column in (*COLUMNS, *OF_EDITIONS, *DERIVED) for heading in _headings(column)
    }


def _headings(column: Column) -> tuple[str, ...]:
    return (column.name, column.english, column.korean, column.hxl)
