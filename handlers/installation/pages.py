"""Texts of the installation pages in the browser: a title and a few sentences, plain text."""

from db.errors import N_
from handlers.i18n.translator import Translator

DONE, FAILED, AGAIN = N_("Installed"), N_("Not installed"), N_("Start again")
SPENT = N_(
    "An installation can be completed once, within ten minutes, in the browser where you started it. If the "
    "bot answers /aid-status in your workspace, it is installed; otherwise start again."
)
REASONS = {
    "access_denied": N_("You or a workspace owner did not approve the app. Nothing was changed."),
    "invalid_browser": SPENT,
    "invalid_state": SPENT,
    "missing_code": SPENT,
    "invalid_code": N_(
        "Slack did not confirm the installation. Start again; if it fails again, the person who runs the bot "
        "can find the reason in the log (for example, a wrong client secret)."
    ),
}
"""By what Slack or Bolt calls the reason; the address may name any other."""
UNKNOWN = N_("Slack gave a reason that I don't know. Nothing was changed. Start again.")


INSTALLED = N_(
    "The bot is now in {workspace}. Type /aid-status there, and /aid-alerts on in any channel that should get alerts."
)
WHOLE_ORGANISATION = N_(
    "The app was installed for the whole organization, but it works in single workspaces only. Remove it "
    "from the organization, then install it in the workspace that needs it."
)
NOT_ALLOWED = N_(
    "Workspace {team} is not allowed to use this bot. Ask the person who runs it to add that ID to "
    "AID_WORKSPACES, then start again."
)
NOT_INSTALLED = N_(
    "Nothing was done: the bot is no longer installed in this workspace. Ask the person who runs it for "
    "the installation link. Waiting messages are kept."
)


def explain_failure(translator: Translator, reason: str) -> tuple[str, str]:
    """Return the page for a failed installation; ``reason`` is Slack's or Bolt's word for it."""
    reason_text = REASONS.get(reason)
    if reason_text is SPENT:  # also whoever reloads the page that said that all went well
        return translator.plain("Nothing was changed"), translator.plain(SPENT)
    return translator.plain(FAILED), translator.plain(reason_text or UNKNOWN)
