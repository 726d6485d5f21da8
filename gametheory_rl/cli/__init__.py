"""The command line: parse, call, show, save. No game theory lives here.

One file per verb; a verb imports what it calls when it is called, so that ``--help`` answers at once.

Exit codes: 0 done; 2 bad input; 3 done, but short of what was asked (the status says why); 130 interrupted; 1 a fault of ours.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
from collections.abc import Sequence
from typing import Any

from gametheory_rl._support._errors import GameError
from gametheory_rl.cli._exits import BAD_INPUT, FAULT, INTERRUPTED, OK, PIPE_CLOSED

TRACEBACK = "GAMETHEORY_RL_TRACEBACK"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    # Imports make many objects and no garbage: with the default thresholds, looking for it takes a tenth of a short command.
    gc.set_threshold(50_000, 20, 20)
    code = run(sys.argv[1:] if arguments is None else arguments)
    gc.freeze()  # or the interpreter, on its way out, looks through all of numba's objects again: a fifth of a short command
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; errors become one sentence on standard error."""
    _replace_unprintable()
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except BrokenPipeError:
        _silence_stdout()
        return PIPE_CLOSED
    except GameError as error:
        return _complain(str(error), BAD_INPUT)
    except OSError as error:
        where = f" {error.filename}:" if error.filename else ""
        return _complain(f"the system refused:{where} {error.strerror or error}", BAD_INPUT)
    except MemoryError:
        return _complain("there is not enough memory; free some, or take a smaller game", BAD_INPUT)
    except Exception as error:
        if os.environ.get(TRACEBACK) == "1":
            raise
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return _complain(f"unexpected {what} (a fault of gametheory-rl; set {TRACEBACK}=1 to see where)", FAULT)


def _dispatch(arguments: Sequence[str]) -> int:
    import typer

    from gametheory_rl.cli._app import PROGRAM, command

    usage_error: Any = typer.BadParameter.__bases__[0]  # the parser's own class moved between versions of typer
    try:
        # Not command.main: it turns a closed pipe and Ctrl-C into exit codes of its own.
        with command().make_context(PROGRAM, list(arguments)) as context:
            return context.command.invoke(context) or OK
    except typer.Exit as done:
        return done.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except usage_error as error:
        context = getattr(error, "ctx", None)
        message = error.format_message().rstrip(".")
        return _complain(f"{message} (see {context.command_path if context else PROGRAM} --help)", BAD_INPUT)


def _complain(message: str, code: int) -> int:
    print("gametheory-rl:", " ".join(message.split()), file=sys.stderr)
    return code


def _replace_unprintable() -> None:
    """Let a narrow terminal encoding cost a character, never the answer."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _silence_stdout() -> None:
    """Point standard output nowhere, so that the interpreter's last flush finds no closed pipe."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
