"""The bot as it is run: processes of its own, with the environment that it would have."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
PEAK = """
import sys
from pathlib import Path
from bot.cli import main
code = main(sys.argv[1:])
print(next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")))
sys.exit(code)
"""
"""A command of the bot, and then the most memory that its process ever had."""


def environment(base_url: str, address: str, **more: str) -> dict[str, str]:
    """What ``python -m bot run`` needs for a Slack emulator and a database; with SLACK_APP_TOKEN it is Socket Mode."""
    return {
        "SLACK_BOT_TOKEN": "xoxb-emulator",
        "SLACK_SIGNING_SECRET": "emulator",
        "SLACK_API_URL": base_url,
        "DATABASE_URL": address,
        "AID_ADMINS": "U0ADMIN",
        **more,
    }


@contextmanager
def running(settings: dict[str, str]) -> Iterator[str]:
    """A bot that is ready; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=ROOT,
        env={**os.environ, **settings, "PORT": str(port)},
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    began = time.perf_counter()
    try:
        while not _answers(f"{address}/readyz"):
            assert time.perf_counter() - began < PATIENCE
            assert process.poll() is None
            time.sleep(0.005)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


@contextmanager
def importing(path: Path, address: str) -> Iterator[subprocess.Popen[str]]:
    """``python -m bot import``, which is ended with the block; the last line of what it says is its peak of memory."""
    process = subprocess.Popen(
        [sys.executable, "-c", PEAK, "import", str(path)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=PATIENCE)
        if process.stdout:
            process.stdout.close()


def table(path: Path, rows: int) -> Path:
    """A CSV file of so many rows: projects with a letter and notes, ten rows each."""
    lines = ["Ref,Title,Group,Applicant,Update,Date,Source kind,Valid until,Note"]
    for number in range(1, rows // 10 + 1):
        ref = f"B{'ABCDEFGHIJ'[number // 9999]}-{number % 9999 + 1}"  # a ref has four digits at most
        lines.append(f"{ref},Wells {number},ngo,Agency {number % 70},submitted,2025-03,press,,")
        lines.append(f"{ref},,,,approved,2025-09-{number % 27 + 1:02},letter,2026-09,")
        lines += [f"{ref},,,,note,2025-1{each % 3},press,,said {each}" for each in range(8)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
