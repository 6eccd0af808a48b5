"""Emoji by the names that Slack gives them: those that the bot uses, and some that people write."""

EMOJI = {
    "white_check_mark": "✅", "heavy_check_mark": "✔️", "x": "❌", "warning": "⚠️", "bell": "🔔", "no_bell": "🔕",
    "hourglass": "⌛", "hourglass_flowing_sand": "⏳", "calendar": "📆", "date": "📅", "package": "📦",
    "ship": "🚢", "lock": "🔒", "unlock": "🔓", "memo": "📝", "pencil2": "✏️", "information_source": "ℹ️",
    "question": "❓", "exclamation": "❗", "no_entry": "⛔", "no_entry_sign": "🚫", "arrow_right": "➡️",
    "arrow_left": "⬅️", "leftwards_arrow_with_hook": "↩️", "repeat": "🔁",
    "large_green_circle": "🟢", "large_yellow_circle": "🟡", "large_orange_circle": "🟠",
    "red_circle": "🔴", "white_circle": "⚪", "black_circle": "⚫", "large_blue_circle": "🔵", "wave": "👋",
    "scroll": "📜", "link": "🔗", "mag": "🔍", "gear": "⚙️", "tada": "🎉", "eyes": "👀", "grey_question": "❔", "+1": "👍",
}  # fmt: skip
