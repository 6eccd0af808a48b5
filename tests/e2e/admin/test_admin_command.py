"""/aid-admin: people, the Council, the project form, withheld names, the audit."""

import csv
import io
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.slack_emulator import ActionResult, Fault, SubmitResult, User, View
from db.admin.projects import fields_of
from db.audit import Editor
from db.domain.enums import OrganisationRole
from db.models import AuditEntry, ChainLink, CouncilMember, Organisation, Project
from db.people import SHIPPED
from db.projects.fields import ProjectFields
from tests.e2e.exports.test_export_file import fetch
from tests.support.harness import START, TEAM, BotHarness, UserDriver, run_bot
from tests.support.proposals import problems

SECRET = "Well and pump in Sinwon"
NEW = {"ref": "KR-9", "title_en": SECRET, "group": "kr-private", "visibility": "Shown"}


def audits(harness: BotHarness) -> list[AuditEntry]:
    with harness.database.reading() as session:
        by_people = AuditEntry.user_id != SHIPPED, AuditEntry.action != "alerts-on"
        return list(session.scalars(select(AuditEntry).where(*by_people).order_by(AuditEntry.id)))


def stored(harness: BotHarness, ref: str) -> tuple[ProjectFields, int]:
    with harness.database.reading() as session:
        return fields_of(session, ref)


def opened(somebody: UserDriver, line: str) -> View:
    answer = somebody.types(f"/aid-admin project {line}")
    assert answer.view, answer.text
    return answer.view


def edit(harness: BotHarness, ref: str, **values: Any) -> str:
    """Submit the form of a project; return what follows it."""
    opened(harness.admin, f"edit {ref}")
    return harness.admin.submits(**values)


def add(harness: BotHarness, **values: Any) -> SubmitResult:
    return harness.admin.person.submit(opened(harness.admin, "add"), NEW | values)


# Lines that change nothing, with a part of the answer.
UNCHANGED = [
    ("", "Manage the record"),
    ("help", "Manage the record"),
    ("members", "I don't know members. You can use:"),
    ("revoke @soyeon.kim", "through the AID_ADMINS setting. Remove the ID there"),
    ("grant", "Who? Type @ and pick one person"),
    ("grant mina", "Who? Type @ and pick one person"),
    ("revoke", "Who? Type @ and pick one person"),
    ("grant @mina.lee @soyeon.kim", "Who? Type @ and pick one person"),
    ("council add JP", "from: is missing"),
    ("council add JP from:2027", "from: needs an exact date"),
    ("council add JP from:tomorrow", "I can't read “tomorrow” as a date"),
    ("council add Atlantis from:2027-01-01", "“Atlantis” is not a country I know"),
    ("council add undisclosed from:2027-01-01", "is not a country I know"),
    ("council add from:2027-01-01", "is not a country I know"),
    ("council add JP from:2027-01-01 to:2026-01-01", "(2026-01-01) is before its start date (2027-01-01)"),
    ("council add US from:2026-01-01", "already recorded as a member from 2018-01-01"),
    ("council end PH to:2027-01-01", "PH has no membership on record that started by 2027-01-01"),
    ("council end US", "to: is missing"),
    ("council remove US from:2024-01-01", "US has no membership starting 2024-01-01 on record"),
    ("project", "Type /aid-admin project add or /aid-admin project edit GG-1."),
    ("project edit", "Type /aid-admin project add or /aid-admin project edit GG-1."),
    ("project remove GG-1", "Type /aid-admin project add or /aid-admin project edit GG-1."),
    ("project edit GG-9", "There is no project “GG-9”. Did you mean"),
    ("withhold", "Which project?"),
    ("show", "Which project?"),
    ("withhold GG-99", "There is no project “GG-99”"),
    ("withhold GG-1,GG-99", "There is no project “GG-99”"),
    ("audit everybody", "I can't read “everybody”."),
    ("audit retracted GG-1", "The log has nothing like that."),
]


def test_line_that_cannot_be_carried_out_changes_nothing(busy: BotHarness) -> None:
    before = busy.rows()
    for line, sentence in UNCHANGED:
        answer = busy.admin.types(f"/aid-admin {line}")

        assert sentence in answer.text
        assert answer.view is None
        assert busy.rows() == before, line


# -- people ---------------------------------------------------------------------------------------------------


def test_grant_and_revoke_change_the_role_at_once(harness: BotHarness) -> None:
    assert "@Mina Lee is now an admin" in harness.admin.types("/aid-admin grant @mina.lee").text
    people = harness.member.types("/aid-admin people").text
    assert "@Mina Lee · added by an admin" in people
    assert "@Jihoon Park · set in AID_ADMINS" in people
    assert "#" in harness.member.types("/aid-update GG-1 note by the new admin").text
    assert "is already an admin" in harness.admin.types("/aid-admin grant @mina.lee").text

    assert "is no longer an admin" in harness.admin.types("/aid-admin revoke @mina.lee").text
    harness.member.types("/aid-update GG-1 note once more")
    assert "note once more" in harness.member.sees_modal("suggest_form")
    assert "No change: @Mina Lee is not an admin." in harness.admin.types("/aid-admin revoke @mina.lee").text
    assert [(row.action, row.subject, row.before, row.after) for row in audits(harness)] == [
        ("grant", "U0MEMBER", {"role": "member"}, {"role": "admin"}),
        ("revoke", "U0MEMBER", {"role": "admin"}, {"role": "member"}),
    ]


NO_ADMINS: list[tuple[dict[str, Any], str]] = [
    ({"is_bot": True}, "is an app or a bot, and only people can be admins"),
    ({"is_guest": True}, "is a guest, and guests can't record"),
    ({"team_id": "T0OTHER"}, "is not a member of this workspace"),
    ({"deleted": True}, "is deactivated"),
    ({}, "is not a member of this workspace"),  # nobody knows them
]


def test_only_full_members_become_admins(harness: BotHarness) -> None:
    before = harness.rows()
    for number, (changes, sentence) in enumerate(NO_ADMINS):
        if changes:
            harness.slack.add_user(User(f"U0NEW{number}", "new.one", "New One", **changes))
        for line in (f"<@U0NEW{number}|new.one>", f"U0NEW{number}"):
            assert sentence in harness.admin.types(f"/aid-admin grant {line}").text
    harness.execute("DELETE FROM members WHERE user_id = 'U0MEMBER'")
    harness.slack.faults.add("users.info", Fault.error("internal_error"))
    assert "I couldn't check with Slack who" in harness.admin.types("/aid-admin grant @mina.lee").text
    assert harness.rows() == before


@pytest.mark.parametrize("changes", [{"deleted": True}, {"team_id": "T0OTHER"}])
def test_last_admin_who_can_record_stays(seeded_url: str, changes: dict[str, Any]) -> None:
    """Others who have the role on record, and could not use it, do not count."""
    with run_bot(seeded_url, AID_ADMINS="U0GONE") as harness:
        harness.slack.add_user(User("U0GONE", "kim.gone", "Kim Gone", **changes))
        for user in ("U0ADMIN", "U0GONE", "U0NEVER"):
            harness.execute(f"INSERT INTO people (team_id, user_id, role) VALUES ('{TEAM}', '{user}', 'admin')")

        assert "is the only admin" in harness.admin.types("/aid-admin revoke @jihoon.park").text
        harness.admin.types("/aid-admin grant @mina.lee")
        assert "is no longer an admin" in harness.admin.types("/aid-admin revoke @jihoon.park").text


# -- the Council ----------------------------------------------------------------------------------------------


def test_council_lists_members_of_a_day_or_year(harness: BotHarness) -> None:
    today = harness.member.types("/aid-admin council").text
    year = harness.member.types("/aid-admin council 2025").text

    assert "Security Council, 2026-02-10: 15 members on record" in today
    assert "Not complete" not in today
    assert "United States (US), on record from 2018-01-01, end not known" in today
    assert "Republic of Korea" not in today
    assert "Republic of Korea (KR), on record from 2024-01-01 to 2025-12-31" in year
    assert "Not complete: 10 of 15 members are on record." in harness.member.types("/aid-admin council 2028-03-01").text
    assert "No Council members are on record for 2017" in harness.member.types("/aid-admin council 2017").text
    assert "Which day or year?" in harness.member.types("/aid-admin council unknown").text
    assert "I can't read “everybody” as a date" in harness.member.types("/aid-admin council everybody").text


def test_council_add_end_and_remove(harness: BotHarness) -> None:
    def says(line: str) -> str:
        return harness.admin.types(f"/aid-admin council {line}").text

    assert "Japan (JP) is recorded as a member from 2027-01-01 to 2028-12-31." in says(
        "add JP from:2027-01-01 to:2028-12-31"
    )
    assert "No change: Japan (JP)" in says("add jp from:2027-01-01 to:2028-12-31")
    assert "was a member from 2027-01-01 to 2028-12-31, now from 2027-01-01 to 2027-06-30." in says(
        "end JP to:2027-06-30"
    )
    assert "Japan (JP), on record from 2027-01-01 to 2027-06-30" in says("2027")
    assert "Removed: Japan (JP) from 2027-01-01 to 2027-06-30." in says("remove JP from:2027-01-01")
    assert "United Kingdom (GB): was a member from 2018-01-01, end not known, now from" in says(
        "end United Kingdom to:2030-01-01"
    )
    assert [(row.action, row.subject) for row in audits(harness)] == [
        ("council-add", "JP"),
        ("council-end", "JP"),
        ("council-remove", "JP"),
        ("council-end", "GB"),
    ]
    listed = harness.admin.types("/aid-admin audit").text
    assert "@Jihoon Park Council: JP from 2027-01-01 to 2028-12-31" in listed
    assert "Council: removed JP from 2027-01-01 to 2027-06-30" in listed


def test_hold_by_an_added_council_member_is_recorded(harness: BotHarness) -> None:
    refused = harness.admin.types("/aid-update GG-1 hold by:NZ on:2026-02-06 as:press").text
    harness.admin.types("/aid-admin council add NZ from:2026-01-01 to:2027-12-31")
    recorded = harness.admin.types("/aid-update GG-1 hold by:NZ on:2026-02-06 as:press").text

    assert "#" not in refused
    assert "#" in recorded
    with harness.database.reading() as session:
        assert session.scalar(select(CouncilMember.since).where(CouncilMember.code == "NZ")) == date(2026, 1, 1)


# -- adding a project -----------------------------------------------------------------------------------------


def test_project_add_stores_every_field(harness: BotHarness) -> None:
    add(
        harness,
        title_ko="신원군 우물",
        applicant="Gyeonggi Province",
        organisation_role="Implementer",
        role_funder=["World Health Organization (WHO)"],
        role_partner=["United Nations Children's Fund (UNICEF)", "World Health Organization (WHO)"],
        role_implementer=["Gyeonggi Province"],
        sectors=["14031"],
        amount_low="200,000,000",
        amount_high="300000000",
        currency="krw",
        amount_basis="press estimate",
        predecessor="unidentified",
        same_as="kr-1",
        notes="Two wells.",
        notes_ko="우물 두 곳.",
    )

    assert "KR-9 was added. It has no updates yet" in harness.admin.person.read()
    fields, version = stored(harness, "KR-9")
    assert version == 1
    assert fields == ProjectFields(
        ref="KR-9",
        title_en=SECRET,
        title_ko="신원군 우물",
        group="kr-private",
        organisation="gyeonggi",
        organisation_role="implementer",
        roles=(("funder", "who"), ("partner", "unicef"), ("partner", "who")),
        sectors=("14031",),
        amount_low="200000000",
        amount_high="300000000",
        currency="KRW",
        amount_basis="press estimate",
        predecessor="unidentified",
        same_as="KR-1",
        notes="Two wells.",
        notes_ko="우물 두 곳.",
    )
    card = harness.member.types("/aid-status KR-9").text
    assert SECRET in card
    assert "Nothing on record" in card
    assert [(row.action, row.subject) for row in audits(harness)] == [("project-add", "KR-9")]
    assert "#" in harness.admin.types("/aid-update KR-9 submitted on:2026-02-06 as:applicant").text


def test_project_add_without_title_fills_the_status_cache(harness: BotHarness) -> None:
    harness.admin.person.submit(opened(harness.admin, "add kr-7"), {"group": "kr-private"})
    assert stored(harness, "KR-7")[0].group == "kr-private"
    assert "no title on record" in harness.member.types("/aid-status KR-7").text
    assert problems(harness.database) == []


def test_project_add_with_a_new_applicant_stores_both(harness: BotHarness) -> None:
    add(
        harness,
        organisation_role="Applicant",
        organisation_en="Green Tree & Friends",
        organisation_ko="푸른나무",
        organisation_type="22 National NGO",
        organisation_country="republic of korea",
    )

    assert stored(harness, "KR-9")[0].organisation == "green-tree-friends"
    with harness.database.reading() as session:
        row = session.scalars(select(Organisation).where(Organisation.key == "green-tree-friends")).one()
    assert (row.name_en, row.name_ko, row.type_code, row.country) == ("Green Tree & Friends", "푸른나무", "22", "KR")
    assert "KR-9" in harness.member.types("/aid-status org:푸른나무").text
    again = add(harness, ref="KR-10", organisation_role="Funder", organisation_en="green tree & friends")
    assert again.errors == {
        "organisation_en": "An organisation of this name is on record. Choose it above and empty this field."
    }
    alike = {"ref": "KR-10", "organisation_role": "Funder", "organisation_en": "Green Tree and Friends"}
    assert "This looks like Green Tree & Friends." in add(harness, **alike).errors["organisation_en"]
    assert not add(harness, **alike, distinct=["It is not one of those on record"]).errors
    assert stored(harness, "KR-10")[0].organisation == "green-tree-and-friends"


FORM_ERRORS = [
    ({"ref": "GG-1"}, "ref", "GG-1 is already in use"),
    ({"ref": "gg–1"}, "ref", "GG-1 is already in use"),
    ({"ref": "water"}, "ref", "is not a valid ref"),
    ({"amount_low": "a lot", "currency": "KRW"}, "amount_low", "is not an amount"),
    ({"amount_low": "300", "amount_high": "200", "currency": "KRW"}, "amount_high", "below the minimum (300)"),
    ({"amount_low": "300"}, "currency", "needs its currency"),
    ({"currency": "US"}, "currency", "is not a currency code"),
    ({"predecessor": "GG-99"}, "predecessor", "There is no project “GG-99”"),
    ({"predecessor": "something"}, "predecessor", "is not a valid ref"),
    ({"predecessor": "KR-9"}, "predecessor", "KR-9 cannot extend itself"),
    ({"same_as": "GG-99"}, "same_as", "There is no project “GG-99”"),
    ({"same_as": "KR-9"}, "same_as", "KR-9 cannot be the same as itself"),
    ({"applicant": "Gyeonggi Province"}, "organisation_role", "Choose the role"),
    (
        {"applicant": "Gyeonggi Province", "organisation_role": "Applicant", "organisation_en": "Another"},
        "organisation_en",
        "not both",
    ),
    ({"organisation_country": "KR"}, "organisation_en", "belong to a new organisation"),
    (
        {"organisation_en": "Another", "organisation_role": "Applicant", "organisation_country": "Atlantis"},
        "organisation_country",
        "not a country I know",
    ),
    ({"organisation_ko": "경기도", "organisation_role": "Applicant"}, "organisation_ko", "is on record"),
    ({"organisation_en": "who", "organisation_role": "Applicant"}, "organisation_en", "is on record"),
    ({"aliases": "GHO"}, "aliases", "Choose the organisation that these names belong to"),
    (
        {"applicant": "Gyeonggi Province", "organisation_role": "Applicant", "aliases": "UNICEF"},
        "aliases",
        "a name of another organisation, United Nations Children's Fund (UNICEF)",
    ),
]


def test_project_form_error_stands_beside_its_field(busy: BotHarness) -> None:
    before = busy.rows()
    for values, field, sentence in FORM_ERRORS:
        outcome = add(busy, **values)
        assert list(outcome.errors) == [field], values
        assert sentence in outcome.errors[field]
        busy.admin.person.close(every=True)
    outcome = add(busy, ref="GG-1", amount_low="x", amount_high="y", currency="1", predecessor="GG-99")
    assert set(outcome.errors) == {"ref", "amount_low", "amount_high", "currency", "predecessor"}
    assert busy.rows() == before

    corrected = {"ref": "KR-8", "amount_low": "1", "amount_high": "2", "currency": "EUR", "predecessor": "GG-1"}
    assert not busy.admin.person.submit(None, corrected).errors
    assert stored(busy, "KR-8")[0].predecessor == "GG-1"
    busy.admin.person.close(every=True)


def test_project_add_sent_twice_adds_once(harness: BotHarness) -> None:
    view = harness.admin.person.fill(opened(harness.admin, "add"), NEW)
    payload = harness.slack.payloads.submission(harness.admin.person.user, view)
    acks = [harness.slack.deliver("interactive", payload) for _ in range(2)]

    assert all(ack.acked and ack.payload and ack.payload["response_action"] == "update" for ack in acks)
    assert [(row.action, row.subject) for row in audits(harness)] == [("project-add", "KR-9")]


def test_applicant_typeahead_matches_part_of_a_name(harness: BotHarness) -> None:
    view = opened(harness.admin, "add")

    def offered(query: str, field: str = "applicant") -> list[str]:
        return [each["text"]["text"] for each in harness.admin.person.options(view, field, query)]

    assert offered("health") == ["Not stated", "World Health Organization (WHO)"]
    assert offered("유니세프") == ["Not stated", "United Nations Children's Fund (UNICEF)"]
    assert len(offered("")) == 4
    assert offered("%") == ["Not stated"]
    assert offered("아동기금", "role_partner") == ["United Nations Children's Fund (UNICEF)"]


def test_other_names_are_those_of_the_organisation(harness: BotHarness) -> None:
    view = opened(harness.admin, "edit IO-1")
    assert "세계보건기구\n" in harness.admin.person.read(view) + "\n"
    updated = harness.admin.submits(aliases="WHO\nHealth Body")

    assert "IO-1 was updated: Other names of the organisation." in updated
    assert "IO-1" in harness.member.types('/aid-status org:"health body"').text
    new = {"organisation_role": "Partner", "organisation_en": "Green Tree", "aliases": "GT\nTree, Green"}
    assert not add(harness, **new).errors
    with harness.database.reading() as session:
        rows = {row.key: row.aliases for row in session.scalars(select(Organisation))}
    assert (rows["who"], rows["green-tree"]) == (["WHO", "Health Body"], ["GT", "Tree, Green"])
    assert "changed the other names of an organisation" in harness.admin.types("/aid-admin audit").text


def test_form_of_an_earlier_version_keeps_what_it_lacks(harness: BotHarness) -> None:
    add(
        harness,
        applicant="Gyeonggi Province",
        organisation_role="Funder",
        role_partner=["World Health Organization (WHO)"],
        notes_ko="우물",
    )
    view = opened(harness.admin, "edit KR-9")
    state = harness.admin.person.fill(view, {"title_en": "Wells"})
    payload = harness.slack.payloads.submission(harness.admin.person.user, state)
    for block in (
        "organisation_role",
        "same_as",
        "notes_ko",
        "aliases",
        *(f"role_{role}" for role in OrganisationRole),
    ):
        del payload["view"]["state"]["values"][block]
    payload["view"]["private_metadata"] = '{"ref": "KR-9", "version": 1}'
    before = stored(harness, "KR-9")[0]
    harness.slack.deliver("interactive", payload)

    assert stored(harness, "KR-9")[0] == replace(before, title_en="Wells")
    assert (before.organisation_role, before.notes_ko) == ("funder", "우물")


# -- editing --------------------------------------------------------------------------------------------------


def test_project_edit_form_shows_the_stored_values_and_records_no_change(harness: BotHarness) -> None:
    view = opened(harness.admin, "edit gg-1")
    text = harness.admin.person.read(view)
    for value in (
        "Edit GG-1",
        "project 1 (name not given)",
        "경기도 사업 1",
        "200000000",
        "press estimate",
        "unidentified",
    ):
        assert value in text
    assert [block["block_id"] for block in view.blocks if block["type"] == "input"][:2] == ["title_en", "title_ko"]

    assert "GG-1 was not changed." in harness.admin.submits()
    assert (audits(harness), stored(harness, "GG-1")[1]) == ([], 1)


def test_project_edit_stores_and_audits_the_change(harness: BotHarness) -> None:
    before, version = stored(harness, "GG-1")
    new = {"title_en": SECRET, "applicant": "Not stated", "sectors": ["14031", "12220"], "predecessor": None}
    changed = "Title (English), Organisation, Its role, Sectors"

    assert f"GG-1 was updated: {changed}, Extends (earlier project)." in edit(harness, "GG-1", **new)
    after, new_version = stored(harness, "GG-1")
    assert (after.title_en, after.organisation, after.sectors, after.predecessor) == (
        SECRET,
        "",
        ("12220", "14031"),
        "",
    )
    assert (after.title_ko, after.amount_low, new_version) == (before.title_ko, before.amount_low, version + 1)
    (row,) = audits(harness)
    assert (row.action, row.user_id) == ("project-edit", "U0ADMIN")
    assert row.before == {
        "title_en": before.title_en,
        "organisation": "gyeonggi",
        "organisation_role": "implementer",
        "sectors": [],
        "version": version,
        "predecessor": "unidentified",
    }
    assert row.after == {
        "title_en": SECRET,
        "organisation": "",
        "organisation_role": "applicant",
        "sectors": ["12220", "14031"],
        "version": version + 1,
        "predecessor": "",
    }
    assert "GG-1" in harness.member.types("/aid-status sinwon").text
    assert f"edited GG-1: {changed}" in harness.admin.types("/aid-admin audit").text


def test_projects_cannot_extend_each_other(harness: BotHarness) -> None:
    edit(harness, "GG-2", predecessor="GG-1")
    refused = edit(harness, "GG-1", predecessor="gg-2")

    assert refused == "GG-2 already extends GG-1, so they cannot extend each other."


def test_project_edit_conflict_shows_the_other_change(harness: BotHarness) -> None:
    first, second = opened(harness.admin, "edit GG-1"), opened(harness.second, "edit GG-1")
    values = {
        "title_en": "Wells in Sinwon",
        "notes": "Seen by the first",
        "role_partner": ["World Health Organization (WHO)"],
    }
    harness.admin.person.submit(first, values)
    outcome = harness.second.person.submit(second, {"notes": "Seen by the second", "amount_basis": "letter"})

    assert not outcome.closed
    text = harness.second.person.read()
    assert "GG-1 changed while you had it open. Review the changes, then submit again." in text
    assert "@Jihoon Park changed:" in text
    assert "Title (English): Gyeonggi Province project 1 (name not given) → Wells in Sinwon\n" in text
    assert "Further organisations: not stated → Partner who\n" in text
    assert "Notes: not stated → Seen by the first · your value differs and would replace it" in text
    fields, version = stored(harness, "GG-1")
    assert (fields.notes, fields.amount_basis, version) == ("Seen by the first", "press estimate", 2)

    edit(harness, "GG-1", currency="USD")
    assert "→ USD" in harness.second.submits()
    assert "GG-1 was updated: Basis of the amount, Notes." in harness.second.submits()
    fields, version = stored(harness, "GG-1")
    assert (fields.title_en, fields.notes, fields.amount_basis, version) == (
        "Wells in Sinwon",
        "Seen by the second",
        "letter",
        4,
    )


# -- withholding ----------------------------------------------------------------------------------------------


def test_withheld_name_is_only_in_the_form(harness: BotHarness) -> None:
    edit(harness, "GG-1", title_en=SECRET, title_ko=SECRET, notes=SECRET)
    assert SECRET in harness.member.types("/aid-status GG-1").text
    answer = harness.admin.types("/aid-admin withhold gg-1")

    assert "The name of GG-1 is withheld" in answer.text
    assert SECRET not in harness.member.types("/aid-status GG-1").text
    assert SECRET in harness.admin.person.read(opened(harness.admin, "edit GG-1"))
    with harness.database.reading() as session:
        assert "sinwon" not in session.scalars(select(Project.search_text).where(Project.ref == "GG-1")).one()
    assert "No change: GG-1" in harness.admin.types("/aid-admin withhold GG-1").text

    assert "The name of GG-1 is shown again." in harness.admin.types("/aid-admin show GG-1, GG-2").text
    assert SECRET in harness.member.types("/aid-status GG-1").text
    assert [row.action for row in audits(harness)] == ["project-edit", "project-withhold", "project-show"]

    add(harness, ref="GG-4", visibility="Withheld")
    assert SECRET not in harness.admin.person.read()
    assert SECRET not in harness.admin.types("/aid-status GG-4").text
    assert SECRET not in harness.admin.types("/aid-admin audit").text


# -- the audit ------------------------------------------------------------------------------------------------


def add_entries(session: Session) -> None:
    for number in range(45):
        Editor(TEAM, "U0ADMIN", START).audit(session, "other", f"<{number}>")
    Editor("T0OTHER", "U0ADMIN", START).audit(session, "other", "<99>")


def test_audit_is_paged(harness: BotHarness) -> None:
    before = int(harness.admin.types("/aid-admin audit").text.split()[0])
    harness.writing(add_entries)

    def page_numbers(answer: ActionResult) -> list[int]:
        assert f"{45 + before} entries" in answer.text
        return [int(number) for number in re.findall(r"other <(\d+)>", answer.text)]

    first = harness.admin.types("/aid-admin audit")
    assert page_numbers(first) == list(range(44, 24, -1))
    assert page_numbers(harness.admin.types("/aid-admin audit 2")) == list(range(24, 4, -1))
    second = harness.admin.presses(first, "Next")
    assert page_numbers(second) == list(range(24, 4, -1))
    assert page_numbers(harness.admin.presses(second, "Previous")) == list(range(44, 24, -1))
    last = harness.admin.types("/aid-admin audit 999999").text
    assert last.rpartition("built-in data ")[2].startswith("#1 · first half of 2025 — Hold (holder not disclosed)")


def record_and_change(harness: BotHarness) -> None:
    """Do one of each thing that the log names and that a line can do."""
    harness.clock.forward(days=20)
    for line in (
        "update GG-1 hold by:US on:2026-02-06 as:government",
        "update #6 confirm as:letter source:https://example.org/a",
        "update #6 differ on:2026-02-07 as:press",
        "update #6 retract =wrong",
        "admin grant @mina.lee",
        "admin revoke @mina.lee",
        "admin withhold GG-2",
        "admin show GG-2",
        "admin council end GB to:2030-01-01",
        "admin reminders hold 180",
        "alerts off",
    ):
        harness.admin.types(f"/aid-{line}", channel="#aid-alerts")


AUDITED = {
    "GG-1 since:2026-02-20": [
        *("Retraction of #6", "Differing report of #6", "Confirmation of #6", "#6 · 2026-02-06"),
    ],
    "gg2 since:2026-02-20": ["visible again", "withheld the name of GG-2"],
    "기록 취소": ["Retraction of #6"],
    "철회 @jihoon.park": ["Retraction of #6"],
    "differed 이후:2026-02-20": ["Differing report"],
    "confirmed": ["Confirmation of #6"],
    "recorded since:2026-02-20": ["#6 · 2026-02-06 — Hold (United States) · GG-1"],
    "@mina.lee": ["removed @Mina Lee as admin", "made @Mina Lee an admin"],
    "withheld": ["withheld the name of GG-2"],
    "이사국": ["Council: changed the end date of GB"],
    "reminders": ["changed reminder timing: hold"],
    "알림": ["turned off alerts: #aid-alerts"],
    "개정판 기록": ["recorded an edition of donga-2026-02-07"],
}


def test_audit_is_filtered(harness: BotHarness) -> None:
    record_and_change(harness)
    for typed, lines in AUDITED.items():
        text = harness.admin.types(f"/aid-admin audit {typed}").text
        listed = [line for line in text.splitlines() if line[0] == "•"]
        assert len(listed) == len(lines), typed
        assert [part for line, part in zip(listed, lines, strict=True) if part not in line] == [], typed


def test_audit_as_a_file(harness: BotHarness) -> None:
    record_and_change(harness)
    harness.writing(lambda session: Editor(TEAM, "U0ADMIN", START).audit(session, "=1+1", ""))
    chain = harness.rows()["chain"]
    harness.admin.types("/aid-admin audit export:csv since:2026-02-10")
    message, name, content = fetch(harness, harness.admin)
    _, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert (name, message.text) == ("aid-audit-2026-03-02.csv", "12 entries of the log")
    assert [row[2] for row in rows[-5:]] == ["Retracted", "Other value reported", "Confirmed", "Recorded", "'=1+1"]
    assert rows[-2][3:6] == ["GG-1", "#6", "Hold by United States"]
    with harness.database.reading() as session:
        heads = {str(number): head for number, head in session.execute(select(ChainLink.number, ChainLink.head))}
    assert all(heads[row[6]] == row[7] for row in rows)
    assert harness.rows()["chain"] == chain  # who looked or exported is no entry
