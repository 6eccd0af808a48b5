"""``python -m bot`` as a process of its own, and what it writes."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0
OURS = ("AID_", "SLACK_", "DATABASE_", "HOST", "PORT", "LOG_FORMAT")
"""How the names of the bot's settings begin; those of the tests' own environment do not reach it."""


@dataclass(frozen=True)
class Output:
    """Exit code and output of a command that was run in this process."""

    code: int
    out: str
    err: str


Run = Callable[..., Output]


@dataclass(frozen=True)
class BotProcess:
    popen: subprocess.Popen[bytes]
    folder: Path

    @property
    def printed(self) -> str:
        return (self.folder / "printed.txt").read_text(encoding="utf-8")

    @property
    def errors(self) -> str:
        return (self.folder / "errors.txt").read_text(encoding="utf-8")

    @property
    def output(self) -> str:
        return self.printed + self.errors

    def wait_for(self, pattern: str) -> str:
        """Wait until the output has a pattern; return its first group."""
        self.wait_until(lambda: bool(re.search(pattern, self.output)))
        return re.findall(pattern, self.output)[0]

    def wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, self.output
            time.sleep(0.02)

    def end(self) -> int:
        """End it as a service manager would; return its exit code."""
        self.popen.terminate()
        return self.wait()

    def wait(self) -> int:
        return self.popen.wait(PATIENCE_SECONDS)


@contextmanager
def running(
    folder: Path, *arguments: str, program: tuple[str, ...] = ("-m", "bot"), **environment: str
) -> Iterator[BotProcess]:
    """Run it in ``folder`` with the settings of ``environment``; it is killed if it does not end within the block."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    path = os.pathsep.join(filter(None, [str(ROOT), clean.get("PYTHONPATH")]))
    with (folder / "printed.txt").open("wb") as printed, (folder / "errors.txt").open("wb") as errors:
        popen = subprocess.Popen(
            [sys.executable, *program, *arguments],
            cwd=folder,
            env={**clean, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "PORT": "0", **environment},
            stdout=printed,
            stderr=errors,
        )
    try:
        yield BotProcess(popen, folder)
    finally:
        popen.kill()
        popen.wait()
