"""Slack's own commands that a bot's sentences tell people to type."""

import pytest

from bot.slack_emulator import SimulatedUser, SlackEmulator

DESK = "ministry-desk"


def test_the_app_is_invited_and_put_out_again(slack: SlackEmulator, admin: SimulatedUser) -> None:
    assert admin.command("/invite", "@aid-status", channel=DESK).text == ""
    assert slack.app.bot_user in slack.channel(DESK).members
    assert "aid-status: was added to #ministry-desk by @Jihoon Park." in admin.screen(DESK)
    assert admin.command("/invite", "@aid-status", channel=DESK).text == "aid-status is already in this channel."
    assert admin.command("/remove", "@aid-status", channel=DESK).text == ""
    assert slack.app.bot_user not in slack.channel(DESK).members
    assert admin.command("/remove", "@aid-status", channel=DESK).text == "aid-status is not in this channel."


@pytest.mark.parametrize(
    ("person", "channel", "text", "expected"),
    [
        ("U0ADMIN", DESK, "", "Who? Type /invite @name"),
        ("U0ADMIN", DESK, "@nobody", "Who? Type /invite @name"),
        ("U0ADMIN", DESK, "@kim.gone", "Who? Type /invite @name"),
        ("U0GUEST", "general", "@aid-status", "Guests can't add or remove people."),
    ],
)
def test_what_slack_refuses(slack: SlackEmulator, person: str, channel: str, text: str, expected: str) -> None:
    assert slack.person(person).command("/invite", text, channel=channel).text == expected


def test_slack_itself_speaks_the_persons_language(slack: SlackEmulator, admin: SimulatedUser) -> None:
    slack.edit_user(admin.id, locale="ko-KR")
    direct = slack.store.direct_message(admin.id)
    assert admin.command("/invite", "@aid-status", channel=direct.id).text == "여기서는 /invite 명령을 쓸 수 없습니다."
    slack.delivery = None
    assert admin.command("/status", channel="general").text == '/status 명령이 "dispatch_failed" 오류로 실패했습니다'
