"""The line parser of /aid-update."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.domain.enums import UpdateKind
from db.domain.text import settle
from db.errors import BadInput
from db.recording.proposal import OPTIONS
from handlers.updates.line_parser import Line, parse_line


def line(
    refs: str = "", filters: str = "", number: int | None = None, verb: str = "note", note: str = "", **options: str
) -> Line:
    return Line(tuple(refs.split()), filters, number, verb, {name.rstrip("_"): options[name] for name in options}, note)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GG-1 hold", line("GG-1", verb="hold")),
        ("gg-1 HOLD", line("GG-1", verb="hold")),
        ("GG-1,GG-2,GG-1 hold", line("GG-1 GG-2", verb="hold")),
        ("GG-1, GG-2 ,GG-3 hold", line("GG-1 GG-2 GG-3", verb="hold")),
        ("GG-1 GG-2，GG-3 hold", line("GG-1 GG-2 GG-3", verb="hold")),
        ("group:io hold", line(filters="group:io", verb="hold")),
        ("group:io,ngo hold", line(filters="group:io,ngo", verb="hold")),
        ("status:on-hold group:io hold", line(filters="status:on-hold group:io", verb="hold")),
        ("GG-1,group:io,ngo,GG-2 hold", line("GG-1 GG-2", filters="group:io,ngo", verb="hold")),
        ("GG-1 hold By:US ON:2026-02", line("GG-1", verb="hold", by="US", on="2026-02")),
        ("GG-1 hold by: US on:2026 x", line("GG-1", verb="hold", by="US", on="2026", note="x")),
        ("GG-1 hold by:US by:US", line("GG-1", verb="hold", by="US")),
        ("GG-1 note said by:US himself", line("GG-1", by="US", note="said himself")),
        ('GG-1 note he said "by:US" himself', line("GG-1", note='he said "by:US" himself')),
        ("GG-1 hold on:2026년 2월 6일 by:US x", line("GG-1", verb="hold", on="2026년 2월 6일", by="US", note="x")),
        ("GG-1 hold on:6 Feb 2026 seen", line("GG-1", verb="hold", on="6 Feb 2026", note="seen")),
        ("GG-1 hold on:Feb 6, 2026 seen", line("GG-1", verb="hold", on="Feb 6, 2026", note="seen")),
        ("GG-1 delivered contents: from:Busan", line("GG-1", verb="delivered", contents="", from_="Busan")),
        ("GG-1 hold on:2026-02 – 17 projects", line("GG-1", verb="hold", on="2026-02", note="– 17 projects")),
        (
            'GG-1 clearance authority:OFAC "the bank said so"',
            line("GG-1", verb="clearance", authority="OFAC", note='"the bank said so"'),
        ),
        ("GG-1 hold on:2026 5 trucks", line("GG-1", verb="hold", on="2026", note="5 trucks")),
        ("GG-1 note at 14:30 3:+1:1 Reuters: yes", line("GG-1", note="at 14:30 3:+1:1 Reuters: yes")),
        ("GG-1 note see https://a.example/x:y", line("GG-1", note="see https://a.example/x:y")),
        ("GG-1 note source:https://a.example/a.", line("GG-1", source="https://a.example/a")),
        ("GG-1 note note note", line("GG-1", note="note note")),
        ("GG-1 note  two  spaces ", line("GG-1", note="two  spaces")),
        ("GG-1 note line\nanother", line("GG-1", note="line\nanother")),
        (
            "GG-1 clearance authority:“the Treasury” ok",
            line("GG-1", verb="clearance", authority="the Treasury", note="ok"),
        ),
        ("GG-1 note MSF's list", line("GG-1", note="MSF's list")),
        ("GG-1 note MSF’s “list” — here", line("GG-1", note="MSF’s “list” — here")),
        ("GG–1 hold–lifted", line("GG-1", verb="hold-lifted")),
        (
            "GG-1 note source:https://a.example source:<https://b.example|b>",
            line("GG-1", source="https://a.example https://b.example"),
        ),
        ("GG-1 note <@U1|mina> said", line("GG-1", note="<@U1|mina> said")),
        ("GG-1,GG-2 group:io", line("GG-1 GG-2", "group:io", verb="")),
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
        ("#12", {}),
        ("GG-1 retrct", {"typed": "retrct", "near": "retract"}),
        ("GG-1 hold foo:bar", {"option": "foo"}),
        ("GG-1 note To: the Chair", {"option": "to", "typed": "To"}),
        ("GG-1 hold by :US", {"option": "by"}),
        ("#12,#13 retract why", {"first": 12, "second": 13}),
        ("GG-1 hold seen foo:bar", {"option": "foo"}),
        ("GG-1 hold untill: 2027", {"option": "untill", "near": "until"}),
        ("GG-1 hold souce:https://a.example", {"option": "souce", "near": "source"}),
        (
            "GG-3 clearance authority:Ministry of Unification on:2026-03-01",
            {"more": "of Unification", "whole": "Ministry of Unification"},
        ),
        ('GG-1 clearance authority:"no end', {"more": "end"}),
    ],
)
def test_parse_line_error_names_what_is_missing(text: str, params: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as caught:
        parse_line(text)

    assert caught.value.params.items() >= params.items()
    assert str(caught.value).endswith((".", "?"))


words = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=12)


VALUES = {
    **dict.fromkeys(("on", "reported"), "2026. 2. 6."),
    **dict.fromkeys(("until", "letter-date"), "6 Feb 2027"),
    **dict.fromkeys(("length", "period"), "6m"),
    **dict.fromkeys(("items", "value", "shipments"), "35"),
    **dict.fromkeys(("authority", "contents", "from", "to", "paragraph"), '"Ministry of Unification"'),
    "by": "미국",
    "as": "Press, outlet not named",
    "stance": "asks for time",
    "outcome": "not-needed",
    "source": "https://example.org/a:b?c=d",
    "deadline": "2026년 2월 20일 15:00",
    "consignment": "1 of 3",
    "extends": "GG-2",
    "currency": "USD",
    "lift": "all",
    "all": "yes",
}
READ = {"deadline": "2026년 2월 20일T15:00", "consignment": "1/3"}


@given(
    st.sampled_from(UpdateKind),
    st.permutations(sorted(OPTIONS)),
    st.lists(st.sampled_from(["seen", "by", "two", "카드", "14:30", '"by:US"']), max_size=4),
    st.data(),
)
def test_options_mean_the_same_in_any_order_and_place(
    kind: UpdateKind, names: list[str], note: list[str], data: st.DataObject
) -> None:
    parts = list(note)
    for name in names:
        parts.insert(data.draw(st.integers(0, len(parts))), f"{name}:{VALUES[name]}")
    parsed = parse_line(f"GG-1 {kind} " + " ".join(parts))
    assert parsed.options == {name: READ.get(name, VALUES[name].strip('"')) for name in OPTIONS}
    assert (parsed.verb, parsed.note) == (kind, " ".join(note))


@given(st.lists(words.filter(lambda word: ":" not in word and '"' not in word), max_size=6).map(" ".join))
def test_parse_line_keeps_the_note_as_typed(note: str) -> None:
    escaped = note.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert parse_line(f"GG-1 note on:2026-02-05 - {escaped}").note == f"- {settle(note)}".strip()


@given(st.text(max_size=200))
def test_parse_line_of_any_text_parses_or_explains(text: str) -> None:
    try:
        parsed = parse_line(text)
        answer = parsed.verb
        assert parse_line(text, lenient=True) == parsed
    except BadInput as refused:
        answer = str(refused)
    assert answer in {*UpdateKind, "", "retract", "correct", "confirm", "differ"} or answer.endswith((".", "?"))
