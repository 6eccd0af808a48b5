"""A Slack emulator in a process of its own, with 50 channels: ``python slack_process.py [pace] [SECONDS]``.

It prints its address. ``pace``: one message a second a channel; SECONDS: how long every answer takes. For each line
that it reads it prints what came since the last one, as JSON: ``times`` of requests to post (of the clock that all
processes share, time.monotonic), ``deliveries`` of the messages that stand.
"""

import json
import sys
import time
from dataclasses import dataclass, field

from bot.installation.manifest import manifest
from bot.slack_emulator import EmulatorServer, demo_workspace
from bot.slack_emulator.demo_data import BOT
from bot.slack_emulator.emulator import SlackEmulator
from bot.slack_emulator.faults import Fault, Faults
from bot.slack_emulator.models import Channel

CHANNELS = [f"C0FAN{number}" for number in range(50)]


@dataclass
class Watch(Faults):
    """Notes when requests come, and lets each wait for its answer."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)

    def next_is(self, method: str, channel: str = "") -> Fault | None:
        if method == "chat.postMessage":
            self.times.append(time.monotonic())
        return Fault.delay_before(self.seconds) if self.seconds else super().next_is(method, channel)


def main() -> None:
    numbers = [float(each) for each in sys.argv[1:] if each != "pace"]
    watch = Watch(seconds=sum(numbers))
    slack = demo_workspace(faults=watch)
    slack.install(manifest())
    slack.limits.pace = "pace" in sys.argv
    for channel in CHANNELS:
        slack.store.put_channel(Channel(channel, channel.lower(), members=frozenset({BOT.id})))
    with EmulatorServer(slack, page=False) as server:
        tell(server.base_url)
        for _ in sys.stdin:  # until whoever started it goes
            times, watch.times = watch.times, []
            tell(json.dumps({"times": times, "deliveries": deliveries(slack)}))


def deliveries(slack: SlackEmulator) -> list[str]:
    """The ids that the messages in the channels carry."""
    standing = [message for channel in CHANNELS for message in slack.messages(channel)]
    return [message.metadata["event_payload"]["delivery"] for message in standing if message.metadata]


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
