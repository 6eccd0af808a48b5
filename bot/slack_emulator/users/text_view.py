"""Screens as plain text, for dialogues in tests and for reading aloud."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from bot.slack_emulator.block_kit.state_values import Part, chosen, find_parts
from bot.slack_emulator.formatting.mrkdwn import RenderContext, strip, text_html, to_html
from bot.slack_emulator.models import Json, Message, View


def threaded(messages: Sequence[Message]) -> list[Message]:
    """Messages in the order of reading: each followed by its replies."""
    known = {m.ts for m in messages if not m.is_reply}
    return sorted(messages, key=lambda m: (m.thread_ts if m.thread_ts in known else m.ts, m.is_reply))


def text_object(node: Json, reader: RenderContext) -> str:
    return strip(text_html(node, reader))


def blocks_text(blocks: Iterable[Json], reader: RenderContext, state: Mapping[str, Json]) -> str:
    """Blocks as lines: texts, `[buttons]`, `[menu: choice]`, `Label: value`, `a | b` for tables."""
    lines = (_BLOCKS[block["type"]](block, reader, state) for block in blocks)
    return "\n".join(line for line in lines if line)


def message_body(message: Message, reader: RenderContext) -> str:
    files = [f"[file: {file['name']}]" for file in message.files]
    body = blocks_text(message.blocks, reader, {}) if message.blocks else strip(to_html(message.text, reader))
    return "\n".join([*([body] if body or not files else []), *files])


def message_lines(message: Message, reader: RenderContext) -> str:
    only_you, edited = "(only visible to you) " if message.ephemeral_for else "", " (edited)" if message.edited else ""
    author = reader.users.get(message.user, message.user)
    line = f"{author}: {only_you}{message_body(message, reader)}{edited}"
    return "\n".join("  " + part for part in line.splitlines()) if message.is_reply else line


def view_text(view: View, reader: RenderContext) -> str:
    problems = [f"! {problem}" for problem in (*view.errors.values(), view.problem) if problem]
    buttons = [f"[{view.source[key]['text']}]" for key in ("close", "submit") if view.source.get(key)]
    body = blocks_text(view.blocks, reader, view.state)
    return "\n".join([view.title, body, *problems, " ".join(buttons)]).strip()


def value_text(value: object, reader: RenderContext) -> str:
    if isinstance(value, list):
        return ", ".join(value_text(entry, reader) for entry in value)
    if isinstance(value, Mapping):
        return text_object(value["text"], reader) if "text" in value else str(value["name"])
    return "" if value is None else str(value)


def _part_text(part: Part, reader: RenderContext, state: Mapping[str, Json]) -> str:
    if part.kind == "overflow":
        return f"[⋯ {' | '.join(text_object(option['text'], reader) for option in part.element['options'])}]"
    value = "" if part.kind == "button" else value_text(chosen(part, state), reader)
    return f"[{': '.join(word for word in (part.label or part.action_id, value) if word)}]"


def _parts_text(block: Json, reader: RenderContext, state: Mapping[str, Json]) -> str:
    return " ".join(_part_text(part, reader, state) for part in find_parts([block]))


def _section(block: Json, reader: RenderContext, state: Mapping[str, Json]) -> str:
    texts = [*filter(None, [block.get("text")]), *block.get("fields", ())]
    lines = [*(text_object(text, reader) for text in texts), _parts_text(block, reader, state)]
    return "\n".join(line for line in lines if line)


def _input(block: Json, reader: RenderContext, state: Mapping[str, Json]) -> str:
    part = find_parts([block])[0]
    hint = f" ({block['hint']['text']})" if block.get("hint") else ""
    return f"{part.label}{hint}: {value_text(chosen(part, state), reader) or '…'}"


def numbers(chart: Json) -> tuple[list[str], list[list[str]]]:
    """Return the names of what a chart counts, and a row for each category: its label, then the numbers."""
    series = chart["series"]
    values = [{point["label"]: point["value"] for point in one["data"]} for one in series]
    rows = [[label, *(f"{one[label]:g}" for one in values)] for label in chart["axis_config"]["categories"]]
    return [one["name"] for one in series], rows


def _chart(block: Json, _reader: RenderContext, _state: Mapping[str, Json]) -> str:
    names, rows = numbers(block["chart"])
    return "\n".join([block["title"], " | ".join(["", *names]).strip(), *(" | ".join(row) for row in rows)])


_BLOCKS: dict[str, Callable[[Json, RenderContext, Mapping[str, Json]], str]] = {
    "section": _section,
    "header": lambda block, reader, _: text_object(block["text"], reader),
    "context": lambda block, reader, _: " ".join(text_object(element, reader) for element in block["elements"]),
    "divider": lambda _block, _reader, _state: "---",
    "actions": _parts_text,
    "input": _input,
    "data_table": lambda block, _reader, _state: "\n".join(
        [block["caption"], *(" | ".join(cell["text"] for cell in row) for row in block["rows"])]
    ),
    "data_visualization": _chart,
}
