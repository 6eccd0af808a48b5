"""Errors of the record, as sentences that say what to do next: templates in English, which surfaces translate."""

from collections.abc import Callable, Sequence


def N_(text: str) -> str:
    """Return ``text``, a sentence that people read, marked for the catalogues; the text of a raised error needs no mark."""
    return text


class AidError(Exception):
    """A known error, by template and values; ``field`` is the part of the form to change, ``others`` errors beside it."""

    field = ""
    others: tuple["AidError", ...] = ()
    worded: Callable[[str, str], str] | None = None
    """What a surface makes of the sentence and its language, where it names fields in another way than a command."""

    def __init__(self, text: str, **params: object) -> None:
        super().__init__(text)
        self.text = text
        self.params = params

    def __str__(self) -> str:
        return self.said(self.text.format(**self.params), "en")

    def said(self, sentence: str, language: str) -> str:
        """Return the filled and translated ``sentence`` in the words of its surface."""
        return self.worded(sentence, language) if self.worded else sentence


class Refusal(AidError):
    """A rule of the record refuses an update."""

    def __init__(self, text: str, *, field: str = "kind", **params: object) -> None:
        super().__init__(text, **params)
        self.field = field


Refusals = Sequence[tuple[str, Refusal]]  # by ref


class BatchRefused(AidError):
    """One or more projects of a batch are refused, so nothing was recorded; ``refusals`` are by ref."""

    def __init__(self, refusals: Refusals) -> None:
        super().__init__(
            N_("Nothing was recorded: this update does not fit {count} of the projects."), count=len(refusals)
        )
        self.refusals = refusals


class NotFound(AidError):
    """Something was named that the record does not hold. ``near`` are refs that may have been meant."""

    def __init__(self, text: str, *, near: tuple[str, ...] = (), **params: object) -> None:
        super().__init__(text, near=", ".join(near), **params)
        self.near = near


class NotAllowed(AidError):
    """The person may not do this."""


class BadInput(AidError):
    """Input that cannot be parsed."""

    def __init__(self, text: str, *, field: str = "text", **params: object) -> None:
        super().__init__(text, **params)
        self.field = field


def driver_message(error: Exception) -> str:
    """Return the first line of what a database's driver said, without the statement."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]
