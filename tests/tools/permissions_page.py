"""Generator of docs/permissions.md from handlers/auth/permissions.py: ``python -m tests.tools.permissions_page``."""

from pathlib import Path

from handlers.auth.permissions import PERMISSIONS, SLACK, AccessLevel, Permission

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
COLUMNS = {
    "admin": AccessLevel.ADMIN,
    "member": AccessLevel.MEMBER,
    "guest": AccessLevel.GUEST,
    "other organisation": AccessLevel.STRANGER,
}
HEAD = """# Who may do what

This page is written from the table in `handlers/auth/permissions.py` by `python -m tests.permissions_page`, and a test holds
it to that. A listener that the table does not list cannot be registered: the bot does not start.

- An **admin** is listed in `AID_ADMINS` or was granted the role with `/aid-admin grant`. A **guest** is one in Slack's sense
  (single- or multi-channel), a **person of another organisation** reads in a channel shared with their workspace. Who is
  one of the two may not record, whatever the record or `AID_ADMINS` says.
- **Deactivated** people may do nothing. Slack is asked (`users.info`) and its answer holds for a minute, so that
  a deactivation, or becoming a guest, counts after a minute at the latest.
- **While Slack does not answer**, whoever was not asked about within that minute may do what a person of another
  organisation may, which is to look. All else is refused with a sentence.
- A refusal changes nothing, says so with the way out, and is logged as `refused` with the person's id, the workspace, what
  they are and the entry below. What was typed is not logged.
- **Nobody** sees a withheld name outside the form of `/aid-admin project`: see [field.md](field.md#64-withheld-names).

"""


def page() -> str:
    """Return the page's text."""
    kinds = {
        "Commands": lambda key: key.startswith("/"),
        "Buttons and menus, by `action_id`": lambda key: key.startswith("action "),
        "Forms, by `callback_id`": lambda key: key.startswith("view "),
        "Option lists, by `action_id`": lambda key: key.startswith("options "),
        "Shortcuts, by `callback_id`": lambda key: key.startswith("shortcut "),
        "Events": lambda key: key.startswith("event "),
    }
    parts = [HEAD]
    for title, is_one in kinds.items():
        rows = [_row(key, rule) for key, rule in PERMISSIONS.items() if is_one(key)]
        if rows:
            parts.append(f"## {title}\n\n{_line(['', 'what', *COLUMNS])}\n{'|---' * (len(COLUMNS) + 2)}|\n")
            parts.append("\n".join(rows) + "\n\n")
    return "".join(parts).rstrip() + "\n"


def _row(key: str, rule: Permission) -> str:
    name = key if key.startswith("/") else key.partition(" ")[2]
    marks = [
        "Slack tells" if rule.allowed == SLACK else "yes" if who in rule.allowed else "–" for who in COLUMNS.values()
    ]
    return _line([f"`{name}`".replace("|", "\\|"), rule.about, *marks])


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
