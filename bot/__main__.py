"""``python -m bot``: the command line."""

import os
import sys

from bot.cli import main

if sys.argv[1:2] == ["import"]:
    os.nice(10)  # a long table gives way to those who ask the bot meanwhile
sys.exit(main(sys.argv[1:]))
