"""Results of user actions."""

from dataclasses import dataclass, field

from bot.slack_emulator.block_kit.state_values import UserActionError
from bot.slack_emulator.formatting.mrkdwn import RenderContext
from bot.slack_emulator.models import Message, View
from bot.slack_emulator.transport.delivery import Ack
from bot.slack_emulator.users.text_view import message_body, view_text
from bot.slack_emulator.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ActionResult:
    """Result of a command, a press, a choice, a shortcut or a mention.

    `ack` is None when nothing was sent. `error` is empty or Slack's word for what failed
    (`operation_timeout`, `dispatch_failed`, `invalid_command` …).
    """

    slack: Workspace = field(repr=False)
    user: str
    response_id: str
    ack: Ack | None
    error: str = ""
    said: str = ""

    @property
    def messages(self) -> list[Message]:
        """Return the messages that the ack or the response_url made or replaced, as they are now."""
        return self.slack.replies.made(self.response_id)

    @property
    def message(self) -> Message:
        """Return the last of them. Raises UserActionError when there is none."""
        found = self.messages
        if not found:
            raise UserActionError(f"the bot answered with no message; {self.error or 'no error either'}")
        return found[-1]

    @property
    def view(self) -> View | None:
        return self.slack.views.top(self.user)

    @property
    def text(self) -> str:
        """Return the messages as the person reads them, or the sentence about the error."""
        reader = RenderContext.of(self.slack.store, self.user)
        if self.said:
            return self.said
        return "\n".join(message_body(message, reader) for message in self.messages)

    def wait(self, seconds: float = 10.0) -> "ActionResult":
        """Wait for a first message, for answers that come after the ack. Raises TimeoutError."""
        self.slack.wait_for(lambda: bool(self.messages), seconds)
        return self


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """Result of a submit. `errors` go by block id; `problem` is what Slack says when the bot fails.

    `ack` is None when Slack's client did not even send it. `view` is the modal on top afterwards.
    """

    ack: Ack | None
    closed: bool
    errors: dict[str, str]
    view: View | None
    problem: str = ""

    def text(self, reader: RenderContext) -> str:
        """Return the modal as text, empty when none is open."""
        return view_text(self.view, reader) if self.view else ""
