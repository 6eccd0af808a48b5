"""/aid-status: answers to the person who asks, in text, lists and tables."""

import re
from typing import Any

import pytest

from bot.slack_emulator import ActionResult
from bot.slack_emulator.users.text_view import message_body
from db.domain.enums import Headline
from db.people import set_preference
from tests.support.harness import TEAM, BotHarness, UserDriver, run_bot
from tests.support.proposals import add_project

ALL = [f"{group}-{n}" for group, last in (("GG", 3), ("KR", 2), ("IO", 8), ("NGO", 4)) for n in range(1, last + 1)]
HELD, APPROVED = (
    "/aid-update GG-2 hold by:FR on:2026-02-06 as:government source:https://example.org/note",
    "/aid-update KR-1 approved as:letter on:2026-02-06 until:2026-04-01 lift:all",
)


@pytest.fixture(scope="module")
def held(busy: BotHarness) -> BotHarness:
    """Return the module's bot with a hold on GG-2 and an approval of KR-1, for tests that only read."""
    busy.admin.types(HELD)
    busy.admin.types(APPROVED)
    return busy


def refs_listed(answer: ActionResult) -> list[str]:
    """Return the refs of a list, in its order."""
    return re.findall(r"^((?:GG|KR|IO|NGO|XX)-\d+) ", answer.text, re.MULTILINE)


def test_portfolio_shows_what_the_article_reports(harness: BotHarness) -> None:
    answer = harness.member.types("/aid-status")

    for line in (
        "17 aid projects · 1718 Committee exemptions\nAs of 2026-02-07, 3 days ago · Dong-A Ilbo, donga.com (2026-02-07) · ",
        " · press, not confirmed\n",
        "All 17 under review. For all, a lift of the hold is reported, not confirmed. No letter of approval is on record.",
        "🟡 Under review 17",
        "DPRK response: not known 17",
        "[Gyeonggi Province 3] [South Korean private organisations 2] [International organisations 8]",
        "first half of 2025 — Hold (holder not disclosed) · all 17 projects",
        "reported 2026-02-05 (day not known) — Position of a member (United States, supports) · all 17 projects",
        "reported 2026-02-05 (day not known) — Hold lifted (holder not disclosed) · all 17 projects",
        "[Share in channel] [⋯ Excel file | Picture | Figures | What can I ask?]",
    ):
        assert line in answer.text
    assert "Needs attention" not in answer.text
    assert answer.message.ephemeral_for == "U0MEMBER"
    assert "All 17 under review" in answer.message.text  # what notifications and screen readers get


def test_portfolio_leads_on_by_its_buttons_and_menu(harness: BotHarness) -> None:
    answer = harness.member.types("/aid-status")

    group = harness.member.presses(answer, "Gyeonggi Province 3")
    assert refs_listed(group) == ["GG-1", "GG-2", "GG-3"]
    assert harness.member.presses(group, "Open", value="GG-2").text.startswith("GG-2 · Under review")
    assert harness.member.presses(answer, "Figures").text.startswith("Figures for 17 projects")
    assert harness.member.presses(answer, "Excel file").text == "I'll send you the file in a direct message."


def test_portfolio_names_what_needs_attention(harness: BotHarness) -> None:
    """An undated report has no age; of two holds each has its own day and source."""
    harness.admin.types(APPROVED)
    harness.record("GG-3 approval-reported as:press on:2026-02-08", "IO-5 approval-reported as:press")
    harness.admin.types(HELD)
    harness.admin.types("/aid-update GG-2 hold by:CN on:2026-02-08 as:press")

    text = harness.member.types("/aid-status").text
    assert "Of 17: 13 under review, 2 approval reported" in text
    assert "⏳ Expire within 90 days 1" in text
    assert "• KR-1 until 2026-04-01 (50 days left), no shipment on record\n" in text
    assert "• GG-3 approval reported 2 days ago, no letter on record\n" in text
    assert "• IO-5 approval reported, no letter on record\n" in text
    china = "official; China · since 2026-02-08 (2 days) · reported, not confirmed"
    assert f"On hold by France · since 2026-02-06 (4 days) · {china}" in harness.member.types("/aid-status GG-2").text


def test_record_update_of_a_card_is_for_admins(harness: BotHarness) -> None:
    assert "[Record update]" not in harness.member.types("/aid-status GG-1").text
    harness.admin.person.press(harness.admin.types("/aid-status GG-1").message, "Record update")
    assert "GG-1" in harness.admin.person.read()


def test_no_seeded_project_is_shown_as_approved(harness: BotHarness) -> None:
    """The article's headline says so; the record does not."""
    for line in ("", *ALL, "group:gyeonggi", "status:under-review", "#1", "#2"):
        text = harness.member.types(f"/aid-status {line}").text.lower()

        assert "approved" not in text.replace("the united states approved the exemptions", "")  # its position
        assert "confirmed" not in text.replace("not confirmed", "")
        assert "official" not in text


DIFFER = (
    "Sources differ: reported 2026-02-05 (Dong-A Ilbo, donga.com, #2); "
    "reported 2026-02-06 (Dong-A Ilbo (Korean edition), donga.com, #4)"
)


def test_card_shows_every_axis_with_its_sources(harness: BotHarness) -> None:
    answer = harness.member.types("/aid-status GG-1")

    for line in (
        "GG-1 · Under review",
        "Gyeonggi Province project 1 (name not given)",
        "Implementer: Gyeonggi Province",
        "Not on record: request, committee, exemption, delivery, clearances, sector",
        "Amount: KRW 200–300 million (press estimate)",
        "Extends an earlier exemption (which one is not known)",
        "🟡 No exemption in force on record. A lift of the hold is reported, not confirmed.",
        "Holds: none open (lift reported, not confirmed)",
        "holder not disclosed · from first half of 2025 (#1) · reported, not confirmed · lift reported (",
        "Positions: United States supports · reported 2026-02-05 (day not known) (#2) · reported, not confirmed · "
        + DIFFER,
        "DPRK response: not known",
        "What comes next: As of 2026-02-07, no decision is on record.",
        "• first half of 2025 — Hold (holder not disclosed) · reported, not confirmed · Press: Dong-A Ilbo, donga.com ",
        "Press: Dong-A Ilbo, donga.com (2026-02-07), citing multiple diplomatic sources",
        " · #1\nOn hold at the Committee since the first half of 2025.",
        "As of 2026-02-07, 3 days ago · Dong-A Ilbo, donga.com (2026-02-07",
    ):
        assert line in answer.text
    assert "https://www.donga.com/en/article/" in str(answer.message.blocks)
    assert "Applicant: " not in answer.text
    assert "not stated" not in answer.text


# what is typed, and how the answer begins
ANSWERED = [
    *((ref, "GG-1 · Under review") for ref in ("GG-1", "gg-1", "Gg-1", " GG-1 ", "GG‑1", "gg–1", "GG1")),
    ("“Gyeonggi Province project 1”", "GG-1 · Under review"),
    *((words, "IO-2 · Under review") for words in ("UNICEF", "유니세프", "unicff")),
    *((words, "IO-1 · Under review") for words in ("world health", "세계보건기귀")),
    ("gyeongi", "GG-1: Under review"),
    ("GG-11", "There is no project “GG-11”. Did you mean GG-1"),
    ("NG-3", "There is no project “NG-3”. Did you mean NGO-3"),
    ("ZZZZ-999", "There is no project “ZZZZ-999”. Type /aid-status to see all projects."),
    ("#99", "There is no update #99."),
    *((text, "Ask where projects stand\n/aid-status all projects at a glance") for text in ("help", "HELP", " help ")),
    ("group:foo", "“foo” is not a valid group. Use one of: gyeonggi, kr-private, io, ngo."),
    ("status:fine", "“fine” is not a valid status. Use one of: " + ", ".join(Headline) + "."),
    (
        "colour:red",
        "There is no filter colour:. Use one of group:, org:, sector:, status:, response:, delivery:, holder:, country:, ",
    ),
    ("since:soon", "I can't read “soon” as a date. Use 2026-02-05, 2026-02, 2025-H1 (half-year), 2025 or unknown."),
    ("expiring:soon", "“soon” is not a period. Use expiring:90d, 12w or 3m."),
    ("x" * 501, "That search is too long (maximum 500 characters)."),
]


def test_ref_or_words_in_any_spelling_are_answered(held: BotHarness) -> None:
    for text, beginning in ANSWERED:
        assert held.member.types(f"/aid-status {text}").text.startswith(beginning), text


@pytest.mark.parametrize(
    ("text", "refs"),
    [
        ("group:gyeonggi", ["GG-1", "GG-2", "GG-3"]),
        ("org:unicef group:io", ["IO-2"]),
        ("status:under-review -group:io,ngo", ["GG-1", "GG-3", "KR-2"]),
        ("holder:France", ["GG-2"]),
        ("country:unknown group:kr-private", ["KR-1", "KR-2"]),
        ("sector:12220", []),
        ("expiring:90d", ["KR-1"]),
        ("since:2026-02-06", ["GG-2", "KR-1"]),
        ("kind:hold-lifted group:gyeonggi -GG-2", ["GG-1", "GG-3"]),
        ("private organisation", ["KR-1", "KR-2"]),
        ("“private organisation” -status:approved group:kr-private", ["KR-2"]),
    ],
)
def test_filter_lists_matching_projects(held: BotHarness, text: str, refs: list[str]) -> None:
    answer = held.member.types(f"/aid-status {text}")

    assert refs_listed(answer) == refs
    assert (f"{len(refs)} project" if refs else "No project matches.") in answer.text
    assert "Filter: " in answer.text


# question, the first line of its answer, and the line below: a card, a list, or buttons
ANSWERS = [
    ("is GG-1 approved?", "No approval of GG-1 is on record. Under review · hold reported lifted", "GG-1 · Under"),
    ("is KR-1 approved", "An exemption of KR-1 is on record: until 2026-04-01 (50 days left).", "KR-1 · Approved"),
    ("누가 GG-2를 보류했나요?", "GG-2 is on hold. Holder on record: France · since 2026-02-06 (4 days).", "GG-2 · On"),
    ("did the US hold GG-2", "No hold on GG-2 by United States is on record. GG-2 is on hold. Holder", "GG-2 · On"),
    ("who holds", "Open holds on record: France 1.", "1 project"),
    (
        "since when is KR-1 on hold",
        "KR-1: Hold (holder not disclosed), first half of 2025; now: Approved",
        "KR-1 · Approved",
    ),
    (
        "since when is GG-1 under review",
        "GG-1: Under review; since when is not known: reported 2026-02-05",
        "GG-1 · Under",
    ),
    ("until when is GG-1 valid", "No letter for GG-1 is on record, so there is no end either.", "GG-1 · Under"),
    ("how many days are left for KR-1", "The exemption of KR-1 on record: until 2026-04-01 (50", "KR-1 · Approved"),
    ("what comes next for GG-2", "GG-2: As of 2026-02-06, a hold is open, and one hold stops", "GG-2 · On"),
    ("what was shipped for KR-1", "KR-1: nothing shipped on record.", "KR-1 · Approved"),
    ("did the DPRK answer on GG-1", "No response of the DPRK to GG-1 is on record.", "GG-1 · Under"),
    (
        "who says so about GG-1",
        "GG-1, Under review: reported, not confirmed · As of 2026-02-07, 3 days ago",
        "GG-1 · Under",
    ),
    ("what changed for GG-2 since 2026-02-06", "On GG-2 since 2026-02-06, entries: ", "GG-2 · On"),
    ("does China support GG-1", "No position on GG-1 by China is on record.", "GG-1 · Under"),
    ("may we ship KR-1", "I say what is on record, not what anybody may do. KR-1: Approved", "KR-1 · Approved"),
    ("which are on hold", "On hold: 1 of 17 projects on record.", "1 project"),
    ("which are rejected", "Rejected: 0 of 17 projects on record.", "[Where does GG-1 stand?]"),
    ("what expires", "Exemptions that end within 90 days", "• KR-1 until 2026-04-01 (50 days left)"),
    (
        "compare GG-1 and KR-1",
        "GG-1: Under review · hold reported lifted",
        "KR-1: Approved · until 2026-04-01 (50 days left)",
    ),
    ("where do the Gyeonggi projects stand", "GG-1: Under review", "GG-2: On hold"),
    ("did the DPRK answer", "Projects with a response of the DPRK on record: 0 of 17.", "[Where does GG-1 stand?]"),
    ("overall status", "17 aid projects", "As of"),
    ("how long does it usually take", "These are the times on record", "Figures for 17 projects"),
    (
        "when was the hold on GG-1 lifted",
        "No hold on GG-1 is open on record; its lift is not confirmed",
        "GG-1 · Under",
    ),
    ("was KR-1 approved? my boss asks", "An exemption of KR-1 is on record", "KR-1 · Approved"),
    ("is it approved", "Which project do you mean? Add its ref, such as GG-1.", "[GG-1] [GG-2]"),
    ("why is GG-1 on hold", "I did not understand the question. This is what is on record on GG-1.", "GG-1 · Under"),
    ("our bank asks: is there a letter for GG-1", "No approval of GG-1 is on record.", "GG-1 · Under"),
    ("UN", "1 project", "Filter: un"),
    (
        "is the gizmo of GG-1 approved",
        "I do not know “gizmo”. On the rest of the question: No approval",
        "GG-1 · Under",
    ),
    ("is GG-1 approved? who holds GG-1?", "I did not understand the question.", "GG-1 · Under"),
    ("how many were approved in 2024", "I did not understand that, and I do not guess.", "[Where does GG-1 stand?]"),
    ("what's the weather", "I did not understand that, and I do not guess.", "[Where does GG-1 stand?]"),
    ("qqqq wwww", "I did not understand that, and I do not guess.", "[Where does GG-1 stand?]"),
    ("thanks!", "You are welcome.", ""),
    ("where is GG-99", "There is no project “GG-99”. Did you mean GG-1", ""),
    ("status:on-hold holder:US", "No project matches.", "Filter: On hold, holder: United States"),
]


def test_question_is_answered_in_the_first_line(held: BotHarness) -> None:
    for question, first, below in ANSWERS:
        lines = [line for line in held.member.types(f"/aid-status {question}").text.splitlines() if line]
        assert lines[0].startswith(first), question
        assert (lines[1] if lines[1:] else "").startswith(below), question
    parts = held.member.types("/aid-status status:on-hold holder:US").text
    assert "status:on-hold alone finds 1\nholder:US: nothing" in parts


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_question_offered_finds_something(harness: BotHarness, language: str) -> None:
    harness.writing(lambda session: set_preference(session, TEAM, "U0MEMBER", language=language))
    offered = harness.member.types("/aid-status ㅁㄴㅇㄹ")
    labels = re.findall(r"\[([^\]]+)\]", offered.text)
    assert len(labels) == 3
    for label in labels:
        answer = harness.member.presses(harness.member.types("/aid-status ㅁㄴㅇㄹ"), label).text
        assert "GG-1" in answer or "17" in answer, label


def test_choice_asks_the_question_again_and_share_keeps_the_answer(harness: BotHarness) -> None:
    card = harness.member.presses(harness.member.types("/aid-status is it approved"), "KR-2")
    assert card.text.startswith("No approval of KR-2 is on record.")
    assert harness.member.presses(card, "Share in channel").text.startswith("No approval of KR-2 is on record.")


def test_list_shows_as_of_date_and_source(held: BotHarness) -> None:
    text = held.member.types("/aid-status group:gyeonggi").text

    assert (
        "GG-1 Gyeonggi Province project 1 (name not given)\n"
        "🟡 Under review · hold reported lifted, not confirmed\n"
        "As of 2026-02-07, 3 days ago · Dong-A Ilbo, donga.com (2026-02-07"
    ) in text
    own = "🔴 On hold · held by France · since 2026-02-06 (4 days)\nAs of 2026-02-06, 4 days ago · https://example.org/note"
    assert own in text  # the lift that is reported is of another hold


def test_list_pages_cover_all_projects(harness: BotHarness) -> None:
    harness.writing(lambda session: [add_project(session, f"XX-{number}") for number in range(1, 6)])
    first = harness.member.types("/aid-status -status:approved")
    assert "Page 1 of 2 · projects 1–20 of 22" in first.text
    assert "[Previous]" not in first.text

    second = harness.member.presses(first, "Next")
    assert "Page 2 of 2 · projects 21–22 of 22" in second.text
    assert "[Next]" not in second.text
    refs = [*refs_listed(second)]
    again = harness.member.presses(second, "Previous")
    refs = [*refs_listed(again), *refs]

    assert refs == [*ALL, *(f"XX-{number}" for number in range(1, 6))]
    assert len(harness.slack.messages("#general", viewer="U0MEMBER")) == 1  # each page takes the place of the other
    assert "Page" not in harness.member.types("/aid-status group:io").text


def test_share_posts_the_answer_once(harness: BotHarness) -> None:
    answer = harness.member.types("/aid-status GG-1")

    harness.member.presses(answer, "Share in channel")
    press = harness.slack.traffic_log.sent("interactive")[-1]
    harness.slack.redeliver(press)
    harness.member.presses(harness.member.types("/aid-status GG-2"), "Share in channel")  # behind what the second did

    shared = [each for each in harness.slack.messages("#general") if each.ephemeral_for is None]
    assert [lines_of(harness.second, each)[0] for each in shared] == ["GG-1 · Under review", "GG-2 · Under review"]
    assert lines_of(harness.second, shared[0])[-1] == "Shared by @Mina Lee from /aid-status"
    assert "[Share in channel]" not in "\n".join(lines_of(harness.second, shared[0]))


def test_update_number_shows_the_update(harness: BotHarness) -> None:
    answer = harness.member.types("/aid-status #2")

    position = "#2\nreported 2026-02-05 (day not known) — Position of a member (United States, supports)"
    assert answer.text.startswith(position)
    assert "Projects: " + ", ".join(ALL) in answer.text
    assert "#2, built-in data" in answer.text


def test_whole_timeline_button_shows_every_entry(harness: BotHarness) -> None:
    for day in range(1, 8):
        harness.admin.types(f"/aid-update GG-1 note on:2026-02-0{day} what was said on day {day}")
    answer = harness.member.types("/aid-status GG-1")
    assert " earlier entries are not shown." in answer.text
    assert "what was said on day 1" not in answer.text

    assert "what was said on day 1" in harness.member.presses(answer, "Show full timeline").text


def test_status_of_an_empty_record_names_the_first_step(sqlite_url: str) -> None:
    with run_bot(sqlite_url) as harness:
        assert harness.member.types("/aid-status").text == (
            "0 aid projects · 1718 Committee exemptions\n"
            "No projects yet. An admin can add one with /aid-admin project add."
        )
        assert "No project matches." in harness.member.types("/aid-status group:io").text
        assert (
            harness.member.types("/aid-status GG-1").text
            == "There is no project “GG-1”. Type /aid-status to see all projects."
        )
        assert harness.admin.types("/aid-update GG-1 hold as:press by:US").text == (
            "There is no project “GG-1”. Type /aid-status to see all projects.\n[Open the form]"
        )


def test_card_of_a_project_without_updates(harness: BotHarness) -> None:
    harness.writing(lambda session: add_project(session, "XX-1"))

    text = harness.member.types("/aid-status XX-1").text
    assert text.startswith("XX-1 · Nothing on record")
    assert "Not on record: request, committee, holds, positions" in text
    assert "No request is on record. An applicant submits one" in text
    assert text.count("Nothing on record yet") == 1
    assert "⚪ Nothing on record 1" in harness.member.types("/aid-status").text


def lines_of(reader: UserDriver, message: Any) -> list[str]:
    """Return the lines of a message as a person reads them."""
    return message_body(message, reader.person.reader).splitlines()


# -- tables ---------------------------------------------------------------------------------------------------


def table_of(answer: ActionResult) -> list[list[str]]:
    """Return the cells of the answer's only data table."""
    (table,) = [block for block in answer.message.blocks if block["type"] == "data_table"]
    return [[cell["text"] for cell in row] for row in table["rows"]]


def test_table_setting_shows_lists_as_tables(harness: BotHarness) -> None:
    assert "Project" not in harness.member.types("/aid-status group:gyeonggi").text
    harness.member.types("/aid-alerts on table:on")

    rows = table_of(harness.member.types("/aid-status group:gyeonggi"))
    assert rows[0] == ["Ref", "Project", "Status", "Since / until", "Held by", "As of", "Source"]
    assert rows[1][:3] == [
        "GG-1",
        "Gyeonggi Province project 1 (name not given)",
        "Under review (hold reported lifted, not confirmed)",
    ]
    assert rows[1][5:] == ["2026-02-07 (3 days ago)", "Press: Dong-A Ilbo"]
    assert len(rows) == 4
    assert len(table_of(harness.member.types("/aid-status group:io,ngo"))) == 13

    literal = "<!channel> *Water* <https://x.example|here>"
    harness.execute(f"UPDATE projects SET title_en = '{literal}' WHERE ref = 'GG-1'")
    assert table_of(harness.member.types("/aid-status group:gyeonggi"))[1][1] == literal
