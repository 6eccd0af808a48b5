"""A sender in a process of its own: ``python sender_process.py DATABASE SLACK``; it says so when it looks for rows."""

import sys
import time

from db.database import Database
from tests.benchmarks.fan_out import UNPACED, sender_on


def main() -> None:
    database = Database(sys.argv[1])
    sender = sender_on(database, sys.argv[2], UNPACED)
    sender.start()
    while sender.last_round is None:
        time.sleep(0.01)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()  # until whoever started it goes
    sender.stop(20)
    database.close()


if __name__ == "__main__":
    main()
