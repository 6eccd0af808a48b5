"""/aid-status … export:xlsx: the file goes to the direct message of the person who asked, and only there."""

import csv
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bot.slack_emulator import Fault, Message
from tests.support.harness import BotHarness, UserDriver


def _direct(harness: BotHarness, who: UserDriver) -> list[Message]:
    return [each for each in harness.slack.direct_messages(who.person.id) if each.files]


def files_done(harness: BotHarness) -> None:
    """Wait until the last file is off the queue: a person has one at a time."""
    harness.wait(lambda: not harness.bot.background.is_busy)


def fetch(harness: BotHarness, who: UserDriver) -> tuple[Message, str, bytes]:
    """Return the last file sent to a person: its message, name and content."""
    harness.wait(lambda: bool(_direct(harness, who)))
    files_done(harness)
    message = _direct(harness, who)[-1]
    (file,) = message.files
    return message, file["name"], harness.slack.store.files.find(file["id"]).data


def test_export_sends_the_list_as_a_workbook(harness: BotHarness, tmp_path: Path) -> None:
    answer = harness.member.types("/aid-status group:io export:xlsx")
    assert answer.text == "I'll send you the file in a direct message."
    assert answer.message.ephemeral_for == "U0MEMBER"

    message, name, content = fetch(harness, harness.member)
    assert name == "aid-group-io-2026-02-10.xlsx"
    assert message.text == "8 projects, exported 2026-02-10\nFilter: `group:io`"
    (tmp_path / name).write_bytes(content)
    book = load_workbook(tmp_path / name)
    assert [row[0].value for row in book["Projects"].iter_rows(min_row=2)] == [f"IO-{n}" for n in range(1, 9)]


NAMED = {
    "내보내기:csv": "projects",
    "EXPORT:CSV -status:approved": "not-status-approved",
    "export:csv 심사중": "status-under-review",
}


def test_export_option_may_stand_anywhere(harness: BotHarness) -> None:
    for number, (text, shown) in enumerate(NAMED.items()):
        # until the last file is done, another one is refused
        harness.wait(lambda line=text: "I'll send you" in harness.member.types(f"/aid-status {line}").text)
        harness.wait(lambda count=number: len(_direct(harness, harness.member)) > count)
        _, name, content = fetch(harness, harness.member)
        assert name == f"aid-{shown}-2026-02-10.csv"
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert len(rows) == 1 + 17 + 5


def test_export_in_korean(harness: BotHarness) -> None:
    harness.slack.edit_user("U0MEMBER", locale="ko-KR")
    answer = harness.member.types("/aid-status 경기도 export:csv")
    assert answer.text == "파일을 다이렉트 메시지로 보내 드립니다."
    message, _, content = fetch(harness, harness.member)
    assert message.text.startswith("사업 3건, 2026-02-10 내보냄")
    assert content.decode("utf-8-sig").startswith("사업 번호,")


def test_iati_export_names_what_it_leaves_out(harness: BotHarness) -> None:
    harness.admin.types("/aid-update IO-1 approved on:2026-02-06 until:2026-12-31 as:letter lift:all")
    harness.member.types("/aid-status export:xml")
    message, _, _ = fetch(harness, harness.member)
    assert message.text.endswith(
        "a letter or a shipment is on record, IATI's start date: 16.\n"
        "The reporting organisation is a placeholder. Set AID_IATI_ORG before you publish the file."
    )


def test_export_of_nothing_sends_a_sentence(harness: BotHarness) -> None:
    def refusals() -> int:
        shown = harness.slack.messages("#general", viewer="U0MEMBER")
        return sum("nothing to" in each.text or "no file" in each.text for each in shown)

    for number, text in enumerate(("org:zzz export:csv", "org:zzz export:png", "group:ngo export:xml"), start=1):
        files_done(harness)
        harness.member.types(f"/aid-status {text}")
        harness.wait(lambda count=number: refusals() == count)
    for text in ("export:pdf", "export:", "export:json"):
        answer = harness.member.types(f"/aid-status {text}").text
        assert "Use one of: export:csv, export:xlsx, export:ics, export:xml, export:png" in answer
    assert "There is no filter" in harness.member.types("/aid-status colour:red export:csv").text
    assert _direct(harness, harness.member) == []


@pytest.mark.parametrize("method", ["conversations.open", "files.getUploadURLExternal", "files.completeUploadExternal"])
def test_export_reports_what_slack_refuses(harness: BotHarness, method: str) -> None:
    harness.slack.faults.add(method, Fault.error("missing_scope"))
    answer = harness.member.types("/aid-status export:csv")
    harness.wait(
        lambda: any("missing_scope" in each.text for each in harness.slack.messages("#general", viewer="U0MEMBER"))
    )
    assert answer.text
    assert _direct(harness, harness.member) == []


def test_png_export_has_alt_text(harness: BotHarness) -> None:
    harness.member.types("/aid-status GG-1 export:png")
    message, name, content = fetch(harness, harness.member)
    assert name == "aid-GG-1-2026-02-10.png"
    assert content.startswith(b"\x89PNG")
    assert message.files[0]["alt_txt"].startswith("Timeline of GG-1: Under review; 3 updates")
