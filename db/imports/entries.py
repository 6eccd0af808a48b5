"""Updates on record that rows of a file may be: as they were recorded, and as they stand after corrections."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.domain.updates import Update, superseded_by
from db.imports.update_row import cells_of
from db.models import Project
from db.updates.history import load_histories, project_ids_of

_TELLING = ("note", "note_ko", "source", "publisher")  # cells in which two updates hardly agree by chance


class Entries:
    """The updates with some numbers, and the projects that each concerns."""

    def __init__(self, session: Session, numbers: Collection[int]) -> None:
        concerned = project_ids_of(session, numbers) if numbers else {}
        ids = {project_id for each in concerned.values() for project_id in each}
        query = select(Project.id, Project.ref).where(Project.id.in_(ids))
        refs = {key: ref for key, ref in session.execute(query)} if ids else {}  # noqa: C416  rows have keys()
        self._refs = {number: [refs[project_id] for project_id in each] for number, each in concerned.items()}
        # Withheld names are black in exports, but not in files that are older than the decision to withhold them.
        shown, named = load_histories(session, ids), load_histories(session, ids, names=True)
        self._shown = {refs[each]: {update.number: update for update in history} for each, history in shown.items()}
        self._named = {refs[each]: {update.number: update for update in history} for each, history in named.items()}
        self._later = {ref: superseded_by(history.values()) for ref, history in self._shown.items()}

    def standing(self, number: int, refs: Sequence[str]) -> int:
        """Return the number of the correction that stands for ``number`` in the first of ``refs``, else ``number``."""
        return self._last(number, self._ref_of(number, refs))

    def differing(
        self,
        number: int,
        refs: Sequence[str],
        said: Mapping[str, str],
        columns: Collection[str],
        report: Mapping[str, int | None],
    ) -> dict[str, str] | None:
        """Return by column what an update says on record where a row that has its number says otherwise.

        ``report`` is, by its column, the number of what the row is another report of. None where the row is about
        something else: it shares neither the kind and a project nor all the rest with the update.
        """
        if number not in self._refs:
            return None
        ref = self._ref_of(number, refs)
        last = self._last(number, ref)
        histories = (self._shown[ref], self._named[ref])
        versions = [self._cells(history[each], ref) for each in (last, number) for history in histories]
        row = {**said, **{name: str(self._first(target, ref)) for name, target in report.items() if target}}
        differing = {
            name: versions[0].get(name, "")
            for name in columns
            if row.get(name, "") not in {version.get(name, "") for version in versions}
        }
        others = [each for each in refs if each not in self._refs[number]]
        same_kind = said["kind"] in {version["kind"] for version in versions}
        some_project = len(others) < len(refs)
        telling = any(said.get(name) for name in _TELLING) and not differing.keys() - {"kind"}
        if not (same_kind and some_project) and not (telling and (same_kind or some_project)):
            return None
        return {**({"ref": " ".join(self._refs[number])} if others else {}), **differing}

    def _ref_of(self, number: int, refs: Sequence[str]) -> str:
        concerned = self._refs.get(number, [])
        return next((ref for ref in refs if ref in concerned), concerned[0] if concerned else "")

    def _last(self, number: int, ref: str) -> int:
        while (update := self._later.get(ref, {}).get(number)) and update.corrects:
            number = update.number
        return number

    def _first(self, number: int, ref: str) -> int:
        """Return the number at the beginning of a chain of corrections, which stays when one of them is taken back."""
        while (update := self._shown.get(ref, {}).get(number)) and update.corrects:
            number = update.corrects
        return number

    def _cells(self, update: Update, ref: str) -> dict[str, str]:
        target = update.confirms or update.differs
        return cells_of(update, [ref], self._first(target, ref) if target else 0)
