"""Records of the emulator: plain and frozen. A change makes a new record."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """A Web API method's refusal: Slack's error string, its `response_metadata.messages`, further keys."""

    def __init__(self, code: str, *messages: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages
        self.extra = extra


class ChannelKind(StrEnum):
    """The kinds of conversation, as `types` names them."""

    PUBLIC = "public_channel"
    PRIVATE = "private_channel"
    IM = "im"


@dataclass(frozen=True, slots=True)
class Team:
    id: str = "T0LOOP"
    domain: str = "aid-circle"
    name: str = "Aid circle"


@dataclass(frozen=True, slots=True)
class User:
    """A person or a bot. `name` is the handle; who has another `team_id` is in a shared channel from elsewhere."""

    id: str
    name: str
    real_name: str
    is_admin: bool = False
    is_guest: bool = False
    is_bot: bool = False
    deleted: bool = False
    locale: str = "en-US"
    tz: str = "Asia/Seoul"
    team_id: str = "T0LOOP"


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation. `partner` is the person of a direct message with the bot."""

    id: str
    name: str
    kind: ChannelKind = ChannelKind.PUBLIC
    members: frozenset[str] = frozenset()
    archived: bool = False
    shared: bool = False
    partner: str = ""

    @property
    def is_im(self) -> bool:
        return self.kind is ChannelKind.IM


@dataclass(frozen=True, slots=True)
class Message:
    """A message. `ephemeral_for` names its only reader, if it is for one."""

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: tuple[Json, ...] = ()
    bot_id: str = ""
    metadata: Json | None = None
    thread_ts: str | None = None
    edited: str | None = None
    ephemeral_for: str | None = None
    subtype: str | None = None
    files: tuple[Json, ...] = ()
    pinned: bool = False

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(frozen=True, slots=True)
class View:
    """A modal or a home view as it is open for one person; `state` is what they have filled in so far.

    `channel` is the conversation that the person was looking at when it opened, if any.
    """

    id: str
    user: str
    type: str
    source: Json
    blocks: tuple[Json, ...]
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    state: dict[str, Json] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    channel: str = ""

    @property
    def callback_id(self) -> str:
        return str(self.source.get("callback_id", ""))

    @property
    def title(self) -> str:
        return str(self.source.get("title", {}).get("text", ""))

    @property
    def private_metadata(self) -> str:
        return str(self.source.get("private_metadata", ""))
