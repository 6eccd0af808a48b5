"""The one table that ``make bench`` prints: figures as ratios, each with its target."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line: what was measured against what; the ratio may be at most ``most``, or must be at least ``least``."""

    what: str
    against: str
    ratio: float
    most: float | None = None
    least: float | None = None
    floor_ms: float | None = None

    @property
    def met(self) -> bool:
        return (self.most is None or self.ratio <= self.most) and (self.least is None or self.ratio >= self.least)

    @property
    def target(self) -> str:
        return f"≤ {self.most:g}" if self.most is not None else f"≥ {self.least:g}" if self.least is not None else "–"


def printed(figures: list[Figure]) -> str:
    """All figures as a table of Markdown."""
    lines = ["| What | Against | Floor, ms | Ratio | Target | |", "|---|---|--:|--:|--:|---|"]
    for each in figures:
        floor = f"{each.floor_ms:.2f}" if each.floor_ms is not None else ""
        verdict = "" if each.target == "–" else "met" if each.met else "missed"
        lines.append(f"| {each.what} | {each.against} | {floor} | {each.ratio:.2f}× | {each.target} | {verdict} |")
    return "\n".join(lines)
