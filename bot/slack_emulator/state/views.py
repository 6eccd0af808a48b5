"""Open modals, a stack for each person, and home views."""

from dataclasses import replace

from bot.slack_emulator.block_kit.blocks import check_view
from bot.slack_emulator.block_kit.state_values import merged, with_ids
from bot.slack_emulator.models import ApiError, View
from bot.slack_emulator.state.store import Store

STACK = 3


class Views:
    """Keeps what is open for whom. Sources are checked; a refused one raises ApiError."""

    def __init__(self, world: Store) -> None:
        self._world = world
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}

    def top(self, user_id: str) -> View | None:
        with self._world.lock:
            stack = self._stacks.get(user_id)
            return stack[-1] if stack else None

    def stack(self, user_id: str) -> tuple[View, ...]:
        with self._world.lock:
            return tuple(self._stacks.get(user_id, ()))

    def home(self, user_id: str) -> View | None:
        with self._world.lock:
            return self._homes.get(user_id)

    def find(self, view_id: str) -> View | None:
        with self._world.lock:
            every = [*self._homes.values(), *(view for stack in self._stacks.values() for view in stack)]
        return next((view for view in every if view.id == view_id), None)

    def open(self, user_id: str, source: object, channel: str = "") -> View:
        with self._world.lock:
            new = self._new(user_id, "modal", source, channel)
            self._stacks[user_id] = []
            return self._add(new)

    def push(self, user_id: str, source: object) -> View:
        with self._world.lock:
            stack = self._stacks.get(user_id)
            if not stack:
                raise ApiError("not_found")
            if len(stack) >= STACK:
                raise ApiError("push_limit_reached")
            new = self._new(user_id, "modal", source, stack[-1].channel)
            return self._add(replace(new, root_view_id=stack[0].id, previous_view_id=stack[-1].id))

    def update(self, view: View, source: object) -> View:
        """Show something else in the place of an open view; what was filled in stays where ids stay."""
        with self._world.lock:
            new = self._new(view.user, view.type, source, view.channel)
            state = merged(new.blocks, self.current(view.id).state)
            root, below = view.root_view_id, view.previous_view_id
            return self.put(replace(new, id=view.id, state=state, root_view_id=root, previous_view_id=below))

    def publish(self, user_id: str, source: object) -> View:
        with self._world.lock:
            old = self._homes.get(user_id)
            return self.update(old, source) if old else self.put(self._new(user_id, "home", source))

    def current(self, view_id: str) -> View:
        found = self.find(view_id)
        if found is None:
            raise ApiError("not_found")
        return found

    def put(self, view: View) -> View:
        with self._world.lock:
            if view.type == "home":
                self._homes[view.user] = view
            else:
                stack = self._stacks.get(view.user, [])
                stack[:] = [view if held.id == view.id else held for held in stack]
        self._world.changed()
        return view

    def close(self, view: View) -> None:
        with self._world.lock:
            stack = [held.id for held in self.stack(view.user)]
            if view.id in stack:
                del self._stacks[view.user][stack.index(view.id) :]
        self._world.changed()

    def clear(self) -> None:
        with self._world.lock:
            self._stacks.clear()
            self._homes.clear()

    def _add(self, view: View) -> View:
        self._stacks[view.user].append(view)
        self._world.changed()
        return view

    def _new(self, user_id: str, kind: str, source: object, channel: str = "") -> View:
        checked, view_id = check_view(source), self._world.new_id("V")
        blocks = with_ids(checked["blocks"], iter(self._world.number, 0))
        stamp = f"{int(self._world.clock())}.{self._world.number():08x}"
        state = merged(blocks, {})
        return View(view_id, user_id, kind, checked, blocks, stamp, view_id, state=state, channel=channel)
