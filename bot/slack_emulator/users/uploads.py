"""User actions on files: share them in a conversation, leave them in a form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.slack_emulator.block_kit.state_values import Part, UserActionError, chosen
from bot.slack_emulator.formatting.translations import language_of, translator
from bot.slack_emulator.models import Channel, Json, Message, User
from bot.slack_emulator.payloads.serializers import file_json, share_files
from bot.slack_emulator.state.files import MEBIBYTE
from bot.slack_emulator.users.input_checks import files_problem
from bot.slack_emulator.workspace import Workspace


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that a person has picked on their machine."""

    name: str
    data: bytes = field(repr=False)


class FileRefused(UserActionError):
    """A file input would not take what was picked for it. The message says why."""


def share_picked(
    slack: Workspace, user: User, channel: Channel, text: str, picked: Sequence[LocalFile], thread: str
) -> Message:
    """Post a message with files. Raises UserActionError, and posts nothing, when they are too large."""
    files = slack.store.files
    for each in picked:
        if len(each.data) > files.largest:
            raise UserActionError(f"{each.name} is too large: a file may have {files.largest / MEBIBYTE:g} MB at most")
    kept = [files.add(user.id, each.name, each.data) for each in picked]
    return share_files(slack.site, kept, channel.id, user.id, text=text, thread_ts=thread or None)


def held_files(
    slack: Workspace, user: User, part: Part, state: Mapping[str, Json], values: Sequence[object]
) -> list[Json]:
    """Return a file input's entry in `state.values` for the `values` that a user left in it.

    A `LocalFile` is uploaded; a file already held stays if it, or its id, is among the values. Raises
    FileRefused, and uploads nothing, when the input would not take all of them.
    """
    picked = [value for value in values if isinstance(value, LocalFile)]
    ids = {value["id"] if isinstance(value, Mapping) else str(value) for value in values if value not in picked}
    held = chosen(part, state)
    kept = [file for file in held if file["id"] in ids] if isinstance(held, list) else []
    sizes: list[Json] = [{"name": each.name, "size": len(each.data)} for each in picked]
    problem = files_problem(part.element, [*kept, *sizes], translator(language_of(user.locale)))
    if problem:
        raise FileRefused(problem)
    new = [slack.store.files.add(user.id, each.name, each.data, for_bot=True) for each in picked]
    return [*kept, *(file_json(file, slack.store, slack.site.base_url) for file in new)]
