"""What experts of the field found wrong in answers: what is typed, and what is answered now."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from handlers.alerts.reminder_message import ADVICE
from handlers.i18n.translator import Translator
from handlers.status import blocks as status_blocks
from handlers.status.next_steps import BY_HEADLINE, BY_OUTCOME, BY_ROUND
from handlers.updates import blocks as update_blocks
from tests.support.harness import BotHarness, number_of
from tests.support.proposals import add_project

FIELD = Path(__file__).parents[3] / "docs" / "field.md"
LETTER = "XX-1 approved as:letter source:https://example.org/letter"
CLAIMS = re.compile(
    r"\b(may|must|shall|should|needs? to|has to|have to|owes?|is allowed|is forbidden)\b", re.IGNORECASE
)
"""Words with which a sentence says what anybody may or must do."""


@dataclass(frozen=True)
class Finding:
    """A finding: what is recorded of XX-1, what is typed then, what the answer says and does not say.

    ``{0}`` stands for the number under which the first line was recorded; ``days`` is how far the clock moves before.
    """

    typed: str
    answered: tuple[str, ...]
    not_answered: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()
    days: int = 0
    language: str = "en-US"


FINDINGS = {
    "C1 a member elected for 2027 holds": Finding(
        "/aid-update XX-1 hold by:AT on:2027-01-10 as:press",
        ("Recorded", "Hold (Austria)"),
        ("did not sit",),
        days=340,
    ),
    "C1 a year of which not all members are on record": Finding(
        "/aid-update XX-1 hold by:AT on:2029-01-10 as:press",
        ("It is not checked that Austria sat on the Council: 5 of 15 members are on record for then.", "[Record]"),
        ("did not sit",),
        days=1070,
    ),
    "H1 a refused clearance": Finding(
        "/aid-status XX-1",
        ("Clearances: Ministry of Unification: refused · 2026-02-01", "Clearance refused: Ministry of Unification."),
        recorded=('XX-1 clearance authority:"Ministry of Unification" outcome:refused on:2026-02-01 as:government',),
    ),
    "H2 the first of three consignments arrived": Finding(
        "/aid-status XX-1",
        ("XX-1 · Approved · until 2027-02-06 · 1 of 3 delivered", "(361 days left)"),
        ("XX-1 · Delivered", "closes the project"),
        recorded=(
            f"{LETTER} on:2026-02-06 until:2027-02-06 shipments:3",
            "XX-1 delivered consignment:1/3 on:2026-02-09 as:applicant",
        ),
    ),
    "H2 its end stays a deadline": Finding(
        "/aid-status expiring:400d",
        ("1 project", "until 2027-02-06 (361 days left) · 1 of 3 delivered"),
        recorded=(
            f"{LETTER} on:2026-02-06 until:2027-02-06 shipments:3",
            "XX-1 delivered consignment:1/3 on:2026-02-09 as:applicant",
        ),
    ),
    "H3 approved, end not known": Finding(
        "/aid-status XX-1",
        ("approved, end not known, since 2024-02-01 (740 days), 12 months as stated", "As of 2024-02-01, 740 days ago"),
        ("ships", "in force"),
        recorded=(f"{LETTER} on:2024-02-01 until:unknown period:12m",),
    ),
    "H3 approved are counted apart": Finding(
        "/aid-status status:approved",
        ("2 projects", "2 approved, of 1 the end is not known"),
        recorded=(f"{LETTER} on:2024-02-01 until:unknown", "XX-2 approved as:letter on:2026-02-06 until:2027-02-06"),
    ),
    "H4 an exemption that is over": Finding(
        "/aid-status XX-1",
        ("No exemption in force is on record.",),
        ("may ship",),
        recorded=(f"{LETTER} on:2025-01-06 until:2026-01-06",),
    ),
    "H4 approval reported": Finding(
        "/aid-status XX-1",
        ("approval is reported and no letter is on record",),
        ("may ship", "nothing is confirmed"),
        recorded=("XX-1 approval-reported on:2026-02-05 as:press",),
    ),
    "H5 one report says new, another extended": Finding(
        "/aid-status XX-1",
        (
            (
                "Sources differ: extends an earlier exemption (which one is not known) (Press, {0}); extends XX-2 "
                "(Press, {1})"
            ),
        ),
        recorded=(
            "XX-1 submitted on:2025-11-03 extends:unidentified as:press",
            "{0} differ extends:XX-2 as:press",
        ),
    ),
    "H6 opposition is not a hold": Finding(
        "/aid-status XX-1",
        ("Positions: United States opposes · Feb 2026", "Not on record: request, committee, holds"),
        ("On hold",),
        recorded=("XX-1 position by:US stance:opposes on:2026-02 as:press",),
    ),
    "M1 two editions give two days": Finding(
        "/aid-status XX-1",
        ("Sources differ: 2026-02-05 (https://p.example/en, {0}); 2026-02-06 (https://p.example/ko, {1})",),
        recorded=(
            "XX-1 position by:US stance:supports on:2026-02-05 as:press source:https://p.example/en",
            "{0} differ on:2026-02-06 as:press source:https://p.example/ko",
        ),
    ),
    "M2 unnamed sources in a named outlet": Finding(
        "/aid-status GG-1", ("Press: Dong-A Ilbo, donga.com (2026-02-07), citing multiple diplomatic sources",)
    ),
    "M4 who applied is not said": Finding(
        "/aid-status GG-1", ("Implementer: Gyeonggi Province",), ("Applicant: Gyeonggi Province",)
    ),
    "M6 decided projects are not before the Committee": Finding(
        "/aid-status",
        ("19 aid projects · 1718 Committee exemptions", "🟢 Approved 1"),
        ("before the 1718 Committee",),
        recorded=(f"{LETTER} on:2026-02-06 until:2027-02-06",),
    ),
    "M7 what is to come is tied to a day": Finding(
        "/aid-status GG-1",
        ("As of 2026-02-07, no decision is on record.", "As of 2026-02-07, 293 days ago · no news for long ·"),
        ("still to come, any of whom",),
        days=290,
    ),
    "M8 no duty to report is made up": Finding(
        "/aid-status XX-1",
        ("XX-1 · Delivered", "Record closed when the project is over."),
        ("the applicant reports",),
        recorded=(f"{LETTER} on:2026-02-06 until:2027-02-06", "XX-1 delivered on:2026-02-09 as:applicant"),
    ),
    "M9 a changed list is reviewed": Finding(
        "/aid-update XX-1 hold by:CN on:2026-02-09 as:press",
        ("Recorded", "Hold (China)"),
        ("nothing of it is before the Committee",),
        recorded=(
            f"{LETTER} on:2026-01-06 until:2027-01-06",
            "XX-1 amendment-requested on:2026-02-06 as:applicant",
            "XX-1 circulated on:2026-02-07 deadline:2026-02-12T15:00 as:government",
        ),
    ),
    "M10 two newspapers on one hold": Finding(
        "/aid-update XX-1 hold by:undisclosed on:2026-02 as:press source:https://q.example/1",
        ("{0} may be the same hold", "If so, add your source with {0} confirm.", "[Record]"),
        recorded=("XX-1 hold by:undisclosed on:2026-02 as:press source:https://p.example/1",),
    ),
    "M12 what nobody recorded is not on record": Finding(
        "/aid-status XX-1", ("Not on record: ", "sector"), ("not stated",)
    ),
    "M13 notes in the reader's language": Finding(
        "/aid-status GG-1", ("기사는 누가 보류했는지 밝히지 않았고",), ("The article does not say",), language="ko-KR"
    ),
}


@pytest.mark.parametrize("name", FINDINGS)
def test_field_finding_is_answered(harness: BotHarness, name: str) -> None:
    finding = FINDINGS[name]
    harness.writing(lambda session: [add_project(session, ref) for ref in ("XX-1", "XX-2")])
    harness.slack.edit_user("U0ADMIN", locale=finding.language)
    harness.clock.forward(days=finding.days)
    numbers: list[str] = []
    for line in finding.recorded:
        answer = harness.admin.types("/aid-update " + line.format(*numbers))
        preview = "[Record]" in answer.text
        numbers.append(number_of(harness.admin.presses(answer, "Record") if preview else answer))

    text = harness.admin.types(finding.typed).text

    for part in finding.answered:
        assert part.format(*numbers) in text
    assert [part for part in finding.not_answered if part in text] == []


def test_link_of_the_article_can_be_opened(harness: BotHarness) -> None:
    """M13: the only source of the 17."""
    assert "https://www.donga.com/en/article/" in str(harness.member.types("/aid-status GG-1").message.blocks)


# -- the bot's own sentences ----------------------------------------------------------------------------------

SENTENCES = [*BY_HEADLINE.values(), *BY_ROUND.values(), *BY_OUTCOME.values(), *ADVICE.values()]


def test_docs_list_every_sentence_and_what_it_rests_on() -> None:
    """R10: docs/field.md, section 14; a value stands there as an ellipsis."""
    text = FIELD.read_text(encoding="utf-8")
    section = text.partition("## 14. Sentences of the bot and what they rest on")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `[a-z-]+` \| (.+?) \| (.+?) \|$", section, re.MULTILINE)

    assert [sentence for sentence, _ in rows] == [re.sub(r"\{\w+\}", "…", each) for each in SENTENCES]
    cited = {number for _, basis in rows for number in re.findall(r"\b\d{1,2}(?:\.\d)?\b", basis)}
    assert [
        number for number in cited if not re.search(rf"^#+ {number}\.? |^{_item(number)}", text, re.MULTILINE)
    ] == []


def _item(number: str) -> str:
    """Return what begins an open question of section 11."""
    chapter, _, item = number.partition(".")
    return f"{item}\\. " if chapter == "11" and item else "never"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_sentences_and_help_claim_nothing(language: str) -> None:
    """H4: the bot says what is on record, never what anybody may or must do."""
    translator = Translator(language)
    helps = [*status_blocks.help_text(translator), *update_blocks.help_text(translator)]
    texts = [translator.plain(each) for each in SENTENCES] + [block["text"]["text"] for block in helps]
    claims = CLAIMS if language == "en" else re.compile("해야 합니다|할 수 없습니다|하면 안 됩니다|해도 됩니다")
    assert [text for text in texts if claims.search(text)] == []
