"""Withheld names: absent from all answers, messages, logs and metrics, for every reader.

The exceptions are the two forms in which admins work: the project form and that of a correction.
"""

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select

from bot.slack_emulator import User
from db.models import Organisation, Project, ProjectRole
from db.updates.status_cache import store_search_texts
from handlers.auth.permissions import PERMISSIONS
from tests.support.harness import BotHarness, run_bot
from tests.support.requests import send_request

TITLE = "Zinnia Valley cold rooms"
TITLE_KO = "백일홍 계곡 냉장실"
APPLICANT = "Marigold Relief"
FUNDER, ALIAS = "Larkspur Trust", "Delphinium Fund"
ADDRESS = "https://marigoldrelief.example/zinnia-valley_cold-rooms?a=1"
SECRETS = ("zinnia", "백일홍", "marigold", "98765", "larkspur", "delphinium")
READERS = ("U0ADMIN", "U0MEMBER", "U0GUEST", "U0OTHER")
FORMS = ("/aid-admin project", "action update_correct")
"""They show an admin the names."""

LOOKS = (
    "", "GG-1", "#6", "#7", "#8", "group:gyeonggi", "kind:clearance", "since:2026-01", "status:under-review", "help",
)  # fmt: skip
WORDS = ("zinnia", "Marigold", "백일홍", "org:marigold", "-org:marigold", "98765", "zinia valey")
VALUES = ("GG-1", "4", "one GG-1", "list 1 group:gyeonggi", "1 group:gyeonggi")
"""Values of buttons; what people type and forms carry is like the first two."""

NOTE = f"{TITLE.upper()} of marigold  relief and 백일홍 계곡 냉장실 as they wrote"


def plant(session: Any) -> None:
    """Give GG-1 names and an amount that occur nowhere else."""
    row = session.scalars(select(Project).where(Project.ref == "GG-1")).one()
    row.title_en, row.title_ko, row.notes = TITLE, TITLE_KO, f"{TITLE}, said {APPLICANT}"
    row.amount_low = row.amount_high = 98765
    row.currency, row.amount_basis = "USD", f"as {APPLICANT} says"
    organisation = Organisation(key="marigold", name_en=APPLICANT, country="NO")
    funder = Organisation(key="larkspur", name_en=FUNDER, aliases=[ALIAS])
    session.add_all([organisation, funder])
    session.flush()
    row.organisation_id = organisation.id
    session.add(ProjectRole(project_id=row.id, organisation_id=funder.id, role="funder"))
    row.notes_ko = f"{TITLE_KO}, {FUNDER}"
    session.flush()
    store_search_texts(session, [row])


@pytest.fixture
def hiding(seeded_url: str) -> Iterator[BotHarness]:
    """Announce GG-1 by name, in notes too, withhold it, and clear the traffic log."""
    with run_bot(seeded_url, "signed HTTP") as harness:
        harness.writing(plant)
        harness.slack.store.add_user(User("U0OTHER", "jo.other", "Jo Other", team_id="T0OTHER"))
        harness.slack.invite("C0GENERAL", "U0OTHER")
        harness.admin.types(f"/aid-update GG-1 note source:{ADDRESS} {NOTE}")
        for line in (
            f"clearance on:2026-02-09 authority:Marigold-Relief outcome:asked {NOTE}",
            f'shipped on:2026-02-09 contents:"For {FUNDER}" from:Delphinium-Fund to:"{TITLE}" {NOTE}',
        ):
            preview = harness.admin.types(f"/aid-update GG-1,GG-2 {line}")
            harness.admin.presses(preview, "Record")
        harness.admin.types("/aid-alerts on", channel="#gyeonggi")
        assert "Zinnia" in harness.member.types("/aid-status GG-1").text
        assert APPLICANT in harness.member.types("/aid-status GG-1").text
        harness.alerts()
        assert harness.admin.types("/aid-admin withhold GG-1").text.startswith("The name of GG-1 is withheld")
        harness.slack.traffic_log.clear()
        yield harness


def outgoing_text(harness: BotHarness) -> str:
    """Return all that left the bot: acknowledgements, calls to Slack, answers by response_url."""
    answers = [each.answer for each in harness.slack.traffic_log.sent()]
    calls = [each.args for each in harness.slack.calls()]
    return json.dumps([answers, calls], ensure_ascii=False, default=str).casefold()


def assert_no_name(harness: BotHarness, *logs: str) -> None:
    """Assert that no message or log contains a withheld name."""
    harness.alerts()
    for text in (outgoing_text(harness), *logs):
        leaks = [secret for secret in SECRETS if secret in text.casefold()]
        assert not leaks, text[max(0, text.casefold().find(leaks[0]) - 300) :][:600]


def test_every_listener_withholds_the_name_from_everybody(hiding: BotHarness, caplog: pytest.LogCaptureFixture) -> None:
    for entry in PERMISSIONS:
        if entry == "/aid-admin show":
            continue
        for user in READERS[entry in FORMS :]:
            for value in VALUES if entry.startswith("action ") else VALUES[:2]:
                send_request(hiding, user, entry, value)
    assert_no_name(hiding, caplog.text)
    hiding.member.types("/aid-status zinnia")
    served = "".join(hiding.call(path).text for path in ("/healthz", "/readyz", "/metrics")).casefold()
    assert "aid_requests_total" in served
    served = re.sub(r"\d+\.\d+", "", served)  # a time may have the digits of an amount by chance
    assert not any(secret in served for secret in SECRETS)
    assert len(hiding.slack.traffic_log.sent()) >= 5 * len(PERMISSIONS)


def test_status_answers_withhold_the_name(hiding: BotHarness, caplog: pytest.LogCaptureFixture) -> None:
    for user in READERS:
        for look in LOOKS:
            answer = hiding.slack.person(user).command("/aid-status", look, channel="#general")
            if answer.ack and "status_share" in str(answer.ack.payload):
                hiding.slack.person(user).press(answer.message, "status_share")
    hiding.admin.types("/aid-admin audit")
    hiding.admin.types("/aid-admin audit export:csv")
    hiding.wait(lambda: any(call.method == "files.completeUploadExternal" for call in hiding.slack.calls()))
    hiding.admin.types("/aid-alerts list")
    assert_no_name(hiding, caplog.text)
    assert "█████ of █████ and █████ as they wrote" in outgoing_text(hiding)
    assert "name withheld" in outgoing_text(hiding)


def test_search_for_a_withheld_name_finds_nothing(hiding: BotHarness) -> None:
    """Neither a count nor a "did you mean" differs from that for an unknown word."""
    for user, word in product(READERS, WORDS):
        prefix, colon, text = word.rpartition(":")
        unknown = "".join("쀍" if each > "z" else "q" if each.isalpha() else each for each in text)
        answers = []
        for query in (text, unknown):
            answer = hiding.slack.person(user).command("/aid-status", prefix + colon + query, channel="#general")
            payload = json.dumps(answer.ack.payload, ensure_ascii=False).casefold()  # type: ignore[union-attr]
            answers.append(payload.replace(query.casefold(), "…"))
        assert answers[0] == answers[1], (user, word)
    assert "GG-1" not in hiding.member.types("/aid-status country:NO").text.removeprefix("GG-1")


def test_alerts_edits_and_replies_withhold_the_name(hiding: BotHarness, caplog: pytest.LogCaptureFixture) -> None:
    """A channel may have readers who are guests or of other organisations, so no message contains the name."""
    hiding.slack.invite("C0ALERTS", "U0OTHER")
    hiding.admin.types("/aid-update GG-1,GG-3 hold by:FR on:2026-02-09")
    hiding.admin.person.press(hiding.slack.messages("#general", viewer="U0ADMIN")[-1], "Record")
    hiding.admin.types("/aid-update #7 retract")
    hiding.admin.types("/aid-update #6 retract")
    assert_no_name(hiding, caplog.text)
    assert "chat.update" in {call.method for call in hiding.slack.calls()}
    for reader in ("U0GUEST", "U0OTHER"):
        edited = [each for each in hiding.slack.person(reader).messages("#aid-alerts") if each.edited]
        assert edited
        assert not any(secret in str(edited).casefold() for secret in SECRETS)


def test_forms_and_typeahead_withhold_the_name(hiding: BotHarness, caplog: pytest.LogCaptureFixture) -> None:
    view = hiding.admin.types("/aid-update").view
    assert view is not None
    for query in ("zinnia", "marigold", "백일홍", "gg-1", "GG"):
        offered = hiding.admin.person.options(view, "refs", query)
        assert "Zinnia" not in str(offered)
        assert (query.casefold() in "gg-1") == bool(offered)
    hiding.admin.person.choose(view, "refs", ["GG-1", "GG-2"])
    hiding.admin.person.choose(view, "kind", "shipped")
    hiding.admin.person.submit()
    hiding.admin.person.submit()
    hiding.admin.person.close(every=True)
    preview = hiding.admin.types("/aid-update GG-1,GG-2 accepted on:2026-02-09")
    receipt = hiding.admin.presses(preview, "Record")
    hiding.admin.presses(receipt, "Undo")
    hiding.admin.types("/aid-update GG-1 extended on:2026-02-09 as:letter until:2027-02-09")
    assert_no_name(hiding, caplog.text)


def test_correction_keeps_withheld_words(hiding: BotHarness) -> None:
    """The form shows the admin the original words, so that saving does not store the redacted ones."""
    hiding.admin.types("/aid-update #6 correct")
    hiding.admin.person.submit(values={"on": "2026-02-08", "as": "press"})
    outcome = hiding.admin.person.submit()
    assert outcome.view is not None
    hiding.admin.types("/aid-admin show GG-1")

    text = hiding.member.types("/aid-status #9").text
    assert TITLE.upper() in text
    assert ADDRESS in str(hiding.slack.traffic_log.sent()[-1].answer)


def test_errors_and_notices_withhold_the_name(hiding: BotHarness, caplog: pytest.LogCaptureFixture) -> None:
    """A database error logs its statement, never the values."""
    hiding.execute("ALTER TABLE update_sources RENAME TO gone")
    for line in ("/aid-status GG-1", "/aid-update GG-1 note x", "/aid-update #6 correct"):
        assert "Something went wrong" in hiding.admin.types(line).text
    hiding.execute("ALTER TABLE gone RENAME TO update_sources")
    hiding.slack.archive("#gyeonggi")
    hiding.admin.types("/aid-update GG-1 hold by:FR on:2026-02-09 as:press")
    hiding.wait(lambda: any(call.method == "chat.postMessage" for call in hiding.slack.calls()))
    hiding.clock.forward(hours=1)
    assert "unexpected error" in caplog.text
    assert_no_name(hiding, caplog.text)


def test_failed_statement_is_logged_without_values(hiding: BotHarness, caplog: pytest.LogCaptureFixture) -> None:
    hiding.execute(
        "CREATE TRIGGER no_more BEFORE UPDATE ON projects BEGIN SELECT RAISE(ABORT, 'the disk is in trouble'); END"
    )
    hiding.admin.types("/aid-admin project edit GG-1")
    outcome = hiding.admin.person.submit(values={"title_en": f"{TITLE}, second phase"})
    assert "Something went wrong" in str(outcome.errors)
    assert "the disk is in trouble" in caplog.text
    for record in caplog.records:
        assert not any(secret in str(record.__dict__).casefold() for secret in SECRETS)
    assert not any(secret in caplog.text.casefold() for secret in SECRETS)
