"""A sheet to draw on: as wide as a phone shows well, with letters of both languages, in colours that stay apart."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from handlers.charts.wording import columns

WIDTH, MARGIN, DOTS = 6.0, 0.3, 180  # Inches, inches, dots an inch: 1,080 dots wide
LINE = 1.45  # height of a line of text, in its own size
INK, FAINT, RULE = "#1d1c1d", "#5c5b5d", "#dddddd"
# The colours of Okabe and Ito, which stay apart for every kind of colour blindness; hatching tells them apart in print.
BLUE, ORANGE, GREEN, YELLOW = "#0072b2", "#e69f00", "#009e73", "#f0e442"
SKY, RED, PURPLE, GREY = "#56b4e9", "#d55e00", "#cc79a7", "#b8b8b8"

_SPACES = re.compile(" {2,}")
_ONE_AT_A_TIME = Lock()  # Matplotlib's fonts are the process's own and take one thread at a time


class Canvas:
    """A sheet filled from its top; lengths are inches, text sizes points. It is cut where the drawing ends."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=(WIDTH, 1), dpi=DOTS, facecolor="white")
        FigureCanvasAgg(self.figure)
        self._placed: list[tuple[Text | Axes, float, float]] = []
        self.bottom = MARGIN
        folder = _font_folder()
        self._fonts = {False: folder / "NanumGothic.ttf", True: folder / "NanumGothicBold.ttf"}
        self._known = set(get_font(str(self._fonts[False])).get_charmap())

    def style(self, size: float, *, bold: bool = False, colour: str = INK) -> dict[str, Any]:
        """Return matplotlib's arguments for a text; no character of it is read as a formula."""
        font = FontProperties(fname=str(self._fonts[bold]), size=size)
        return {"fontproperties": font, "color": colour, "parse_math": False}

    def drawable(self, text: str) -> str:
        """Return ``text`` without the symbols that the font has no shape for; a letter without one becomes a box."""
        shapes = (
            each if ord(each) in self._known or each == "\n" else "□" if unicodedata.category(each)[0] in "LN" else ""
            for each in text
        )
        return _SPACES.sub(" ", "".join(shapes))

    def label(self, axes: Axes, text: str, at: tuple[float, float], *, size: float, bold: bool = False) -> None:
        """Write a text from the left edge of a chart on, over the lines that would cross it."""
        where: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center", "zorder": 6}
        self.annotate(axes, self.drawable(text), at, size, bold=bold, pad=0.12, **where)

    def annotate(
        self,
        axes: Axes,
        text: str,
        at: tuple[float, float],
        size: float,
        *,
        bold: bool = False,
        pad: float = 0,
        **how: Any,
    ) -> None:
        """Write a text at a place of a chart, with ``pad`` on a patch that covers what is behind it."""
        patch = {"boxstyle": f"square,pad={pad}", "facecolor": how.pop("face", "white"), "edgecolor": "none"}
        style = self.style(size, bold=bold, colour=how.pop("colour", INK))
        axes.annotate(text, at, bbox=patch if pad else None, **style, **how)

    def write(
        self, text: str, size: float = 11, *, bold: bool = False, colour: str = INK, indent: float = 0, most: int = 3
    ) -> None:
        """Write a paragraph below what is there, broken into at most ``most`` lines."""
        wide = int((WIDTH - 2 * MARGIN - indent) * 72 / (size * 0.53))
        for line in wrap(self.drawable(text), wide, most):
            drawn = self.figure.text(
                (MARGIN + indent) / WIDTH, 0, line, va="top", **self.style(size, bold=bold, colour=colour)
            )
            height = size * LINE / 72
            self._placed.append((drawn, self.bottom, height))
            self.bottom += height

    def space(self, inches: float) -> None:
        self.bottom += inches

    def chart(self, height: float) -> Axes:
        axes = self.figure.add_axes((MARGIN / WIDTH, 0, 1 - 2 * MARGIN / WIDTH, 1))
        axes.set_facecolor("none")
        for side in ("top", "left", "right"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(FAINT)
        self._placed.append((axes, self.bottom, height))
        self.bottom += height
        return axes

    def key(self, text: str, colour: str, hatch: str = "", size: float = 11) -> None:
        patch = self.figure.add_axes((MARGIN / WIDTH, 0, 0.24 / WIDTH, 0.1))
        patch.set_axis_off()
        patch.add_patch(box(0, 0, 1, 1, colour, hatch))
        self._placed.append((patch, self.bottom + 0.03, 0.15))
        self.write(text, size, indent=0.36, most=2)

    def save(self, path: Path) -> None:
        height = self.bottom + MARGIN
        self.figure.set_size_inches(WIDTH, height)
        for placed, top, tall in self._placed:
            if isinstance(placed, Axes):
                left, _, wide, _ = placed.get_position().bounds
                placed.set_position((left, 1 - (top + tall) / height, wide, tall / height))
            else:
                placed.set_y(1 - top / height)
        self.figure.savefig(path, format="png", metadata={"Software": None})


@contextmanager
def canvas(path: Path) -> Iterator[Canvas]:
    """Yield a canvas and write it to ``path`` as PNG; one is drawn at a time."""
    with _ONE_AT_A_TIME:
        sheet = Canvas()
        yield sheet
        sheet.save(path)


def box(left: float, bottom: float, wide: float, tall: float, colour: str, hatch: str = "") -> Rectangle:
    face = f"{colour}66" if hatch else colour
    return Rectangle((left, bottom), wide, tall, facecolor=face, edgecolor=colour, hatch=hatch, linewidth=0.8)


def wrap(text: str, wide: int, most: int) -> list[str]:
    """Wrap ``text`` in lines of ``wide`` columns, a Korean letter counting as two; cut with … after ``most`` lines."""
    lines, line = [], ""
    for word in text.split():
        for part in _parts(word, wide):
            longer = f"{line} {part}" if line else part
            if columns(longer) > wide:
                lines.append(line)
                line = part
            else:
                line = longer
    lines.append(line)
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1].rstrip('.')} …"]
    return lines


def _parts(word: str, wide: int) -> Iterator[str]:
    piece = ""
    for letter in word:
        if columns(piece + letter) > wide:
            yield piece
            piece = ""
        piece += letter
    yield piece


def _font_folder() -> Path:
    """Return the font package's folder without importing it, which would change matplotlib for the whole process."""
    spec = find_spec("koreanize_matplotlib")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("koreanize_matplotlib, which brings the font, is not installed")
    return Path(spec.submodule_search_locations[0]) / "fonts"
