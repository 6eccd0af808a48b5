"""The words of questions, with typing errors and Korean endings, and what each means (db/data/questions.toml)."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from db.domain.code_lists import read_data
from db.domain.text import letters

FILLER, TERM, DAY = "filler", "term:", "day:"
LONGEST, SHORTEST = 5, 4  # so many words are looked up together; words of fewer letters are not taken for mistyped

_HANGUL = re.compile("[가-힣]")
PARTICLE = re.compile(
    "(?:들)?(?:은|는|이|가|을|를|의|에|에서|에게|와|과|랑|도|로|으로|만|께서|이나|나|부터|까지|쪽|측|한테|보다|이랑)$"
)
_ENDINGS = re.compile(
    "(?:입니다|입니까|니까|니다|습니다|습니까|이에요|예요|에요|나요|가요|어요|아요|네요|군요|는지|은지|을까|까요|은|는|이|가|을|를|의|에|"
    "에서|도|로|으로|와|과|만|요|죠|지|나|까|고|어|아|서|게|면|던|다|했|됐|되|하|한|된|할|될|해|돼|줘|주|세|여|였|었|았|들|야|라|인|건|걸|진|"
    "오|냐|니|노|음|함|됨|임|네|군|냐고|대요|대|쯤|째|거|것)*"
)
_WHETHER = re.compile(r"(?<=[가-힣])도 ?(?:되|될|됩|돼|괜찮)[가-힣]*")
_NONE = re.compile(r"없(?:나요?|냐|니|어요?|습니까|을까요?|죠)(?=\W*$)")
_FUTURE = re.compile(r"(?<=[가-힣])(?:될|할|날|나올|풀릴|끝날|받을)까요?(?![가-힣])")
_SOUNDS = str.maketrans("ᅢᅤᅫᅬᆻ", "ᅦᅨᅰᅰᆺ")  # vowels and finals that sound alike, and are mistaken for each other most


def table() -> Mapping[str, Any]:
    return read_data("questions.toml")


def with_ending(text: str) -> str:
    """Return Korean with what is allowed or to come as words of their own, and ``is there none?`` as ``is there?``."""
    return _FUTURE.sub(" 될까", _WHETHER.sub(" 해도 되나요", _NONE.sub("있나요", text)))


def sound(word: str) -> str:
    """Return a word with the letters that sound alike as one."""
    return _parts(word).translate(_SOUNDS)


def without_particle(word: str) -> str:
    """Return a Korean noun without its particle, an English one without ``'s``."""
    return PARTICLE.sub("", word) if _HANGUL.search(word) else word.removesuffix("'s")


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word with a typing error or two, swapped letters first; the first letter has to be right."""
    typed = _parts(word)
    most = errors_allowed(typed)
    if not most:
        return None
    alike = [(name, parts) for name in known if (parts := _parts(name))[0] == typed[0] and len(parts) >= SHORTEST]
    near = process.extract(typed, dict(alike), scorer=OSA.distance, score_cutoff=most, limit=None)
    best = min(((errors, sorted(parts) != sorted(typed), name) for parts, errors, name in near), default=None)
    return best[-1] if best else None


def errors_allowed(typed: str) -> int:
    """Return how many typing errors a word may have: none in a short one."""
    hangul = not typed.isascii()
    return (len(typed) >= (5 if hangul else 4)) + (len(typed) >= (7 if hangul else 8))


@cache
def _parts(word: str) -> str:
    return unicodedata.normalize("NFD", word)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Meanings by whole word, beginning of a Korean one, or sound; ``vocabulary`` has the words of English entries."""

    whole: Mapping[str, str]
    stems: Mapping[str, str]
    sounds: Mapping[str, str]
    vocabulary: frozenset[str]

    def meaning(self, words: list[str]) -> str | None:
        """Return what these words mean together, as they are."""
        joined = letters("".join(words))
        if joined in self.whole:
            return self.whole[joined]
        before = len(letters("".join(words[:-1])))
        for size in range(len(joined), before, -1):
            stem, rest = joined[:size], joined[size:]
            if stem in self.stems and (size > 1 or _ENDINGS.fullmatch(rest)):
                return self.stems[stem]
        return None

    def corrected(self, word: str) -> str:
        """Return an English word without typing errors, if it is one of these with some."""
        typed = word.casefold()
        unknown = word.isascii() and typed not in self.vocabulary and letters(typed) not in self.whole
        return (closest(typed, self.vocabulary) if unknown else None) or word

    def misspelt(self, word: str) -> str | None:
        """Return what a Korean word means that has typing errors."""
        heard = (self.sounds.get(sound(word[:size])) for size in range(len(word), 1, -1))
        if found := next(filter(None, heard), None):
            return found
        for size in range(len(word), 1, -1):
            stems = [stem for stem in self.stems if len(stem) == size and stem[0] == word[0]]
            near = [stem for stem in stems if len(_parts(stem)) > 4]  # noqa: PLR2004  in short ones an error makes another word
            if found := next((stem for stem in near if OSA.distance(_parts(word[:size]), _parts(stem)) == 1), None):
                return self.stems[found]
        return None


@cache
def lexicon() -> Lexicon:
    """Return the words of the table; a word of the glossary without another meaning means itself."""
    rows = [(word, meaning) for meaning, words in table()["words"].items() for word in words]
    rows += [(word, f"{DAY}{day}") for day, words in table()["days"].items() for word in words]
    rows += [(word, f"{TERM}{term}") for term, each in table()["terms"].items() for word in each["words"]]
    meanings = {letters(word): meaning for word, meaning in reversed(rows)}
    stems = {word: meaning for word, meaning in meanings.items() if _HANGUL.search(word)}
    vocabulary = frozenset(part for word, _ in rows if word.isascii() for part in word.split())
    sounds = {sound(stem): meaning for stem, meaning in stems.items() if len(stem) > 1}
    return Lexicon(
        {word: meaning for word, meaning in meanings.items() if word not in stems}, stems, sounds, vocabulary
    )
