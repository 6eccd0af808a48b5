"""Plain questions: every phrase of the table, and the questions that people ask."""

import re
import unicodedata
from collections.abc import Iterator
from string import Formatter

import pytest
from sqlalchemy.orm import Session

from db.database import Database
from db.questions.understand import UNCLEAR, spelled_out, understand
from db.questions.words import table
from tests.support.proposals import TODAY
from tests.tools.ask_questions import ask_all, record
from tests.unit.test_catalogue import PARTICLE

INTENTS = table()["intents"]


@pytest.fixture
def session(sqlite_database: Database) -> Iterator[Session]:
    with sqlite_database.writing() as opened:
        record(opened)
        yield opened


def mistyped(text: str) -> str:
    """Return the text with an error in its longest word: two letters swapped, or a wrong vowel of a Korean syllable."""
    word = max(text.split(), key=len)
    if word.isascii():
        return text.replace(word, f"{word[0]}{word[2]}{word[1]}{word[3:]}") if len(word) > 3 else text
    parts = list(unicodedata.normalize("NFD", word[1]))
    parts[1] = "ᅥ" if parts[1] == "ᅡ" else "ᅡ"
    return text.replace(word, word[0] + unicodedata.normalize("NFC", "".join(parts)) + word[2:])


def test_answers_say_the_same_in_both_languages() -> None:
    answers = [each for rules in INTENTS.values() for each in rules["answers"].values()]
    for each in (*answers, *table()["replies"].values(), *table()["examples"].values()):
        english, korean = (
            {name for _, name, _, _ in Formatter().parse(each[language]) if name} for language in ("en", "ko")
        )
        assert english == korean, each
        assert re.search("[가-힣]", each["ko"]) or "{" in each["ko"]
        assert not PARTICLE.search(each["ko"]), each


def test_every_phrase_asks_its_intent(session: Session) -> None:
    phrases = [(intent, each) for intent, rules in INTENTS.items() for each in rules["phrases"]]
    for intent, (text, state, term) in [(intent, said) for intent, each in phrases for said in spelled_out(each)]:
        projects = INTENTS[intent]["projects"]
        several = f"{text} GG-1 IO-2" if intent == "compare" else text
        asked = understand(session, several, TODAY)
        assert (asked.intent, asked.term) == (intent, term), text
        assert asked.filter.text.removeprefix("-") == (state if projects == "all" else ""), text
        if projects in {"one", "any"}:
            asked = understand(session, f"GG-1 {text}", TODAY)
            assert (asked.intent, asked.refs) == (intent, ("GG-1",)), text


def test_typing_error_changes_no_question(session: Session) -> None:
    """A phrase with an error gives its intent, or nothing where a short Korean word becomes another."""
    korean: list[bool] = []
    wrong, missed = [], list[str]()
    for intent, rules in INTENTS.items():
        for phrase in rules["phrases"]:
            for text, _, _ in spelled_out(phrase):
                asked = understand(session, ("GG-1 IO-2 " if intent == "compare" else "") + mistyped(text), TODAY)
                if text.isascii():
                    missed += [mistyped(text)] if asked.intent != intent else []
                else:
                    korean.append(asked.intent == intent)
                if asked.intent not in {intent, UNCLEAR}:
                    wrong.append((mistyped(text), intent, asked.intent))
    assert wrong == []
    assert missed == []
    assert sum(korean) > 0.6 * len(korean)


def test_questions_that_people_ask_are_understood(sqlite_database: Database) -> None:
    asked = list(ask_all(sqlite_database))
    assert [each for each in asked if each.wrong] == []
    assert sum(each.right for each in asked) >= 0.95 * len(asked)
