"""A worker of the process pool: tasks come in on standard input, outcomes go out on standard output.

Started by ``_pool`` as ``python -m gametheory_rl._sweep._worker FOLDER``. It ends when its parent does, in the middle of a run too.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from typing import Any

from gametheory_rl._sweep._frames import receive, send


def main() -> None:
    """Perform tasks until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a run prints is no outcome
    tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(tasks,), daemon=True).start()  # first: the parent may die while the rest loads
    from gametheory_rl._support._json import jsonable
    from gametheory_rl._sweep._perform import perform
    from gametheory_rl._sweep._task import Task

    send(out, b"ready")
    while True:
        outcome = perform(Task(**tasks.get()), sys.argv[1])
        send(out, json.dumps(jsonable(outcome.header())).encode())
        send(out, outcome.arrays)


def _listen(tasks: queue.SimpleQueue[Any]) -> None:
    try:
        while True:
            tasks.put(json.loads(receive(sys.stdin.buffer)))
    except (OSError, EOFError, ValueError):
        os._exit(0)  # the parent is gone: nobody waits for the run


if __name__ == "__main__":
    main()
