"""The rules of the record one by one (docs/field.md, section 12.1), each on one project."""

import re
from datetime import UTC, datetime

import pytest

from db.domain.rules import inconsistent_updates
from db.errors import BadInput, Refusal
from db.updates.status_cache import lift_reported
from tests.support.proposals import Pages

APPROVED = "approved on:2025-06-20 until:2026-06-20 as:letter"

SCENARIOS = """
r2: a project is on hold while one hold is open
    hold by:US on:2025-06-02 | hold by:CN on:2025-06-03 | hold-lifted by:US on:2026-02-05 | = on-hold, open CN
    hold-lifted by:CN on:2026-02-06 | = under-review
r2: an official lift does not confirm a reported one
    hold by:US on:2025-06-02 | hold by:CN on:2025-06-03
    hold-lifted by:US on:2026-02-05 as:letter | hold-lifted by:CN on:2026-02-05 as:press | = lift reported
r2: a lift by an unnamed member closes one hold
    hold by:undisclosed on:2025-06-02 | hold by:undisclosed on:2025-06-03
    hold-lifted by:undisclosed on:2026-02-05 | = on-hold
    hold-lifted by:undisclosed on:2026-02-06 | = under-review
r2: lift:all means every open hold
    hold by:US on:2025-06-02 | hold by:undisclosed on:2025-06-03 | hold-lifted lift:all on:2026-02-05 | = under-review
r2: a lift of no open hold lists the holders
    hold by:CN on:2025-06-02 | hold by:FR on:2025-06-03
    refused: hold-lifted by:US on:2026-02-05 => US has no open hold. Open holds: CN (#1), FR (#2). Use `by:` with one of
r2: a hold outlasts its holder's seat
    hold by:KR on:2025-12-01 | = on-hold | hold-lifted by:KR on:2026-02-05 | = under-review
r2: a lift of a named member may mean an undisclosed hold
    hold by:undisclosed on:2025-06-02 | warns: hold-lifted by:US on:2026-02-05 => this lifts #1, whose holder is not
    hold-lifted by:US on:2026-02-05 | = open
    ---- | hold by:undisclosed on:2025-06-02 | fine: hold-lifted by:undisclosed on:2026-02-05
    hold-lifted by:undisclosed on:2026-02-05 | = open
    ---- | hold by:FR on:2025-06-02 | refused by: hold-lifted by:US on:2026-02-05
r2: a named member's own hold is lifted first
    hold by:undisclosed on:2025-06-02 | hold by:US on:2025-07-02 | hold-lifted by:US on:2026-02-05 | = open undisclosed
r2: a second lift of one member closes no other hold
    hold by:US on:2026-02-01 | hold by:undisclosed on:2025-12-01 | hold-lifted by:US on:2026-02-05
    refused: hold-lifted by:US on:2026-02-06 => Open holds: undisclosed (#2)
r2: a stronger lift confirms a reported one
    hold by:undisclosed on:2025-H1 as:press | hold-lifted by:undisclosed on:2026-02-05 as:press | = lift reported
    hold-lifted by:undisclosed on:2026-02-05 as:government | = no lift reported, lifted by #3, flagged by #2
    refused: hold-lifted by:undisclosed on:2026-02-05 as:press => Add yours with `#3 confirm`
r2: two reports of one hold are offered as one
    hold by:undisclosed on:2026-02 | warns: hold by:undisclosed on:2026-02-10 => `#1 confirm`
    ---- | hold by:US on:2026-02 | warns: hold by:undisclosed on:unknown => `#1 confirm`
    ---- | hold by:undisclosed on:2026-02 | warns: hold by:FR on:2026-02-10 => `#1 confirm`
    ---- | hold by:undisclosed on:2026-01 | fine: hold by:undisclosed on:2026-02-10
    ---- | hold by:US on:2026-02 | fine: hold by:FR on:2026-02 | refused: hold by:US on:2026-02-10 => `#1 confirm`
r2: a late report of a lifted hold is offered as one
    hold by:US on:2026-02-01 | hold-lifted by:US on:2026-02-05
    warns: hold by:US on:2026-02 => `#1 confirm` | warns: hold by:undisclosed on:unknown => `#1 confirm`
r3: a position opens and closes nothing
    hold by:FR on:2025-06-02 | position by:US on:2026-02-05 stance:opposes | = on-hold, open FR
    position by:US on:2026-02-06 stance:supports | = on-hold, open FR, positions US:supports
r4: an approval waits for the holds
    hold by:US on:2025-06-02 as:letter | hold-lifted by:US on:2026-02-05 as:press
    refused: approved on:2026-02-06 until:unknown as:letter => `approved` cannot be recorded while a hold is open: US (#1).
r4: a reported approval flags open holds
    hold by:US on:2025-06-02 | approval-reported on:2026-02-05 | = approval-reported, open US
    hold by:CN on:2026-02-09 | = on-hold
r5: an approval without an end is refused
    refused until: approved on:2026-02-06 as:letter => Until when is the letter valid? Add `until:` with the date in it, or
    refused until: approved on:2026-02-06 as:letter => or `until:unknown` if you have not seen it.
r5: an unknown end is shown and never expires, and the period as stated computes nothing
    approved on:2025-06-20 until:unknown period:12m as:letter
    = approved-end-unknown, end-not-known, days left None, period 12m
    @2099-01-01 | = approved-end-unknown, end-not-known, days left None
r5: an exemption is valid through its last day, counted to the first day that it may mean
    approved on:2025-06-20 until:2026-03-10 as:letter | @2026-03-09 | = approved, days left 1
    @2026-03-10 | = approved, days left 0 | @2026-03-11 | = expired, days left 0
    ---- | approved on:2025-06-20 until:2026-03 as:letter | @2026-02-27 | = approved, days left 2
    @2026-03-31 | = approved, days left 0 | @2026-04-01 | = expired, days left 0
r5: the last valid day ends at midnight in New York, afternoon in Seoul
    approved on:2025-06-20 until:2026-03-10 as:letter | @2026-03-11T03:59 | = approved | @2026-03-11T04:00 | = expired
r5: a letter that ends before its date is refused
    refused until: approved on:2026-02-06 until:2026-02-05 as:letter
    fine: approved on:2026-02 until:2026-02-05 as:letter
r5: an amendment without an end keeps the end
    APPROVED | amended on:2026-02-05 as:letter | = until 2026-06-20
    amended on:2026-02-06 as:letter until:2026-09 | = until 2026-09
r6: a lift certainly before its hold is refused
    hold by:US on:2026-02 | hold-lifted by:US on:2026-02-05 | = under-review
    ---- | hold by:US on:2026-02-05 | hold-lifted by:US on:2026-02 | = under-review
    ---- | hold by:US on:2026-02-05 | hold-lifted by:US on:2026-02-05 | = under-review
    ---- | hold by:US on:unknown | hold-lifted by:US on:2026-02-05 | = under-review
    ---- | hold by:US on:2025-H1 | hold-lifted by:US on:unknown | = under-review
    ---- | hold by:US on:2026-02 | refused: hold-lifted by:US on:2026-01-31 => if not, record the `hold` first
    ---- | hold by:US on:2026-02-05 | refused: hold-lifted by:US on:2026-02-04 => if not, record the `hold` first
    refused: hold-lifted by:US on:unknown reported:2026-02-04 => if not, record the `hold` first
    ---- | hold by:US on:2026 | refused: hold-lifted by:US on:2025 => if not, record the `hold` first
r6: an inexact request for an extension stays before its answer
    APPROVED | extension-requested on:2026-02 | extended on:2026-02-10 until:2027-06-20 as:letter | = no extension
    ---- | APPROVED | extension-requested on:2026-02 | withdrawn on:2026-02-10 | = approved
r6: an inexact approval ends before its extension
    approved on:2025 until:2026-02-01 as:letter | extended on:2025-12-05 until:2027-02-01 as:letter
    = approved, until 2027-02-01
r6: an update in the future is refused
    refused: hold by:US on:2026-03-11 => today | refused: hold by:US on:2026-04 => today
    refused: hold by:US on:2027 => today | refused: hold by:US on:2026-02 reported:2026-03-11 => today
r6: a date that reaches into the future is cut at recording
    accepted on:2026-03 | @2026-03-20 | declined on:2026-03-15 | = declined, responded 2026-03-15
r6: a late update takes its place in the past
    hold by:US on:2025-06-02 | hold-lifted by:US on:2026-02-05 | hold by:CN on:2025-07-01 | = on-hold, updates 1 3 2
    submitted on:2025-05-01 | = updates 4 1 3 2
r6: a hold before an undated decision is flagged
    approved on:unknown until:2026-12-31 as:letter reported:2026-02-09
    refused: hold by:US on:2026-02-10 => give its date with `on:`
    hold by:US on:2026-02-01 | = approved, inconsistent 1
r6: ties apply in the order of recording
    declined on:2026-02-05 | accepted on:2026-02-05 | = accepted
    declined on:unknown reported:2026-02-04 | = accepted | no-response on:unknown | = no-response
r6: steps certainly out of order are refused
    circulated on:2025-06-10 | refused on: submitted on:2025-06-11 => Check the date, or correct #1.
    ---- | approved on:2025-06-20 until:unknown as:letter
    refused on: submitted on:2025-07 => Check the date, or correct #1.
r6: a single step with an earlier date is refused
    submitted on:2025-06-10 | refused: submitted on:2025-06-01 => (#1, 2025-06-10)
    ---- | approved on:2025-06-10 as:letter until:2026
    refused: approved on:2025-06-01 as:letter until:2026 => (#1, 2025-06-10)
r7: an extension after the expiry is an approval again
    approved on:2024-06-20 until:2025-06-20 as:letter | = expired
    extension-requested on:2026-02-02 | = extension-pending
    extended on:2026-02-20 until:2026-12-31 as:letter | = approved, ends 2025-06-20 2026-12-31
r7: a hold during a pending extension belongs to it
    APPROVED | extension-requested on:2026-02-02 | hold by:US on:2026-02-05 | = approved, extension pending, holds concern 2
    refused: extended on:2026-02-20 until:2027-01 as:letter => while a hold is open: US (#3)
    hold-lifted by:US on:2026-02-10 | extended on:2026-02-20 until:2027-01-01 as:letter | = no extension, approved
r7: an ended extension leaves the exemption
    APPROVED | extension-requested on:2026-02-02 | hold by:US on:2026-02-05 | withdrawn on:2026-02-20 as:letter
    = approved, no extension, open
    ---- | APPROVED | extension-requested on:2026-02-02 | hold by:US on:2026-02-05 | lapsed on:2026-02-20 as:letter
    = approved, no extension, open
    ---- | APPROVED | extension-requested on:2026-02-02 | hold by:US on:2026-02-05 | rejected on:2026-02-20 as:letter
    = approved, no extension, open
r7: an extension with the same end is refused
    APPROVED | refused until: extended on:2026-02-20 until:2026-06-20 as:letter => or record `amended`
r7: what follows two requests concerns the later one
    APPROVED | extension-requested on:2026-02-01 | amendment-requested on:2026-02-02
    warns: hold by:US on:2026-02-05 => taken to concern the later one, #3
    hold by:US on:2026-02-05 | = holds concern 3 | extended on:2026-02-20 until:2027-06-20 as:letter | = no extension
r7: a position on a round stands beside that on the request
    position by:US on:2025-06-01 stance:opposes | APPROVED | extension-requested on:2026-02-01
    position by:US on:2026-02-05 stance:supports | = positions US:opposes US:supports
r8: one delivered is not all delivered
    LIMIT | delivered on:2026-02-01 consignment:1/3 | = approved, delivered 1 of 3
    delivered on:2026-02-02 consignment:1/3 | = approved, delivered 1 of 3
    delivered on:2026-02-02 consignment:2/3 | = approved, delivered 2 of 3
    delivered on:2026-02-03 consignment:3/3 | = delivered, delivered 3 of 3
    ---- | LIMIT | delivered on:2026-02-01 | = approved, delivered 1 of 3
    ---- | LIMIT | delivered on:2026-02-01 all:yes | = delivered, delivered 1 of 3
r8: without a limit and consignments a delivery is whole
    APPROVED | delivered on:2026-02-01 | = delivered
    ---- | APPROVED | shipped on:2026-01-01 consignment:1 | delivered on:2026-02-01 consignment:1
    = approved, partly-delivered
r8: a consignment named by its contents is not all
    APPROVED | shipped on:2026-01-01 contents:tents | delivered on:2026-02-01 contents:tents | = approved
    warns: delivered on:2026-02-01 => `#3 confirm`
r8: a shipment after the end or over the limit is a warning
    approved on:2025-06-20 until:2026-02-01 as:letter shipments:1 | shipped on:2026-01-10
    warns: shipped on:2026-02-02 => 2026-02-02 is after the exemption expired (2026-02-01).
    warns: shipped on:2026-02-02 => Shipments allowed by the letter: 1. This one is number 2.
r9: the latest outcome of each authority counts
    clearance on:2026-01-01 authority:OFAC outcome:granted until:2026-12-31
    clearance on:2026-01-02 authority:MOU outcome:asked | clearance on:2026-02-02 authority:mou outcome:refused
    = clearances mou:refused OFAC:granted
r10: later updates that no longer fit are kept and flagged
    hold by:US on:2025-06-02 | hold-lifted by:US on:2026-02-05 | approved on:2026-02-06 until:unknown as:letter
    #2 retract | = updates 1 3, approved-end-unknown, inconsistent 3
    = #3 `approved` cannot be recorded while a hold is open
r10: a correction takes the place of what it corrects
    declined on:2026-02-05 | accepted on:2026-02-05 | #1 corrects no-response on:2026-02-05 | = accepted, updates 3 2
r10: a correction of a correction leaves the first replaced
    hold by:US on:2025-06-02 | #1 corrects hold by:CN on:2025-06-02 | #2 corrects hold by:FR on:2025-06-02 | = holds FR
    #3 retract | = holds CN | #2 retract | = holds US
r10: the last of two corrections wins
    hold by:US on:2025-06-02 | #1 corrects hold by:CN on:2025-06-02 | #2 retract
    #1 corrects hold by:FR on:2025-06-02 | #3 retract | = holds FR
r10: an approval can be recorded again under an extension
    APPROVED | extended on:2026-02-20 until:2027-06-20 as:letter | #1 retract | = inconsistent 2
    approved on:2025-06-21 until:2026-06-20 as:letter | = consistent, until 2027-06-20
r11: a confirmation raises the confidence
    hold by:US on:2025-06-02 as:press source:https://a.example/1 | = holds as press
    #1 confirms hold as:government source:https://b.example/2
    = holds as government, sources https://a.example/1 https://b.example/2 | #2 retract | = holds as press
r11: confirming never changes a kind
    approval-reported on:2026-02-05 as:press | #1 confirms approval-reported as:government | = approval-reported
r11: the stronger source's end counts, of equals the earlier, and both are kept
    approved on:2025-10-22 as:letter until:2026-10-22 | #1 differs approved as:press until:2026-10-21
    = until 2026-10-22, differing 2026-10-22 2026-10-21
    ---- | approved on:2025-10-22 as:reported-letter until:2026-10-22 | #1 differs approved as:letter until:2026-10-21
    = until 2026-10-21, differing 2026-10-22 2026-10-21
    ---- | approved on:2025-10-22 as:letter until:2026-10-22 | #1 differs approved as:letter until:2026-10-21
    = until 2026-10-21, differing 2026-10-22 2026-10-21
    ---- | approved on:2025-10-22 as:letter until:2026-10-21 | #1 differs approved as:letter until:2026-10-22
    = until 2026-10-21, differing 2026-10-21 2026-10-22
    ---- | approved on:2025-10-22 as:letter until:unknown | #1 differs approved as:anonymous until:2026-10-21
    = until unknown, differing unknown 2026-10-21
r11: a report that fills in an end contradicts nothing
    approved on:2025-10-22 as:letter until:unknown | #1 differs approved as:letter until:2026-10-21
    = until 2026-10-21, differing
r11: a report of a retracted update falls with it
    hold by:US on:2025-06-02 as:press | #1 confirms hold as:government | #1 retract | = updates
r11: a confirmation falls where a correction changes the value
    hold by:US on:2025-06-02 as:press | #1 confirms hold as:government
    #1 corrects hold by:CN on:2025-06-02 as:press | = holds CN, holds as press
r14: as of is the newest day of the statement's sources
    hold by:US on:2025-06-02 reported:2026-02-07 | = as of 2026-02-07
    hold by:CN on:2025-07-02 reported:2026-02-05 | = as of 2026-02-07
    ---- | hold by:US on:2025-06-02 reported:2026-02-05 | hold by:CN on:2025-07-02 reported:2026-02-07 | = as of 2026-02-07
    ---- | hold by:US on:2025-06-02 reported:2026-02-05 | shipped on:2026-03-01 | = as of 2026-02-05
    ---- | APPROVED | position by:US on:2025-12-01 reported:2026-03-05 stance:opposes | = as of 2025-06-20
    ---- | hold by:US on:2025-06-02 reported:2026-02-05 as:press
    #1 confirms hold as:government reported:2026-02-20 | = as of 2026-02-20
values that nobody may assume are asked for
    hold by:US on:2025-06-02 | refused by: hold on:2026-02-05 | refused by: hold-lifted on:2026-02-05
    refused by: position on:2026-02-05 stance:opposes | refused stance: position by:US on:2026-02-05
    refused authority: clearance on:2026-02-05 outcome:granted | refused authority: clearance on:2026-02-05
    refused outcome: clearance on:2026-02-05 authority:MOU | refused until: approved on:2026-02-05 as:letter
    refused note: note | refused deadline: circulated on:2026-02-05 deadline:2026-02-04
a value that cannot be read names its field
    refused by: hold by:Atlantis | refused until: approved until:soon | refused as: hold as:rumour
    refused source: hold source:ftp://x.org | refused lift: hold-lifted lift:one
    refused deadline: circulated deadline:2026-02 | refused until: hold until:2026-02-05
    refused value: approved until:2026 value:much | refused items: approved until:2026 items:few
    refused currency: approved until:2026 currency:dollars
today is the day in New York, while it is the 11th in Seoul and London
    @2026-03-11T02:00 | refused: hold by:US on:2026-03-11 => today is 2026-03-10 in New York
"""
"""A step a line, or several between bars: a line to record, a correction or report of #n, a retraction, a moment (@),
what stands then (=), and lines that are refused (with the field and words of it), warned of or fine; ---- begins anew."""

SHORT = {"APPROVED": APPROVED, "LIMIT": f"{APPROVED} shipments:3"}


def scenarios() -> dict[str, list[str]]:
    blocks = (block.splitlines() for block in re.split(r"\n(?=\S)", SCENARIOS.strip()))
    return {title: [step for line in lines for step in line.strip().split(" | ")] for title, *lines in blocks}


def facts(pages: Pages) -> set[str]:
    """Return what stands, in the words of the scenarios."""

    def named(name: str, *values: object) -> str:
        return " ".join(map(str, [name, *values]))

    standing, today = pages.standing, pages.facts.today
    inconsistent = inconsistent_updates(standing.updates, pages.facts)
    sentences = {f"#{number} {str(reason).partition(':')[0]}" for number, reason in inconsistent.items()}
    return sentences | {
        pages.headline,
        standing.response.value,
        standing.delivery.value,
        standing.validity(today).value,
        named("open", *(hold.holder for hold in standing.open_holds)),
        named("holds", *(hold.holder for hold in standing.holds)),
        named("holds as", *(hold.placed.confidence.value for hold in standing.holds)),
        named("holds concern", *(hold.round.requested.number for hold in standing.open_holds if hold.round)),
        named("lifted by", *(f"#{hold.lifted_by.number}" for hold in standing.holds if hold.lifted_by)),
        named("flagged by", *(f"#{flag.number}" for hold in standing.holds for flag in hold.flags)),
        named("sources", *(source.url for hold in standing.holds for source in hold.placed.sources)),
        "lift reported" if lift_reported(standing) else "no lift reported",
        "extension pending" if standing.extension else "no extension",
        named("updates", *(update.number for update in standing.updates)),
        named("inconsistent", *inconsistent) if inconsistent else "consistent",
        named("until", standing.valid_until),
        named("days left", standing.days_left(today)),
        named("ends", *(each.letter.valid_until for each in standing.letters)),
        named("period", *(each.letter.period for each in standing.letters)),
        named("differing", *(version.letter.valid_until for each in standing.letters for version in each.differing)),
        named("positions", *(f"{each.stated.holder}:{each.stated.stance}" for each in standing.positions)),
        named("clearances", *(f"{each.authority}:{each.outcome}" for each in standing.latest_clearances)),
        named("responded", standing.responded and standing.responded.as_of),
        f"delivered {standing.delivered_count} of {standing.consignments}",
        named("as of", standing.statement(today).as_of),
    }


def follow(pages: Pages, step: str) -> None:
    line, _, words = step.partition(" => ")
    if match := re.fullmatch(r"#(\d+) (retract|corrects|confirms|differs) ?(.*)", line):
        number, verb, rest = int(match[1]), match[2], match[3]
        _ = pages.take_back(number) if verb == "retract" else pages.say(rest, **{verb: number})
    elif line.startswith("@"):
        moment = datetime.fromisoformat(line[1:] if "T" in line else f"{line[1:]}T15:00")
        pages.now = moment.replace(tzinfo=UTC)
    elif line.startswith("= "):
        assert {*line[2:].split(", ")} <= facts(pages), (line, facts(pages))
    elif match := re.fullmatch(r"refused ?(\S*): (.*)", line):
        with pytest.raises((Refusal, BadInput)) as refused:
            pages.check(match[2])
        assert str(refused.value)
        assert words in str(refused.value)
        assert match[1] in ("", refused.value.field), line
    elif line.startswith("warns: "):
        assert any(words in str(warning) for warning in pages.check(line.removeprefix("warns: "))), line
    elif line.startswith("fine: "):
        assert pages.check(line.removeprefix("fine: ")) == [], line
    else:
        pages.say(SHORT.get(line, line))


@pytest.mark.parametrize("title", scenarios())
def test_rule_of_the_record(title: str) -> None:
    pages = Pages()
    for step in scenarios()[title]:
        if step == "----":
            pages = Pages()
        else:
            follow(pages, step)


def refused(pages: Pages, line: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        pages.check(line)
    return caught.value


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


SEATS = {
    "seated": "US 2026-02-05, KR 2025-12-31, KR 2025-H1, KR 2025, LV 2026-01, undisclosed 2026-02-05",
    "refused": "KR 2026-01-01, KR 2026-02, KR 2026, BR 2025, BR 2026-02-05, LV 2025-12",
    "unchecked": "KR unknown, BR unknown, BR 2017-07",  # a year of which not all members are on record
}


@pytest.mark.parametrize(
    ("answer", "seat"), [(key, seat) for key, seats in SEATS.items() for seat in seats.split(", ")]
)
def test_r2_holder_is_a_member_on_some_possible_day(answer: str, seat: str) -> None:
    holder, when = seat.split()
    if answer == "refused":
        refusal = refused(Pages(), f"hold by:{holder} on:{when}")
        assert str(refusal).startswith(f"{holder} did not sit on the Security Council in {when}")
        assert "Name one of them, say `by:undisclosed`, or put the membership right" in str(refusal)
        assert refusal.field == "by"
    else:
        warnings = [str(warning) for warning in Pages().check(f"hold by:{holder} on:{when}")]
        assert bool(warnings) == (answer == "unchecked")
        assert all("not checked that" in warning for warning in warnings)


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
        assert pages.check(line) == []
    else:
        refusal = refused(pages, line)
        assert refusal.field == "as"
        assert "`as:letter`, `as:government` or `as:reported-letter`" in str(refusal)
        assert ("Record `approval-reported` for now" if word == "approved" else "as a `note`") in str(refusal)


OFFICIAL = ["submitted", "extension-requested", "amendment-requested", "withdrawn", "shipped", "delivered", "closed"]
UNOFFICIAL = ("hold by:US", "approval-reported", "notified", "accepted")


@pytest.mark.parametrize("kind", [*OFFICIAL, *UNOFFICIAL])
def test_r1_applicant_is_official_for_its_own_acts(kind: str) -> None:
    assert Pages().considered(f"{kind} on:2026-02-05 as:applicant").official is (kind in OFFICIAL)
    assert not Pages().considered(f"{kind} on:2026-02-05 as:press").official


def test_r1_nothing_is_assumed_of_the_source() -> None:
    assert not Pages().considered("shipped on:2026-02-05").official
    assert Pages().considered("submitted on:2026-02-05").confidence == "not-stated"
