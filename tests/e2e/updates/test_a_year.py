"""A year of one project as its circle lives it: what is typed, and what card, portfolio, alert and reminders then say."""

from sqlalchemy import select

from db.integrity.check import find_problems
from db.models import Project, Reminder
from db.reminders.schedule import ReminderState
from tests.support.harness import BotHarness
from tests.support.proposals import add_project

# days later, what is typed of IO-9 or about an earlier line, texts then on the card or not (-), in the alert's title, and
# reminders that then wait
YEAR = [
    (0, "submitted on:2026-01-12 as:applicant", ("Submitted", "official"), "Request submitted", ()),
    (1, "hold by:undisclosed on:2026-01 as:press reasons not given",
     ("On hold", "holder not disclosed", "reported, not confirmed"), "Hold", ("hold",)),
    (1, "#{hold} differ by:FR on:2026-01-20 as:press",
     ("France", "holder not disclosed", "2026-01-20"), "Differing report: hold", ()),
    (5, "#{hold} confirm as:government", ("official", "#{confirm}"), "Confirmed: hold", ()),
    (1, "position by:FR stance:asks-time on:2026-02-16 as:press",
     ("On hold", "France asks for time"), "France asks for time", ()),
    (4, "hold-lifted by:FR on:2026-02-20 as:government", ("Under review", "lifted"), "Hold lifted", ()),
    (4, "approved on:2026-02-24 until:unknown period:12m shipments:3 as:letter",
     ("Approved, end not known", "12 months"), "Exemption approved", ("end-unknown",)),
    (10, "#{approved} differ until:2027-02-24 as:letter",
     ("Approved", "until 2027-02-24", "-end not known ("),
     "Differing report: exemption approved", ("delivery", "file-extension")),
    (5, "clearance authority:MOU outcome:refused on:2026-03-10 as:government", ("MOU: refused",), "Clearance", ()),
    (20, "clearance authority:MOU outcome:granted until:2026-12-31 on:2026-03-30 as:government",
     ("MOU: granted, until 2026-12-31", "-MOU: refused"), "Clearance", ()),
    (10, 'shipped consignment:1/3 contents:"tents and filters" from:Incheon to:Nampo on:2026-04-08 as:applicant',
     ("tents and filters", "Incheon → Nampo"), "Consignment shipped (1 of 3)", ()),
    (10, "delivered consignment:1/3 on:2026-04-18 as:applicant",
     ("Approved", "1 of 3 delivered"), "Consignment delivered (1 of 3)", ("delivery", "file-extension")),
    (10, "amendment-requested on:2026-04-28 as:applicant",
     ("Amendment requested: not decided", "amendment pending"), "Amendment requested", ()),
    (5, "hold by:US on:2026-05-03 as:press", ("held by United States",), "Hold", ()),
    (20, "hold-lifted by:US on:2026-05-20 as:press", ("lift reported",), "Hold lifted", ()),
    (10, "amended on:2026-06-01 as:letter", ("Exemption amended",), "Exemption amended", ()),
    (100, "delivered consignment:2/3 on:2026-09-10 as:applicant",
     ("2 of 3 delivered",), "Consignment delivered (2 of 3)", ()),
    (170, "extension-requested on:2027-02-26 as:applicant", ("Expired, extension pending",), "Extension requested", ()),
    (20, "extended on:2027-03-20 until:2027-09-24 as:letter",
     ("Approved", "until 2027-09-24", "no exemption in force from 2027-02-24 to 2027-03-20"), "Exemption extended", ()),
    (30, "delivered consignment:3/3 on:2027-04-19 as:applicant",
     ("Delivered",), "Consignment delivered (3 of 3)", ("delivery", "file-extension")),
    (5, "closed on:2027-04-24 as:applicant", ("Closed",), "Project closed", ()),
]  # fmt: skip


def waiting_reminders(harness: BotHarness) -> set[str]:
    with harness.database.reading() as session:
        rows = select(Reminder.kind).join(Project, Project.id == Reminder.project_id).where(Project.ref == "IO-9")
        return set(session.scalars(rows.where(Reminder.state == ReminderState.WAITING.value)))


def test_a_year_of_one_project(harness: BotHarness) -> None:
    harness.writing(lambda session: add_project(session, "IO-9", title="Clinics"))
    numbers: dict[str, str] = {}
    for step, (days, line, on_card, title, reminders) in enumerate(YEAR):
        harness.tick(days=days)
        target = "" if line.startswith("#") else "IO-9 "
        (number,) = harness.record(f"{target}{line.format(**numbers)} source:https://example.org/{step}")
        numbers[line.split()[target == ""]] = number[1:]
        card = harness.admin.types("/aid-status IO-9").text
        for text in on_card:
            expected = text.removeprefix("-").format(**numbers)
            assert (expected in card) != text.startswith("-"), f"{line}\n{expected}\n---\n{card}"
        alert = harness.alerts()[-1].text
        assert title in alert, line
        assert "IO-9" in alert
        assert set(reminders) <= waiting_reminders(harness), f"{line}: {waiting_reminders(harness)}"
    assert waiting_reminders(harness) == set()
    with harness.database.reading() as session:
        assert find_problems(session) == []
