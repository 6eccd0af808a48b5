"""/aid-update in one line: an admin records an update, gets a receipt, and the channel gets an alert."""

import re
import unicodedata
from typing import Any
from unittest.mock import ANY

import pytest

from bot.slack_emulator import ActionResult
from db.domain.enums import UpdateKind
from db.updates.history import load_updates
from handlers.slack.mrkdwn import INERT
from tests.support.harness import BotHarness, UserDriver
from tests.support.proposals import add_project

SAY_WHAT = f"After the project, add what happened: {', '.join(UpdateKind)}. Or type /aid-update alone to open a form."
MEMBERS_ACT = (UpdateKind.HOLD, UpdateKind.HOLD_LIFTED, UpdateKind.POSITION)
SEVENTEEN = "group:gyeonggi,kr-private,io,ngo"
RECORD = {"admin": "Record", "second": "기록"}
UNDO = {"admin": "Undo", "second": "되돌리기"}


def recorded(harness: BotHarness, number: int) -> Any:
    with harness.database.reading() as session:
        return load_updates(session, [number])[number]


def metadata(message: Any) -> dict[str, Any]:
    """Return the metadata without the epoch, which is random, and the head of the chain."""
    payload = dict(message.metadata["event_payload"])
    assert payload.pop("epoch")
    payload.pop("head", None)
    return {"type": message.metadata["event_type"], **payload}


# -- one project, several --------------------------------------------------------------------------------------------


def test_line_for_one_project_records_at_once(harness: BotHarness) -> None:
    answer = harness.admin.types(
        "/aid-update GG-1 hold by:FR on:2026-02-09 as:government source:https://example.org/a "
        "France asked for a list of items"
    )

    assert answer.text.splitlines() == [
        "Recorded as #6",
        "2026-02-09 — Hold (France)",
        "France asked for a list of items",
        "official · Government or Committee notice: https://example.org/a",
        "GG-1  Under review → On hold",
        answer.text.splitlines()[5],
        "[Undo] [Correct entry]",
    ]
    assert answer.text.splitlines()[5].startswith("Recorded by @Jihoon Park ")
    assert answer.message.ephemeral_for == "U0ADMIN"
    assert harness.member.types("/aid-status GG-1").text.startswith("GG-1 · On hold")


def test_line_for_several_projects_is_previewed(harness: BotHarness) -> None:
    before = harness.rows()
    preview = harness.admin.types(
        "/aid-update GG-1,GG-2,GG-3 approval-reported on:2026-02-09 as:press source:https://example.org/a"
    )

    assert preview.text.splitlines() == [
        "Record this for 3 projects?",
        "2026-02-09 — Approval reported",
        "reported, not confirmed · Press: https://example.org/a",
        *(f"GG-{n}  Under review → Approval reported, letter not seen" for n in (1, 2, 3)),
        "Alerts go to #aid-alerts. Nothing is recorded yet.",
        "[Record] [Cancel]",
    ]
    assert {**harness.rows(), "drafts": 0} == {**before, "drafts": 0}

    receipt = harness.admin.presses(preview, "Record")
    assert receipt.text.startswith("Recorded as #6\n2026-02-09 — Approval reported")
    assert "[Undo] [Correct entry]" in receipt.text
    assert len(harness.slack.messages("#general", viewer="U0ADMIN")) == 1  # in the preview's place


def test_record_pressed_twice_records_once(harness: BotHarness) -> None:
    preview = harness.admin.types("/aid-update GG-1,GG-2 note on:2026-02-09 twice")
    as_seen = preview.message  # on the screen of a client that has not caught up
    assert harness.admin.presses(preview, "Record").text.startswith("Recorded as #6")
    after_first = harness.rows()

    again = harness.admin.person.press(as_seen, "Record", stale=True).wait()
    assert again.text.startswith("Already recorded as #6")
    assert harness.rows() == after_first
    late = harness.admin.person.press(as_seen, "Cancel", stale=True).wait()
    assert "This was recorded already." in late.text


def test_draft_is_recorded_only_by_its_author(harness: BotHarness) -> None:
    preview = harness.admin.types("/aid-update GG-1,GG-2 note on:2026-02-09 mine")
    press = seen_by(harness, preview, "U0SECOND")
    refused = harness.second.person.press(press, "Record").wait()

    assert refused.text == "Only @Jihoon Park, who wrote this draft, can record it."
    assert harness.rows()["acts"] == 5
    assert harness.admin.presses(preview, "Record").text.startswith("Recorded as #6")


def seen_by(harness: BotHarness, answer: ActionResult, user: str) -> Any:
    """Post a message with the same buttons to another person, who got at its payload."""
    return harness.slack.store.post("C0GENERAL", "U0BOT", text="", blocks=answer.message.blocks, ephemeral_for=user)


def test_cancel_records_nothing(harness: BotHarness) -> None:
    preview = harness.admin.types("/aid-update GG-1,GG-2 note on:2026-02-09 never mind")
    as_seen = preview.message
    cancelled = harness.admin.presses(preview, "Cancel")

    assert cancelled.text == "Cancelled. Nothing was recorded."
    again = harness.admin.person.press(as_seen, "Record", stale=True).wait()
    assert "This draft was cancelled, so nothing was recorded." in again.text
    assert harness.rows()["acts"] == 5


# -- the same again --------------------------------------------------------------------------------------------------


def test_same_line_within_a_minute_records_once_unless_meant(harness: BotHarness) -> None:
    line = "/aid-update GG-1 note on:2026-02-09 heard at noon"
    assert harness.admin.types(line).text.startswith("Recorded as #6")
    second = harness.admin.types(line)
    assert second.text.startswith("Already recorded as #6")
    assert "[Undo] [Correct entry] [Record anyway]" in second.text
    assert harness.rows()["updates"] == 6

    assert harness.admin.presses(second, "Record anyway").text.startswith("Recorded as #7")
    harness.slack.redeliver(harness.slack.traffic_log.sent("interactive")[-1])
    assert harness.rows()["updates"] == 7
    assert harness.second.types(line).text.startswith("Recorded as #8")
    assert harness.admin.types(f"{line}!").text.startswith("Recorded as #9")
    harness.clock.forward(seconds=61)
    assert harness.admin.types(line).text.startswith("Recorded as #10")

    harness.record("GG-1,GG-2 note on:2026-02-09 the two")
    assert harness.admin.types("/aid-update GG-1,GG-2 note on:2026-02-09 the two").text.startswith(
        "Already recorded as #11"
    )


def test_command_delivered_twice_records_once(harness: BotHarness) -> None:
    harness.admin.types("/aid-update GG-1 note on:2026-02-09 once")
    command = harness.slack.traffic_log.sent("slash_commands")[-1]
    harness.clock.forward(minutes=5)  # a redelivery may come late
    harness.slack.redeliver(command)

    assert harness.rows()["updates"] == 6
    assert len(harness.alerts()) == 1


# -- who may ---------------------------------------------------------------------------------------------------------


def test_update_help_answers_everybody(harness: BotHarness) -> None:
    for somebody in (harness.admin, harness.member):
        text = somebody.types("/aid-update help").text
        assert text.startswith("Record what happened (admins)")
        assert all(kind.value in text for kind in UpdateKind)


# -- as people type --------------------------------------------------------------------------------------------------


TYPED = [
    # in a hurry, with what is missing
    ("GG-1 hold by:FR on:2026-02-09 as:press", "recorded", "2026-02-09 — Hold (France)"),
    ("gg1 HOLD By:fr On:9 Feb 2026 As:press", "recorded", "2026-02-09 — Hold (France)"),
    ("GG-1 hold as:press by:프랑스 length:6m on:2026-02 they said", "recorded", "(France, asks for 6 months)", "they said"),
    ("GG-1 hold by:undisclosed on:2025-H2 as:anonymous", "recorded", "second half of 2025 — Hold (holder not disclosed)"),
    ("GG-1 hold by:FR on:2026-02-09", "previewed", "No kind of source is given: add as: if you know it."),
    ("GG-1 withdrawn as:applicant", "previewed", "No date is given: add on: or reported: if you know it."),
    ("GG-1 withdrawn", "previewed", "No kind of source is given: add as: if you know it.\n❔ No date is given:"),
    ("GG-1 hold by:FR on:unknown as:press", "previewed", "⚠️ GG-1 Without a date it is not checked that France sat"),
    ("GG-1 delivered on:2026-02-09 as:applicant", "previewed", "⚠️ GG-1 This project has no exemption on record."),
    (
        "GG-1 shipped on:2026-02-09 consignment:1 of 3 contents:tents from:Incheon to:Nampo as:applicant",
        "previewed",
        "2026-02-09 — Consignment shipped (consignment 1 of 3, tents, Incheon → Nampo)",
    ),
    ("GG-1,KR-1 position by:US stance:opposes on:2026-02-09 as:press", "previewed", "Record this for 2 projects?"),
    ("group:kr-private note seen", "previewed", "Record this for 2 projects?", "seen"),
    ("GG-1 approved as:letter on:2026-02-06 until:2027. 2. 6. lift:all seen", "recorded", "2027-02-06)", "seen"),
    ("GG-1 approved as:reported-letter on:2026-02-09 until:unknown lift:all", "recorded", "(end not known)"),
    ("GG-1 approval-reported as:anonymous on:2026-02-09", "recorded", "Press, outlet not named"),
    ("GG-1 circulated on:2026-02-09 as:government deadline:2026-02-16", "recorded", "(deadline 2026-02-16)"),
    ("GG-1 submitted on:2025-01 as:press extends:gg-2", "recorded", "Jan 2025 — Request submitted (extends GG-2)"),
    ("GG-1 submitted on:2025-01 as:press extends:unidentified", "recorded", "extends an earlier exemption (which"),
    ('GG-1 clearance authority:"US Treasury (OFAC)" outcome:refused as:press on:2026', "recorded", "by US Treasury (OFAC)"),
    ("GG-1 clearance outcome:asked authority:통일부 on:2026-02-09 as:government", "recorded", "Clearance by 통일부"),
    ("GG-1 no-response on:unknown as:press", "recorded", "No response from the DPRK"),
    # notes, as written
    ("GG-1 note 3:+1:1 *x* `y` ", "recorded", "3:+1:1 *x* `y`", "3:+1:1 *x* `y`"),
    ("GG-1 note &amp; is an entity", "recorded", "Note", "&amp; is an entity"),
    ("GG-1 note told by @Mina Lee", "recorded", "Note", "told by <@U0MEMBER|mina.lee>"),
    ("GG-1 note tell <!channel> at once", "recorded", "Note", "tell <!channel> at once"),
    # what is on record
    ("#6 confirm as:government source:https://example.org/b", "recorded", "Confirmation of #6: Request submitted"),
    ("#6 differ extends:GG-2 as:press", "recorded", "Differing report of #6: Request submitted (extends GG-2)"),
    ("#2 differ on:2026-02-06 as:press", "previewed", "Record this for 17 projects?"),
    ("#7 retract heard wrong", "taken back", "Retracted: #7"),
    ("#6 correct", "form", "Correct #6"),
    ("", "form", "Record an update"),
    ("KR-2", "form", "Projects: KR-2"),
    ("group:gyeonggi", "form", "Projects: GG-1"),
    ("#2 hold", "refused", "#2 is already recorded. Correct it with /aid-update #2 correct, or "),
    ("#9999 retract", "refused", "There is no update #9999."),
    ("#9999 correct", "refused", "There is no update #9999."),
    ("GG-1 retract", "refused", "Which update? Its number is in the timeline: /aid-update #12 retract why."),
    ("GG-1 correct", "refused", "Which update? Its number is in the timeline: /aid-update #12 correct."),
    # no kind, no project
    ("GG-1 aproved as:letter", "refused", "“aproved” is not a kind of update. Did you mean approved?"),
    ("GG-1 lifted", "refused", "“lifted” is not a kind of update. Did you mean hold-lifted?"),
    ("GG-1 xyzzy", "refused", SAY_WHAT),
    ("hold by:US", "refused", "Which project? Start with its ref: /aid-update GG-1 hold by:US on:2026-02-05."),
    ("retract", "refused", "Which project? Start with its ref: /aid-update GG-1 hold by:US on:2026-02-05."),
    ("GG-11 hold", "asked", "There is no project “GG-11”. Did you mean GG-"),
    ("GG-1,GGG-2 hold", "asked", "There is no project “GGG-2”. Did you mean GG-"),
    ("status:withdrawn hold", "asked", "No project matches status:withdrawn, so nothing was recorded."),
    ("group:moon hold", "asked", "“moon” is not a valid group. Use one of: gyeonggi, kr-private, io, ngo."),
    # what cannot be read or is missing: the way on is the form
    ("GG-1 hold on:yesterday by:FR as:press", "asked", "I can't read “yesterday” as a date."),
    ("GG-1 hold on:2026-02-11 by:FR as:press", "asked", "2026-02-11 is in the future (today is 2026-02-10 in New York)."),
    ("GG-1 hold by:Atlantis", "asked", "“Atlantis” is not a country code I know."),
    ("GG-1 hold by:KR on:2026-02 as:press", "asked", "Republic of Korea did not sit on the Security Council in Feb 2026"),
    ("GG-1 note source:https://un.org@evil.example/a x", "asked", "leads to evil.example, whatever stands before the @"),
    ("GG-1 note source:https://un.org\\@evil.example/a x", "asked", "is not a valid link"),
    ("group:" + "io," * 200 + "io note x", "asked", "That filter is too long (maximum 500 characters)."),
    ("GG-1 note as:rumour x", "asked", "“rumour” is not something that as: can say. There are: letter, government, "),
    ("GG-1 hold lift:all", "asked", "lift: cannot be used with hold. It works with: hold-lifted, approved,"),
    ("GG-1 approved until:unknown as:press", "asked", "A press report is not an approval; only the Chair's letter is."),
    ("GG-1 approved as:letter", "asked", "Until when is the letter valid? Add until: with the date in it"),
    ("GG-1 approved on:2026-02-09", "asked", "approved needs an official source. Add as:letter, as:government or"),
    *[(f"GG-1 {kind}", "asked", "Which member? Add by: with its name, or by:undisclosed") for kind in MEMBERS_ACT],
    ("GG-1 clearance authority:Ministry of Unification", "asked", "Is “of Unification” part of authority:? Then write "),
    ("GG-1 note seen colour:red", "asked", "There is no option colour:."),
    ("GG-1 hold by:FR heard by:US", "asked", "by: is there twice, with “FR” and “US”. Leave one of them."),
    ("XX-1 hold-lifted by:US", "asked", "There is no open hold to lift. If the hold is on record, check both dates;"),
    ("GG-1 note " + "x" * 2001, "refused", "The note is too long: 2001 characters (maximum 2000). Shorten it,"),
    ("GG-1 note " + "x" * 8001, "refused", "That line is too long (maximum 8000 characters)."),
]  # fmt: skip
TYPED_IN_KOREAN = [
    ("GG-2 보류 by:프랑스 on:2026년 2월 9일 as:언론 보도", "recorded", "2026-02-09 — 보류"),
    (f"GG-3 보류 by:{unicodedata.normalize('NFD', '미국')} on:2026-02-09 as:press 기사", "recorded", "(미국)", "기사"),
    ("ＧＧ－１　보류　ｂｙ：ＦＲ　on：2026-02-09　as：press", "recorded", "프랑스"),
    ("경기도 승인 보도 on:2026-02-09 as:언론 보도", "previewed", "사업 3건에 기록하시겠습니까?"),
    (
        "GG-1 면제 승인 as:letter on:2026. 2. 6. until:2027년 2월 6일 lift:all 서한 확인",
        "recorded",
        "2027-02-06까지",
        "서한 확인",
    ),
    ("GG-1 입장 by:미국 stance:지지 on:2026-02 as:press", "recorded", "지지"),
    ("GG-1 허가 authority:통일부 outcome:허가 on:2026-02-09 as:government", "recorded", "통일부"),
    ("GG-1 메모 2:1로 갈림, 출처: 없음", "recorded", "2:1로 갈림", "2:1로 갈림, 출처: 없음"),
    ("GG-1 보류", "asked", "어느 이사국"),
    ("경기도", "form", "GG-1"),
    ("#6 확인 as:government source:https://example.org/b", "recorded", "#6"),
    ("#6 다름 extends:GG-2 as:press", "recorded", "#6"),
    ("#6 상이 extends:GG-3 as:press", "recorded", "#6"),
    ("#6 정정", "form", "#6"),
    ("#8 취소 잘못 들음", "taken back", "#8"),
    ("#9 기록 취소", "taken back", "#9"),
]


@pytest.fixture(scope="module")
def shared(busy: BotHarness) -> BotHarness:
    """Return the bot for all lines of the tables: what one records is undone before the next."""
    busy.slack.edit_user("U0SECOND", locale="ko-KR")
    busy.writing(lambda session: [add_project(session, ref) for ref in ("XX-1", "XX-2")])
    busy.admin.types("/aid-update XX-2 submitted on:2025-11-03 extends:unidentified as:press")
    for number in (7, 8, 9):
        busy.admin.types(f"/aid-update XX-2 note to be taken back as #{number}")
    return busy


@pytest.mark.parametrize(
    ("admin", "row"),
    [*(("admin", row) for row in TYPED), *(("second", row) for row in TYPED_IN_KOREAN)],
    ids=lambda value: value[0][:70] if isinstance(value, tuple) else value,
)
def test_line_typed_in_a_hurry(shared: BotHarness, admin: str, row: tuple[str, ...]) -> None:
    """A row: what is typed, how it is answered, what the answer says, and the note."""
    typed, expected, says, *note = row
    somebody: UserDriver = getattr(shared, admin)
    before = {**shared.rows(), "drafts": 0}
    answer = somebody.types(f"/aid-update {typed}")
    kind, text = ("form", somebody.person.read()) if answer.view else (_kind_of(answer), answer.text)
    if answer.view:
        somebody.person.close(every=True)

    assert (kind, text) == (expected, ANY)
    assert says in text.replace(INERT, "")
    if expected not in {"recorded", "taken back"}:
        assert {**shared.rows(), "drafts": 0} == before
    if expected in {"recorded", "previewed"}:
        receipt = somebody.presses(answer, RECORD[admin]) if expected == "previewed" else answer
        assert [recorded(shared, int(re.findall(r"#(\d+)", receipt.text)[0])).note] == (note or [""])
        somebody.presses(receipt, UNDO[admin])


@pytest.mark.parametrize(
    ("typed", "shows"),
    [
        (
            "GG-1 hold as:press they said",
            ["⚠️ Which member?", "Held by", "Kind of source: Press", "withheld names.): they said"],
        ),
        ("GG-1,GG-11 hold by:프랑스", ["⚠️ There is no project “GG-11”.", "Held by: France"]),
        (
            "GG-3 clearance authority:Ministry of Unification on:2026-03-01 as:government",
            ["2026-03-01", "⚠️ Is “of Unification” part of “Authority”?", "Authority: Ministry of Unification"],
        ),
        (
            "GG-1 note said x:y reported:2026-02-09",
            ["⚠️ There is no option “x:”.", "Reported on: 2026-02-09", "withheld names.): said x:y"],
        ),
        ("GG-1 approval-reported as:press reported:soon", ["⚠️ I can't read “soon” as a date", "Reported on"]),
        ("group:moon hold by:US", ["⚠️ “moon” is not a valid group", "Held by: United States"]),
    ],
)
def test_refused_line_opens_the_form_as_far_as_it_is_filled(shared: BotHarness, typed: str, shows: list[str]) -> None:
    before = shared.rows()
    shared.admin.person.press(shared.admin.types(f"/aid-update {typed}").message, "Open the form")
    text = shared.admin.sees_modal("update_form")

    assert [part for part in shows if part not in text] == [], text
    assert [text.index(part) for part in shows] == sorted(text.index(part) for part in shows)
    assert shared.rows() == before
    shared.admin.person.close(every=True)


def _kind_of(answer: ActionResult) -> str:
    """Return how a line is answered, by the buttons under the answer."""
    buttons = [
        element["action_id"]
        for block in answer.message.blocks
        for element in block.get("elements", ())
        if "action_id" in element
    ]
    kinds = {"update_record": "previewed", "update_undo": "recorded", "update_open": "asked"}
    if buttons:
        return kinds[buttons[0]]
    return "taken back" if answer.message.blocks[0]["type"] == "header" else "refused"


def test_letter_with_lift_all_records_both_and_undo_retracts_both(harness: BotHarness) -> None:
    harness.admin.types("/aid-update GG-1 hold by:FR on:2026-02-06 as:government")
    answer = harness.admin.types("/aid-update GG-1 approved as:letter on:2026-02-09 until:unknown lift:all")

    assert answer.text.startswith("Recorded as #7, #8\n2026-02-09 — Hold lifted by all holders")
    assert "2026-02-09 — Exemption approved (end not known)" in answer.text
    assert "GG-1  On hold → Approved, end not known" in answer.text
    status = harness.member.types("/aid-status GG-1").text
    assert "Exemption: approved, end not known, since 2026-02-09 (1 day) · 2026-02-09 (#8)" in status
    assert "Holds: none open" in status
    assert len(harness.alerts()) == 2

    undone = harness.admin.presses(answer, "Undo").text
    assert undone.startswith("Retracted: #7, #8\nGG-1  Approved, end not known → On hold")


# -- refusals --------------------------------------------------------------------------------------------------------


def test_batch_leaves_out_what_does_not_fit_and_records_the_rest(harness: BotHarness) -> None:
    before = (harness.admin.types("/aid-update GG-2,GG-3 withdrawn on:2026-02-09 as:press"), harness.rows())
    harness.admin.presses(before[0], "Record")
    acts = harness.rows()["acts"]
    line = "/aid-update group:gyeonggi hold by:FR on:2026-02-10 as:press"
    preview = harness.admin.types(line)

    assert preview.text.startswith("Record this for 1 project?")
    assert preview.text.splitlines()[4:7] == [
        "🚫 Left out: 2 projects",
        "",
        "• GG-2, GG-3 This request has ended: withdrawn (#6, 2026-02-09).",
    ]
    assert harness.rows()["acts"] == acts
    assert "GG-1  Under review → On hold" in harness.admin.presses(preview, "Record").text
    assert harness.admin.types(line).text.startswith("Already recorded as #7")


# -- undo, retract, correct ------------------------------------------------------------------------------------------


def test_undo_by_another_admin_retracts_once(harness: BotHarness) -> None:
    receipt = harness.admin.types("/aid-update GG-1 hold by:FR on:2026-02-09 as:press")
    retraction = harness.second.person.press(seen_by(harness, receipt, "U0SECOND"), "Undo").wait()

    assert retraction.text.startswith("Retracted: #6\nGG-1  On hold → Under review")
    assert "Recorded as #7. Both entries stay on record" in retraction.text
    card = harness.member.types("/aid-status GG-1").text
    assert card.startswith("GG-1 · Under review")
    assert "retracted by #7" in card
    before = harness.rows()
    harness.slack.redeliver(harness.slack.traffic_log.sent("interactive")[-1])
    again = harness.admin.types("/aid-update #6 retract really").text
    assert again.startswith("Already retracted\nGG-1  On hold → Under review\nRecorded as #7.")
    assert harness.rows() == before


def test_undo_after_ten_minutes_names_retract(harness: BotHarness) -> None:
    receipt = harness.admin.types("/aid-update GG-1 hold by:FR on:2026-02-09 as:press")
    harness.clock.forward(minutes=10, seconds=1)
    late = harness.admin.presses(receipt, "Undo")
    harness.admin.person.press(receipt.message, "Correct entry")
    assert "Correct #6" in harness.admin.sees_modal("update_form")
    harness.admin.person.close(every=True)

    assert late.text == (
        "Undo works for ten minutes only. To retract the update now, type /aid-update #6 retract and a reason."
    )
    assert harness.member.types("/aid-status GG-1").text.startswith("GG-1 · On hold")
    assert harness.admin.types("/aid-update #6 retract named by mistake").text.startswith("Retracted: #6")
    assert "named by mistake" in harness.member.types("/aid-status GG-1").text


# -- the channel -----------------------------------------------------------------------------------------------------


def test_alert_shows_author_and_status_change(harness: BotHarness) -> None:
    harness.admin.types(
        "/aid-update GG-1 hold by:FR on:2026-02-09 as:press source:https://example.org/a France asked for a list"
    )
    alert = harness.read_alerts().splitlines()

    assert alert[:-2] == [
        "aid-status: 🔴 Hold by France, not confirmed: GG-1",
        "GG-1: Under review → On hold",
        "2026-02-09 — Hold (France)",
        "France asked for a list",
        "reported, not confirmed · Press: https://example.org/a",
    ]
    assert alert[-1] == "[View project] [Follow]"
    assert alert[-2].startswith("As of 2026-02-09 · #6, recorded by @Jihoon Park ")


def test_batch_of_17_projects_is_one_alert(harness: BotHarness) -> None:
    preview = harness.admin.types(
        f"/aid-update {SEVENTEEN} approval-reported on:2026-02-09 as:press source:https://example.org/a"
    )
    assert preview.text.startswith("Record this for 17 projects?")
    harness.admin.presses(preview, "Record")

    (alert,) = harness.alerts()
    assert "🟠 Approval reported, not confirmed: 17 projects" in harness.read_alerts()
    assert "NGO-4: Under review → Approval reported, letter not seen" in harness.read_alerts()
    assert metadata(alert) == {"type": "aid_update", "delivery": "1", "update": "6"}


def test_alert_lists_only_projects_of_the_filter(harness: BotHarness) -> None:
    harness.execute("UPDATE subscriptions SET filter = 'group:gyeonggi'")
    harness.record(f"{SEVENTEEN} note on:2026-02-09 to all", "IO-1 note on:2026-02-09 to one")

    assert len(harness.alerts()) == 1
    assert "Note: GG-1, GG-2, GG-3" in harness.read_alerts()
    assert "IO-1" not in harness.read_alerts()


def test_undo_after_sending_edits_and_replies(harness: BotHarness) -> None:
    receipt = harness.admin.types("/aid-update GG-1 hold by:FR on:2026-02-09 as:press")
    (alert,) = harness.alerts()
    harness.admin.presses(receipt, "Undo")

    edited, note = harness.alerts()
    assert (edited.ts, note.thread_ts) == (alert.ts, alert.ts)
    text = harness.read_alerts()
    assert text.startswith("aid-status: Retracted: Hold by France, not confirmed: GG-1")
    assert "@Jihoon Park retracted #6 (#7)." in text
    assert "GG-1: Under review → On hold · now Under review" in text
    assert metadata(edited)["update"] == "6"
    assert all(isinstance(value, str) for value in metadata(note).values())
