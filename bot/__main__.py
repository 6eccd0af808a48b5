"""``python -m bot``: the command line."""

import os
import sys

from bot.cli import main

if sys.argv[1:2] == ["import"]:
    os.nice(10)  # a long import should not slow down the running bot
sys.exit(main(sys.argv[1:]))
