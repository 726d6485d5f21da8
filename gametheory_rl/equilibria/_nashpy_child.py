"""Run one function of nashpy on one game in a process of its own: started by ``_nashpy``, by path, never imported by the package.

Standard input holds the request, a line of JSON; standard output takes one line for each thing that happens, as it happens, so
that what was found before a time-out is not lost.
"""

import json
import os
import sys
import threading
import warnings


def main() -> None:
    """Serve one request and leave, at the latest ``time_limit`` seconds after nashpy was imported."""
    request = json.load(sys.stdin)
    out, writing = os.fdopen(os.dup(1), "w", encoding="utf-8"), threading.Lock()
    os.dup2(2, 1)  # what nashpy prints is no answer

    def say(kind: str, what: object) -> None:
        with writing:
            print(json.dumps({"kind": kind, "what": what}), file=out, flush=True)

    def stop() -> None:
        say("late", None)
        os._exit(0)

    import nashpy
    import numpy as np

    game = nashpy.Game(*(np.array(payoffs) for payoffs in request["payoffs"]))
    timer = threading.Timer(request["time_limit"], stop)
    timer.daemon = True
    timer.start()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.showwarning = lambda message, *_: say("warning", " ".join(str(message).split()))
        warnings.simplefilter("always")
        try:
            answer = getattr(game, request["function"])(**request["options"])
            for profile in [answer] if isinstance(answer, tuple) else answer:
                say("profile", [np.asarray(strategy, float).tolist() for strategy in profile])
            say("end", None)
        except Exception as error:
            say("error", f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
