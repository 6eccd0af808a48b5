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
HEAD = """# Permissions

`python -m tests.tools.permissions_page` writes this page from the table in `handlers/auth/permissions.py`, and a test
compares the two. The bot does not start if a listener is missing from the table.

- **Admins** are listed in `AID_ADMINS` or have the role from `/aid-admin grant`. **Guests** are Slack's single- and
  multi-channel guests. People of an **other organisation** take part in a shared channel. Guests and people of other
  organisations cannot record, even if they are listed as admins, and see no admin's buttons. `grant` asks Slack who it is
  about; the last admin who can record cannot be revoked.
- **Apps and bots** are not answered.
- **Who made a subscription** or an admin changes it (`require_owner` in `handlers/context.py`); a draft is its author's
  alone. Each change of a subscription is in the audit log, and its owner hears of those by others.
- **Deactivated** people may do nothing. What Slack says of people is kept in the database. The events `user_change` and
  `team_join` change it at once; without them a deactivation or a change to guest takes effect within an hour.
- **Reading never waits for Slack**, which is asked afterwards about people who are new. Where a role decides, it is asked
  first only if nothing is known, or nothing of the last hour.
- **If Slack does not answer** then, they may only look. The bot refuses everything else with a sentence.
- A refusal changes nothing and says what to do. The log has it as `refused` with user id, workspace, membership and the
  entry below, without the typed text.
- Withheld names appear only in the form of `/aid-admin project` ([field.md](field.md#64-withheld-names)).

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
            parts.append(f"## {title}\n\n{_line(['', 'action', *COLUMNS])}\n{'|---' * (len(COLUMNS) + 2)}|\n")
            parts.append("\n".join(rows) + "\n\n")
    return "".join(parts).rstrip() + "\n"


def _row(key: str, rule: Permission) -> str:
    name = key if key.startswith("/") else key.partition(" ")[2]
    marks = [
        "sent by Slack" if rule.allowed == SLACK else "yes" if who in rule.allowed else "–" for who in COLUMNS.values()
    ]
    return _line([f"`{name}`".replace("|", "\\|"), rule.about, *marks])


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
