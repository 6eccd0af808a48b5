"""`data_visualization` as SVG, with the same numbers as a table for those who do not see it."""

import math
from collections.abc import Iterator, Sequence
from html import escape

from bot.loopback.model import Json
from bot.loopback.page_words import Translate

WIDTH, HEIGHT = 560, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 8, 10, 28
_STEPS = (1, 2, 2.5, 5, 10)
_LINES = 4


def chart_to_html(block: Json, say: Translate = str) -> str:
    """The chart, its legend, and its numbers to open."""
    chart = block["chart"]
    names, rows = numbers(chart)
    names = [say(name) for name in names] if chart["type"] == "pie" else names
    drawn = _pie(chart["segments"]) if chart["type"] == "pie" else _plot(chart)
    box = f"0 0 {WIDTH} {HEIGHT}"
    svg = f'<svg class="plot" viewBox="{box}" role="img" aria-label="{escape(block["title"])}">{"".join(drawn)}</svg>'
    shown = [row[0] for row in rows] if chart["type"] == "pie" else names
    legend = "".join(f'<li><i class="c{place}"></i>{escape(name)}</li>' for place, name in enumerate(shown))
    axes = chart.get("axis_config", {})
    words = " · ".join(escape(axes[key]) for key in ("y_label", "x_label") if axes.get(key))
    below = f'<p class="faint">{words}</p>' if words else ""
    return f'{svg}<ul class="legend">{legend}</ul>{below}{_table(names, rows, say("Numbers"))}'


def numbers(chart: Json) -> tuple[list[str], list[list[str]]]:
    """The names of what is counted, and a row for each category: its label, then the numbers."""
    if chart["type"] == "pie":
        total = sum(segment["value"] for segment in chart["segments"])
        shares = [(s["label"], f"{s['value']:g} ({s['value'] / total:.0%})") for s in chart["segments"]]
        return ["Value"], [list(share) for share in shares]
    series = chart["series"]
    values = [{point["label"]: point["value"] for point in each["data"]} for each in series]
    categories = chart["axis_config"]["categories"]
    rows = [[label, *(f"{each[label]:g}" for each in values)] for label in categories]
    return [each["name"] for each in series], rows


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
    points = [{p["label"]: float(p["value"]) for p in series["data"]} for series in chart["series"]]
    every = [value for each in points for value in each.values()]
    ticks = _ticks(min(0.0, *every), max(0.0, *every))
    if len(ticks) == 1:
        ticks = [0.0, 1.0]
    room = (WIDTH - _LEFT - _RIGHT) / len(categories)

    def y(value: float) -> float:
        return _TOP + (HEIGHT - _TOP - _BOTTOM) * (ticks[-1] - value) / (ticks[-1] - ticks[0])

    for tick in ticks:
        yield f'<line class="rule" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>'
        yield f'<text x="{_LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:,.10g}</text>'
    every_so_many = math.ceil(len(categories) / 8)
    for place, label in enumerate(categories):
        if place % every_so_many == 0:
            at = _LEFT + room * (place + 0.5)
            yield f'<text x="{at:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(label)}</text>'
    for number, each in enumerate(points):
        values = [each[label] for label in categories]
        if chart["type"] == "bar":
            yield from _bars(values, number, len(points), room, [y(v) for v in values], y(0))
        else:
            corners = [(_LEFT + room * (place + 0.5), y(value)) for place, value in enumerate(values)]
            yield from _line(corners, number, y(0) if chart["type"] == "area" else None)


def _bars(
    values: Sequence[float], number: int, many: int, room: float, tops: Sequence[float], base: float
) -> Iterator[str]:
    width = room * 0.8 / many
    for place, value in enumerate(values):
        x = _LEFT + room * (place + 0.1) + width * number
        top, height = min(tops[place], base), abs(tops[place] - base)
        size = f'x="{x:.1f}" y="{top:.1f}" width="{max(width - 1, 1):.1f}" height="{height:.1f}"'
        yield f'<rect class="c{number}" {size}><title>{value:g}</title></rect>'


def _line(corners: Sequence[tuple[float, float]], number: int, base: float | None) -> Iterator[str]:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    if base is not None:
        around = f"{corners[0][0]:.1f},{base:.1f} {path} {corners[-1][0]:.1f},{base:.1f}"
        yield f'<polygon class="c{number} area" points="{around}"/>'
    yield f'<polyline class="s{number}" points="{path}"/>'
    for x, y in corners:
        yield f'<circle class="c{number}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'


def _pie(segments: Sequence[Json]) -> Iterator[str]:
    total, angle = sum(segment["value"] for segment in segments), -math.pi / 2
    x, y, radius = WIDTH / 2, HEIGHT / 2, HEIGHT / 2 - 8
    for number, segment in enumerate(segments):
        turn = 2 * math.pi * segment["value"] / total
        title = f"<title>{escape(segment['label'])}: {segment['value'] / total:.0%}</title>"
        if len(segments) == 1:
            yield f'<circle class="c{number}" cx="{x}" cy="{y}" r="{radius}">{title}</circle>'
            return
        begin = f"{x + radius * math.cos(angle):.1f} {y + radius * math.sin(angle):.1f}"
        angle += turn
        end = f"{x + radius * math.cos(angle):.1f} {y + radius * math.sin(angle):.1f}"
        path = f"M{x} {y} L{begin} A{radius} {radius} 0 {int(turn > math.pi)} 1 {end} Z"
        yield f'<path class="c{number} slice" d="{path}">{title}</path>'
