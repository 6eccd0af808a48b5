"""The workspace that the demo and most tests start from."""

import time

from bot.slack_emulator.faults import Faults
from bot.slack_emulator.models import Channel, ChannelKind, User
from bot.slack_emulator.state.observable import Clock
from bot.slack_emulator.users.user import SlackEmulator

ADMIN = User("U0ADMIN", "jihoon.park", "Jihoon Park", is_admin=True)
MEMBER = User("U0MEMBER", "mina.lee", "Mina Lee")
OTHER = User("U0OTHER", "jo.other", "Jo Other", team_id="T0OTHER", tz="Europe/Berlin")
GONE = User("U0GONE", "kim.gone", "Kim Gone", deleted=True)
GUEST = User("U0GUEST", "alex.guest", "Alex Guest", is_guest=True, tz="America/New_York")
BOT = User("U0BOT", "aid-status", "aid-status", is_bot=True)


def demo_workspace(clock: Clock = time.time, *, faults: Faults | None = None) -> SlackEmulator:
    """Return a workspace of people of each kind and five channels, one of them shared; the bot is in three."""
    slack = SlackEmulator(clock=clock, faults=faults)
    seed_demo(slack)
    return slack


def seed_demo(slack: SlackEmulator) -> None:
    for user in (ADMIN, MEMBER, GUEST, OTHER, GONE, BOT):
        slack.store.add_user(user)
    staff = frozenset({ADMIN.id, MEMBER.id})
    everybody = staff | {GUEST.id}
    for channel in (
        Channel("C0GENERAL", "general", members=everybody | {BOT.id}),
        Channel("C0ALERTS", "aid-alerts", members=everybody | {BOT.id}),
        Channel("C0GYEONGGI", "gyeonggi", members=staff),
        Channel("G0MINISTRY", "ministry-desk", ChannelKind.PRIVATE, members=staff),
        Channel("C0PARTNERS", "partners", members=staff | {OTHER.id, BOT.id}, shared=True),
    ):
        slack.store.put_channel(channel)
