"""The rules of the record one by one (docs/field.md, section 12.1), each on one project."""

from datetime import UTC, date, datetime

import pytest

from db.domain.project_status import Validity
from db.domain.rules import inconsistent_updates
from db.errors import BadInput, Refusal
from db.updates.status_cache import lift_reported
from tests.support.proposals import NOW, TODAY, Pages

APPROVED = "approved on:2025-06-20 until:2026-06-20 as:letter"


def on(day: str) -> Pages:
    """Return an empty record on the afternoon of ``day`` in New York."""
    return Pages(now=datetime.fromisoformat(f"{day}T18:00+00:00"))


def refused(pages: Pages, line: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        pages.check(line)
    return caught.value


def warned(pages: Pages, line: str) -> list[str]:
    return [str(warning) for warning in pages.check(line)]


@pytest.mark.parametrize(
    ("hold", "lift", "headline", "flagged"),
    [
        ("letter", "letter", "under-review", False),
        ("letter", "government", "on-hold", True),
        ("government", "reported-letter", "on-hold", True),
        ("government", "press", "on-hold", True),
        ("reported-letter", "government", "under-review", False),
        ("press", "press", "under-review", True),  # closed, and still only reported
        ("press", "anonymous", "on-hold", True),
        ("anonymous", "press", "under-review", True),
        ("anonymous", "letter", "under-review", False),
    ],
)
def test_r2_hold_needs_a_lift_of_equal_confidence(hold: str, lift: str, headline: str, flagged: bool) -> None:
    pages = Pages().say(f"hold by:US on:2025-06-02 as:{hold}", f"hold-lifted by:US on:2026-02-05 as:{lift}")
    assert (pages.headline, lift_reported(pages.standing)) == (headline, flagged)
    assert bool(pages.standing.open_holds) == (headline == "on-hold")


def test_r2_project_is_on_hold_while_one_hold_is_open() -> None:
    pages = Pages().say("hold by:US on:2025-06-02", "hold by:CN on:2025-06-03", "hold-lifted by:US on:2026-02-05")
    assert pages.headline == "on-hold"
    assert [hold.holder for hold in pages.standing.open_holds] == ["CN"]
    assert pages.say("hold-lifted by:CN on:2026-02-06").headline == "under-review"


def test_r2_official_lift_does_not_confirm_a_reported_one() -> None:
    pages = Pages().say(
        "hold by:US on:2025-06-02",
        "hold by:CN on:2025-06-03",
        "hold-lifted by:US on:2026-02-05 as:letter",
        "hold-lifted by:CN on:2026-02-05 as:press",
    )
    assert lift_reported(pages.standing)


def test_r2_lift_by_unnamed_member_closes_one_hold() -> None:
    pages = Pages().say(
        "hold by:undisclosed on:2025-06-02",
        "hold by:undisclosed on:2025-06-03",
        "hold-lifted by:undisclosed on:2026-02-05",
    )
    assert pages.headline == "on-hold"
    assert pages.say("hold-lifted by:undisclosed on:2026-02-06").headline == "under-review"


def test_r2_lift_all_means_every_open_hold() -> None:
    pages = Pages().say(
        "hold by:US on:2025-06-02", "hold by:undisclosed on:2025-06-03", "hold-lifted lift:all on:2026-02-05"
    )
    assert pages.headline == "under-review"


def test_r2_lift_of_no_open_hold_lists_the_holders() -> None:
    refusal = refused(Pages().say("hold by:CN on:2025-06-02", "hold on:2025-06-03"), "hold-lifted by:US on:2026-02-05")
    assert str(refusal) == (
        "No open hold is by US. Open: CN (#1), undisclosed (#2). Say `by:` with one of them, or `lift:all`."
    )


@pytest.mark.parametrize(
    ("holder", "when", "answer"),
    [
        ("US", "2026-02-05", "seated"),
        ("KR", "2025-12-31", "seated"),
        ("KR", "2025-H1", "seated"),
        ("KR", "2025", "seated"),
        ("KR", "2026-01-01", "refused"),
        ("KR", "2026-02", "refused"),
        ("KR", "2026", "refused"),
        ("BR", "2025", "refused"),
        ("BR", "2026-02-05", "refused"),
        ("LV", "2025-12", "refused"),
        ("LV", "2026-01", "seated"),
        ("KR", "unknown", "unchecked"),
        ("BR", "unknown", "unchecked"),
        ("BR", "2018-07", "unchecked"),  # a year without membership rows
        ("undisclosed", "2026-02-05", "seated"),
    ],
)
def test_r2_holder_is_a_member_on_some_possible_day(holder: str, when: str, answer: str) -> None:
    line = f"hold by:{holder} on:{when}"
    if answer == "refused":
        refusal = refused(Pages(), line)
        assert str(refusal).startswith(f"{holder} did not sit on the Security Council in {when}")
        assert "Name one of them, say `by:undisclosed`, or put the membership right" in str(refusal)
        assert refusal.field == "by"
    else:
        unchecked = [f"Whether {holder} sat on the Council then could not be checked."]
        assert warned(Pages(), line) == (unchecked if answer == "unchecked" else [])


def test_r2_hold_outlasts_its_holders_seat() -> None:
    pages = Pages().say("hold by:KR on:2025-12-01")
    assert pages.headline == "on-hold"
    assert pages.say("hold-lifted by:KR on:2026-02-05").headline == "under-review"


@pytest.mark.parametrize("kind", ["approved until:unknown", "extended until:unknown", "amended", "rejected"])
@pytest.mark.parametrize(
    ("source", "official"),
    [("letter", True), ("government", True), ("reported-letter", True), ("press", False), ("anonymous", False)],
)
def test_r3_decisions_need_an_official_source(kind: str, source: str, official: bool) -> None:
    pages = Pages() if kind.startswith(("approved", "rejected")) else Pages().say(APPROVED)
    word, _, rest = kind.partition(" ")
    line = f"{word} on:2026-02-05 as:{source} {rest}"
    if official:
        assert warned(pages, line) == []
    else:
        refusal = refused(pages, line)
        assert refusal.field == "as"
        assert "`as:letter`, `as:government` or `as:reported-letter`" in str(refusal)
        assert ("Record `approval-reported` now" if word == "approved" else "as a `note`") in str(refusal)


def test_r3_approval_waits_for_the_holds() -> None:
    pages = Pages().say("hold by:US on:2025-06-02 as:letter", "hold-lifted by:US on:2026-02-05 as:press")
    refusal = refused(pages, "approved on:2026-02-06 until:unknown as:letter")
    assert str(refusal).startswith(
        "It cannot be `approved` while a hold is open: US (#1). Record `hold-lifted` first, or add `lift:all`"
    )


def test_r3_reported_approval_flags_open_holds() -> None:
    pages = Pages().say("hold by:US on:2025-06-02", "approval-reported on:2026-02-05")
    assert pages.headline == "approval-reported"
    assert [hold.holder for hold in pages.standing.open_holds] == ["US"]
    assert pages.say("hold by:CN on:2026-02-09").headline == "on-hold"  # a hold that nobody has reported as over


def test_r4_approval_without_an_end_is_refused() -> None:
    refusal = refused(Pages(), "approved on:2026-02-06 as:letter")
    assert refusal.field == "until"
    assert str(refusal) == (
        "Until when does the letter hold? Add `until:` with its date, or `until:unknown` if you have not seen it."
    )


def test_r4_unknown_end_is_shown_and_never_expires() -> None:
    standing = Pages().say("approved on:2025-06-20 until:unknown as:letter").standing
    for today in (TODAY, date(2099, 1, 1)):
        assert standing.headline(today) == "approved"
        assert standing.validity(today) is Validity.END_NOT_KNOWN
        assert standing.days_left(today) is None


@pytest.mark.parametrize(
    ("end", "today", "headline", "days_left"),
    [
        ("2026-03-10", "2026-03-09", "approved", 1),
        ("2026-03-10", "2026-03-10", "approved", 0),  # the last day counts
        ("2026-03-10", "2026-03-11", "expired", 0),
        ("2026-03", "2026-02-27", "approved", 2),  # counted to the first day that it may mean
        ("2026-03", "2026-03-31", "approved", 0),  # and over after the last
        ("2026-03", "2026-04-01", "expired", 0),
    ],
)
def test_r4_exemption_is_valid_through_its_last_day(end: str, today: str, headline: str, days_left: int) -> None:
    standing = Pages().say(f"approved on:2025-06-20 until:{end} as:letter").standing
    day = date.fromisoformat(today)
    assert (standing.headline(day), standing.days_left(day)) == (headline, days_left)


@pytest.mark.parametrize(
    ("moment", "headline"),
    [
        (
            datetime(2026, 3, 11, 3, 59, tzinfo=UTC),
            "approved",
        ),  # 23:59 in New York on the 10th, noon on the 11th in Seoul
        (datetime(2026, 3, 11, 4, 0, tzinfo=UTC), "expired"),
    ],
)
def test_r4_last_valid_day_ends_at_new_york_midnight(moment: datetime, headline: str) -> None:
    pages = Pages().say("approved on:2025-06-20 until:2026-03-10 as:letter")
    pages.now = moment
    assert pages.headline == headline


def test_r4_letter_ending_before_its_date_is_refused() -> None:
    assert refused(Pages(), "approved on:2026-02-06 until:2026-02-05 as:letter").field == "until"
    assert warned(Pages(), "approved on:2026-02 until:2026-02-05 as:letter") == []


def test_r4_amendment_without_an_end_keeps_the_end() -> None:
    pages = Pages().say(APPROVED, "amended on:2026-02-05 as:letter")
    assert str(pages.standing.valid_until) == "2026-06-20"
    assert str(pages.say("amended on:2026-02-06 as:letter until:2026-09").standing.valid_until) == "2026-09"


@pytest.mark.parametrize(
    ("hold", "lift", "accepted"),
    [
        ("2026-02", "2026-02-05", True),  # the hold may be of the 1st
        ("2026-02-05", "2026-02", True),
        ("2026-02-05", "2026-02-05", True),
        ("unknown", "2026-02-05", True),
        ("2025-H1", "unknown", True),
        ("2026-02", "2026-01-31", False),
        ("2026-02-05", "2026-02-04", False),
        ("2026-02-05", "unknown reported:2026-02-04", False),
        ("2026", "2025", False),
    ],
)
def test_r5_lift_certainly_before_its_hold_is_refused(hold: str, lift: str, accepted: bool) -> None:
    pages = Pages().say(f"hold by:US on:{hold}")
    if accepted:
        assert pages.say(f"hold-lifted by:US on:{lift}").headline == "under-review"
    else:
        refusal = refused(pages, f"hold-lifted by:US on:{lift}")
        assert "If it is on record, check both dates; else record the `hold` first" in str(refusal)


def test_r5_inexact_extension_request_stays_before_its_answer() -> None:
    pages = Pages().say(APPROVED, "extension-requested on:2026-02", "extended on:2026-02-10 until:2027-06-20 as:letter")
    assert pages.standing.extension is None
    pages = Pages().say(APPROVED, "extension-requested on:2026-02", "withdrawn on:2026-02-10")
    assert pages.headline == "approved"  # the extension was withdrawn, not the exemption


def test_r5_inexact_approval_ends_before_its_extension() -> None:
    pages = Pages().say(
        "approved on:2025 until:2026-02-01 as:letter", "extended on:2025-12-05 until:2027-02-01 as:letter"
    )
    assert (pages.headline, str(pages.standing.valid_until)) == ("approved", "2027-02-01")


@pytest.mark.parametrize(
    "line",
    [
        "hold by:US on:2026-03-11",
        "hold by:US on:2026-04",
        "hold by:US on:2027",
        "hold by:US on:2026-02 reported:2026-03-11",
    ],
)
def test_r5_update_in_the_future_is_refused(line: str) -> None:
    assert "today" in str(refused(Pages(), line))


def test_r5_date_reaching_into_the_future_is_cut_at_recording() -> None:
    pages = on("2026-03-10").say("accepted on:2026-03")
    pages.now = datetime(2026, 3, 20, 15, tzinfo=UTC)
    standing = pages.say("declined on:2026-03-15").standing
    assert standing.response == "declined"
    assert standing.as_of == date(2026, 3, 15)


def test_r5_late_update_takes_its_place_in_the_past() -> None:
    pages = Pages().say("hold by:US on:2025-06-02", "hold-lifted by:US on:2026-02-05", "hold by:CN on:2025-07-01")
    assert [each.kind for each in pages.standing.updates] == ["hold", "hold", "hold-lifted"]
    assert pages.headline == "on-hold"
    assert pages.say("submitted on:2025-05-01").standing.updates[0].number == 4


def test_r5_hold_before_an_undated_decision_is_flagged() -> None:
    pages = Pages().say("approved on:unknown until:2026-12-31 as:letter reported:2026-02-09")
    assert "give its date with `on:`" in str(refused(pages, "hold by:US on:2026-02-10"))
    pages.say("hold by:US on:2026-02-01")
    assert pages.headline == "approved"
    assert list(inconsistent_updates(pages.standing.updates, pages.facts)) == [1]


def test_r5_ties_apply_in_recording_order() -> None:
    pages = Pages().say("declined on:2026-02-05", "accepted on:2026-02-05")
    assert pages.standing.response == "accepted"
    pages.say("declined on:unknown reported:2026-02-04")
    assert pages.standing.response == "accepted"
    assert pages.say("no-response on:unknown").standing.response == "no-response"


@pytest.mark.parametrize(
    ("first", "then", "field"),
    [
        ("circulated on:2025-06-10", "submitted on:2025-06-11", "on"),
        ("approved on:2025-06-20 until:unknown as:letter", "submitted on:2025-07", "on"),
    ],
)
def test_r5_steps_certainly_out_of_order_are_refused(first: str, then: str, field: str) -> None:
    refusal = refused(Pages().say(first), then)
    assert refusal.field == field
    assert "Check the date, or correct #1." in str(refusal)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("submitted on:2025-06-10", "submitted on:2025-06-01"),
        ("approved on:2025-06-10 as:letter until:2026", "approved on:2025-06-01 as:letter until:2026"),
    ],
)
def test_r5_single_step_with_an_earlier_date_is_refused(first: str, then: str) -> None:
    assert "already (#1, 2025-06-10)" in str(refused(Pages().say(first), then))


def test_r6_extension_after_expiry_is_approved_again() -> None:
    pages = Pages().say("approved on:2024-06-20 until:2025-06-20 as:letter")
    assert pages.headline == "expired"
    assert pages.say("extension-requested on:2026-02-02").headline == "extension-pending"
    assert pages.say("extended on:2026-02-20 until:2026-12-31 as:letter").headline == "approved"
    assert [str(each.letter.valid_until) for each in pages.standing.letters] == ["2025-06-20", "2026-12-31"]


def test_r6_hold_during_a_pending_extension_belongs_to_it() -> None:
    pages = Pages().say(APPROVED, "extension-requested on:2026-02-02", "hold by:US on:2026-02-05")
    assert pages.headline == "approved"
    (hold,) = pages.standing.open_holds
    assert hold.extension == pages.standing.extension
    assert "while a hold is open: US (#3)" in str(refused(pages, "extended on:2026-02-20 until:2027-01 as:letter"))
    pages.say("hold-lifted by:US on:2026-02-10", "extended on:2026-02-20 until:2027-01-01 as:letter")
    assert (pages.standing.extension, pages.headline) == (None, "approved")


@pytest.mark.parametrize("end", ["withdrawn", "lapsed", "rejected"])
def test_r6_ended_extension_leaves_the_exemption(end: str) -> None:
    pages = Pages().say(
        APPROVED, "extension-requested on:2026-02-02", "hold by:US on:2026-02-05", f"{end} on:2026-02-20 as:letter"
    )
    assert (pages.headline, pages.standing.extension, pages.standing.open_holds) == ("approved", None, [])


def test_r6_extension_with_the_same_end_is_refused() -> None:
    refusal = refused(Pages().say(APPROVED), "extended on:2026-02-20 until:2026-06-20 as:letter")
    assert (refusal.field, "or record `amended`" in str(refusal)) == ("until", True)


def test_r7_inconsistent_later_updates_are_kept_and_flagged() -> None:
    pages = (
        Pages()
        .say(
            "hold by:US on:2025-06-02",
            "hold-lifted by:US on:2026-02-05",
            "approved on:2026-02-06 until:unknown as:letter",
        )
        .take_back(2)
    )
    assert [each.number for each in pages.standing.updates] == [1, 3]
    ((number, reason),) = inconsistent_updates(pages.standing.updates, pages.facts).items()
    assert (number, str(reason).startswith("It cannot be `approved` while a hold is open")) == (3, True)
    assert pages.headline == "approved"


def test_r7_correction_replaces_the_corrected_update() -> None:
    pages = Pages().say("declined on:2026-02-05", "accepted on:2026-02-05").say("no-response on:2026-02-05", corrects=1)
    assert pages.standing.response == "accepted"
    assert [each.number for each in pages.standing.updates] == [3, 2]


def test_r7_correcting_a_correction_keeps_the_first_replaced() -> None:
    pages = (
        Pages()
        .say("hold by:US on:2025-06-02")
        .say("hold by:CN on:2025-06-02", corrects=1)
        .say("hold by:FR on:2025-06-02", corrects=2)
    )
    assert [hold.holder for hold in pages.standing.holds] == ["FR"]
    assert [hold.holder for hold in pages.take_back(3).standing.holds] == ["CN"]
    assert [hold.holder for hold in pages.take_back(2).standing.holds] == ["US"]


def test_r7_last_of_two_corrections_wins() -> None:
    pages = Pages().say("hold by:US on:2025-06-02").say("hold by:CN on:2025-06-02", corrects=1).take_back(2)
    pages.say("hold by:FR on:2025-06-02", corrects=1).take_back(3)  # takes the retraction of #2 back
    assert [hold.holder for hold in pages.standing.holds] == ["FR"]


def test_r7_approval_can_be_re_recorded_under_an_extension() -> None:
    pages = Pages().say(APPROVED, "extended on:2026-02-20 until:2027-06-20 as:letter").take_back(1)
    assert list(inconsistent_updates(pages.standing.updates, pages.facts)) == [2]
    pages.say("approved on:2025-06-21 until:2026-06-20 as:letter")
    assert inconsistent_updates(pages.standing.updates, pages.facts) == {}
    assert str(pages.standing.valid_until) == "2027-06-20"


def test_shipment_without_approval_is_a_warning() -> None:
    pages = Pages().say("approved on:2025-06-20 until:2026-02-01 as:letter shipments:1", "shipped on:2026-01-10")
    assert warned(pages, "shipped on:2026-02-02") == [
        "2026-02-02 lies after the end of the exemption, 2026-02-01.",
        "The letter allows 1 shipments; this is number 2.",
    ]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("clearance on:2026-02-05", "authority"),
        ("note", "note"),
        ("circulated on:2026-02-05 deadline:2026-02-04", "deadline"),
    ],
)
def test_update_without_required_fields_is_refused(line: str, field: str) -> None:
    assert refused(Pages(), line).field == field


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("hold by:Atlantis", "by"),
        ("approved until:soon", "until"),
        ("hold as:rumour", "as"),
        ("hold source:ftp://x.org", "source"),
        ("hold-lifted lift:one", "lift"),
        ("circulated deadline:2026-02", "deadline"),
        ("hold until:2026-02-05", "until"),
        ("approved until:2026 value:much", "value"),
        ("approved until:2026 items:few", "items"),
        ("approved until:2026 currency:dollars", "currency"),
        ("note " + "n" * 2001, "note"),
    ],
)
def test_parse_proposal_error_names_the_field(line: str, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        Pages().considered(line)
    assert (caught.value.field, bool(str(caught.value))) == (field, True)


def test_council_membership_uses_new_york_date() -> None:
    pages = Pages(now=datetime(2026, 3, 11, 2, tzinfo=UTC))  # in Seoul and in London it is the 11th
    assert "today is 2026-03-10 in New York" in str(refused(pages, "hold by:US on:2026-03-11"))
    assert NOW.date() == TODAY
