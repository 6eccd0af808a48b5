"""The Web API methods by which an app answers a run of one of its steps."""

from bot.loopback.calls import Call, Method
from bot.loopback.model import ApiError, Json
from bot.loopback.steps import COMPLETED, FAILED


def complete_success(call: Call) -> Json:
    """`functions.completeSuccess`."""
    run = call.site.steps.running(call.required("function_execution_id"))
    outputs = call.json("outputs", "invalid_arguments")
    if not isinstance(outputs, dict):
        raise ApiError("invalid_arguments", "[ERROR] missing required field: outputs [json-pointer:/outputs]")
    run.outputs, run.state = outputs, COMPLETED
    return {}


def complete_error(call: Call) -> Json:
    """`functions.completeError`."""
    run = call.site.steps.running(call.required("function_execution_id"))
    run.error, run.state = call.required("error"), FAILED
    return {}


METHODS: dict[str, Method] = {
    "functions.completeSuccess": complete_success,
    "functions.completeError": complete_error,
}
