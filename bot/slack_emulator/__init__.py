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

from bot.slack_emulator.block_kit.state_values import UserActionError as UserActionError
from bot.slack_emulator.demo_data import demo_workspace as demo_workspace
from bot.slack_emulator.demo_data import seed_demo as seed_demo
from bot.slack_emulator.directory import DirectoryServer as DirectoryServer
from bot.slack_emulator.directory import WorkspaceDirectory as WorkspaceDirectory
from bot.slack_emulator.emulator import SlackEmulator as SlackEmulator
from bot.slack_emulator.faults import Fault as Fault
from bot.slack_emulator.faults import Faults as Faults
from bot.slack_emulator.models import Channel as Channel
from bot.slack_emulator.models import ChannelKind as ChannelKind
from bot.slack_emulator.models import Message as Message
from bot.slack_emulator.models import Team as Team
from bot.slack_emulator.models import User as User
from bot.slack_emulator.models import View as View
from bot.slack_emulator.state.installation import Installation as Installation
from bot.slack_emulator.transport.delivery import Ack as Ack
from bot.slack_emulator.transport.delivery import InProcess as InProcess
from bot.slack_emulator.transport.delivery import SignedHttp as SignedHttp
from bot.slack_emulator.transport.delivery import answers_challenge as answers_challenge
from bot.slack_emulator.transport.delivery import dispatcher as dispatcher
from bot.slack_emulator.users.inputs import LocalFile as LocalFile
from bot.slack_emulator.users.user import ActionResult as ActionResult
from bot.slack_emulator.users.user import SimulatedUser as SimulatedUser
from bot.slack_emulator.users.user import SubmitResult as SubmitResult
from bot.slack_emulator.web.server import EmulatorServer as EmulatorServer
