"""Several workspaces: each installs the bot by itself, is answered with its own token, and may leave."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from two_workspaces import FIRST, SECOND, Both, open_both

from db.models import Delivery

WAY_IN = {"Socket Mode": {"SLACK_APP_TOKEN": "xapp-loopback"}, "HTTP": {}}


@pytest.fixture
def both(seeded_url: str) -> Iterator[Both]:
    with open_both(seeded_url) as running:
        yield running


@pytest.fixture
def installed(both: Both) -> Both:
    for team in (FIRST, SECOND):
        assert both.install(team).status == 200
    return both


def states(both: Both, team: str) -> list[tuple[str, str | None]]:
    found = select(Delivery.state, Delivery.reason).where(Delivery.team_id == team)
    with both.database.reading() as session:
        return [(state, reason) for state, reason in session.execute(found)]


@pytest.mark.parametrize("way", WAY_IN)
def test_two_workspaces_from_the_first_install_to_a_second_one(seeded_url: str, way: str) -> None:
    with open_both(seeded_url, **WAY_IN[way]) as both:
        page = both.install(FIRST)
        assert (page.status, "The bot works in Aid circle now." in page.text) == (200, True)
        assert "이제 워크스페이스 Second circle에서" in both.install(SECOND, "ko-KR,ko;q=0.9").text

        # a command in each, answered with its token
        assert "17" in both.admin.types("/aid-status").text
        assert "17" in both.over_there.types("/aid-status").text
        assert "alerts" in both.over_there.types("/aid-alerts on", channel="#aid-alerts").text

        # one admin's update, told in both
        both.admin.types("/aid-update GG-1 note first")
        both.wait(lambda: not both.queued())
        for slack in (both.slack, both.second_slack):
            assert any("GG-1" in each.text for each in slack.messages("#aid-alerts")), slack.world.team

        # the first workspace leaves; the other one is told, and what the first misses waits
        both.directory.uninstall(FIRST)
        assert both.bot.workspaces.teams() == [SECOND]
        both.over_there.types("/aid-update GG-2 note second")
        both.wait(lambda: not both.queued())
        assert any("GG-2" in each.text for each in both.second_slack.messages("#aid-alerts"))
        assert not any("GG-2" in each.text for each in both.slack.messages("#aid-alerts"))
        assert ("blocked", "not_authed") in states(both, FIRST)
        assert {state for state, _ in states(both, SECOND)} == {"sent"}
        assert "installation of the bot has ended" in both.admin.types("/aid-status").text

        # it comes back, and so does what waited
        both.install(FIRST)
        both.wait(lambda: not both.queued())
        assert any("GG-2" in each.text for each in both.slack.messages("#aid-alerts"))
        assert "17" in both.admin.types("/aid-status").text
