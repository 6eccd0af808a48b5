"""/aid-admin import: a file in a form is tried, shown row by row, and recorded exactly as it was shown."""

import io
import json
import zipfile

import pytest
from openpyxl import Workbook
from sqlalchemy import text

from bot.slack_emulator import Fault, LocalFile
from db.reports.project import project_detail
from handlers.slack.file_download import MOST_BYTES
from tests.support.harness import BotHarness, UserDriver

TABLE = """Ref,Title,Group,Applicant,Update,Date,Source kind,Valid until,Source
NEW-1,Tents,io,World Health Organization,approved,2025-07-20,letter,2026-04-20,https://example.org/letter
NEW-1,,,,shipped,2025-09,,,
GG-1,Kaepung nursery,,,,,,,
"""


def give(harness: BotHarness, content: str | bytes, name: str = "table.csv", who: UserDriver | None = None) -> str:
    """Open the form, give a file and press *Try it*; what stands in the form then, or the error beside its field."""
    who = who or harness.admin
    who.types("/aid-admin import")
    who.sees_modal("import_file")
    data = content.encode() if isinstance(content, str) else content
    outcome = who.person.submit(values={"File": [LocalFile(name, data)]})
    return " ".join(outcome.errors.values()) or who.person.read()


def record(harness: BotHarness) -> str:
    harness.admin.person.submit()
    return harness.admin.person.read()


def title_of(harness: BotHarness, ref: str) -> str:
    with harness.database.reading() as session:
        return str(project_detail(session, ref, harness.clock().date()).project.title_en)


def workbook(*rows: list[object]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(out)
    return out.getvalue()


def test_tried_shown_and_recorded(harness: BotHarness) -> None:
    before = harness.rows()
    said = give(harness, TABLE)
    assert "3 rows: 1 projects would be added and 1 changed, 2 updates recorded; 0 are on record already" in said
    assert "line 2: NEW-1 — new project; records Exemption approved" in said
    assert "line 4: GG-1 — changes Title (English)" in said
    assert harness.rows() == before

    said = record(harness)
    assert (
        "1 projects were added and 1 changed, 2 updates recorded; 0 were on record already. Nobody was alerted." in said
    )
    assert title_of(harness, "GG-1") == "Kaepung nursery"
    assert harness.alerts() == []
    assert "NEW-1 · Approved" in str(harness.member.types("/aid-status NEW-1").message.blocks)


def test_the_author_is_who_gave_it(harness: BotHarness) -> None:
    give(harness, TABLE)
    record(harness)
    with harness.database.reading() as session:
        number = session.scalar(text("SELECT max(id) FROM updates"))
    assert "<@U0ADMIN>" in str(harness.member.types(f"/aid-status #{number}").message.blocks)


def test_given_twice_there_is_nothing_to_record(harness: BotHarness) -> None:
    give(harness, TABLE)
    record(harness)
    before = harness.rows()
    said = give(harness, TABLE)
    assert "0 projects would be added and 0 changed, 0 updates recorded; 2 are on record already" in said
    view = harness.admin.person.modal
    assert view
    assert view.callback_id == "import_done"
    assert harness.rows() == before


def test_recorded_twice_at_once_it_is_recorded_once(harness: BotHarness) -> None:
    """Two people, or two windows, press *Record* for the same file."""
    give(harness, TABLE)
    give(harness, TABLE, who=harness.second)
    record(harness)
    after = harness.rows()
    harness.second.person.submit()
    assert "0 updates recorded; 2 were on record already" in harness.second.person.read()
    assert {**harness.rows(), "inbox_keys": 0} == {**after, "inbox_keys": 0}


def test_a_workbook(harness: BotHarness) -> None:
    said = give(harness, workbook(["Ref", "Title"], ["GG-2", "Rice"]), "table.xlsx")
    assert "sheet “Sheet”, line 2: GG-2 — changes Title (English)" in said
    record(harness)
    assert title_of(harness, "GG-2") == "Rice"


def test_in_korean(harness: BotHarness) -> None:
    harness.slack.edit_user("U0ADMIN", locale="ko-KR")
    harness.admin.types("/aid-admin import")
    harness.admin.person.submit(values={"파일": [LocalFile("표.csv", TABLE.encode())]})
    said = harness.admin.person.read()
    assert "2행: NEW-1 — 새 사업; 면제 승인 기록" in said
    assert "업데이트 2건" in said
    assert "would be" not in said


def test_wrong_rows_are_told_with_line_and_column_and_nothing_can_be_recorded(harness: BotHarness) -> None:
    said = give(harness, TABLE + "NEW-2,Rice,nowhere,,,,,,\nGG-3,,,,approved,soon,letter,2026-04-20,\n")
    assert "Nothing was recorded: 2 rows cannot stand as they are." in said
    assert "line 5, column “Group”:" in said
    assert "line 6, column “Date”: “soon” is not a date I can read." in said
    view = harness.admin.person.modal
    assert view
    assert view.callback_id == "import_done"


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "x")
        packed.writestr("xl/workbook.xml", b"\0" * (450 * 2**20))
    return out.getvalue()


BAD = {
    "empty": ("table.csv", b"", "The file is empty."),
    "too large": ("table.csv", b"Ref\n" * (MOST_BYTES // 4 + 1), "The file has 3 MB; 2 MB are the most."),
    "no table": ("table.csv", b"hello\nworld\n", "Ref"),
    "not what it says": ("table.xlsx", b"Ref,Title\nGG-1,x\n", "XLSX"),
    "cut off": ("table.xlsx", workbook(["Ref"], ["GG-1"])[:-300], "XLSX"),
    "bomb": ("table.xlsx", bomb(), "MB"),
    "formula": ("table.xlsx", workbook(["Ref", "Title"], ["GG-1", "=1+1"]), "formula"),
    "too many rows": ("table.csv", b"Ref,Title\n" + b"GG-1,x\n" * 2500, "more than 2000 rows, the most here"),
}


@pytest.mark.parametrize("case_", BAD)
def test_bad_files_are_a_sentence_and_change_nothing(harness: BotHarness, case_: str) -> None:
    name, content, expected = BAD[case_]
    before = harness.rows()
    said = give(harness, content, name)
    assert expected in said
    assert "E-" not in said
    assert harness.rows() == before


def test_another_kind_of_file_is_stopped_at_the_field(harness: BotHarness) -> None:
    assert "not accepted here" in give(harness, b"%PDF", "letter.pdf")


def test_the_size_is_looked_at_before_anything_is_fetched(harness: BotHarness) -> None:
    give(harness, b"x" * (MOST_BYTES + 1))
    assert not [call for call in harness.slack.traffic_log.calls() if call.method == "files.info"]


@pytest.mark.parametrize("code", ["missing_scope", "file_not_found", "file_deleted"])
def test_what_slack_refuses_is_said(harness: BotHarness, code: str) -> None:
    harness.slack.faults.add("files.info", Fault.error(code))
    assert code in give(harness, TABLE)


def test_a_file_that_changed_since_it_was_shown_is_not_recorded(harness: BotHarness) -> None:
    give(harness, TABLE)
    view = harness.admin.person.modal
    assert view
    before = harness.rows()
    about = json.loads(view.source["private_metadata"])
    view.source["private_metadata"] = json.dumps({**about, "sha256": "0" * 64})
    assert "has changed since you saw what it does, so nothing was recorded" in record(harness)
    assert harness.rows() == before


@pytest.mark.parametrize("about", [{}, {"file": "", "sha256": "0" * 64}, {"file": "../x", "sha256": "0" * 64}])
def test_a_form_that_names_no_file_asks_slack_nothing(harness: BotHarness, about: dict[str, str]) -> None:
    give(harness, TABLE)
    view = harness.admin.person.modal
    assert view
    before, asked = harness.rows(), len(harness.slack.calls("files.info"))
    view.source["private_metadata"] = json.dumps(about)
    assert "so nothing was done. Type the command again." in record(harness)
    assert len(harness.slack.calls("files.info")) == asked
    assert harness.rows() == before


def test_a_long_trial_shows_its_outcome_later(harness: BotHarness) -> None:
    harness.slack.faults.add("files.info", Fault.delay_before(2))
    assert "The file is being read." in give(harness, TABLE)
    assert "1 projects would be added" in harness.admin.sees_modal("import_preview")


def test_who_has_closed_the_form_is_written_to(harness: BotHarness) -> None:
    harness.slack.faults.add("files.info", Fault.delay_before(2))
    give(harness, TABLE)
    harness.admin.person.close()
    harness.wait(lambda: any("closed the form" in each.text for each in harness.slack.direct_messages("U0ADMIN")))
    (told,) = [each for each in harness.slack.direct_messages("U0ADMIN") if "closed the form" in each.text]
    assert "1 projects would be added" in told.text


def test_a_member_gets_no_form(harness: BotHarness) -> None:
    assert "Only admins may do this" in harness.member.types("/aid-admin import").text
    assert harness.member.person.modal is None
