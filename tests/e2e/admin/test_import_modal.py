"""/aid-admin import: a file is tried, shown row by row, and recorded exactly as shown."""

import io
import json
import zipfile

import pytest
from openpyxl import Workbook
from sqlalchemy import text

from bot.slack_emulator import Fault, LocalFile
from db.outbox.notices import PATIENCE
from db.reports.project import project_detail
from handlers.slack.file_download import MOST_BYTES
from tests.support.harness import BotHarness, UserDriver

TABLE = """Ref,Title,Group,Applicant,Update,Date,Source kind,Valid until,Source
NEW-1,Tents,io,World Health Organization,approved,2025-07-20,letter,2026-04-20,https://example.org/letter
NEW-1,,,,shipped,2025-09,,,
GG-1,Kaepung nursery,,,,,,,
"""


def try_file(harness: BotHarness, content: str | bytes, name: str = "table.csv", who: UserDriver | None = None) -> str:
    """Open the form, choose a file and press *Try it*; return the form's text, or the error beside its field."""
    who = who or harness.admin
    who.types("/aid-admin import")
    who.sees_modal("import_file")
    data = content.encode() if isinstance(content, str) else content
    return who.submits(File=[LocalFile(name, data)])


def title_of(harness: BotHarness, ref: str) -> str:
    with harness.database.reading() as session:
        return str(project_detail(session, ref, harness.clock().date()).project.title_en)


def workbook(*rows: list[object]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(out)
    return out.getvalue()


def test_import_records_what_the_trial_shows_once(harness: BotHarness) -> None:
    before = harness.rows()
    outcome = try_file(harness, TABLE)
    assert "3 rows. Projects to add: 1, to change: 1. Updates to record: 2 (0 already on record)" in outcome
    assert "line 2: NEW-1 — new project; records Exemption approved" in outcome
    assert "line 4: GG-1 — changes Title" in outcome
    assert harness.rows() == before

    outcome = harness.admin.submits()
    assert "Projects added: 1, changed: 1. Updates recorded: 2 (0 already on record). No alerts were sent." in outcome
    assert title_of(harness, "GG-1") == "Kaepung nursery"
    assert harness.alerts() == []
    assert "NEW-1 · Approved" in str(harness.member.types("/aid-status NEW-1").message.blocks)
    with harness.database.reading() as session:
        number = session.scalar(text("SELECT max(id) FROM updates"))
    assert "<@U0ADMIN>" in str(harness.member.types(f"/aid-status #{number}").message.blocks)

    before = harness.rows()
    outcome = try_file(harness, TABLE)
    assert "Projects to add: 0, to change: 0. Updates to record: 0 (2 already on record)" in outcome
    assert harness.admin.sees_modal("import_done")
    assert harness.rows() == before


def test_import_recorded_twice_at_once_records_once(harness: BotHarness) -> None:
    """Two windows press *Record* for the same file."""
    try_file(harness, TABLE)
    try_file(harness, TABLE, who=harness.second)
    harness.admin.submits()
    after = harness.rows()
    assert "Updates recorded: 0 (2 already on record)" in harness.second.submits()
    other = {"inbox_keys": 0, "tallies_versions": 0}  # counted again, with the same counts
    assert {**harness.rows(), **other} == {**after, **other}


def test_import_form_in_korean(harness: BotHarness) -> None:
    harness.slack.edit_user("U0ADMIN", locale="ko-KR")
    harness.admin.types("/aid-admin import")
    outcome = harness.admin.submits(파일=[LocalFile("표.csv", TABLE.encode())])
    assert "2행: NEW-1 — 새 사업; 면제 승인 기록" in outcome
    assert "기록할 변동 2건" in outcome
    assert "Projects" not in outcome


def test_import_errors_name_line_and_column(harness: BotHarness) -> None:
    outcome = try_file(harness, TABLE + "NEW-2,Rice,nowhere,,,,,,\nGG-3,,,,approved,soon,letter,2026-04-20,\n")
    assert "Nothing was recorded: 2 rows have errors." in outcome
    assert "line 5, column “Group”:" in outcome
    assert "line 6, column “Date”: I can't read “soon” as a date." in outcome
    assert harness.admin.sees_modal("import_done")


def bomb(part: str, content: bytes) -> bytes:
    """Return a workbook with one part replaced by what takes far more than it seems."""
    out = io.BytesIO(workbook(["Ref", "Title"], ["GG-1", "x"]))
    with zipfile.ZipFile(out) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()} | {part: content}
    related = b'<Relationship Id="t" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(b"</Relationships>", related)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, each in parts.items():
            packed.writestr(name, each)
    return out.getvalue()


TEXTS = "xl/sharedStrings.xml"


BAD = {
    "too large": ("table.csv", b"Ref\n" * (MOST_BYTES // 4 + 1), "The file is 3 MB; the maximum is 2 MB."),
    "cut off": ("table.xlsx", workbook(["Ref"], ["GG-1"])[:-300], "no whole workbook"),
    "of another type": ("letter.pdf", b"%PDF", "not accepted here"),
    "bomb": ("table.xlsx", bomb(TEXTS, b"\0" * (51 * 2**20)), "the maximum is 50 MB"),
    "wide row": ("table.xlsx", bomb(TEXTS, b"<row>" + b"<c/>" * 2**20), "too many cells"),
    "too many rows": ("table.csv", b"Ref,Title\n" + b"GG-1,x\n" * 2500, "more than 2000 rows, the maximum here"),
}


@pytest.mark.parametrize("name", BAD)
def test_import_of_a_bad_file_changes_nothing(busy: BotHarness, name: str) -> None:
    file, content, expected = BAD[name]
    before = busy.rows()
    outcome = try_file(busy, content, file)
    assert expected in outcome
    assert "E-" not in outcome
    assert busy.rows() == before
    busy.admin.person.close(every=True)


def test_import_checks_the_size_before_the_download(harness: BotHarness) -> None:
    try_file(harness, b"x" * (MOST_BYTES + 1))
    assert not [call for call in harness.slack.traffic_log.calls() if call.method == "files.info"]


def test_import_reports_what_slack_refuses(harness: BotHarness) -> None:
    for code in ("missing_scope", "file_not_found", "file_deleted"):
        harness.slack.faults.add("files.info", Fault.error(code))
        assert code in try_file(harness, TABLE)
        harness.admin.person.close(every=True)


OUT_OF_DATE = "so nothing was done. Run the command again."


@pytest.mark.parametrize(
    ("about", "sentence", "requests"),
    [
        ({"sha256": "0" * 64}, "changed after the preview, so nothing was recorded", 1),
        ({"file": ""}, OUT_OF_DATE, 0),
        ({"file": "../x"}, OUT_OF_DATE, 0),
        ({"file": None, "sha256": None}, OUT_OF_DATE, 0),
    ],
)
def test_import_of_a_file_changed_since_the_trial_is_refused(
    harness: BotHarness, about: dict[str, str | None], sentence: str, requests: int
) -> None:
    """One that is none is not asked for."""
    try_file(harness, TABLE)
    view = harness.admin.person.modal
    assert view
    before, tried = harness.rows(), len(harness.slack.calls("files.info"))
    kept = {**json.loads(view.source["private_metadata"]), **about}
    view.source["private_metadata"] = json.dumps({name: value for name, value in kept.items() if value is not None})
    assert sentence in harness.admin.submits()
    assert len(harness.slack.calls("files.info")) == tried + requests
    assert harness.rows() == before


def test_import_outcome_after_close_is_a_direct_message(harness: BotHarness) -> None:
    harness.slack.faults.add("files.info", Fault.delay_before(1))
    harness.admin.types("/aid-admin import")
    harness.admin.person.submit(values={"File": [LocalFile("table.csv", TABLE.encode())]})
    assert "Reading the file." in harness.admin.person.read()
    harness.admin.person.close()
    harness.wait(lambda: any("closed the form" in each.text for each in harness.slack.direct_messages("U0ADMIN")))
    (message,) = [each for each in harness.slack.direct_messages("U0ADMIN") if "closed the form" in each.text]
    assert "Projects to add: *1*" in message.text


def test_import_of_a_killed_process_says_so(harness: BotHarness) -> None:
    """The page stays as it is; once the work must be over, a message says that its result was not shown."""
    harness.slack.faults.add("views.update", Fault.drop_before(), times=2)  # the client tries twice
    harness.admin.types("/aid-admin import")
    harness.admin.person.submit(values={"File": [LocalFile("table.csv", TABLE.encode())]})
    harness.wait(lambda: not harness.bot.background.is_busy)
    harness.clock.forward(seconds=PATIENCE.total_seconds())
    (message,) = harness.direct_messages("U0ADMIN")
    assert "interrupted before I could show the result of “Import a file”" in message.text
