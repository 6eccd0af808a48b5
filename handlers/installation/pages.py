"""Texts of the installation pages in the browser: a title and a few sentences, plain text."""

from db.errors import N_
from handlers.i18n.translator import Translator

SPENT = N_(
    "A beginning is good once, for ten minutes, in the browser that began. If the bot answers /aid-status in your "
    "workspace, all is well; else begin again."
)
REASONS = {
    "access_denied": N_("You, or an owner of the workspace, did not allow it. Nothing was changed."),
    "invalid_browser": SPENT,
    "invalid_state": SPENT,
    "missing_code": SPENT,
    "invalid_code": N_(
        "Slack did not confirm it. Begin again; if it fails again, whoever runs the bot finds the reason in its log "
        "(a wrong client secret, perhaps)."
    ),
}
"""By what Slack or Bolt calls the reason."""


def installed(translator: Translator, workspace: str) -> tuple[str, str]:
    """Return the page shown once the bot has its token."""
    return translator.plain("Installed"), translator.plain(
        "The bot works in {workspace} now. Type /aid-status there; type /aid-alerts on in a channel that wants to be told.",
        workspace=workspace,
    )


def not_done(translator: Translator, reason: str) -> tuple[str, str]:
    """Return the page for a failed installation; ``reason`` is Slack's or Bolt's word for it."""
    reason_text = REASONS.get(reason)
    if reason_text is SPENT:  # also whoever reloads the page that said that all went well
        return translator.plain("Nothing was changed"), translator.plain(SPENT)
    text = translator.plain(reason_text) if reason_text else translator.plain("Slack says: {reason}.", reason=reason)
    return translator.plain("Not installed"), text


def for_organisation(translator: Translator) -> tuple[str, str]:
    """Return the page shown if Slack installed it for all workspaces of an organisation at once."""
    return translator.plain("Not installed"), translator.plain(
        "It was installed for a whole organisation, and it works for single workspaces. Remove it there, and install it to "
        "the workspace that wants it."
    )


def not_invited(translator: Translator, team_id: str) -> tuple[str, str]:
    """Return the page shown if this is none of the workspaces that AID_WORKSPACES allows."""
    return translator.plain("Not installed"), translator.plain(
        "Workspace {team} is not among those that may use this bot. Ask whoever runs it to add that id to AID_WORKSPACES, "
        "then begin again.",
        team=team_id,
    )


def not_installed(translator: Translator) -> str:
    """Return the answer to somebody whose workspace has no token here."""
    return translator.plain(
        "Nothing was done: this workspace’s installation of the bot has ended. Ask whoever runs the bot for the address to "
        "install it again; nothing that waits to be sent is lost."
    )


def try_again(translator: Translator) -> str:
    return translator.plain("Begin again")
