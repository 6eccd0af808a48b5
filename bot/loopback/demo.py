"""The workspace that the demo and most tests start from."""

import time

from bot.loopback.faults import Faults
from bot.loopback.model import Channel, ChannelKind, User
from bot.loopback.slack import Slack
from bot.loopback.world import Clock

ADMIN = User("U0ADMIN", "jihoon.park", "Jihoon Park", is_admin=True)
MEMBER = User("U0MEMBER", "mina.lee", "Mina Lee")
GUEST = User("U0GUEST", "alex.guest", "Alex Guest", is_guest=True, tz="America/New_York")
BOT = User("U0BOT", "aid-status", "aid-status", is_bot=True)


def demo_world(clock: Clock = time.time, *, faults: Faults | None = None) -> Slack:
    """Team "Aid circle": an admin, a member, a guest, the bot; four channels, the bot in two of them."""
    slack = Slack(clock=clock, faults=faults)
    for user in (ADMIN, MEMBER, GUEST, BOT):
        slack.world.add_user(user)
    staff = frozenset({ADMIN.id, MEMBER.id})
    everybody = staff | {GUEST.id}
    for channel in (
        Channel("C0GENERAL", "general", members=everybody | {BOT.id}),
        Channel("C0ALERTS", "aid-alerts", members=everybody | {BOT.id}),
        Channel("C0GYEONGGI", "gyeonggi", members=staff),
        Channel("G0MINISTRY", "ministry-desk", ChannelKind.PRIVATE, members=staff),
    ):
        slack.world.put_channel(channel)
    return slack
