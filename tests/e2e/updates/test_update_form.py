"""/aid-update alone: a form whose fields follow the kind and whose errors appear beside the field."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.slack_emulator import Fault, SubmitResult, UserActionError, View
from bot.slack_emulator.block_kit.state_values import chosen, find_part
from db.domain.enums import UpdateKind
from db.recording.proposal import FORM_OPTIONS, OPTIONS
from db.updates.history import load_updates
from handlers.updates.form_values import BESIDE
from handlers.updates.form_view import name_fields
from tests.support.harness import BotHarness, UserDriver
from tests.support.proposals import add_project

GYEONGGI = {"GG-1", "GG-2", "GG-3"}
EVERY_KIND = {"refs", "kind", "on", "as", "source", "note"}
OF_PRESS = {"reported", "attributed-to"}
ARTICLE = "https://www.donga.com/en/article/all/20260207/6093949/1"
HOLD = {"by": "FR", "on": "2026-02-09", "as": "press"}
LETTER = {"until-open": ["unknown"], "as": "letter"}


def open_form(somebody: UserDriver, line: str = "") -> View:
    """Open the form."""
    view = somebody.types(f"/aid-update {line}").view
    assert view is not None
    return view


def on_top(somebody: UserDriver) -> View:
    view = somebody.person.modal
    assert view is not None
    return view


def with_kind(somebody: UserDriver, kind: str, *refs: str) -> View:
    """Open the form, choose projects and kind, and wait for the fields."""
    view = open_form(somebody)
    if refs:
        somebody.person.choose(view, "refs", list(refs))
    return follow(somebody, kind)


def follow(somebody: UserDriver, choice: str, field: str = "kind") -> View:
    before = len(somebody.slack.calls("views.update"))
    somebody.person.choose(on_top(somebody), field, choice)
    somebody.slack.wait_for(lambda: len(somebody.slack.calls("views.update")) > before)
    assert somebody.slack.calls("views.update")[-1].ok
    return on_top(somebody)


def fields(view: View) -> set[str]:
    return {block["block_id"] for block in view.blocks if block["type"] == "input"}


def field_value(view: View, name: str) -> Any:
    """Return the text of a field, or the value of its option."""
    value = chosen(find_part(view.blocks, name), view.state)
    if isinstance(value, list):
        return [each["value"] for each in value]
    return value["value"] if isinstance(value, Mapping) else value


def send(somebody: UserDriver, **values: Any) -> SubmitResult:
    """Fill in and submit the top form, the kind of source first: it decides about others."""
    if values.keys() & OF_PRESS:
        follow(somebody, values.pop("as"), "as")
    return somebody.person.submit(on_top(somebody), values)


def record(somebody: UserDriver, **values: Any) -> SubmitResult:
    """Fill in and submit the top form, and record what the preview shows."""
    preview = send(somebody, **values)
    assert text_of(preview, somebody).startswith("Review and record"), preview
    return somebody.person.submit()


def text_of(outcome: SubmitResult, somebody: UserDriver) -> str:
    return outcome.text(somebody.person.reader)


# -- filling in ------------------------------------------------------------------------------------------------------


def test_form_first_asks_for_projects_and_kind(harness: BotHarness) -> None:
    view = open_form(harness.admin)

    assert "Choose what happened to see the fields for it.\n[Cancel] [Next]" in harness.admin.person.read()
    assert fields(view) == {"refs", "kind"}
    assert send(harness.admin).errors == dict.fromkeys(("refs", "kind"), "Please complete this required field.")


def test_form_opens_with_the_projects_typed_and_its_typeahead_narrows_them(harness: BotHarness) -> None:
    for line, refs in (("GG-1", 1), ("gg-1, GG-2", 2), ("group:gyeonggi", 3)):
        assert field_value(open_form(harness.admin, line), "refs") == ["GG-1", "GG-2", "GG-3"][:refs]
        harness.admin.person.close(every=True)
    view = open_form(harness.admin)

    def offered(text: str) -> list[str]:
        return [each["value"] for each in harness.admin.person.options(view, "refs", text)]

    assert offered("")[:4] == ["GG-1", "GG-2", "GG-3", "KR-1"]
    for text, refs in (
        ("gg", GYEONGGI),
        ("GG-11", GYEONGGI),
        ("경기", GYEONGGI),
        ("unicef", {"IO-2"}),
        ("유니세프", {"IO-2"}),
    ):
        assert set(offered(text)) >= refs
    assert "IO-1" in offered("world helth")
    assert offered("%") == offered("qqqqqq") == []
    (one,) = harness.admin.person.options(view, "refs", "gg-2")
    assert (one["value"], one["description"]["text"]) == ("GG-2", "Under review")


@pytest.mark.parametrize("kind", UpdateKind)
def test_form_fields_follow_the_kind(busy: BotHarness, kind: UpdateKind) -> None:
    """Slack accepts the view of every kind, with exactly the fields of that kind."""
    view = with_kind(busy.admin, kind, "GG-1", "GG-2")

    wanted = {name for name, kinds in {**OPTIONS, **FORM_OPTIONS}.items() if kind in kinds}
    beside = {BESIDE[name] for name in BESIDE.keys() & wanted}
    assert fields(view) == {*wanted, *beside, "refs", "kind", "note"} - OF_PRESS >= EVERY_KIND
    assert field_value(view, "refs") == ["GG-1", "GG-2"]
    assert field_value(view, "kind") == kind
    busy.admin.person.close(every=True)


def test_form_keeps_fields_when_the_kind_changes(harness: BotHarness) -> None:
    with_kind(harness.admin, "hold", "GG-1")
    assert fields(follow(harness.admin, "press", "as")) >= OF_PRESS
    harness.admin.person.fill(
        on_top(harness.admin),
        {
            "by": "FR",
            "on": "2026-02-09",
            "source": "https://example.org/a",
            "note": "as heard",
            "reported": "2026-02-10",
        },
    )
    assert "reported" in fields(follow(harness.admin, "government", "as"))
    follow(harness.admin, "note")
    view = follow(harness.admin, "hold-lifted")

    values = {name: field_value(view, name) for name in ("on", "as", "source", "note", "reported")}
    assert values == {
        "on": "2026-02-09",
        "as": "government",
        "source": "https://example.org/a",
        "note": "as heard",
        "reported": "2026-02-10",
    }
    assert field_value(view, "refs") == ["GG-1"]


# kind, values, the field beside which the error stands, and its beginning
ERRORS: list[tuple[str, dict[str, Any], str, str]] = [
    ("hold", {"by": "FR", "on-inexact": "soon", "as": "press"}, "on-inexact", "I can't read “soon” as a date."),
    ("hold", HOLD | {"on-inexact": "2026-02"}, "on-inexact", "A day is chosen, and “If the day is not known” says"),
    ("hold", HOLD | {"on": "2027-01-01"}, "on", "2027-01-01 is in the future"),
    ("hold", {"by": "KR", "on-inexact": "2026-02", "as": "press"}, "by", "Republic of Korea did not sit on the"),
    ("hold", {"by": "FR", "source": "nonsense", "as": "press"}, "source", "Please enter a valid URL."),
    ("hold", HOLD | {"reported": "2026-03-01"}, "reported", "The report date 2026-03-01 is in the future"),
    ("hold", {"on": "2026-02-09", "as": "press"}, "by", "Please complete this required field."),
    ("hold", {"by": "FR", "on": "2026-02-09"}, "as", "Please complete this required field."),
    ("hold-lifted", {"as": "press"}, "by", "Which member? Add “Held by” with its name"),
    ("hold-lifted", {"by": "CN", "as": "press"}, "by", "There is no open hold to lift."),
    ("approved", LETTER | {"as": "press"}, "as", "A press report is not an approval"),
    (
        "approved",
        {"as": "letter"},
        "until",
        "Until when is the letter valid? Add “Valid until” with the date in it, or “Valid until: End not known” if",
    ),
    ("approved", LETTER | {"until": "2027-02-06"}, "until-open", "A day is chosen, and “If the end is not known” says"),
    ("approved", {"until": "2026-01-01", "on": "2026-02-01", "as": "letter"}, "until", "The end date (2026-01-01) is "),
    ("approved", LETTER | {"items": "many"}, "items", "“many” is not a whole number."),
    ("approved", LETTER | {"value": "much"}, "value", "“much” is not an amount."),
    ("approved", LETTER | {"currency": "$"}, "currency", "“$” is not a currency code"),
    ("approved", LETTER | {"shipments": "two"}, "shipments", "“two” is not a whole number."),
    ("approved", LETTER | {"paragraph": "x" * 65}, "paragraph", "Too long: 65 characters"),
    ("approved", LETTER | {"period": "long"}, "period", "“long” is not a length of time."),
    ("approved", LETTER, "", ""),
    (
        "circulated",
        {"on": "2026-02-09", "deadline": "2026-02-01", "as": "press"},
        "deadline",
        "The no-objection deadline (2026-02-01) is before",
    ),
    (
        "circulated",
        {"deadline": "2026-02-12", "deadline-hour": "25:00", "as": "press"},
        "deadline",
        "I can't read “2026-02-12T25:00” as a date",
    ),
    ("submitted", {"extends": "XX-1", "as": "press"}, "extends", ""),
    ("clearance", {"authority": "x" * 65, "outcome": "asked", "as": "press"}, "authority", "Too long: 65 characters ("),
    ("closed", {"as": "press"}, "kind", "Nothing has been approved or delivered yet"),
    ("extended", LETTER, "kind", "There is no exemption on record"),
    ("shipped", {"consignment": "4/3", "as": "press"}, "consignment", "There cannot be a consignment 4 of 3."),
    ("note", {"note": "   "}, "note", "A note needs its text"),
]


def test_form_error_stands_beside_its_field(harness: BotHarness) -> None:
    harness.writing(lambda session: add_project(session, "XX-1"))
    for kind, values, field, sentence in ERRORS:
        before = harness.rows()
        with_kind(harness.admin, kind, "XX-1")
        outcome = send(harness.admin, **values)

        assert not outcome.problem
        assert list(outcome.errors) == ([field] if field else []), values
        if field:
            assert outcome.errors[field].startswith(sentence), outcome.errors
            assert "`" not in outcome.errors[field]
            assert harness.rows() == before
        harness.admin.person.close(every=True)


@pytest.mark.parametrize(
    ("sentence", "language", "said"),
    [
        ("Add `as:letter` or `on:`.", "en", "Add “Kind of source: Letter” or “Date it happened (New York)”."),
        ('`until:unknown`, `authority:"MOU"`', "ko", "“유효기간 종료일: 만료일 미상”, “관계 당국: MOU”"),
        ("보류 해제(`hold-lifted`) 또는 `6w`", "ko", "“보류 해제” 또는 “6w”"),
        ("`#6 confirm`, `/aid-admin council`", "en", "“/aid-update #6 confirm”, “/aid-admin council”"),
    ],
)
def test_form_error_names_fields(sentence: str, language: str, said: str) -> None:
    assert name_fields(sentence, language) == said


def test_form_refuses_a_letter_until_the_hold_is_lifted(harness: BotHarness) -> None:
    harness.admin.types("/aid-update GG-1 hold by:FR on:2026-02-06 as:government")
    with_kind(harness.admin, "approved", "GG-1")
    refused = send(harness.admin, on="2026-02-09", **LETTER)
    assert refused.errors["lift"].startswith(
        "“Exemption approved” cannot be recorded while a hold is open: France (#6)."
    )

    assert text_of(record(harness.admin, lift=["all"]), harness.admin).startswith("Recorded\nRecorded as #7, #8")


def test_form_sent_before_its_fields_asks_for_them(harness: BotHarness) -> None:
    """Show the errors in fields that the form already has."""
    view = open_form(harness.admin)
    harness.slack.faults.add("views.update", Fault.error("internal_error"))
    harness.admin.person.choose(view, "refs", ["GG-1"])
    harness.admin.person.choose(view, "kind", "approved")

    assert send(harness.admin).errors["kind"].startswith("“Exemption approved” needs an official source.")


# -- recording -------------------------------------------------------------------------------------------------------


def test_form_records_one_project(harness: BotHarness) -> None:
    with_kind(harness.admin, "hold", "GG-1")
    outcome = record(harness.admin, **HOLD, source="https://example.org/a", note="as heard")

    receipt = text_of(outcome, harness.admin).splitlines()
    assert receipt[:6] == [
        "Recorded",
        "Recorded as #6",
        "2026-02-09 — Hold (France)",
        "as heard",
        "reported, not confirmed · Press: https://example.org/a",
        "GG-1  Under review → On hold",
    ]
    assert receipt[-2:] == ["[Undo] [Correct entry]", "[Close]"]
    assert len(harness.alerts()) == 1


def test_form_previews_several_projects(harness: BotHarness) -> None:
    with_kind(harness.admin, "hold", "GG-1", "IO-2")
    preview = send(harness.admin, **HOLD)
    assert text_of(preview, harness.admin).splitlines() == [
        "Review and record",
        "Record this for 2 projects?",
        "2026-02-09 — Hold (France)",
        "reported, not confirmed · Press (no link)",
        "GG-1  Under review → On hold",
        "IO-2  Under review → On hold",
        "Alerts go to #aid-alerts. Nothing is recorded yet.",
        "[Back] [Record]",
    ]
    assert harness.rows()["acts"] == 5

    receipt = harness.admin.person.submit()
    assert text_of(receipt, harness.admin).startswith("Recorded\nRecorded as #6")
    harness.admin.person.close()
    assert harness.admin.person.modal is None  # the form below goes with the receipt


def test_undo_in_the_receipt_view_works_for_ten_minutes(harness: BotHarness) -> None:
    for ref, minutes, said in (
        ("GG-1", 9, "Retracted: #6\nGG-1  On hold → Under review"),
        ("GG-2", 11, "Undo works for ten "),
    ):
        with_kind(harness.admin, "hold", ref)
        outcome = record(harness.admin, **HOLD)
        assert outcome.view is not None
        harness.clock.forward(minutes=minutes)
        harness.admin.person.press(outcome.view, "Undo")
        harness.slack.wait_for(lambda words=said: words in harness.admin.person.read())
        harness.admin.person.close(every=True)

    assert harness.member.types("/aid-status GG-1").text.startswith("GG-1 · Under review")
    assert harness.member.types("/aid-status GG-2").text.startswith("GG-2 · On hold")


def test_correction_of_several_projects_is_previewed(harness: BotHarness) -> None:
    """Slack allows three stacked views: receipt, form and preview."""
    with_kind(harness.admin, "hold", "GG-1", "IO-2")
    send(harness.admin, **HOLD)
    receipt = harness.admin.person.submit()
    assert receipt.view is not None
    harness.admin.person.press(receipt.view, "Correct entry")
    harness.admin.sees_modal("update_form")
    preview = send(harness.admin, by="GB")
    assert text_of(preview, harness.admin).startswith("Review and record\nRecord this for 2 projects?")

    assert "Recorded as #7" in text_of(harness.admin.person.submit(), harness.admin)


def test_correction_may_change_the_kind(harness: BotHarness) -> None:
    harness.admin.types("/aid-update GG-1 hold by:FR on:2026-02-09 as:press as heard")
    open_form(harness.admin, "#6 correct")
    view = follow(harness.admin, "note")
    assert "Projects: GG-1" in harness.admin.person.read(view)
    assert field_value(view, "note") == "as heard"

    assert "2026-02-09 — Note (corrects #6)\nas heard" in text_of(record(harness.admin), harness.admin)


@pytest.mark.parametrize(
    ("values", "publisher"), [({}, "Dong-A Ilbo"), ({"source": "https://example.org/b"}, None)], ids=["kept", "another"]
)
def test_correction_keeps_sources_if_the_address_is_unchanged(
    harness: BotHarness, values: dict[str, str], publisher: str | None
) -> None:
    """The seeded updates name the publisher of their source, which a corrected note must not lose."""
    open_form(harness.admin, "#2 correct")
    assert "Recorded as #6" in text_of(record(harness.admin, note="The review resumed.", **values), harness.admin)

    with harness.database.reading() as session:
        (source,) = load_updates(session, [6])[6].sources
    assert (source.publisher, source.url) == (publisher, values.get("source", ARTICLE))


def test_correction_form_has_every_field_of_a_letter(harness: BotHarness) -> None:
    letter = {
        "on": "2026-02-06",
        "until": "2027-02-06",
        "as": "letter",
        "letter-date": "2026-02-06",
        "period": "12m",
        "items": "12",
        "value": "63000",
        "currency": "USD",
        "shipments": "3",
        "paragraph": "2397 (2017) 25",
        "source": "https://example.org/l",
        "note": "sent to the applicant",
    }
    with_kind(harness.admin, "approved", "GG-1")
    text = text_of(record(harness.admin, **letter), harness.admin)
    assert "Exemption approved (until 2027-02-06, 12 months as stated, 12 items, 63,000 USD, up to 3 shipments)" in text
    harness.admin.person.close()

    view = open_form(harness.admin, "#6 correct")
    assert {name: field_value(view, name) for name in letter} == letter


@pytest.mark.parametrize(
    "line",
    [
        "approved on:2026-02-06 as:letter until:2027-02",
        "circulated on:2026-02-09 as:government deadline:2026-02-16T15:00",
        "hold by:FR on:2025-H2 as:press reported:2026-02-06",
        "note seen as:letter reported:2026-02-06",
    ],
)
def test_correction_keeps_every_date(harness: BotHarness, line: str) -> None:
    harness.writing(lambda session: add_project(session, "XX-1"))
    recorded = harness.admin.types(f"/aid-update XX-1 {line} source:https://example.org/a")
    assert "Recorded as #6" in recorded.text
    open_form(harness.admin, "#6 correct")
    record(harness.admin, note="as corrected")

    with harness.database.reading() as session:
        first, second = (load_updates(session, [number])[number] for number in (6, 7))
    dates = [
        (each.happened, each.reported, each.deadline, each.deadline_hour, each.letter.valid_until)
        for each in (first, second)
    ]
    assert dates[0] == dates[1]


# -- refusals and retries --------------------------------------------------------------------------------------------


def test_stale_form_preview_is_shown_again(harness: BotHarness) -> None:
    with_kind(harness.admin, "hold", "GG-1", "GG-2")
    send(harness.admin, **{**HOLD, "on": "2026-02-10"})
    harness.second.types("/aid-update GG-2 withdrawn on:2026-02-09 as:press")
    before = harness.rows()
    outcome = harness.admin.person.submit()

    assert not outcome.problem
    assert "Record this for 1 project?" in text_of(outcome, harness.admin)
    assert "Left out: 1 project\n\n• GG-2 This request has ended" in text_of(outcome, harness.admin)
    assert harness.rows() == before
    assert text_of(harness.admin.person.submit(), harness.admin).startswith("Recorded\nRecorded as #7")


def test_second_correction_of_one_update_is_refused(harness: BotHarness) -> None:
    harness.admin.types("/aid-update GG-1 hold by:FR on:2026-02-09 as:press")
    open_form(harness.admin, "#6 correct")
    open_form(harness.second, "#6 correct")
    record(harness.second, by="GB")

    refused = send(harness.admin, by="CN")
    assert not refused.problem
    assert next(iter(refused.errors.values())).startswith("#6 was changed by #7 in the meantime.")


def test_form_preview_sent_twice_records_once(harness: BotHarness) -> None:
    with_kind(harness.admin, "hold", "GG-1", "GG-2")
    send(harness.admin, **HOLD)
    harness.admin.person.submit()
    again = harness.slack.redeliver(harness.slack.traffic_log.sent("interactive")[-1])

    assert harness.rows()["acts"] == 6
    assert "Already recorded as #6" in str(again.payload)


def test_form_closed_during_an_update_logs_no_error(harness: BotHarness, caplog: pytest.LogCaptureFixture) -> None:
    """A person closes the form while its new fields are on their way."""
    view = open_form(harness.admin)
    harness.admin.person.choose(view, "kind", "hold")
    harness.admin.person.close(every=True)
    with pytest.raises(UserActionError):
        harness.admin.person.submit(view)
    assert "Traceback" not in "\n".join(record.getMessage() for record in caplog.records)
