"""Socket Mode for messages of any length: the SDK's own client fails above 65,535 bytes."""

import os

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.errors import SlackClientNotConnectedError
from slack_sdk.socket_mode.builtin import SocketModeClient

THREADS, PING_SECONDS = 10, 10  # the defaults of Bolt's own handler
JOIN_SECONDS = 0.05

TEXT, MASKED = 0x81, 0x80
# the second byte holds a length up to SHORT, or says that two or eight bytes with the length follow (RFC 6455, 5.2)
SHORT, TWO_BYTES, EIGHT_BYTES = 125, 126, 127


class SocketMode(SocketModeHandler):
    """Bolt's adapter with a client that can send long messages."""

    def __init__(self, app: App, app_token: str) -> None:
        self.app = app
        self.app_token = app_token
        self.client = LargeFrameClient(
            app_token, app.logger, app.client, proxy=app.client.proxy, ping_interval=PING_SECONDS, concurrency=THREADS
        )
        self.client.socket_mode_request_listeners.append(self.handle)  # type: ignore[arg-type]  # as Bolt does


class LargeFrameClient(SocketModeClient):
    """The SDK's client with its own framing of outgoing messages."""

    def send_message(self, message: str) -> None:
        """Send a text, trying once more if the connection is being replaced. Raises SlackClientNotConnectedError."""
        try:
            self._send(message)
        except SlackClientNotConnectedError:
            with self.connect_operation_lock:  # held while the connection is replaced
                self._send(message)

    def close(self) -> None:
        self.closed, self.auto_reconnect_enabled = True, False
        self.message_queue.put(None)  # wakes the thread that waits a second for each message
        self.disconnect()
        self.current_session_runner.event.set()
        while self.current_session_runner.is_alive():  # a session that begins just now sets this to False
            self.current_session_state.terminated = True
            self.current_session_runner.thread.join(JOIN_SECONDS)
        super().close()

    def _send(self, message: str) -> None:
        session = self.current_session
        if session is None:
            raise SlackClientNotConnectedError("there is no connection to Slack")
        try:
            with session.sock_send_lock:
                if session.sock is None:  # closing takes this lock, too
                    raise SlackClientNotConnectedError("the connection to Slack was closed")
                session.sock.sendall(text_frame(message))
        except OSError as error:
            session.disconnect()  # part of a frame may have been sent, and nothing can follow that
            raise SlackClientNotConnectedError(f"the connection to Slack broke: {error}") from error


def text_frame(text: str) -> bytes:
    """Return a text of any length as one masked WebSocket frame (RFC 6455, 5.2 and 5.3)."""
    data, key = text.encode(), os.urandom(4)
    length = len(data)
    if length <= SHORT:
        head = bytes([TEXT, MASKED | length])
    elif length < 1 << 16:
        head = bytes([TEXT, MASKED | TWO_BYTES]) + length.to_bytes(2)
    else:
        head = bytes([TEXT, MASKED | EIGHT_BYTES]) + length.to_bytes(8)
    mask = (key * (length // 4 + 1))[:length]
    return head + key + (int.from_bytes(data) ^ int.from_bytes(mask)).to_bytes(length)
