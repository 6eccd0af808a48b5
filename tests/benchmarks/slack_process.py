"""A Slack on loopback in a process of its own, with 50 channels: ``python slack_process.py [pace]`` prints its address."""

import sys

from bot.loopback import LoopbackServer, demo_world
from bot.loopback.demo import BOT
from bot.loopback.model import Channel
from bot.manifest import manifest

CHANNELS = [f"C0FAN{number}" for number in range(50)]


def main() -> None:
    slack = demo_world()
    slack.install(manifest())
    slack.settings.pace = "pace" in sys.argv
    for channel in CHANNELS:
        slack.world.put_channel(Channel(channel, channel.lower(), members=frozenset({BOT.id})))
    with LoopbackServer(slack, page=False) as server:
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        sys.stdin.read()  # until whoever started it goes


if __name__ == "__main__":
    main()
