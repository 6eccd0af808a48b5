"""Project card: its axes as people recorded them, other reports, other records, predecessor and successor."""

import pytest

from tests.support.harness import BotHarness
from tests.support.proposals import add_project

LETTER = "as:letter source:https://example.org/letter"
PRESS = "as:press source:https://press.example/1"


def card(harness: BotHarness, ref: str) -> str:
    return harness.member.types(f"/aid-status {ref}").text


@pytest.fixture(autouse=True)
def projects(harness: BotHarness) -> None:
    """Two projects of which nothing is on record."""
    harness.writing(lambda session: [add_project(session, ref) for ref in ("XX-1", "XX-2")])


def test_card_shows_predecessor_its_end_and_the_gap(harness: BotHarness) -> None:
    harness.record(f"XX-1 approved {LETTER} on:2025-01-20 until:2026-01-20")
    harness.execute(
        "UPDATE projects SET predecessor_id = (SELECT id FROM projects WHERE ref = 'XX-1') WHERE ref = 'IO-3'"
    )

    assert "Extends XX-1 · expired 2026-01-20" in card(harness, "IO-3")
    assert "Extended by IO-3" in card(harness, "XX-1")

    harness.record(f"IO-3 approved {LETTER} on:2026-02-06 until:2027-02-06 lift:all")

    gap = "Extends XX-1 · expired 2026-01-20 · Gap: no exemption in force from 2026-01-20 to 2026-02-06"
    assert gap in card(harness, "IO-3")


def test_card_shows_both_sources_of_a_confirmed_hold(harness: BotHarness) -> None:
    (hold,) = harness.record(f"XX-1 hold by:FR on:2026-02 length:6m {PRESS}")
    assert f"France · since Feb 2026 (at least 0 days) ({hold}) · asks for 6 months · reported, not confirmed" in card(
        harness, "XX-1"
    )

    (again,) = harness.record(f"{hold} confirm as:press source:https://press.example/2")
    assert f"reported, not confirmed; also: Press ({again})" in card(harness, "XX-1")

    (confirmed,) = harness.record(f"{hold} confirm as:government source:https://gov.example/1")
    text = card(harness, "XX-1")
    assert f"Press; also: Press ({again}); confirmed: Government or Committee notice ({confirmed})" in text
    assert f"Confirmation of {hold}: Hold" in text


def test_card_shows_differing_values_with_who_says_so(harness: BotHarness) -> None:
    (letter,) = harness.record(f"XX-1 approved {LETTER} on:2026-01-22 until:2026-10-22")
    (other,) = harness.record(f"{letter} differ until:2026-10-21 {PRESS}")

    text = card(harness, "XX-1")
    assert "Exemption: until 2026-10-22 (254 days left) · 2026-01-22" in text
    differ = (
        f"until 2026-10-22 (https://example.org/letter, {letter}); until 2026-10-21 (https://press.example/1, {other})"
    )
    assert f"Sources differ: {differ}" in text
    assert text.count("Sources differ") == 1


def test_card_shows_an_unknown_end_with_its_age_and_period(harness: BotHarness) -> None:
    (letter,) = harness.record(f"XX-1 approved {LETTER} on:2026-01-31 until:unknown period:12m")

    text = card(harness, "XX-1")
    assert text.startswith("XX-1 · Approved, end not known")
    assert "in force" not in text
    assert "Exemption: approved, end not known, since 2026-01-31 (10 days), 12 months as stated · 2026-01-31" in text
    assert f"find it and record it with /aid-update {letter} differ until:DATE." in text


def test_card_shows_consignments_with_contents_and_route(harness: BotHarness) -> None:
    _, second, third = harness.record(
        f"XX-1 approved {LETTER} on:2026-01-01 until:2027-01-01 shipments:3",
        "XX-1 shipped consignment:2/3 contents:soap on:2026-02-03 as:applicant",
        "XX-1 delivered consignment:1/3 contents:tents from:Dalian to:Nampo on:2026-02-02 as:applicant",
    )

    text = card(harness, "XX-1")
    assert text.startswith("XX-1 · Approved · until 2027-01-01 · 1 of 3 delivered")
    assert "Delivery: 1 of 3 delivered\n" in text
    assert f"• consignment 2 of 3, soap: shipped · 2026-02-03 ({second}) · official" in text
    assert f"• consignment 1 of 3, tents, Dalian → Nampo: delivered · 2026-02-02 ({third}) · official" in text


def test_card_shows_refused_and_open_clearances_first(harness: BotHarness) -> None:
    harness.record(
        "XX-1 clearance authority:OFAC outcome:granted until:2026-02-01 on:2025-12-01 as:government",
        "XX-1 clearance authority:Customs outcome:asked on:2026-01-01 as:applicant",
        "XX-1 clearance authority:BIS outcome:refused on:2026-01-02 as:government",
    )

    text = card(harness, "XX-1")
    rows = [line for line in text.partition("Timeline")[0].splitlines() if line.startswith("• ")]
    assert [row.partition(" · ")[0] for row in rows] == [
        "• BIS: refused",
        "• Customs: asked for",
        "• OFAC: granted, expired 2026-02-01",
    ]
    assert "Clearance refused: BIS. Clearance asked for, to be decided by Customs." in text


def test_card_shows_rounds_with_their_holds(harness: BotHarness) -> None:
    _, extension, amendment, _ = harness.record(
        f"XX-1 approved {LETTER} on:2025-06-01 until:2027-01-01",
        "XX-1 extension-requested on:2026-01-05 as:applicant",
        "XX-1 amendment-requested on:2026-01-06 as:applicant",
        f"XX-1 hold by:CN on:2026-02-06 {PRESS}",
    )

    text = card(harness, "XX-1")
    assert text.startswith("XX-1 · Approved · until 2027-01-01 · extension pending · amendment held by China")
    assert f"Extension requested: not decided · 2026-01-05 ({extension}) · official" in text
    assert f"Amendment requested: not decided, held by China · 2026-01-06 ({amendment}) · official" in text
    assert f" · on the amendment ({amendment}) · reported, not confirmed" in text
    (position,) = harness.record(f"XX-1 position by:RU stance:no-objection on:2026-02-07 {PRESS}")
    about = f"Positions: Russian Federation does not object, on the amendment ({amendment}) · 2026-02-07 ({position})"
    assert about in card(harness, "XX-1")
    assert f"An amendment is asked for ({amendment}), and no decision on it is on record." in text


def test_cards_of_one_request_show_both_timelines(harness: BotHarness) -> None:
    harness.record(f"XX-1 hold by:FR on:2026-02-06 {PRESS}", f"XX-2 approved {LETTER} on:2026-02-09 until:2027-02-06")
    harness.execute("UPDATE projects SET same_as_id = (SELECT id FROM projects WHERE ref = 'XX-1') WHERE ref = 'XX-2'")

    for ref, other, event in (("XX-1", "XX-2", "Exemption approved"), ("XX-2", "XX-1", "Hold (France)")):
        text = card(harness, ref)
        assert f"Same request as {other}" in text
        assert event in text.partition(f"Timeline of {other}, the same request")[2]


def test_card_shows_each_role(harness: BotHarness) -> None:
    harness.execute(
        "INSERT INTO project_roles (project_id, organisation_id, role) SELECT projects.id, organisations.id, 'funder' "
        "FROM projects, organisations WHERE projects.ref = 'GG-1' AND organisations.key = 'who'"
    )

    assert "Implementer: Gyeonggi Province\nFunder: World Health Organization (WHO)" in card(harness, "GG-1")


LETTER_1 = f"XX-1 approved {LETTER}"
THREE = (
    f"{LETTER_1} on:2026-02-06 until:2027-02-06 shipments:3",
    "XX-1 delivered consignment:1/3 on:2026-02-09 as:press",
)
# what is recorded, days later, what is typed, what the answer says, and what it does not; {0} is the first number
ANSWERS = {
    "a member elected for 2027 holds": (
        (), 340, "/aid-update XX-1 hold by:AT on:2027-01-10 as:press", ("Recorded", "Hold (Austria)"), ("did not sit",)
    ),
    "a hold in a year of which not all members are on record": (
        (), 1070, "/aid-update XX-1 hold by:AT on:2029-01-10 as:press",
        ("not checked that Austria sat on the Council: 5 of 15 members are on record for then.", "[Record]"),
        ("did not sit",),
    ),
    "one of three consignments arrived": (
        THREE, 0, "/aid-status XX-1", ("until 2027-02-06 · 1 of 3 delivered", "(361 days left)"), ("closes the project",)
    ),
    "the end stays a deadline while goods are to come": (
        THREE, 0, "/aid-status expiring:400d", ("1 project", "until 2027-02-06 (361 days left) · 1 of 3 delivered"), ()
    ),
    "approved with an unknown end are counted apart": (
        (f"{LETTER_1} on:2024-02-01 until:unknown", "XX-2 approved as:letter on:2026-02-06 until:2027-02-06"), 0,
        "/aid-status status:approved", ("2 projects", "2 approved, of 1 the end is not known"), (),
    ),
    "an exemption that is over": (
        (f"{LETTER_1} on:2025-01-06 until:2026-01-06",), 0,
        "/aid-status XX-1", ("No exemption in force is on record.",), ("may ship",),
    ),
    "an approval that is reported": (
        ("XX-1 approval-reported on:2026-02-05 as:press",), 0,
        "/aid-status XX-1", ("approval is reported and no letter is on record",), ("may ship", "nothing is confirmed"),
    ),
    "one report says new, another extended": (
        ("XX-1 submitted on:2025-11-03 extends:unidentified as:press", "{0} differ extends:XX-2 as:press"), 0,
        "/aid-status XX-1",
        ("Sources differ: extends an earlier exemption (which one is not known) (Press, {0}); extends XX-2 (Press, {1})",),
        (),
    ),
    "opposition is not a hold": (
        ("XX-1 position by:US stance:opposes on:2026-02 as:press",), 0, "/aid-status XX-1",
        ("Positions: United States opposes · Feb 2026", "Not on record: request, committee, holds"), ("On hold",),
    ),
    "decided projects are not before the Committee": (
        (f"{LETTER_1} on:2026-02-06 until:2027-02-06",), 0, "/aid-status",
        ("19 aid projects · 1718 Committee exemptions", "🟢 Approved 1"), ("before the 1718 Committee",),
    ),
    "what is to come is tied to a day": (
        (), 290, "/aid-status GG-1",
        ("As of 2026-02-07, no decision is on record.", "As of 2026-02-07, 293 days ago · no news for long ·"),
        ("still to come, any of whom",),
    ),
    "no duty to report is made up": (
        (f"{LETTER_1} on:2026-02-06 until:2027-02-06", "XX-1 delivered on:2026-02-09 as:applicant"), 0, "/aid-status XX-1",
        ("XX-1 · Delivered", "Record closed when the project is over."), ("the applicant reports",),
    ),
    "a changed list is reviewed": (
        (
            f"{LETTER_1} on:2026-01-06 until:2027-01-06",
            "XX-1 amendment-requested on:2026-02-06 as:applicant",
            "XX-1 circulated on:2026-02-07 deadline:2026-02-12T15:00 as:government",
        ),
        0, "/aid-update XX-1 hold by:CN on:2026-02-09 as:press",
        ("Recorded", "Hold (China)"), ("nothing of it is before the Committee",),
    ),
    "two newspapers on one hold": (
        ("XX-1 hold by:undisclosed on:2026-02 as:press source:https://p.example/1",), 0,
        "/aid-update XX-1 hold by:undisclosed on:2026-02 as:press source:https://q.example/1",
        ("{0} may be the same hold", "If so, add your source with {0} confirm.", "[Record]"), (),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_answer_says_what_is_on_record_and_no_more(harness: BotHarness, name: str) -> None:
    lines, days, typed, said, unsaid = ANSWERS[name]
    harness.clock.forward(days=days)
    numbers: list[str] = []
    for line in lines:
        numbers += harness.record(line.format(*numbers))

    text = harness.admin.types(typed).text
    assert [part for part in said if part.format(*numbers) not in text] == []
    assert [part for part in unsaid if part in text] == []


def test_korean_card_shows_korean_notes(harness: BotHarness) -> None:
    harness.slack.edit_user("U0MEMBER", locale="ko-KR")

    text = card(harness, "GG-1")
    assert "기사는 누가 보류했는지 밝히지 않았고" in text
    assert "The article does not say" not in text
