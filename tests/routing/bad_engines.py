"""An engine that does, by its setting, all that an engine should not; for child processes only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from routing.peers.ask import Ask, CannotSay, NoPlan, Sequences

HANG = [sys.executable, "-c", "import time; time.sleep(600)"]


def solve(ask: Ask) -> Sequences:
    # This order keeps the windows of the tiny problem.
    visits = [visit.id for visit in reversed(ask.problem.visits)]
    vehicle = ask.problem.vehicles[0].id
    match ask.setting:
        case "dies":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "raises":
            raise RuntimeError("out of ideas")
        case "hangs":
            subprocess.run(HANG, check=True)
        case "hoards":
            hoard = bytearray(400_000_000)
            time.sleep(600)
            hoard.clear()
        case "gives up":
            raise NoPlan("no tours")
        case "cannot":
            raise CannotSay("several loads")
        case "lies":
            return {vehicle: [*visits, "nobody"]}
        case "forgets":
            return {vehicle: visits[1:]}
    return {vehicle: visits}
