"""A year of one project as its circle lives it: what is typed, and what card, portfolio, alert and reminders then say."""

from dataclasses import dataclass

from sqlalchemy import select

from db.models import Project, Reminder
from db.reminders.schedule import ReminderState
from db.updates.history import last_number
from tests.support.harness import BotHarness
from tests.support.proposals import add_project

SOURCE = "source:https://example.org"


@dataclass(frozen=True)
class Step:
    """One line typed after some days, in ``preview`` with its button; texts that are then there, or not (``-``)."""

    days: int
    line: str
    card: tuple[str, ...]
    alert: str = ""
    preview: bool = False
    reminders: tuple[str, ...] = ()


YEAR = (
    Step(0, f"IO-9 submitted on:2026-01-12 as:applicant {SOURCE}/1", ("Submitted", "official"), "Request submitted"),
    Step(
        1,
        f"IO-9 hold by:undisclosed on:2026-01 as:press {SOURCE}/2 reasons not given",
        ("On hold", "holder not disclosed", "reported, not confirmed"),
        "Hold",
        reminders=("hold",),
    ),
    Step(
        1,
        f"#{{hold}} differ by:FR on:2026-01-20 as:press {SOURCE}/3",
        ("France", "holder not disclosed", "2026-01-20"),
        "Differing report: hold",
    ),
    Step(5, f"#{{hold}} confirm as:government {SOURCE}/4", ("official", "#{confirm}"), "Confirmed: hold"),
    Step(
        1,
        f"IO-9 position by:FR stance:asks-time on:2026-02-16 as:press {SOURCE}/5",
        ("On hold", "France asks for time"),
        "France asks for time",
    ),
    Step(
        4,
        f"IO-9 hold-lifted by:FR on:2026-02-20 as:government {SOURCE}/6",
        ("Under review", "lifted"),
        "Hold lifted",
        preview=True,
    ),
    Step(
        4,
        f"IO-9 approved on:2026-02-24 until:unknown period:12m shipments:3 as:letter {SOURCE}/7",
        ("Approved, end not known", "12 months"),
        "Exemption approved",
        reminders=("end-unknown",),
    ),
    Step(
        10,
        f"#{{approved}} differ until:2027-02-24 as:letter {SOURCE}/8",
        ("Approved", "until 2027-02-24", "-end not known ("),
        "Differing report: exemption approved",
        reminders=("delivery", "file-extension"),
    ),
    Step(
        5,
        f"IO-9 clearance authority:MOU outcome:refused on:2026-03-10 as:government {SOURCE}/9",
        ("MOU: refused",),
        "Clearance",
    ),
    Step(
        20,
        f"IO-9 clearance authority:MOU outcome:granted until:2026-12-31 on:2026-03-30 as:government {SOURCE}/10",
        ("MOU: granted, until 2026-12-31", "-MOU: refused"),
        "Clearance",
    ),
    Step(
        10,
        'IO-9 shipped consignment:1/3 contents:"tents and filters" from:Incheon to:Nampo '
        f"on:2026-04-08 as:applicant {SOURCE}/11",
        ("tents and filters", "Incheon → Nampo"),
        "Consignment shipped (1 of 3)",
    ),
    Step(
        10,
        f"IO-9 delivered consignment:1/3 on:2026-04-18 as:applicant {SOURCE}/12",
        ("Approved", "1 of 3 delivered"),
        "Consignment delivered (1 of 3)",
        reminders=("delivery", "file-extension"),
    ),
    Step(
        10,
        f"IO-9 amendment-requested on:2026-04-28 as:applicant {SOURCE}/13",
        ("Amendment requested: not decided", "amendment pending"),
        "Amendment requested",
    ),
    Step(5, f"IO-9 hold by:US on:2026-05-03 as:press {SOURCE}/14", ("held by United States",), "Hold"),
    Step(20, f"IO-9 hold-lifted by:US on:2026-05-20 as:press {SOURCE}/15", ("lift reported",), "Hold lifted"),
    Step(10, f"IO-9 amended on:2026-06-01 as:letter {SOURCE}/16", ("Exemption amended",), "Exemption amended"),
    Step(
        100,
        f"IO-9 delivered consignment:2/3 on:2026-09-10 as:applicant {SOURCE}/17",
        ("2 of 3 delivered",),
        "Consignment delivered (2 of 3)",
    ),
    Step(
        170,
        f"IO-9 extension-requested on:2027-02-26 as:applicant {SOURCE}/18",
        ("Expired, extension pending",),
        "Extension requested",
    ),
    Step(
        20,
        f"IO-9 extended on:2027-03-20 until:2027-09-24 as:letter {SOURCE}/19",
        ("Approved", "until 2027-09-24", "no exemption in force from 2027-02-24 to 2027-03-20"),
        "Exemption extended",
    ),
    Step(
        30,
        f"IO-9 delivered consignment:3/3 on:2027-04-19 as:applicant {SOURCE}/20",
        ("Delivered",),
        "Consignment delivered (3 of 3)",
        reminders=("delivery", "file-extension"),
    ),
    Step(5, f"IO-9 closed on:2027-04-24 as:applicant {SOURCE}/21", ("Closed",), "Project closed"),
)


def waiting_reminders(harness: BotHarness) -> set[str]:
    with harness.database.reading() as session:
        rows = select(Reminder.kind).join(Project, Project.id == Reminder.project_id).where(Project.ref == "IO-9")
        return set(session.scalars(rows.where(Reminder.state == ReminderState.WAITING.value)))


def test_a_year_of_one_project(harness: BotHarness) -> None:
    harness.writing(lambda session: add_project(session, "IO-9", title="Clinics"))
    numbers: dict[str, str] = {}
    for step in YEAR:
        harness.tick(days=step.days)
        answer = harness.admin.types("/aid-update " + step.line.format(**numbers))
        if step.preview:
            answer = harness.admin.presses(answer, "Record")
        assert "Undo" in answer.text, f"{step.line}\n{answer.text}"
        with harness.database.reading() as session:
            numbers[step.line.split()[1]] = str(last_number(session))
        card = harness.admin.types("/aid-status IO-9").text
        for text in step.card:
            expected = text.removeprefix("-").format(**numbers)
            assert (expected in card) != text.startswith("-"), f"{step.line}\n{expected}\n---\n{card}"
        if step.alert:
            title = harness.alerts()[-1].text
            assert step.alert in title, step.line
            assert "IO-9" in title
        assert set(step.reminders) <= waiting_reminders(harness), f"{step.line}: {waiting_reminders(harness)}"
    assert waiting_reminders(harness) == set()
