"""Steps of workflows: the app's functions, run with inputs, and what the app answers to each run."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.slack_emulator.models import ApiError, Json

RUNNING, COMPLETED, FAILED = "running", "completed", "failed"


@dataclass(slots=True)
class StepRun:
    """One run of a step: ``outputs`` once it is completed, ``error`` once it has failed."""

    id: str
    callback_id: str
    inputs: Mapping[str, object]
    state: str = RUNNING
    outputs: Mapping[str, object] = field(default_factory=dict)
    error: str = ""


class StepRuns(dict[str, StepRun]):
    """All runs since the start, by their id."""

    def begin(self, callback_id: str, inputs: Mapping[str, object]) -> StepRun:
        run = StepRun(f"Fx{len(self) + 1:010}", callback_id, dict(inputs))
        self[run.id] = run
        return run

    def running(self, run_id: str) -> StepRun:
        if run_id not in self:
            raise ApiError("function_execution_not_found")
        if self[run_id].state != RUNNING:
            raise ApiError("function_execution_already_completed")
        return self[run_id]


def executed(run: StepRun, token: str) -> Json:
    return {
        "type": "function_executed",
        "function": {"callback_id": run.callback_id, "type": "app"},
        "inputs": dict(run.inputs),
        "function_execution_id": run.id,
        "bot_access_token": token,
    }
