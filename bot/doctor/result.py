"""Result of one check of ``python -m bot doctor``."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """``note``: it works, and somebody may want to know; ``wrong``: something has to be done."""

    FINE = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of the doctor; ``said`` tells what to do where something has to be done."""

    level: Level
    about: str
    said: str

    @property
    def is_wrong(self) -> bool:
        return self.level is Level.WRONG

    def __str__(self) -> str:
        return f"{self.level:5} {self.about}: {self.said}"


def ok(about: str, said: str) -> CheckResult:
    return CheckResult(Level.FINE, about, said)


def info(about: str, said: str) -> CheckResult:
    return CheckResult(Level.NOTE, about, said)


def failed(about: str, said: str) -> CheckResult:
    return CheckResult(Level.WRONG, about, said)
