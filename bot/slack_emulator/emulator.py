"""The emulator as its users hold it: a workspace, and the people in it to act as."""

from bot.slack_emulator.users.user import SimulatedUser
from bot.slack_emulator.workspace import Workspace


class SlackEmulator(Workspace):
    """A workspace whose people can act."""

    def person(self, user_id: str) -> SimulatedUser:
        if user_id not in self.store.users:
            raise KeyError(user_id)
        return SimulatedUser(self, user_id)
