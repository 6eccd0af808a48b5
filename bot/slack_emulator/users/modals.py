"""A modal's life as a person drives it: fill in, submit, close."""

from dataclasses import replace

from bot.slack_emulator.block_kit.state_values import Chosen, Part, UserActionError, chosen, entry, find_parts
from bot.slack_emulator.formatting.translations import Translate, language_of, translator
from bot.slack_emulator.models import ApiError, Json, User, View
from bot.slack_emulator.transport.delivery import Ack
from bot.slack_emulator.users.input_checks import input_problem
from bot.slack_emulator.users.results import SubmitResult
from bot.slack_emulator.workspace import Workspace

GENERIC = "We had some trouble connecting. Try again?"


class Modals:
    """One person's modals, to which things are done as they and the bot's answers say."""

    def __init__(self, slack: Workspace, user_id: str) -> None:
        self._slack = slack
        self._world = slack.store
        self.id = user_id

    @property
    def user(self) -> User:
        return self._world.users[self.id]

    def current_view(self, view: View) -> View:
        """Return the view as it is now. Raises UserActionError when it is closed."""
        try:
            return self._slack.views.current(view)
        except ApiError as error:
            raise UserActionError("This window is already closed") from error

    def set_value(self, view: View, part: Part, value: Chosen) -> View:
        """Write a value into the view's state and take the error off its block; the bot does not hear of it."""
        with self._world.lock:
            view = self.current_view(view)
            block = {**view.state.get(part.block_id, {}), part.action_id: entry(part.element, value)}
            errors = {key: text for key, text in view.errors.items() if key != part.block_id}
            state = {**view.state, part.block_id: block}
            return self._slack.views.put(replace(view, state=state, errors=errors, problem=""))

    @property
    def _say(self) -> Translate:
        """Puts a sentence of Slack's own into the person's language."""
        return translator(language_of(self.user.locale))

    def _refuse(self, view: View, part: Part, sentence: str) -> None:
        """Let a sentence stand at a block that did not take something."""
        with self._world.lock:
            view = self.current_view(view)
            self._slack.views.put(replace(view, errors={**view.errors, part.block_id: sentence}, problem=""))

    def _submit(self, view: View) -> SubmitResult:
        """Submit the modal on top, unless the client sees that something is missing."""
        view = self.current_view(view)
        if not view.source.get("submit"):
            raise UserActionError(f"{view.title!r} has no submit button")
        errors = self._missing(view)
        if errors:
            return self._held_back(view, None, errors)
        ack = self._slack.deliver("interactive", self._slack.payloads.submission(self.user, view))
        if not ack.acked:
            return self._held_back(view, ack, {}, f"{self._say(GENERIC)} ({ack.problem})")
        try:
            return self._obey(view, ack)
        except ApiError as refusal:
            problem = " ".join([self._say(GENERIC), f"({refusal.code})", *refusal.messages])
            return self._held_back(view, ack, {}, problem)

    def _missing(self, view: View) -> dict[str, str]:
        inputs = [part for part in find_parts(view.blocks) if part.block["type"] == "input"]
        problems = {part.block_id: input_problem(part, chosen(part, view.state), self._say) for part in inputs}
        return {block_id: problem for block_id, problem in problems.items() if problem}

    def _held_back(self, view: View, ack: Ack | None, errors: dict[str, str], problem: str = "") -> SubmitResult:
        views = self._slack.views
        held = views.find(view.id)
        if held is not None:
            views.put(replace(held, errors=errors, problem=problem))
        return SubmitResult(ack, closed=held is None, errors=errors, view=views.top(self.id), problem=problem)

    def _obey(self, view: View, ack: Ack) -> SubmitResult:
        """Do what the ack's `response_action` says. Raises ApiError when Slack would not."""
        answer: Json = ack.payload or {}
        action = answer.get("response_action")
        views = self._slack.views
        if action == "errors":
            return self._show_errors(view, ack, answer.get("errors", {}))
        if action == "update":
            views.update(views.current(view), answer.get("view"))
        elif action == "push":
            views.push(self.id, answer.get("view"))
        elif action == "clear":
            views.clear(self.id)
        elif action is None and not answer:
            views.close(view)
        else:
            raise ApiError("invalid_response_action")
        closed = views.find(view.id) is None
        return SubmitResult(ack, closed=closed, errors={}, view=views.top(self.id))

    def _show_errors(self, view: View, ack: Ack, errors: dict[str, str]) -> SubmitResult:
        current = self._slack.views.current(view)
        inputs = {block["block_id"] for block in current.blocks if block["type"] == "input"}
        unknown = ", ".join(sorted(errors.keys() - inputs))
        if unknown or not errors:
            raise ApiError("invalid_errors", f"no input block is called {unknown}" if unknown else "no errors given")
        return self._held_back(view, ack, dict(errors))
