"""Installing the bot to a workspace with a real browser, whose cookie has to come back from Slack's page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.support.two_workspaces import FIRST, open_both

SAID = {
    "en-US": ("The bot is now in Aid circle.", "it is installed; otherwise start again."),
    "ko-KR": ("이제 워크스페이스 Aid circle에서 봇을 쓸 수 있습니다.", "설치된 것입니다. 그렇지 않으면"),
}


def test_install_page_survives_a_reload(browser: Browser, sqlite_url: str) -> None:
    with open_both(sqlite_url) as both:
        for language, (installed, again) in SAID.items():
            page = browser.new_page(locale=language)
            page.goto(f"{both.url}/slack/install")
            page.get_by_role("button", name="Allow in Aid circle").click()
            expect(page.get_by_role("main")).to_contain_text(installed)
            assert Axe().run(page).violations_count == 0
            page.reload()
            expect(page.get_by_role("main")).to_contain_text(again)
            assert Axe().run(page).violations_count == 0
            page.close()
        assert both.bot.workspaces.teams() == [FIRST]
