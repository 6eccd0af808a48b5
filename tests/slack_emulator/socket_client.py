"""Ending a Socket Mode client of the tests without a wait."""

from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot.slack_emulator import EmulatorServer


def close(handler: SocketModeHandler, server: EmulatorServer) -> None:
    """Close the client; it would wait 3 s for its socket, were the server not to hang up first."""
    handler.client.auto_reconnect_enabled = False
    server.socket.hang_up()
    server.slack.wait_for(lambda: not handler.client.is_connected())
    handler.close()
