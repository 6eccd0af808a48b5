"""The words that may follow each command, place by place, for the demo's message field to complete."""

from collections.abc import Sequence

from db.filters import KEYS
from db.proposal import OPTIONS
from db.vocabulary import Group, Headline, UpdateKind
from handlers.permissions import TABLE

HELP = "help"


def following(refs: Sequence[str]) -> dict[str, list[list[str]]]:
    """By command, the words of each place; the last place repeats. ``refs`` are those of the projects."""
    keys = [f"{key}:" for key in KEYS]
    groups = [f"group:{group}" for group in Group]
    statuses = [f"status:{headline}" for headline in Headline]
    options = [f"{option}:" for option in OPTIONS]
    filters = [*groups, *statuses, *keys]
    return {
        "/aid-status": [[*refs, HELP, *filters], filters],
        "/aid-update": [[*refs, HELP, *groups, *statuses], list(UpdateKind), options],
        "/aid-alerts": [_verbs("/aid-alerts"), filters],
        "/aid-admin": [_verbs("/aid-admin"), []],
    }


def _verbs(command: str) -> list[str]:
    """What may follow a command first, as the table of permissions knows it."""
    found = [rest.split()[0] for each in TABLE if (rest := each.removeprefix(command).strip()) and each.startswith(command)]
    return [*dict.fromkeys(found), HELP]
