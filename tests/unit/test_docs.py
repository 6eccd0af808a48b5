"""Documentation: each command line parses and each link resolves."""

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli import command_parser
from bot.installation.manifest import COMMANDS
from db.domain.enums import Headline, UpdateKind
from db.errors import AidError
from db.imports.columns import COLUMNS
from db.recording.proposal import Proposal, parse_proposal
from db.search.filter import KEYS, parse_filter
from handlers.alerts.command import _read as read_alerts
from handlers.auth.permissions import PERMISSIONS, permission_key
from handlers.blocks.as_of import split_as_of
from handlers.exports.command import parse_export
from handlers.status.command import FIGURES, NUMBER
from handlers.updates.line_parser import parse_line
from tests.support.hostile import attacks

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GENERATED = {"reference.md", "permissions.md"}
"""Generated pages, checked against the code by tests of their own."""

NOW = datetime(2026, 12, 31, tzinfo=UTC)
BLOCK = re.compile(r"^(?:    |\t)(.*)$", re.MULTILINE)
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`]+)`")
SHELL = re.compile(r"\$\([^)]*\)")
ALTERNATIVES = ("…", " | ", "[", "FILE", "<")
"""Marks of a line that shows a pattern and cannot be typed as it stands."""


def code_lines(page: Path) -> Iterator[str]:
    """Yield every line of code on a page."""
    text = page.read_text(encoding="utf-8")
    for block in FENCED.findall(text):
        yield from (line.strip() for line in block.splitlines())
    rest = FENCED.sub("", text)
    yield from (line.strip() for line in BLOCK.findall(rest))
    yield from (" ".join(span.replace("\\|", "|").split()) for span in SPAN.findall(rest))


def lines(*beginnings: str) -> list[tuple[str, str]]:
    """Return the command lines with one of these beginnings, from there on, each with its page."""
    page_lines = []
    for page in PAGES:
        if page.name in GENERATED:
            continue
        for line in code_lines(page):
            matches = [each for each in beginnings if re.match(rf"(\S*/)?{re.escape(each)}(?!\S)", line)]
            if matches and not any(mark in line for mark in ALTERNATIVES):
                page_lines.append((page.name, line[line.index(matches[0]) :].partition("  #")[0].strip()))
    return sorted(set(page_lines))


COMMAND_LINES = lines("python -m bot", "bin/aid-status")
MAKES = lines("make")
SLASHES = lines(*COMMANDS)


def test_docs_contain_command_lines() -> None:
    assert len(COMMAND_LINES) > 15
    assert len(MAKES) > 8
    assert {line.split()[0] for _, line in SLASHES} == set(COMMANDS)
    assert len(SLASHES) > 30


@pytest.mark.parametrize(("page", "line"), COMMAND_LINES)
def test_docs_command_line_parses(page: str, line: str) -> None:
    arguments = shlex.split(SHELL.sub("x", line).removeprefix("python -m "))[1:]
    try:
        command_parser().parse_args(arguments)
    except SystemExit:
        pytest.fail(f"{page}: {line}")


@pytest.mark.parametrize(("page", "line"), MAKES)
def test_docs_make_target_exists(page: str, line: str) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(line.split()[1:]) <= set(targets), page


def understand(command: str, text: str) -> None:
    """Parse a slash command's text as the bot does; raise AidError on a parse error."""
    if text in {"", "help"}:
        return
    if command == "/aid-update":
        line = parse_line(text)
        if line.number is None:
            parse_proposal(Proposal(line.refs, line.kind, line.options, line.note), now=NOW, by="U1")
    elif command == "/aid-status":
        figures = FIGURES.match(text)
        if not (NUMBER.fullmatch(text) or parse_export(text, NOW)):
            parse_filter(split_as_of(figures["filter"] if figures else text, NOW)[0])
    else:
        assert permission_key(command, text) in set(PERMISSIONS) - {command}, text
        verb, _, rest = text.partition(" ")
        if command == "/aid-alerts" and verb in {"on", "set"}:
            read_alerts(rest)


@pytest.mark.parametrize(("page", "line"), SLASHES)
def test_docs_slash_command_parses(page: str, line: str) -> None:
    command, _, text = line.partition(" ")
    try:
        understand(command, text)
    except AidError as error:
        pytest.fail(f"{page}: {line}: {error}")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_docs_links_resolve(page: Path) -> None:
    dead = []
    for target, anchor in re.findall(r"\]\(([^)#:\s]*)(?:#([^)]*))?\)", page.read_text(encoding="utf-8")):
        other = page.parent / target if target else page
        if not other.exists() or (anchor and anchor not in anchors(other)):
            dead.append(f"{target}#{anchor}")
    assert dead == []


def test_docs_name_tests_and_files_that_exist() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    tests = set(re.findall(r"^def (test_\w+)", code, re.MULTILINE))
    spans = {span for page in PAGES for span in code_lines(page)}
    named = {span for span in spans if re.fullmatch(r"test_\w+", span)}
    files = {span for span in spans if re.fullmatch(r"(?:bot|db|docs|handlers|requirements|tests)/[\w./-]+", span)}
    assert named - tests == set()
    assert len(attacks()) > 40
    assert [file for file in sorted(files) if not (ROOT / file).exists()] == []


@pytest.mark.parametrize("kinds", [UpdateKind, Headline])
def test_docs_field_explains_every_word(kinds: type[UpdateKind | Headline]) -> None:
    """docs/field.md has a row for every kind of update and every headline."""
    field = (ROOT / "docs" / "field.md").read_text(encoding="utf-8")
    assert {*re.findall(r"^\| `([a-z-]+)` \|", field, re.MULTILINE)} >= {*kinds}


def test_readme_lists_every_filter() -> None:
    assert {*re.findall(r"`([a-z]+):", (ROOT / "README.md").read_text(encoding="utf-8"))} >= {*KEYS}


def test_every_page_is_reachable_from_the_readme() -> None:
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop().resolve()
        if page not in seen:
            seen.add(page)
            targets = re.findall(r"\]\(([^)#:\s]+\.md)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
            waiting += [page.parent / target for target in targets]
    assert {page.resolve() for page in PAGES} - seen == set()


def test_import_docs_list_every_column_by_all_of_its_names() -> None:
    text = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
    rows = [f"| {column.english} | {column.korean} | `{column.hxl}` |" for column in COLUMNS]
    assert [row for row in rows if row not in text] == []
    assert text.count("| `#") == len(COLUMNS)
