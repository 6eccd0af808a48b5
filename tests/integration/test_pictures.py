"""Pictures of the record in both languages: nothing cut off, no withheld name, any text drawn literally."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.text import Text
from PIL import Image

from db.admin.projects import set_visibility
from db.audit import Editor
from db.database import Database
from db.domain.durations import over_time
from db.domain.enums import Headline, UpdateKind, Visibility
from db.domain.project_status import Statement, status_of
from db.domain.updates import Source, Update
from db.errors import BadInput
from db.imports.importer import import_file
from db.projects.queries import ids_of_refs
from db.reports.project import project_detail
from db.search.filter import parse_filter
from db.updates.history import load_histories
from handlers.charts.canvas import WIDTH, Canvas, columns, wrap
from handlers.charts.portfolio import BANDS, draw_over_time, draw_validity
from handlers.charts.project_timeline import draw_timeline, spread
from handlers.exports.rows import ExportQuery, Written
from handlers.exports.writers import write_export
from handlers.i18n.translator import Translator
from tests.support.proposals import NOW, TODAY, say

EDITOR = Editor("T0", "U1", NOW)
LIVELY = (
    "GG-1 hold by:FR on:2025-11 as:letter",
    "GG-1 hold-lifted by:FR on:2026-01-15 as:letter",
    "GG-1 approved as:letter on:2026-02-20 until:2026-11-20",
    "GG-1 shipped on:2026-03-01",
    "GG-2 hold by:undisclosed on:unknown",
    "GG-2 note on:2026-03-01 said in passing",
)


@pytest.fixture
def filled(filled: Database) -> Database:
    for line in LIVELY:
        say(filled, line)
    return filled


def draw(database: Database, path: Path, filter_text: str, language: str = "en") -> Written:
    with database.reading() as session:
        query = ExportQuery(session, parse_filter(filter_text), TODAY, NOW, Translator(language))
        return write_export(query, path, ".png")


@pytest.mark.parametrize(
    ("filter_text", "language"),
    [("", "en"), ("", "ko"), ("group:io", "en"), ("GG-1", "ko"), ("GG-2", "en"), ("UNICEF-2", "en"), ("gg-3", "ko")],
)
def test_picture_is_a_png_of_phone_width(filled: Database, tmp_path: Path, filter_text: str, language: str) -> None:
    result = draw(filled, tmp_path / "a.png", filter_text, language)
    with Image.open(tmp_path / "a.png") as image:
        image.load()
        assert (image.format, image.width, image.height > 500) == ("PNG", 1080, True)
        assert len(image.convert("RGB").resize((200, 200)).getcolors(40_000) or []) > 50
    assert (tmp_path / "a.png").stat().st_size < 1_000_000
    assert result.description.startswith(ALT_TEXTS.get((filter_text, language), ""))


ALT_TEXTS = {
    ("UNICEF-2", "en"): "Timeline of UNICEF-2: Expired;",
    ("GG-1", "ko"): "GG-1 연표: 면제 승인",
    ("", "en"): "Projects over time; on 2026-03-10: Expired: ",
}


def test_alt_text_of_several_projects_counts_them(filled: Database, tmp_path: Path) -> None:
    assert draw(filled, tmp_path / "c.png", "group:gyeonggi").description == (
        "Projects over time; on 2026-03-10: Expired: 2, Approved by letter: 1, On hold: 1, "
        "Submitted or under review: 1; 3 exemptions by letter"
    )


def test_picture_without_projects_is_refused(filled: Database, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="finds no project"):
        draw(filled, tmp_path / "a.png", "status:rejected")
    assert not (tmp_path / "a.png").exists()


# -- text on the sheet ------------------------------------------------------------------------------------


@pytest.fixture
def sheet() -> Canvas:
    return Canvas()


def texts(sheet: Canvas) -> list[str]:
    return [each.get_text() for each in sheet.figure.findobj(Text) if each.get_text().strip() and each.get_visible()]


def timeline(database: Database, sheet: Canvas, ref: str, language: str = "en") -> list[str]:
    with database.reading() as session:
        draw_timeline(sheet, Translator(language), project_detail(session, ref, TODAY))
    return texts(sheet)


ROUNDS = """
GG-1 extension-requested on:2026-03-01
GG-1 hold by:CN on:2026-03-02 as:government
GG-1 amendment-requested on:2026-03-03
GG-1 position by:RU stance:asks-time on:2026-03-05 as:press
GG-1 amended on:2026-03-08 as:letter
GG-1 shipped consignment:2/3 contents:"pumps & pipes" on:2026-03-09
""".strip()
TIMELINES = {
    "GG-1": [
        *("GG-1 · Approved · until 2026-11-20", "Hold: France (official) — lifted, official"),
        "6: 2026-02-20 · Exemption approved · until 2026-11-20",
    ],
    "GG-2": [
        "Hold: holder not disclosed (reported, not confirmed) — still open · since when is not known…",
        *("Exemption: no letter on record", "-in passing"),
    ],
    "GG-3": ["Hold: holder not disclosed (reported, not confirmed) — lift reported, not confirmed…"],
    "GG-3 hold-lifted by:undisclosed on:2026-02-08 as:government": [
        "Hold: holder not disclosed (reported, not confirmed) — lifted, official…"
    ],
    "GG-3 hold by:FR on:2026-02-08 as:letter\nGG-3 hold-lifted by:FR on:2026-02-09 as:press": [
        "Hold: France (official) — open; lift reported, not confirmed…"
    ],
    "GG-3 hold by:FR on:2026-02-08 as:press\nGG-3 withdrawn on:2026-02-09 as:applicant": [
        "Hold: France (reported, not confirmed) — no lift recorded, but decided since…"
    ],
    "UNICEF-2": [
        "Exemption, with gaps in which nothing was in force",
        "No exemption in force from Oct 2019 to Dec 2019",
    ],
    "KRX-1": ["Sources differ. Valid until: 2021-10-22 (…", " / 2021-10-21 (…"],
    "KSM-1": ["As of 2024-09-18 · drawn on 2026-03-10", "Source: News1 (2024-09-18, citing VOA)"],
    ROUNDS: [
        *("Positions of members", "Extension: pending", "Amendment: granted"),
        "Hold on the extension: China (official) — still open",
        "2026-03-05 · Position of a member · Russian Federation · asks for time…",
        "2026-03-09 · Consignment shipped · consignment 2 of 3, pumps & pipes…",
    ],
}
"""Lines that are recorded, or a project alone, and the texts of its timeline: whole ones, parts (…), and absent ones (-)."""


@pytest.mark.parametrize("lines", TIMELINES)
def test_timeline_says_what_the_card_says(filled: Database, sheet: Canvas, lines: str) -> None:
    for line in lines.splitlines() if " " in lines else ():
        say(filled, line)
    labels = timeline(filled, sheet, lines.split(maxsplit=1)[0])
    joined = " ".join(labels).replace("\n", " ")
    absent = [text[1:] for text in TIMELINES[lines] if text.startswith("-")]
    there = [text for text in TIMELINES[lines] if text in labels or (text.endswith("…") and text[:-1] in joined)]
    assert [*there, *(f"-{text}" for text in absent if text not in joined)] == TIMELINES[lines], labels


CLUSTER = tuple(f"GG-1 shipped on:2026-03-0{number} consignment:{number}/5" for number in range(2, 6))


def test_timeline_marks_stand_on_their_days_and_numbers_apart(filled: Database, sheet: Canvas) -> None:
    for line in CLUSTER:
        say(filled, line)
    labels = timeline(filled, sheet, "GG-1")
    marks = [line for axes in sheet.figure.axes for line in axes.lines if line.get_marker() in {"o", "D"}]
    days = {int(np.asarray(mark.get_xdata())[0]) for mark in marks}
    assert {date(2026, 3, number).toordinal() for number in range(1, 6)} <= days
    numbers = [each for each in labels if each.isdigit()]
    listed = [each.split(":")[0] for each in labels if each.split(":")[0].isdigit() and ":" in each]
    assert sorted(numbers) == sorted(listed)
    assert len(marks) == len(listed)
    assert {line.get_marker() for line in marks} == {"o", "D"}  # the day of #2 and #3 is not known


@given(wanted=st.lists(st.floats(0, 100), max_size=12), apart=st.floats(0.1, 5))
def test_numbers_beside_each_other_keep_their_distance(wanted: list[float], apart: float) -> None:
    placed = spread(sorted(wanted), apart, 100)
    assert all(right - left >= apart * 0.999 for left, right in pairwise(placed))
    assert all(place <= 100 for place in placed)


def test_picture_credits_the_letter_and_no_later_note(filled: Database, tmp_path: Path, sheet: Canvas) -> None:
    """A letter of a day before the article is what the headline rests on; a note of today says nothing about it."""
    (tmp_path / "letter.csv").write_text(LETTER, encoding="utf-8")
    assert import_file(filled, tmp_path / "letter.csv", EDITOR).recorded == 1
    say(filled, "GG-3 note on:2026-03-09 as:press something else")
    labels = timeline(filled, sheet, "GG-3")
    assert {"As of 2026-02-06 · drawn on 2026-03-10", "Source: 1718 Committee"} <= set(labels)
    portfolio(filled, over := Canvas(), ["GG-3", "IO-1"])
    assert "As of 2026-02-07 · drawn on 2026-03-10" in texts(over)


LETTER = """Ref,Update,Date,Source kind,Valid until,Lift,Source,Publisher
GG-3,approved,2026-02-06,letter,2027-02-06,all,https://example.org/letter.pdf,1718 Committee
"""


def test_picture_leaves_out_what_it_cannot_draw(sheet: Canvas) -> None:
    assert sheet.drawable("Pumps 🚰 and ⛺️ for Kaepung 開城") == "Pumps and for Kaepung 開城"


def test_portfolio_counts_sources_and_names_two(filled: Database, sheet: Canvas) -> None:
    portfolio(filled, sheet, ["UNICEF-2"], stated=Update(UpdateKind.APPROVED, NOW, sources=GIVEN))
    assert "Sources: 4, e.g. Yonhap (2026-03-01), NK News" in texts(sheet)


def test_portfolio_lists_unknown_ends_before_expired(filled: Database, sheet: Canvas) -> None:
    portfolio(filled, sheet, ["UNICEF-2", "WHO-4", "GG-1"])
    bars = [each for each in texts(sheet) if each.startswith(("UNICEF-2 ·", "WHO-4 ·", "GG-1 ·"))]
    assert [each.split()[0] for each in bars] == ["GG-1", "WHO-4", "UNICEF-2"]


def test_korean_picture_has_no_english(filled: Database, sheet: Canvas) -> None:
    labels = timeline(filled, sheet, "GG-1", "ko")
    assert "면제" in labels
    assert "보류: 비공개 이사국 (보도, 미확인) — 해제 보도, 미확인" in labels
    assert not any("Hold" in each or "Exemption" in each for each in labels)


def test_picture_has_no_withheld_name(filled: Database, sheet: Canvas) -> None:
    assert any("tree nursery" in each for each in timeline(filled, Canvas(), "KSM-1"))
    with filled.writing() as session:
        set_visibility(session, "KSM-1", Visibility.WITHHELD, EDITOR)
    assert not any("nursery" in each for each in timeline(filled, sheet, "KSM-1"))


GIVEN = (
    Source(publisher="Yonhap", published=date(2026, 3, 1)),
    Source(publisher="NK News"),
    Source(url="https://x.example"),
)


def portfolio(
    database: Database, sheet: Canvas, refs: list[str], language: str = "en", stated: Update | None = None
) -> None:
    with database.reading() as session:
        ids = ids_of_refs(session, refs)
        histories = load_histories(session, list(ids.values()))
        standings = {ref: status_of(histories[key]) for ref, key in ids.items()}
    days = over_time([each.updates for each in standings.values()], TODAY)
    statements = [each.statement(TODAY) for each in standings.values()]
    statements += [Statement(Headline.APPROVED, stated, stated)] if stated else []
    draw_over_time(sheet, Translator(language), days, statements, "group:io " + "경기도 사업 " * 30)
    draw_validity(sheet, Translator(language), standings, TODAY)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("which", ["GG-1", "UNICEF-2", "KSM-1", "many"])
def test_picture_text_stays_inside_and_apart(filled: Database, tmp_path: Path, which: str, language: str) -> None:
    sheet = Canvas()
    if which == "many":
        portfolio(filled, sheet, ["GG-1", "GG-2", "UNICEF-2", "KSM-1", "WHO-1"], language)
    else:
        timeline(filled, sheet, which, language)
    sheet.save(tmp_path / "a.png")
    renderer = sheet.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    width, height = WIDTH * sheet.figure.dpi, sheet.figure.get_figheight() * sheet.figure.dpi
    for text in (each for each in sheet.figure.findobj(Text) if each.get_text().strip()):
        box = text.get_window_extent(renderer)
        assert (box.x0 >= -1, box.x1 <= width + 1, box.y0 >= -1, box.y1 <= height + 1) == (True,) * 4, text
    paragraphs = sorted((each.get_window_extent(renderer) for each in sheet.figure.texts), key=lambda box: -box.y0)
    assert all(above.y0 >= below.y1 - 3 for above, below in pairwise(paragraphs))


def test_bands_contain_every_headline_once() -> None:
    banded = [headline for band in BANDS for headline in band.headlines]
    assert sorted([*banded, Headline.NO_RECORD]) == sorted(Headline)
    assert len({band.colour for band in BANDS}) == len(BANDS)


@given(text=st.text(max_size=400), wide=st.integers(1, 60), most=st.integers(1, 4))
def test_lines_fit_the_width(text: str, wide: int, most: int) -> None:
    lines = wrap(text, wide, most)
    assert len(lines) <= most
    assert all(columns(line) <= max(wide, 2) + 2 for line in lines)
    if len(lines) < most:
        assert "".join("".join(lines).split()) == "".join(text.split())


@given(text=st.text(max_size=60))
@settings(max_examples=40)
def test_picture_draws_any_text_literally(text: str, tmp_path: Path) -> None:
    """Parse no character as a formula, and warn of none without a glyph."""
    sheet = Canvas()
    sheet.write(f"$x^{{ {text}", 12)
    sheet.write(f"\\frac $ {text} 🚢 $", 12)
    sheet.save(tmp_path / "a.png")
