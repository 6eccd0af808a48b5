"""`slack_file` in images: which file of the workspace is meant, whether it may be shown, and to whom it is."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.loopback.file_shapes import permalink, private_url
from bot.loopback.files import File
from bot.loopback.model import ApiError, Json
from bot.loopback.world import World

if TYPE_CHECKING:
    from bot.loopback.slack import Slack

DRAWN = frozenset({"png", "jpg", "gif"})
_ID = re.compile(r"/files-pri/\w+-(F\w+)/|/files/\w+/(F\w+)/")


def check_images(world: World, blocks: tuple[Json, ...]) -> tuple[Json, ...]:
    """The blocks of a message, if every file in them may be shown. Raises ApiError when not."""
    problems = _problems(world, blocks, "/blocks")
    if problems:
        raise ApiError("invalid_blocks", *(f"[ERROR] {problem}" for problem in problems), errors=problems)
    return blocks


def check_view_images(world: World, view: Json) -> Json:
    """A view, if every file in it may be shown. Raises ApiError when not."""
    problems = _problems(world, view["blocks"], "/view/blocks")
    if problems:
        raise ApiError("invalid_arguments", *(f"[ERROR] {problem}" for problem in problems))
    return view


def slack_file_id(source: Json) -> str:
    """The id of the file that a `slack_file` means; empty if its address is none of a file's."""
    found = _ID.search(urlsplit(str(source.get("url", ""))).path)
    return str(source.get("id") or (found and (found[1] or found[2])) or "")


def shown_to(slack: "Slack", user: str, file: File) -> bool:
    """Whether somebody sees a file in the blocks of a message or of a view."""
    with slack.world.lock:
        channels = [channel.id for channel in slack.world.channels.values() if user in channel.members]
        blocks = [message.blocks for channel in channels for message in slack.world.messages(channel, user)]
        home = slack.views.home(user)
        blocks += [view.blocks for view in [*slack.views.stack(user), *([home] if home else [])]]
    return any(slack_file_id(source) == file.id for every in blocks for _, source in _sources(every, ""))


def _problems(world: World, blocks: Sequence[Json], path: str) -> list[str]:
    return [
        f"invalid slack file [json-pointer:{pointer}]"
        for pointer, source in _sources(blocks, path)
        if not _may_be_drawn(world, source)
    ]


def _may_be_drawn(world: World, source: Json) -> bool:
    """Whether it is a picture that the bot may see, under its own address if one is given."""
    try:
        file = world.files.find(slack_file_id(source))
    except ApiError:
        return False
    known = {private_url(file, world, ""), permalink(file, "")}
    addressed = "url" not in source or urlsplit(source["url"]).path in known
    return addressed and file.kind.filetype in DRAWN and world.files.can_see(world.bot_user, file)


def _sources(value: Any, path: str) -> Iterator[tuple[str, Json]]:
    """Every `slack_file` below a value, with its JSON pointer."""
    if isinstance(value, dict):
        for key, entry in value.items():
            if key == "slack_file" and isinstance(entry, dict):
                yield f"{path}/{key}", entry
            else:
                yield from _sources(entry, f"{path}/{key}")
    elif isinstance(value, list | tuple):
        for number, entry in enumerate(value):
            yield from _sources(entry, f"{path}/{number}")
