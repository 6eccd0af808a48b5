"""A small Slack on this machine, in memory, that an unchanged slack_bolt app runs against.

    from bot.slack_emulator import InProcess, EmulatorServer, demo_workspace, dispatcher

    slack = demo_workspace()                                   # clock=… to inject one
    with EmulatorServer(slack) as server:                  # 127.0.0.1, a free port
        client = WebClient("xoxb-emulator", base_url=server.base_url, retry_handlers=[])
        app = App(client=client, signing_secret="emulator", process_before_response=True)
        slack.delivery = InProcess(dispatcher(app))        # or SignedHttp(url), or server.socket (the default)
        admin = slack.person("U0ADMIN")
        answer = admin.command("/aid-status", "GG-1", channel="#general")
        print(answer.text, answer.message.blocks)          # what the ack or the response_url made
        admin.press(answer.message, "Share in channel")    # by label or action id; value="GG-1" tells equals apart
        view = admin.command("/aid-update", channel="#general").view
        outcome = admin.submit(view, {"Project": ["GG-1"], "kind": "hold"})   # outcome.errors, .closed, .view

`slack.wait_for(lambda: …)` waits for what comes later, `slack.faults.add("chat.postMessage", Fault.drop_after())` lets
the next call fail, a `file_input` takes `LocalFile("a.pdf", data)`, `slack.install(manifest)` limits the app to its
commands, events and scopes. Tokens: `xoxb-emulator`, `xapp-emulator`; signing secret `emulator`.
"""

from bot.slack_emulator.block_kit.state_values import UserActionError
from bot.slack_emulator.demo_data import demo_workspace, seed_demo
from bot.slack_emulator.directory import DirectoryServer, WorkspaceDirectory
from bot.slack_emulator.faults import Fault, Faults
from bot.slack_emulator.models import Channel, ChannelKind, Message, Team, User, View
from bot.slack_emulator.state.installation import Installation
from bot.slack_emulator.transport.delivery import Ack, InProcess, SignedHttp, answers_challenge, dispatcher
from bot.slack_emulator.users.inputs import LocalFile
from bot.slack_emulator.users.user import ActionResult, SimulatedUser, SlackEmulator, SubmitResult
from bot.slack_emulator.web.server import EmulatorServer

__all__ = [
    "Ack", "ActionResult", "Channel", "ChannelKind", "DirectoryServer", "EmulatorServer", "Fault", "Faults",
    "InProcess", "Installation", "LocalFile", "Message", "SignedHttp", "SimulatedUser", "SlackEmulator",
    "SubmitResult", "Team", "User", "UserActionError", "View", "WorkspaceDirectory", "answers_challenge",
    "demo_workspace", "dispatcher", "seed_demo",
]  # fmt: skip
