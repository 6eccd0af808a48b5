"""Result of one check of ``python -m bot doctor``."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial


class Level(StrEnum):
    """Level of a result: ``note`` is for information, ``wrong`` needs action."""

    FINE = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Result of one check; for ``wrong``, ``message`` ends with what to do."""

    level: Level
    about: str
    message: str

    @property
    def is_wrong(self) -> bool:
        return self.level is Level.WRONG

    def __str__(self) -> str:
        return f"{self.level:5} {self.about}: {self.message}"


ok = partial(CheckResult, Level.FINE)
info = partial(CheckResult, Level.NOTE)
failed = partial(CheckResult, Level.WRONG)
