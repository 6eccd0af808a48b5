"""``python -m bot``: the command line."""

import sys

from bot.command_line import main

sys.exit(main(sys.argv[1:]))
