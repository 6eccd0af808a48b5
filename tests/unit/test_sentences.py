"""The bot's own sentences: each rests on docs/field.md, and none says what anybody may or must do."""

import re

import pytest

from handlers.alerts.reminder_message import ADVICE
from handlers.i18n.translator import Translator
from handlers.status import blocks as status_blocks
from handlers.status.next_steps import BY_HEADLINE, BY_OUTCOME, BY_ROUND
from handlers.updates import blocks as update_blocks
from tests.support.process import ROOT

CLAIMS = re.compile(
    r"\b(may|must|shall|should|needs? to|has to|have to|owes?|is allowed|is forbidden)\b", re.IGNORECASE
)
SENTENCES = [*BY_HEADLINE.values(), *BY_ROUND.values(), *BY_OUTCOME.values(), *ADVICE.values()]


def test_docs_list_every_sentence_and_what_it_rests_on() -> None:
    """In docs/field.md, section 14, a value stands as an ellipsis."""
    text = (ROOT / "docs" / "field.md").read_text(encoding="utf-8")
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
    """The bot says what is on record, never what anybody may or must do."""
    translator = Translator(language)
    helps = [*status_blocks.help_text(translator), *update_blocks.help_text(translator)]
    texts = [translator.plain(each) for each in SENTENCES] + [block["text"]["text"] for block in helps]
    claims = CLAIMS if language == "en" else re.compile("해야 합니다|할 수 없습니다|하면 안 됩니다|해도 됩니다")
    assert [text for text in texts if claims.search(text)] == []
