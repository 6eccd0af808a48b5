"""Doctor checks by Slack's own validators: the manifests, and the screens that the demo shows."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.web import SlackResponse

from bot.app import slack_client
from bot.config import load_settings
from bot.doctor.slack_checks import TIMEOUT_SECONDS, CheckResult, call_slack, failed, ok
from bot.installation.manifest import manifest
from handlers.i18n.translator import LANGUAGES, Translator

CONFIG_TOKEN = "SLACK_CONFIG_TOKEN"  # noqa: S105 - the name of a variable
ADDRESS = "https://bot.example.org"
RATE_LIMIT_RETRIES = 10


def validate(environment: Mapping[str, str], *, manifests: bool, screens: bool) -> Iterator[CheckResult]:
    """Have Slack validate the manifests, and the demo's screens in every language. Posts nothing. Raises BadSettings."""
    settings = load_settings(environment, slack=screens)
    client = slack_client(settings, TIMEOUT_SECONDS)
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=RATE_LIMIT_RETRIES))
    if manifests:
        yield from _manifests(client, environment.get(CONFIG_TOKEN, ""))
    for language in LANGUAGES if screens else ():
        shown = dict.fromkeys(_screens(language))
        results = [_validated("screen", partial(client.blocks_validate, **{kind: text})) for kind, text in shown]
        yield from (result for result in results if result.is_wrong)
        yield ok("screens", f"Slack looked at {len(shown)} in “{language}”")


def _manifests(client: WebClient, token: str) -> Iterator[CheckResult]:
    if not token:
        yield failed("manifest", f"{CONFIG_TOKEN} is not set. api.slack.com/apps makes such a token, for twelve hours.")
        return
    forms = {
        "for Socket Mode": manifest(),
        "--http": manifest(ADDRESS),
        "--workspaces": manifest(install_at=ADDRESS),
        "--workflow-step": manifest(workflow_step=True),
    }
    for name, form in forms.items():
        yield _validated(f"manifest {name}", partial(client.apps_manifest_validate, manifest=form, token=token))


def _screens(language: str) -> Iterator[tuple[str, str]]:
    """Yield each screen of a demo of its own: ``blocks`` or ``view``, and its JSON."""
    from bot.demo.demo import ADMIN, demo  # noqa: PLC0415  only here the doctor needs what the demo needs
    from bot.demo.suggestions import BATCH, TRIES, following  # noqa: PLC0415

    verbs = [f"{name} {word}" for name, words in following([]).items() for word in words[0] if ":" not in word]
    with demo(language=language) as (_, slack):
        admin = slack.person(ADMIN)
        admin.open_home()
        for line in [*(line for line, _ in TRIES[language]), *verbs]:
            command, _, text = line.partition(" ")
            answer = admin.command(command, text, channel="#general")
            if line == BATCH:
                admin.press(answer.message, Translator(language).plain("Record"))
                slack.wait_for(lambda: bool(slack.calls("chat.postMessage")))
        calls, acks = slack.calls(), slack.traffic_log.sent()
    for payload in [*(call.args for call in calls), *(ack.answer or {} for ack in acks)]:
        for kind in ("blocks", "view"):
            if part := payload.get(kind):
                yield kind, part if isinstance(part, str) else json.dumps(part)


def _validated(about: str, call: Callable[[], SlackResponse]) -> CheckResult:
    response = call_slack(call)
    return failed(about, f"Slack says {response}.") if isinstance(response, str) else ok(about, "is valid")
