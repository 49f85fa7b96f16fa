"""
Runs a server until whoever started this is gone, however that ended; then stops it and tidies up.

    python keeper.py FOLDER USER COMMAND ...

The folder is the server's own and is deleted. USER is a number; below 0: whoever runs this.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys


def main(folder: str, user: str, *command: str) -> None:
    who = {"user": int(user), "group": int(user), "extra_groups": []} if int(user) >= 0 else {}
    null = subprocess.DEVNULL
    with open(f"{folder}/log", "wb") as log:
        server = subprocess.Popen(command, stdin=null, stdout=log, stderr=log, **who)  # type: ignore[call-overload]
    # The pipe is closed by the system even when that process was killed.
    sys.stdin.read()
    # At once: nothing of it is kept, so there is nothing to write down first.
    server.send_signal(signal.SIGQUIT)
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
