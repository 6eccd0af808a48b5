"""The way into a Bolt app in the same process."""

from slack_bolt import App, BoltRequest

from bot.loopback.deliver import Dispatch, header


def dispatcher(app: App) -> Dispatch:
    """What `InProcess` needs, for a Bolt app."""

    def dispatch(body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        response = app.dispatch(BoltRequest(body=body.decode(), headers=dict(headers)))
        return response.status, {"content-type": header(response.headers, "content-type")}, response.body or ""

    return dispatch
