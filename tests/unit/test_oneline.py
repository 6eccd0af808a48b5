"""The line parser of /aid-update."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.domain.enums import UpdateKind
from db.errors import BadInput
from db.recording.proposal import OPTIONS
from handlers.updates.line_parser import Line, parse_line


def line(
    refs: str = "", filters: str = "", number: int | None = None, verb: str = "note", note: str = "", **options: str
) -> Line:
    return Line(tuple(refs.split()), filters, number, verb, options, note)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GG-1 hold", line("GG-1", verb="hold")),
        ("gg-1 HOLD", line("GG-1", verb="hold")),
        ("GG-1,GG-2,GG-1 hold", line("GG-1 GG-2", verb="hold")),
        ("GG-1, GG-2 ,GG-3 hold", line("GG-1 GG-2 GG-3", verb="hold")),
        ("group:io hold", line(filters="group:io", verb="hold")),
        ("group:io,ngo hold", line(filters="group:io,ngo", verb="hold")),
        ("status:on-hold group:io hold", line(filters="status:on-hold group:io", verb="hold")),
        ("GG-1,group:io,ngo,GG-2 hold", line("GG-1 GG-2", filters="group:io,ngo", verb="hold")),
        ("GG-1 hold by:US on:2026-02", line("GG-1", verb="hold", by="US", on="2026-02")),
        ("GG-1 hold By:US ON:2026-02", line("GG-1", verb="hold", by="US", on="2026-02")),
        ("GG-1 hold by: US on:2026 x", line("GG-1", verb="hold", by="US", on="2026", note="x")),
        ("GG-1 hold by:US by:FR", line("GG-1", verb="hold", by="FR")),
        ("GG-1 note said by:US himself", line("GG-1", note="said by:US himself")),
        ("GG-1 note note note", line("GG-1", note="note note")),
        ("GG-1 note  two  spaces ", line("GG-1", note="two  spaces")),
        ("GG-1 note line\nanother", line("GG-1", note="line\nanother")),
        (
            "GG-1 clearance authority:“the Treasury” ok",
            line("GG-1", verb="clearance", authority="the Treasury", note="ok"),
        ),
        ('GG-1 clearance authority:"no end', line("GG-1", verb="clearance", authority="no", note="end")),
        ("GG-1 note MSF's list", line("GG-1", note="MSF's list")),
        ("GG-1 note MSF’s “list” — here", line("GG-1", note="MSF’s “list” — here")),
        ("GG–1 hold–lifted", line("GG-1", verb="hold-lifted")),
        (
            "GG-1 note source:https://a.example source:<https://b.example|b>",
            line("GG-1", source="https://a.example https://b.example"),
        ),
        ("GG-1 note &lt;b&gt; &amp; c", line("GG-1", note="<b> & c")),
        ("GG-1 note <@U1|mina> said", line("GG-1", note="<@U1|mina> said")),
        ("#12 retract why not", line(number=12, verb="retract", note="why not")),
        ("#12 correct", line(number=12, verb="correct")),
        ("#12 hold", line(number=12, verb="hold")),
        ("GG-1 retract", line("GG-1", verb="retract")),
        ("nonsense hold", line("NONSENSE", verb="hold")),
    ],
)
def test_parse_line_reads_every_part(text: str, expected: Line) -> None:
    assert parse_line(text) == expected


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("", {}),
        ("GG-1", {}),
        ("GG-1 xyzzyx", {}),
        ("hold", {}),
        ("GG-1 aproved", {"typed": "aproved", "near": "approved"}),
        ("GG-1 retrct", {"typed": "retrct", "near": "retract"}),
        ("x" * 8001, {"limit": 8000}),
    ],
)
def test_parse_line_error_names_what_is_missing(text: str, params: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as caught:
        parse_line(text)

    assert caught.value.params.items() >= params.items()
    assert str(caught.value).endswith((".", "?"))


@pytest.mark.parametrize("kind", UpdateKind)
@pytest.mark.parametrize("option", OPTIONS)
def test_parse_line_accepts_every_option_after_every_kind(kind: UpdateKind, option: str) -> None:
    """Leave it to the record to refuse an option that does not belong to the kind."""
    expected = line("GG-1", verb=kind, note="then a note", **{option: "x"})
    assert parse_line(f"GG-1 {kind} {option}:x then a note") == expected


words = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=12)


@given(st.lists(words, max_size=6).map(" ".join))
def test_parse_line_keeps_the_note_as_typed(note: str) -> None:
    escaped = note.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert parse_line(f"GG-1 note on:2026-02-05 - {escaped}").note == f"- {note}".strip()


@given(st.text(max_size=200))
def test_parse_line_of_any_text_parses_or_explains(text: str) -> None:
    try:
        answer = parse_line(text).verb
    except BadInput as refused:
        answer = str(refused)
    assert answer in {*UpdateKind, "retract", "correct"} or answer.endswith((".", "?"))
