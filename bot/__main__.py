"""``python -m bot`` and the installed ``aid-status``: the command line, or a sentence where a package is missing."""

import gc
import os
import sys

INTERRUPTED = 130  # as a shell counts it: 128 and the number of SIGINT


def start() -> int:
    """Run the command that was typed and return its exit code."""
    gc.set_threshold(50_000)  # objects; modules leave no garbage, and by default a sixth of a start looks for some
    arguments = sys.argv[1:]
    if arguments[:1] == ["import"]:
        os.nice(10)  # a long import should not slow down the running bot
    try:
        from bot.cli import main  # noqa: PLC0415  its imports are what may be missing

        return main(arguments)
    except (KeyboardInterrupt, EOFError):
        return INTERRUPTED
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in {"bot", "db", "handlers"}:
            raise
        extra, target = ("[demo]", "demo") if arguments[:1] == ["demo"] else ("", "setup")
        sys.stderr.write(
            f"{sys.executable} has no package “{missing}”. In the project's folder run `make {target}` and take "
            f".venv/bin/python; elsewhere install the bot's wheel as 'aid-status-bot{extra} @ file:///…'.\n"
        )
        return 1


if __name__ == "__main__":
    sys.exit(start())
