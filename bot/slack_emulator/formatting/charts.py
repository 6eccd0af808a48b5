"""`data_visualization` as bars in SVG, with the same numbers as a table for those who do not see it."""

import math
from collections.abc import Iterator, Sequence
from html import escape

from bot.slack_emulator.formatting.translations import Translate
from bot.slack_emulator.models import Json

WIDTH, HEIGHT = 560, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 8, 10, 28
_STEPS = (1, 2, 2.5, 5, 10)
_LINES = 4
_COLOURS = 4


def chart_to_html(block: Json, say: Translate = str) -> str:
    """Return the chart, its legend, and its numbers to open."""
    chart = block["chart"]
    names, rows = numbers(chart)
    box = f"0 0 {WIDTH} {HEIGHT}"
    drawn = "".join(_plot(chart))
    svg = f'<svg class="plot" viewBox="{box}" role="img" aria-label="{escape(block["title"])}">{drawn}</svg>'
    legend = "".join(f'<li><i class="c{n % _COLOURS}"></i>{escape(name)}</li>' for n, name in enumerate(names))
    axes = chart["axis_config"]
    words = " · ".join(escape(axes[key]) for key in ("y_label", "x_label") if axes.get(key))
    below = f'<p class="faint">{words}</p>' if words else ""
    return f'{svg}<ul class="legend">{legend}</ul>{below}{_table(names, rows, say("Numbers"))}'


def numbers(chart: Json) -> tuple[list[str], list[list[str]]]:
    """Return the names of what is counted, and a row for each category: its label, then the numbers."""
    series = chart["series"]
    values = [{point["label"]: point["value"] for point in one["data"]} for one in series]
    rows = [[label, *(f"{one[label]:g}" for one in values)] for label in chart["axis_config"]["categories"]]
    return [one["name"] for one in series], rows


def _table(names: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ["", *names])
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    inside = f'<div class="grid"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    return f"<details><summary>{title}</summary>{inside}</details>"


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers from at most `low` to at least `high`."""
    rough = (high - low) / _LINES or 1
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(step * size for step in _STEPS if step * size >= rough * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [number * step for number in range(first, last + 1)]


def _plot(chart: Json) -> Iterator[str]:
    categories = chart["axis_config"]["categories"]
    points = [{point["label"]: float(point["value"]) for point in series["data"]} for series in chart["series"]]
    every = [value for one in points for value in one.values()]
    ticks = _ticks(min(0.0, *every), max(0.0, *every))
    if len(ticks) == 1:
        ticks = [0.0, 1.0]
    room = (WIDTH - _LEFT - _RIGHT) / len(categories)

    def y(value: float) -> float:
        return _TOP + (HEIGHT - _TOP - _BOTTOM) * (ticks[-1] - value) / (ticks[-1] - ticks[0])

    for tick in ticks:
        yield f'<line class="rule" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>'
        yield f'<text x="{_LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:,.10g}</text>'
    labelled = math.ceil(len(categories) / 8)
    width = room * 0.8 / len(points)
    for place, label in enumerate(categories):
        if place % labelled == 0:
            at = _LEFT + room * (place + 0.5)
            yield f'<text x="{at:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(label)}</text>'
        for number, one in enumerate(points):
            x, top = _LEFT + room * (place + 0.1) + width * number, min(y(one[label]), y(0))
            height = abs(y(one[label]) - y(0))
            size = f'x="{x:.1f}" y="{top:.1f}" width="{max(width - 1, 1):.1f}" height="{height:.1f}"'
            yield f'<rect class="c{number % _COLOURS}" {size}><title>{one[label]:g}</title></rect>'
