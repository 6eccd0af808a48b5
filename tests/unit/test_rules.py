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
    refusal = refused(
        Pages().say("hold by:CN on:2025-06-02", "hold by:FR on:2025-06-03"), "hold-lifted by:US on:2026-02-05"
    )
    assert str(refusal) == (
        "US has no open hold. Open holds: CN (#1), FR (#2). Use `by:` with one of them, or `lift:all`."
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
        ("BR", "2017-07", "unchecked"),  # a year of which not all members are on record
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
        warnings = warned(Pages(), line)
        assert bool(warnings) == (answer == "unchecked")
        assert all("not checked that" in warning for warning in warnings)


def test_r2_hold_outlasts_its_holders_seat() -> None:
    pages = Pages().say("hold by:KR on:2025-12-01")
    assert pages.headline == "on-hold"
    assert pages.say("hold-lifted by:KR on:2026-02-05").headline == "under-review"


@pytest.mark.parametrize("kind", ["approved until:unknown", "extended until:unknown", "amended", "rejected"])
@pytest.mark.parametrize(
    ("source", "official"),
    [("letter", True), ("government", True), ("reported-letter", True), ("press", False), ("anonymous", False)],
)
def test_r4_decisions_need_an_official_source(kind: str, source: str, official: bool) -> None:
    pages = Pages() if kind.startswith(("approved", "rejected")) else Pages().say(APPROVED)
    word, _, rest = kind.partition(" ")
    line = f"{word} on:2026-02-05 as:{source} {rest}"
    if official:
        assert warned(pages, line) == []
    else:
        refusal = refused(pages, line)
        assert refusal.field == "as"
        assert "`as:letter`, `as:government` or `as:reported-letter`" in str(refusal)
        assert ("Record `approval-reported` for now" if word == "approved" else "as a `note`") in str(refusal)


def test_r4_approval_waits_for_the_holds() -> None:
    pages = Pages().say("hold by:US on:2025-06-02 as:letter", "hold-lifted by:US on:2026-02-05 as:press")
    refusal = refused(pages, "approved on:2026-02-06 until:unknown as:letter")
    assert str(refusal).startswith("`approved` cannot be recorded while a hold is open: US (#1).")


def test_r4_reported_approval_flags_open_holds() -> None:
    pages = Pages().say("hold by:US on:2025-06-02", "approval-reported on:2026-02-05")
    assert pages.headline == "approval-reported"
    assert [hold.holder for hold in pages.standing.open_holds] == ["US"]
    assert pages.say("hold by:CN on:2026-02-09").headline == "on-hold"  # a hold that nobody has reported as over


def test_r5_approval_without_an_end_is_refused() -> None:
    refusal = refused(Pages(), "approved on:2026-02-06 as:letter")
    assert refusal.field == "until"
    assert str(refusal) == (
        "Until when is the letter valid? Add `until:` with the date in it, or `until:unknown` if you have not seen it."
    )


def test_r5_unknown_end_is_shown_and_never_expires() -> None:
    standing = Pages().say("approved on:2025-06-20 until:unknown as:letter").standing
    for today in (TODAY, date(2099, 1, 1)):
        assert standing.headline(today) == "approved-end-unknown"
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
def test_r5_exemption_is_valid_through_its_last_day(end: str, today: str, headline: str, days_left: int) -> None:
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
def test_r5_last_valid_day_ends_at_new_york_midnight(moment: datetime, headline: str) -> None:
    pages = Pages().say("approved on:2025-06-20 until:2026-03-10 as:letter")
    pages.now = moment
    assert pages.headline == headline


def test_r5_letter_ending_before_its_date_is_refused() -> None:
    assert refused(Pages(), "approved on:2026-02-06 until:2026-02-05 as:letter").field == "until"
    assert warned(Pages(), "approved on:2026-02 until:2026-02-05 as:letter") == []


def test_r5_amendment_without_an_end_keeps_the_end() -> None:
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
def test_r6_lift_certainly_before_its_hold_is_refused(hold: str, lift: str, accepted: bool) -> None:
    pages = Pages().say(f"hold by:US on:{hold}")
    if accepted:
        assert pages.say(f"hold-lifted by:US on:{lift}").headline == "under-review"
    else:
        refusal = refused(pages, f"hold-lifted by:US on:{lift}")
        assert "if not, record the `hold` first" in str(refusal)


def test_r6_inexact_extension_request_stays_before_its_answer() -> None:
    pages = Pages().say(APPROVED, "extension-requested on:2026-02", "extended on:2026-02-10 until:2027-06-20 as:letter")
    assert pages.standing.extension is None
    pages = Pages().say(APPROVED, "extension-requested on:2026-02", "withdrawn on:2026-02-10")
    assert pages.headline == "approved"  # the extension was withdrawn, not the exemption


def test_r6_inexact_approval_ends_before_its_extension() -> None:
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
def test_r6_update_in_the_future_is_refused(line: str) -> None:
    assert "today" in str(refused(Pages(), line))


def test_r6_date_reaching_into_the_future_is_cut_at_recording() -> None:
    pages = on("2026-03-10").say("accepted on:2026-03")
    pages.now = datetime(2026, 3, 20, 15, tzinfo=UTC)
    standing = pages.say("declined on:2026-03-15").standing
    assert standing.response == "declined"
    assert standing.responded
    assert standing.responded.as_of == date(2026, 3, 15)


def test_r6_late_update_takes_its_place_in_the_past() -> None:
    pages = Pages().say("hold by:US on:2025-06-02", "hold-lifted by:US on:2026-02-05", "hold by:CN on:2025-07-01")
    assert [each.kind for each in pages.standing.updates] == ["hold", "hold", "hold-lifted"]
    assert pages.headline == "on-hold"
    assert pages.say("submitted on:2025-05-01").standing.updates[0].number == 4


def test_r6_hold_before_an_undated_decision_is_flagged() -> None:
    pages = Pages().say("approved on:unknown until:2026-12-31 as:letter reported:2026-02-09")
    assert "give its date with `on:`" in str(refused(pages, "hold by:US on:2026-02-10"))
    pages.say("hold by:US on:2026-02-01")
    assert pages.headline == "approved"
    assert list(inconsistent_updates(pages.standing.updates, pages.facts)) == [1]


def test_r6_ties_apply_in_recording_order() -> None:
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
def test_r6_steps_certainly_out_of_order_are_refused(first: str, then: str, field: str) -> None:
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
def test_r6_single_step_with_an_earlier_date_is_refused(first: str, then: str) -> None:
    assert "(#1, 2025-06-10)" in str(refused(Pages().say(first), then))


def test_r7_extension_after_expiry_is_approved_again() -> None:
    pages = Pages().say("approved on:2024-06-20 until:2025-06-20 as:letter")
    assert pages.headline == "expired"
    assert pages.say("extension-requested on:2026-02-02").headline == "extension-pending"
    assert pages.say("extended on:2026-02-20 until:2026-12-31 as:letter").headline == "approved"
    assert [str(each.letter.valid_until) for each in pages.standing.letters] == ["2025-06-20", "2026-12-31"]


def test_r7_hold_during_a_pending_extension_belongs_to_it() -> None:
    pages = Pages().say(APPROVED, "extension-requested on:2026-02-02", "hold by:US on:2026-02-05")
    assert pages.headline == "approved"
    (hold,) = pages.standing.open_holds
    assert hold.round == pages.standing.extension
    assert "while a hold is open: US (#3)" in str(refused(pages, "extended on:2026-02-20 until:2027-01 as:letter"))
    pages.say("hold-lifted by:US on:2026-02-10", "extended on:2026-02-20 until:2027-01-01 as:letter")
    assert (pages.standing.extension, pages.headline) == (None, "approved")


@pytest.mark.parametrize("end", ["withdrawn", "lapsed", "rejected"])
def test_r7_ended_extension_leaves_the_exemption(end: str) -> None:
    pages = Pages().say(
        APPROVED, "extension-requested on:2026-02-02", "hold by:US on:2026-02-05", f"{end} on:2026-02-20 as:letter"
    )
    assert (pages.headline, pages.standing.extension, pages.standing.open_holds) == ("approved", None, [])


def test_r7_extension_with_the_same_end_is_refused() -> None:
    refusal = refused(Pages().say(APPROVED), "extended on:2026-02-20 until:2026-06-20 as:letter")
    assert (refusal.field, "or record `amended`" in str(refusal)) == ("until", True)


def test_r10_inconsistent_later_updates_are_kept_and_flagged() -> None:
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
    assert (number, str(reason).startswith("`approved` cannot be recorded while a hold is open")) == (3, True)
    assert pages.headline == "approved-end-unknown"


def test_r10_correction_replaces_the_corrected_update() -> None:
    pages = Pages().say("declined on:2026-02-05", "accepted on:2026-02-05").say("no-response on:2026-02-05", corrects=1)
    assert pages.standing.response == "accepted"
    assert [each.number for each in pages.standing.updates] == [3, 2]


def test_r10_correcting_a_correction_keeps_the_first_replaced() -> None:
    pages = (
        Pages()
        .say("hold by:US on:2025-06-02")
        .say("hold by:CN on:2025-06-02", corrects=1)
        .say("hold by:FR on:2025-06-02", corrects=2)
    )
    assert [hold.holder for hold in pages.standing.holds] == ["FR"]
    assert [hold.holder for hold in pages.take_back(3).standing.holds] == ["CN"]
    assert [hold.holder for hold in pages.take_back(2).standing.holds] == ["US"]


def test_r10_last_of_two_corrections_wins() -> None:
    pages = Pages().say("hold by:US on:2025-06-02").say("hold by:CN on:2025-06-02", corrects=1).take_back(2)
    pages.say("hold by:FR on:2025-06-02", corrects=1).take_back(3)  # takes the retraction of #2 back
    assert [hold.holder for hold in pages.standing.holds] == ["FR"]


def test_r10_approval_can_be_re_recorded_under_an_extension() -> None:
    pages = Pages().say(APPROVED, "extended on:2026-02-20 until:2027-06-20 as:letter").take_back(1)
    assert list(inconsistent_updates(pages.standing.updates, pages.facts)) == [2]
    pages.say("approved on:2025-06-21 until:2026-06-20 as:letter")
    assert inconsistent_updates(pages.standing.updates, pages.facts) == {}
    assert str(pages.standing.valid_until) == "2027-06-20"


@pytest.mark.parametrize(
    ("kind", "source", "official"),
    [
        ("submitted", "applicant", True),
        ("extension-requested", "applicant", True),
        ("amendment-requested", "applicant", True),
        ("withdrawn", "applicant", True),
        ("shipped", "applicant", True),
        ("delivered", "applicant", True),
        ("closed", "applicant", True),
        ("hold by:US", "applicant", False),
        ("approval-reported", "applicant", False),
        ("notified", "applicant", False),
        ("accepted", "applicant", False),
        ("submitted", "press", False),
        ("shipped", "not-stated", False),
    ],
)
def test_r1_applicant_is_official_for_its_own_acts(kind: str, source: str, official: bool) -> None:
    assert Pages().considered(f"{kind} on:2026-02-05 as:{source}").official is official


def test_r1_nothing_is_assumed_of_the_source() -> None:
    assert Pages().considered("submitted on:2026-02-05").confidence == "not-stated"


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("hold on:2026-02-05", "by"),
        ("hold-lifted on:2026-02-05", "by"),
        ("position on:2026-02-05 stance:opposes", "by"),
        ("position by:US on:2026-02-05", "stance"),
        ("clearance on:2026-02-05 outcome:granted", "authority"),
        ("clearance on:2026-02-05 authority:MOU", "outcome"),
        ("approved on:2026-02-05 as:letter", "until"),
        ("note", "note"),
    ],
)
def test_values_that_nobody_may_assume_are_asked_for(line: str, field: str) -> None:
    assert refused(Pages().say("hold by:US on:2025-06-02"), line).field == field


@pytest.mark.parametrize(
    ("holder", "lifter", "lifted"),
    [("undisclosed", "US", True), ("FR", "US", False), ("undisclosed", "undisclosed", True)],
)
def test_r2_lift_of_a_named_member_may_mean_an_undisclosed_hold(holder: str, lifter: str, lifted: bool) -> None:
    pages = Pages().say(f"hold by:{holder} on:2025-06-02")
    line = f"hold-lifted by:{lifter} on:2026-02-05"
    if not lifted:
        assert refused(pages, line).field == "by"
        return
    assert bool(warned(pages, line)) == (holder != lifter)
    assert pages.say(line).standing.open_holds == []


def test_r2_a_named_members_own_hold_is_lifted_first() -> None:
    pages = Pages().say(
        "hold by:undisclosed on:2025-06-02", "hold by:US on:2025-07-02", "hold-lifted by:US on:2026-02-05"
    )
    assert [hold.holder for hold in pages.standing.open_holds] == ["undisclosed"]


def test_r2_a_stronger_lift_confirms_a_reported_one() -> None:
    pages = Pages().say("hold by:undisclosed on:2025-H1 as:press", "hold-lifted by:undisclosed on:2026-02-05 as:press")
    assert lift_reported(pages.standing)
    pages.say("hold-lifted by:undisclosed on:2026-02-05 as:government")
    (hold,) = pages.standing.holds
    assert not lift_reported(pages.standing)
    assert (hold.lifted_by.number if hold.lifted_by else 0, [flag.number for flag in hold.flags]) == (3, [2])
    refusal = refused(pages, "hold-lifted by:undisclosed on:2026-02-05 as:press")
    assert "Add yours with `#3 confirm`" in str(refusal)


@pytest.mark.parametrize(
    ("first", "second", "offered"),
    [
        ("by:undisclosed on:2026-02", "by:undisclosed on:2026-02-10", True),
        ("by:US on:2026-02", "by:undisclosed on:unknown", True),
        ("by:undisclosed on:2026-02", "by:FR on:2026-02-10", True),
        ("by:undisclosed on:2026-01", "by:undisclosed on:2026-02-10", False),
        ("by:US on:2026-02", "by:FR on:2026-02", False),
    ],
)
def test_r2_two_reports_of_one_hold_are_offered_as_one(first: str, second: str, offered: bool) -> None:
    warnings = warned(Pages().say(f"hold {first}"), f"hold {second}")
    assert [("`#1 confirm`" in warning) for warning in warnings] == [True] * offered


def test_r2_one_members_second_report_is_refused_with_the_way_out() -> None:
    assert "`#1 confirm`" in str(refused(Pages().say("hold by:US on:2026-02"), "hold by:US on:2026-02-10"))


def test_r3_a_position_opens_and_closes_nothing() -> None:
    pages = Pages().say("hold by:FR on:2025-06-02")
    before = pages.headline
    pages.say("position by:US on:2026-02-05 stance:opposes", "position by:US on:2026-02-06 stance:supports")
    assert (pages.headline, len(pages.standing.open_holds)) == (before, 1)
    assert [(position.stated.holder, position.stated.stance) for position in pages.standing.positions] == [
        ("US", "supports")
    ]


def test_r5_the_period_as_stated_computes_nothing() -> None:
    standing = Pages().say("approved on:2025-02-06 until:unknown period:12m as:letter").standing
    assert standing.letters[0].letter.period == "12m"
    assert standing.headline(date(2030, 1, 1)) == "approved-end-unknown"


@pytest.mark.parametrize(
    ("lines", "headline", "delivered"),
    [
        (["delivered on:2026-02-01 consignment:1/3"], "approved", "1 of 3"),
        (["delivered on:2026-02-01"], "approved", "1 of 3"),
        (["delivered on:2026-02-01 consignment:1/3", "delivered on:2026-02-02 consignment:1/3"], "approved", "1 of 3"),
        (["delivered on:2026-02-01 consignment:1/3", "delivered on:2026-02-02 consignment:2/3"], "approved", "2 of 3"),
        ([f"delivered on:2026-02-0{n} consignment:{n}/3" for n in (1, 2, 3)], "delivered", "3 of 3"),
        (["delivered on:2026-02-01 all:yes"], "delivered", "1 of 3"),
    ],
)
def test_r8_one_delivered_is_not_all_delivered(lines: list[str], headline: str, delivered: str) -> None:
    pages = Pages().say("approved on:2025-06-20 until:2026-06-20 as:letter shipments:3", *lines)
    standing = pages.standing
    assert (pages.headline, f"{standing.delivered_count} of {standing.consignments}") == (headline, delivered)


def test_r8_without_limit_and_consignments_a_delivery_is_whole() -> None:
    pages = Pages().say(APPROVED, "delivered on:2026-02-01")
    assert pages.headline == "delivered"
    pages = Pages().say(APPROVED, "shipped on:2026-01-01 consignment:1", "delivered on:2026-02-01 consignment:1")
    assert (pages.headline, pages.standing.delivery) == ("approved", "partly-delivered")


def test_r9_the_latest_outcome_of_each_authority_counts() -> None:
    standing = (
        Pages()
        .say(
            "clearance on:2026-01-01 authority:OFAC outcome:granted until:2026-12-31",
            "clearance on:2026-01-02 authority:MOU outcome:asked",
            "clearance on:2026-02-02 authority:mou outcome:refused",
        )
        .standing
    )
    assert [(each.authority, each.outcome) for each in standing.latest_clearances] == [
        ("mou", "refused"),
        ("OFAC", "granted"),
    ]


def test_r11_a_confirmation_raises_the_confidence() -> None:
    pages = Pages().say("hold by:US on:2025-06-02 as:press source:https://a.example/1")
    pages.say("hold as:government source:https://b.example/2", confirms=1)
    (hold,) = pages.standing.holds
    assert (hold.placed.confidence, hold.placed.official) == ("government", True)
    assert [source.url for source in hold.placed.sources] == ["https://a.example/1", "https://b.example/2"]
    assert pages.take_back(2).standing.holds[0].placed.confidence == "press"


def test_r11_confirming_never_changes_a_kind() -> None:
    pages = Pages().say("approval-reported on:2026-02-05 as:press")
    assert pages.say("approval-reported as:government", confirms=1).headline == "approval-reported"


@pytest.mark.parametrize(
    ("first", "second", "computed"),
    [
        ("as:letter until:2026-10-22", "as:press until:2026-10-21", "2026-10-22"),
        ("as:reported-letter until:2026-10-22", "as:letter until:2026-10-21", "2026-10-21"),
        ("as:letter until:2026-10-22", "as:letter until:2026-10-21", "2026-10-21"),
        ("as:letter until:2026-10-21", "as:letter until:2026-10-22", "2026-10-21"),
        ("as:letter until:unknown", "as:anonymous until:2026-10-21", "unknown"),
    ],
)
def test_r11_differing_reports_keep_both_values(first: str, second: str, computed: str) -> None:
    pages = Pages().say(f"approved on:2025-10-22 {first}").say(f"approved {second}", differs=1)
    (letter,) = pages.standing.letters
    assert str(pages.standing.valid_until) == computed
    assert [str(version.letter.valid_until) for version in letter.differing] == [
        line.split("until:")[1] for line in (first, second)
    ]


def test_r11_a_report_of_a_retracted_update_falls_with_it() -> None:
    pages = Pages().say("hold by:US on:2025-06-02 as:press").say("hold as:government", confirms=1).take_back(1)
    assert pages.standing.updates == []


@pytest.mark.parametrize(
    ("lines", "as_of"),
    [
        (["hold by:US on:2025-06-02 reported:2026-02-07"], "2026-02-07"),
        (
            ["hold by:US on:2025-06-02 reported:2026-02-07", "hold by:CN on:2025-07-02 reported:2026-02-05"],
            "2026-02-07",
        ),
        (
            ["hold by:US on:2025-06-02 reported:2026-02-05", "hold by:CN on:2025-07-02 reported:2026-02-07"],
            "2026-02-07",
        ),
        (["hold by:US on:2025-06-02 reported:2026-02-05", "shipped on:2026-03-01"], "2026-02-05"),
        ([APPROVED, "position by:US on:2025-12-01 reported:2026-03-05 stance:opposes"], "2025-06-20"),
    ],
)
def test_r14_as_of_is_the_newest_day_of_the_statements_sources(lines: list[str], as_of: str) -> None:
    assert str(Pages().say(*lines).standing.statement(TODAY).as_of) == as_of


def test_r14_a_confirmation_moves_the_as_of_day() -> None:
    pages = Pages().say("hold by:US on:2025-06-02 reported:2026-02-05 as:press")
    pages.say("hold as:government reported:2026-02-20", confirms=1)
    assert str(pages.standing.statement(TODAY).as_of) == "2026-02-20"


def test_r2_a_second_lift_of_one_member_closes_no_other_hold() -> None:
    pages = Pages().say(
        "hold by:US on:2026-02-01", "hold by:undisclosed on:2025-12-01", "hold-lifted by:US on:2026-02-05"
    )
    assert "Open holds: undisclosed (#2)" in str(refused(pages, "hold-lifted by:US on:2026-02-06"))


@pytest.mark.parametrize("line", ["hold by:US on:2026-02", "hold by:undisclosed on:unknown"])
def test_r2_a_late_report_of_a_lifted_hold_is_offered_as_one(line: str) -> None:
    pages = Pages().say("hold by:US on:2026-02-01", "hold-lifted by:US on:2026-02-05")
    assert "`#1 confirm`" in warned(pages, line)[0]


def test_r7_what_follows_two_requests_concerns_the_later_one() -> None:
    pages = Pages().say(APPROVED, "extension-requested on:2026-02-01", "amendment-requested on:2026-02-02")
    assert "taken to concern the later one, #3" in warned(pages, "hold by:US on:2026-02-05")[0]
    pages.say("hold by:US on:2026-02-05")
    standing = pages.standing
    assert standing.open_holds[0].round is standing.rounds[1]
    assert pages.say("extended on:2026-02-20 until:2027-06-20 as:letter").standing.extension is None


def test_r7_a_position_on_a_round_stands_beside_that_on_the_request() -> None:
    pages = Pages().say("position by:US on:2025-06-01 stance:opposes", APPROVED, "extension-requested on:2026-02-01")
    pages.say("position by:US on:2026-02-05 stance:supports")
    assert [position.stated.stance for position in pages.standing.positions] == ["opposes", "supports"]


def test_r8_a_consignment_named_by_contents_is_not_all() -> None:
    pages = Pages().say(APPROVED, "shipped on:2026-01-01 contents:tents", "delivered on:2026-02-01 contents:tents")
    assert pages.headline == "approved"
    assert "`#3 confirm`" in warned(pages, "delivered on:2026-02-01")[0]


def test_r11_a_confirmation_falls_where_a_correction_changes_the_value() -> None:
    pages = Pages().say("hold by:US on:2025-06-02 as:press").say("hold as:government", confirms=1)
    pages.say("hold by:CN on:2025-06-02 as:press", corrects=1)
    (hold,) = pages.standing.holds
    assert (hold.holder, hold.placed.confidence) == ("CN", "press")


def test_r11_a_report_that_fills_in_an_end_contradicts_nothing() -> None:
    pages = (
        Pages()
        .say("approved on:2025-10-22 as:letter until:unknown")
        .say("approved as:letter until:2026-10-21", differs=1)
    )
    assert (str(pages.standing.valid_until), pages.standing.letters[0].differing) == ("2026-10-21", ())


def test_shipment_without_approval_is_a_warning() -> None:
    pages = Pages().say("approved on:2025-06-20 until:2026-02-01 as:letter shipments:1", "shipped on:2026-01-10")
    assert warned(pages, "shipped on:2026-02-02") == [
        "2026-02-02 is after the exemption expired (2026-02-01).",
        "Shipments allowed by the letter: 1. This one is number 2.",
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
